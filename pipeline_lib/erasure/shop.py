"""Erases all that is stored of a shop, or stops what runs for it; keeps what proves an erasure."""

from collections import Counter
from datetime import datetime

from pipeline_lib.erasure.stored import COLLECTIONS, Shop
from pipeline_lib.messages import Work
from pipeline_lib.ports import Data, Ports
from pipeline_lib.records import flags as switches
from pipeline_lib.records import webhooks
from pipeline_lib.records.uploads import LIVE
from pipeline_lib.runs.amend import amend, end_run

UNINSTALLED = "The app was uninstalled"


def erase(webhook: Data, ports: Ports, now: datetime) -> None:
    """Remove every document, artefact and file of the shop.

    Raises:
        RunUnderWay: a phase that was told to stop has not yet.
    """
    shop = Shop(ports, webhook["shop_id"])
    _stop(shop, since=now, now=now)
    shop.refuse_while_at_work(now)
    files = shop.files(shop.upload_ids())
    going = [path for name in COLLECTIONS for path in _paths(shop, name, webhook)]
    told = [path for path, one in shop.all("webhooks").items() if _goes(one, webhook)]
    objects = {run: shop.artefacts(run) for run in shop.runs()}
    _note(ports, webhook, files, {run: len(names) for run, names in objects.items()}, going + told)

    for names in files.values():
        ports.landing.delete(names)
    for names in objects.values():
        ports.artefacts.delete(names)
    amend(ports.documents, switches.PATH, lambda data: switches.forgotten(data, shop.shop_id))
    ports.documents.delete(told + going)


def stop(webhook: Data, ports: Ports, now: datetime) -> None:
    """End what runs for the shop; a shop that installed the app again since goes on."""
    shop = Shop(ports, webhook["shop_id"])
    since = webhook["triggered_at"]
    live = {name: one for name, one in shop.uploads().items() if _live(one, since)}
    runs = {
        f"{name}.{one['run']}": {"upload_id": name, "run": one["run"], "stopped": True}
        for name, one in live.items()
    }
    path = f"webhooks/{webhook['id']}"
    amend(ports.documents, path, lambda data: webhooks.noted(data, runs=runs))
    _stop(shop, since=since, now=now)


def _stop(shop: Shop, *, since: datetime, now: datetime) -> None:
    for upload_id, upload in shop.uploads().items():
        if _live(upload, since):
            work = Work(upload_id, upload["run"])
            end_run(shop.ports.documents, work, status="cancelled", message=UNINSTALLED, now=now)


def _live(upload: Data, since: datetime) -> bool:
    return upload["status"] in LIVE and (upload["begun_at"] or upload["created_at"]) <= since


def _paths(shop: Shop, collection: str, webhook: Data) -> list[str]:
    own = webhook["id"]  # the lease of this very work goes last, with who holds it
    return [path for path in shop.all(collection) if own not in path]


def _goes(one: Data, webhook: Data) -> bool:
    proof = one["state"] == "done" and one["topic"] != webhooks.DATA_REQUEST
    return one["id"] != webhook["id"] and not proof


def _note(
    ports: Ports,
    webhook: Data,
    files: dict[str, list[str]],
    runs: dict[Work, int],
    going: list[str],
) -> None:
    objects = {
        f"{run.upload_id}.{run.run}": {
            "upload_id": run.upload_id,
            "run": run.run,
            "objects": count,
        }
        for run, count in runs.items()
    }
    counts = Counter(path.split("/", 1)[0] for path in going)
    raw = {upload_id: len(names) for upload_id, names in files.items()}
    amend(
        ports.documents,
        f"webhooks/{webhook['id']}",
        lambda data: webhooks.noted(data, runs=objects, files=raw, documents=dict(counts)),
    )
