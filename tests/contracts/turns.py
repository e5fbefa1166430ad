"""What one run of a shop at a time promises on every store, when many uploads begin at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from pipeline_lib.errors import ShopBusy
from pipeline_lib.messages import Landed
from pipeline_lib.runs import intake

UPLOADS = [f"turn-{number}" for number in range(6)]
SHOP = "turning"


def test_of_many_uploads_of_a_shop_at_once_one_is_worked_on(ports):
    at = datetime.now(UTC)
    for upload in UPLOADS:
        slots = {"orders": f"{upload}/orders/o.csv"}
        intake.open_upload(
            ports.documents, upload_id=upload, shop_id=SHOP, slots=slots, parameters={}, now=at
        )

    def land(upload):
        return intake.landed(ports.documents, Landed(f"{upload}/orders/o.csv", ""), now=at)

    def begin(upload):
        try:
            return intake.begin(ports.documents, upload, now=at)
        except ShopBusy:
            return None

    with ThreadPoolExecutor(18) as pool:
        works = [*pool.map(land, UPLOADS), *pool.map(begin, UPLOADS * 2)]

    found = [ports.documents.read(f"uploads/{upload}").data for upload in UPLOADS]
    begun = {upload["upload_id"] for upload in found if upload["status"] == "processing"}
    shop = ports.documents.read(f"shops/{SHOP}").data["running"]
    assert len(begun) == 1
    assert {work.upload_id for work in works if work is not None} == begun == {shop["upload_id"]}
    assert max(upload["run"] for upload in found) == 1
