"""Makes the worded portfolio what the shop reviews, in place of what it saw before."""

from collections.abc import Sequence

import polars as pl

from pipeline_lib import reports
from pipeline_lib.frames import Catalog, SetAside, Worded
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.set_aside import count_set_aside
from pipeline_lib.recommendations.assembly import recommendation
from pipeline_lib.records.recommendations import Recommendation
from pipeline_lib.records.shops import Shop
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the worded portfolio, publish it whole, keep it for people and other programs.

    Previews and older recommendations of the shop that nobody judged are removed; what was
    approved stays, and what was rejected, so that no later run offers it again.

    Raises:
        MissingArtefact: an earlier phase kept nothing.
    """
    worded = job.artefacts.frame(Worded)
    catalog = job.artefacts.frame(Catalog).sort(Catalog.item.name)
    products = list(Catalog.rows(catalog))
    origin = job.origin()

    rows = list(Worded.rows(worded))
    bundled = [[products[item] for item in row.items] for row in rows]
    final = [
        recommendation(row, of_bundle, origin, set_aside=counts)
        for row, of_bundle, counts in zip(rows, bundled, _set_aside(job, bundled), strict=True)
    ]

    _publish(job, final)
    job.collections.shops.create_or_change(
        Shop(shop_id=job.shop_id), lambda shop: shop.replace(newest=job.work)
    )
    job.artefacts.keep_json(reports.RECOMMENDATIONS, final)
    return Outcome(read={"published": len(worded)}, kept={"recommendations": len(final)})


def _set_aside(job: Job, bundled: Sequence[Sequence[Catalog]]) -> Sequence[dict[str, int] | None]:
    """What hygiene took out of each bundle; None where the run's lines kept no account of it."""
    parts = list(job.artefacts.parts(SetAside))
    if not parts:
        return [None] * len(bundled)
    partial_orders = pl.concat(parts)
    return count_set_aside(partial_orders, [[one.sku for one in products] for products in bundled])


def _publish(job: Job, final: Sequence[Recommendation]) -> None:
    """Show the run's recommendations in place of those that nobody judged.

    A set that was rejected while the run was under way is not shown anew.
    """
    recommendations = job.collections.recommendations
    before = [found.record for found in recommendations.find(shop_id=job.shop_id)]
    judged = {one.key for one in before if one.review != "pending"}
    rejected = {one.skus for one in before if one.is_rejected}
    shown = {
        one.key: one.replace(run=job.work.run)
        for one in final
        if one.key not in judged and one.skus not in rejected
    }
    recommendations.put(*shown.values())
    gone = [one.key for one in before if one.key not in judged and one.key not in shown]
    recommendations.delete(*gone)
