"""Erases all that is stored of a shop, or stops what runs for it; keeps what proves an erasure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline_lib.erasure.stored import ShopStores
from pipeline_lib.messages import Work
from pipeline_lib.ports import Ports
from pipeline_lib.records.flags import CURRENT
from pipeline_lib.records.record import Record
from pipeline_lib.records.uploads import Upload
from pipeline_lib.records.webhooks import FoundRun, Webhook
from pipeline_lib.runs.ending import end_run
from pipeline_lib.runs.leases import lease_name
from pipeline_lib.topology import privacy_tasks

UNINSTALLED = "The app was uninstalled"


def erase_shop(webhook: Webhook, ports: Ports, now: datetime) -> None:
    """Remove every document, artefact and file of the shop.

    Raises:
        RunUnderWay: a phase that was told to stop has not yet.
    """
    shop = ShopStores(ports, webhook.shop_id)
    _stop(shop, since=now, now=now)
    shop.refuse_while_at_work(now)
    files = shop.raw_files(shop.upload_ids())
    own_lease = lease_name(webhook.task, privacy_tasks())  # goes last, with who holds it
    going = [one for one in shop.records() if one.key != own_lease]
    told = [one for one in shop.webhooks() if one.id != webhook.id and not one.is_certificate]
    objects = {run: shop.artefacts(run) for run in shop.runs()}
    counted = {run: len(names) for run, names in objects.items()}
    _note(shop, webhook, files, counted, [*going, *told])

    for names in files.values():
        ports.landing.delete(names)
    for names in objects.values():
        ports.artefacts.delete(names)
    shop.collections.flags.change(CURRENT, lambda flags: flags.without_shop(shop.shop_id))
    shop.collections.delete(*told, *going)


def stop_shop(webhook: Webhook, ports: Ports, now: datetime) -> None:
    """End what runs for the shop; a shop that installed the app again since goes on."""
    shop = ShopStores(ports, webhook.shop_id)
    since = webhook.triggered_at
    live = [one for one in shop.uploads().values() if _live(one, since)]
    runs = {
        one.work.key: FoundRun(upload_id=one.upload_id, run=one.run, stopped=True) for one in live
    }
    shop.collections.webhooks.change(webhook.id, lambda one: one.with_found_runs(runs))
    _stop(shop, since=since, now=now)


def _stop(shop: ShopStores, *, since: datetime, now: datetime) -> None:
    for upload in shop.uploads().values():
        if _live(upload, since):
            end_run(shop.collections, upload.work, status="cancelled", message=UNINSTALLED, now=now)


def _live(upload: Upload, since: datetime) -> bool:
    return upload.is_live and (upload.begun_at or upload.created_at) <= since


def _note(
    shop: ShopStores,
    webhook: Webhook,
    files: Mapping[str, list[str]],
    objects: Mapping[Work, int],
    going: Sequence[Record],
) -> None:
    runs = {
        run.key: FoundRun(upload_id=run.upload_id, run=run.run, objects=count)
        for run, count in objects.items()
    }
    counts = Counter(record.collection for record in going)
    raw = {upload_id: len(names) for upload_id, names in files.items()}
    shop.collections.webhooks.change(
        webhook.id,
        lambda one: (
            one.with_found_runs(runs).with_found_files(raw).with_found_documents(dict(counts))
        ),
    )
