"""Uploads as the tests open them, by the project's own calls."""

from pipeline_lib.runs import intake


def opened(documents, upload_id, *, shop, now, slots=("orders",)):
    """An upload that waits for a file in each slot; gives the names that they land under."""
    names = {slot: f"{upload_id}/{slot}/{slot}.csv" for slot in slots}
    intake.open_upload(
        documents, upload_id=upload_id, shop_id=shop, slots=names, parameters={}, now=now
    )
    return names


def begun(documents, upload_id, *, shop, now):
    """The same, whose run has begun on request; gives that."""
    opened(documents, upload_id, shop=shop, now=now)
    return intake.begin(documents, upload_id, now=now)
