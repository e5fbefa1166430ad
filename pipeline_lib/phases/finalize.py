"""Makes the worded portfolio what the shop reviews, in place of what it saw before."""

from pipeline_lib.messages import Outcome
from pipeline_lib.recommendations.recommendations import document
from pipeline_lib.runs.amend import amend
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the worded portfolio, publish it whole, keep it for people and other programs.

    Previews and older recommendations of the shop that nobody approved are removed; what was
    approved stays.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    worded = job.artefacts.frame("worded")
    products = job.artefacts.frame("catalog").sort("item").rows(named=True)
    shared = job.setting()

    final = [
        document(row, [products[item] for item in row["items"]], shared)
        for row in worded.iter_rows(named=True)
    ]

    shown = {f"recommendations/{one['id']}": {**one, "run": job.work.run} for one in final}
    replaced = _replaceable(job)
    job.documents.put({path: one for path, one in shown.items() if path not in replaced[1]})
    job.documents.delete([path for path in replaced[0] if path not in shown])
    _remember(job)
    job.artefacts.keep_json("recommendations.json", final)
    return Outcome(read={"published": len(worded)}, kept={"recommendations": len(final)}, then=())


def _remember(job: Job) -> None:
    """Note on the shop which upload its recommendations come from."""
    path, newest = f"shops/{job.shop_id}", {"upload_id": job.work.upload_id, "run": job.work.run}
    shop = {"shop_id": job.shop_id, "newest": newest}
    if job.documents.swap(path, shop, since=None) is None:
        amend(job.documents, path, lambda data: {**data, "newest": newest})


def _replaceable(job: Job) -> tuple[list[str], set[str]]:
    """Paths of the shop's recommendations: those nobody approved, and those somebody did."""
    found = job.documents.find("recommendations", {"shop_id": job.shop_id})
    approved = {path for path, document in found if document.data["is_approved"]}
    return [path for path, _ in found if path not in approved], approved
