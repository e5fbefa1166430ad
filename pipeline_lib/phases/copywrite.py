"""Words the bundles in rank order and shows each wave when it is ready; it ranks nothing."""

from collections.abc import Sequence

import polars as pl

from pipeline_lib.messages import Outcome
from pipeline_lib.recommendations.recommendations import Setting, document
from pipeline_lib.recommendations.waves import waves
from pipeline_lib.recommendations.wording import worded
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the explained portfolio, publish it wave by wave, keep it with its texts.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    explained = job.artefacts.frame("explained")
    products = job.artefacts.frame("catalog").sort("item").rows(named=True)
    shared = job.setting()

    parts = []
    for number, (start, end) in enumerate(waves(len(explained), _totals(job)), start=1):
        part = _worded(explained[start:end], products, wave=number)
        _show(job, part, products, shared)
        parts.append(part)
        job.beat(
            f"Wrote {end} of {len(explained)} texts", share=end / len(explained), published=end
        )

    job.artefacts.keep("worded", pl.concat(parts))
    return Outcome(
        read={"explained": len(explained)},
        kept={"published": len(explained), "waves": len(parts)},
        then=("finalize",),
    )


def _totals(job: Job) -> Sequence[int]:
    """How many are visible after each wave before the last."""
    if not job.flags["bundling.staged_publish_enabled"]:
        return ()
    totals: Sequence[int] = job.flags["bundling.staged_thresholds"]
    return totals


def _worded(part: pl.DataFrame, products: list[dict[str, object]], *, wave: int) -> pl.DataFrame:
    texts = [
        worded(
            names=[str(products[item]["title"]) for item in row["items"]],
            units=row["quantities"],
            bundle_type=row["bundle_type"],
            objective=row["objective"],
            cheaper=row["bundle_minor"] < row["list_minor"],
            key=row["key"],
        )._asdict()
        for row in part.iter_rows(named=True)
    ]
    return part.with_columns(pl.Series("ai_copy", texts), pl.lit(wave).alias("wave"))


def _show(job: Job, part: pl.DataFrame, products: list[dict[str, object]], shared: Setting) -> None:
    ready = [
        document(row, [products[item] for item in row["items"]], shared)
        for row in part.iter_rows(named=True)
    ]
    shown = {f"recommendations/{one['id']}": {**one, "run": job.work.run} for one in ready}
    mine = {"shop_id": job.shop_id, "upload_id": job.work.upload_id, "is_approved": True}
    approved = {path for path, _ in job.documents.find("recommendations", mine)}
    job.documents.put({path: one for path, one in shown.items() if path not in approved})
