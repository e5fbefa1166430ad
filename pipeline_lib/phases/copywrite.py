"""Words the bundles in rank order and shows each wave when it is ready; it ranks nothing."""

from collections.abc import Sequence

import polars as pl

from pipeline_lib.frames import Catalog, Explained, Worded
from pipeline_lib.messages import Outcome
from pipeline_lib.recommendations.assembly import Origin, recommendation
from pipeline_lib.recommendations.waves import waves
from pipeline_lib.recommendations.wording import write_copy
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the explained portfolio, publish it wave by wave, keep it with its texts.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    explained = job.artefacts.frame(Explained)
    catalog = job.artefacts.frame(Catalog).sort(Catalog.item.name)
    products = list(Catalog.rows(catalog))
    origin = job.origin()

    parts = []
    for number, (start, end) in enumerate(waves(len(explained), _totals(job)), start=1):
        part = _worded(explained[start:end], products, wave=number)
        _show(job, part, products, origin)
        parts.append(part)
        job.beat(
            f"Wrote {end} of {len(explained)} texts", share=end / len(explained), published=end
        )

    job.artefacts.keep(Worded, pl.concat([Worded.empty(), *parts]))
    return Outcome(
        read={"explained": len(explained)},
        kept={"published": len(explained), "waves": len(parts)},
    )


def _totals(job: Job) -> Sequence[int]:
    """How many are visible after each wave before the last."""
    if not job.flags.bundling_staged_publish_enabled:
        return ()
    return job.flags.bundling_staged_thresholds


def _worded(part: pl.DataFrame, products: list[Catalog], *, wave: int) -> pl.DataFrame:
    texts = [
        write_copy(
            names=[products[item].title for item in row.items],
            units=row.quantities,
            bundle_type=row.bundle_type,
            objective=row.objective,
            cheaper=row.bundle_minor < row.list_minor,
            key=row.key,
        )._asdict()
        for row in Explained.rows(part)
    ]
    return part.with_columns(
        pl.Series(Worded.ai_copy.name, texts, dtype=Worded.ai_copy.dtype),
        pl.lit(wave, dtype=Worded.wave.dtype).alias(Worded.wave.name),
    )


def _show(job: Job, part: pl.DataFrame, products: list[Catalog], origin: Origin) -> None:
    ready = [
        recommendation(row, [products[item] for item in row.items], origin)
        for row in Worded.rows(part)
    ]
    known = job.collections.recommendations.find(shop_id=job.shop_id, upload_id=job.work.upload_id)
    judged = {found.record.key for found in known if found.record.review != "pending"}
    shown = [one.replace(run=job.work.run) for one in ready if one.key not in judged]
    job.collections.recommendations.put(*shown)
