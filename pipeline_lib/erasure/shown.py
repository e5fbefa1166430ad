"""What a shop was shown of runs that are gone: what goes with them, and what gets other figures."""

from collections.abc import Iterable, Mapping

from pipeline_lib import reports
from pipeline_lib.erasure.stored import ShopStores
from pipeline_lib.errors import MissingArtefact
from pipeline_lib.messages import Work
from pipeline_lib.recommendations.withdrawal import with_evidence_of
from pipeline_lib.records.recommendations import Recommendation
from pipeline_lib.records.record import Record
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import Subject, Webhook
from pipeline_lib.runs.job import Artefacts

OF_ROWS = (
    f"/{reports.REJECTS.name}",
    f"/{reports.IMPORT.name}",
)  # rejected rows, and samples of cells


def records_of_runs(shop: ShopStores, runs: set[Work], subject: Subject) -> list[Record]:
    """The records that go with the runs.

    A recommendation that was approved stays. What the shop was told of the shopper goes too.
    """
    uploads, stored = {run.upload_id for run in runs}, shop.collections
    recommendations = (one.record for one in stored.recommendations.find(shop_id=shop.shop_id))
    rules = (one.record for one in stored.rules.find(shop_id=shop.shop_id))
    previews = (one.record for one in stored.previews.find(shop_id=shop.shop_id))
    return [
        *(
            one
            for one in recommendations
            if Work(one.upload_id, one.run) in runs and not one.is_approved
        ),
        *(one for one in rules if Work(one.upload_id, one.run) in runs),
        *(one for one in previews if one.upload_id in uploads),
        *(one for one in shop.webhooks() if _is_request_of(one, subject)),
    ]


def forget_published_run(shop: ShopStores, runs: set[Work]) -> None:
    """Let the shop have no published run, if that is one of these."""
    if shop.published_run() in runs:
        shop.collections.shops.change(shop.shop_id, lambda one: one.replace(newest=None))


def renew_figures(shop: ShopStores, uploads: Iterable[str]) -> None:
    """Give what was approved of the uploads the figures of their newest run, or none."""
    found = shop.uploads()
    for upload_id in sorted(uploads):
        _renew(shop, upload_id, _made(shop, found.get(upload_id)))


def _renew(shop: ShopStores, upload_id: str, again: Mapping[str, Recommendation]) -> None:
    stored = shop.collections
    approved = stored.recommendations.find(
        shop_id=shop.shop_id, upload_id=upload_id, is_approved=True
    )
    for held in approved:
        stored.recommendations.change(held, lambda one: with_evidence_of(one, again.get(one.id)))
    for bundle in stored.bundles.find(shop_id=shop.shop_id):
        if bundle.record.id.startswith(f"{upload_id}-"):
            stored.bundles.change(bundle, lambda one: with_evidence_of(one, again.get(one.id)))


def artefacts_of_rows(shop: ShopStores) -> list[str]:
    """The names of artefacts that quote rows as they were: nobody can tell any more whose."""
    names = [name for run in shop.runs() for name in shop.artefacts(run)]
    return [name for name in names if name.endswith(OF_ROWS)]


def _made(shop: ShopStores, upload: Upload | None) -> Mapping[str, Recommendation]:
    if upload is None:
        return {}
    kept = Artefacts(shop.ports.artefacts, upload.work)
    try:
        made = kept.json(reports.RECOMMENDATIONS)
    except MissingArtefact:
        return {}
    return {one.id: one for one in made}


def _is_request_of(webhook: Webhook, subject: Subject) -> bool:
    request = webhook.topic == "customers/data_request" and webhook.subject is not None
    return request and webhook.subject is not None and webhook.subject.shares_with(subject)
