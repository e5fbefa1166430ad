"""Shows a shop ten bundles within seconds, beside the chain that will replace them."""

from pipeline_lib.exports import CATALOGUE_RULES, HygieneRules, apply_catalogue_rules
from pipeline_lib.frames import OrderLines, Products, StockLevels
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import encode_shop, last_order
from pipeline_lib.mining.products.enrichment import with_flags
from pipeline_lib.recommendations.preview import preview_pairs, preview_recommendations
from pipeline_lib.records.recommendations import Preview
from pipeline_lib.records.uploads import Upload
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read the lines and publish the preview, for a shop that has nothing to look at yet.

    Raises:
        MissingArtefact: ingest kept no lines.
    """
    lines = job.artefacts.frame(OrderLines)
    limits = job.limits
    if not limits.preview or lines.is_empty() or not _is_first_run(job):
        return Outcome(read={"lines": len(lines)}, kept={"preview_bundles": 0})
    products = job.artefacts.frame(Products)
    stock = job.artefacts.frame(StockLevels)

    off = frozenset() if job.flags.phase_csv_validation else frozenset(CATALOGUE_RULES)
    sold, _ = apply_catalogue_rules(lines, products, rules=HygieneRules(off=off))
    shop = encode_shop(sold, products, stock)
    catalog = with_flags(shop.catalog, as_of=last_order(shop.orders))
    pairs = preview_pairs(
        shop, catalog, products=limits.preview_products, most=limits.preview_bundles
    )
    bundles = preview_recommendations(pairs, catalog, job.origin())

    job.collections.previews.put(
        Preview(
            upload_id=job.work.upload_id,
            shop_id=job.shop_id,
            run=job.work.run,
            bundles=tuple(bundles),
            expires_at=job.created_at + Upload.kept_for,
        )
    )
    return Outcome(read={"lines": len(lines)}, kept={"preview_bundles": len(bundles)})


def _is_first_run(job: Job) -> bool:
    """Whether the shop has no recommendations yet: else there is something better to look at."""
    shop = job.collections.shops.read(job.shop_id)
    return shop is None or shop.record.newest is None
