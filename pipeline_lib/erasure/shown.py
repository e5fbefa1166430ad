"""What a shop was shown of runs that are gone: what goes with them, and what gets other figures."""

from collections.abc import Iterable

from pipeline_lib.erasure.stored import Shop
from pipeline_lib.erasure.subjects import Subject
from pipeline_lib.errors import MissingArtefact
from pipeline_lib.messages import Work
from pipeline_lib.ports import Data
from pipeline_lib.recommendations.withdrawn import refigured
from pipeline_lib.records import webhooks
from pipeline_lib.runs.amend import amend
from pipeline_lib.runs.job import Artefacts

OF_ROWS = ("/rejects.csv", "/import.json")  # rejected rows, and samples of cells


def resting_on(shop: Shop, runs: set[Work], subject: Subject) -> dict[str, list[str]]:
    """Paths of the documents that go with the runs, by collection.

    A recommendation that was approved stays. What the shop was told of the shopper goes too.
    """
    uploads = {run.upload_id for run in runs}
    going = {
        "recommendations": [
            path
            for path, one in shop.all("recommendations").items()
            if _run(one) in runs and not one["is_approved"]
        ],
        "rules": [path for path, one in shop.all("rules").items() if _run(one) in runs],
        "previews": [path for path in shop.all("previews") if path.split("/", 1)[1] in uploads],
        "webhooks": [path for path, one in shop.all("webhooks").items() if _about(one, subject)],
    }
    return {name: paths for name, paths in going.items() if paths}


def unshelve(shop: Shop, runs: set[Work]) -> None:
    """Let the shop have no run on the shelf, if that is one of these."""
    if shop.shelf() in runs:
        path = f"shops/{shop.shop_id}"
        amend(
            shop.ports.documents,
            path,
            lambda data: {name: data[name] for name in data if name != "newest"},
        )


def refigure(shop: Shop, uploads: Iterable[str]) -> None:
    """Give what was approved of the uploads the figures of their newest run, or none."""
    found = shop.uploads()
    for upload_id in sorted(uploads):
        again = _made(shop, found.get(upload_id))
        held = {**shop.all("recommendations"), **shop.all("bundles")}
        shop.ports.documents.put(
            {
                path: refigured(one, again.get(one["id"]))
                for path, one in held.items()
                if one["id"].startswith(f"{upload_id}-") and _stays(one)
            }
        )


def of_rows(shop: Shop) -> list[str]:
    """The names of artefacts that quote rows as they were: nobody can tell any more whose."""
    names = [name for run in shop.runs() for name in shop.artefacts(run)]
    return [name for name in names if name.endswith(OF_ROWS)]


def _made(shop: Shop, upload: Data | None) -> dict[str, Data]:
    if upload is None:
        return {}
    kept = Artefacts(shop.ports.artefacts, Work(upload["upload_id"], upload["run"]))
    try:
        return {one["id"]: one for one in kept.json("recommendations.json")}
    except MissingArtefact:
        return {}


def _stays(one: Data) -> bool:
    return "recommendation_id" in one or bool(one["is_approved"])


def _run(one: Data) -> Work:
    return Work(one["upload_id"], one["run"])


def _about(webhook: Data, subject: Subject) -> bool:
    if webhook["topic"] != webhooks.DATA_REQUEST:
        return False
    own = webhook["subject"]
    return any(set(own[name]) & set(subject[name]) for name in ("customers", "orders"))
