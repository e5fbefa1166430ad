"""Codes the lines as baskets and tells what kind of product each is; nothing is mined yet."""

import polars as pl

from pipeline_lib import frames, reports
from pipeline_lib.columns import Frame
from pipeline_lib.exports import CATALOGUE_RULES, HygieneRules
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import last_order
from pipeline_lib.mining.products.enrichment import with_flags, with_kinds
from pipeline_lib.mining.readiness import prepare_shop
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read lines and products, keep what they can promise, catalogue, orders and baskets.

    Raises:
        MissingArtefact: ingest kept no lines.
    """
    lines = job.artefacts.frame(frames.OrderLines)
    products, stock = _mapped(job, frames.Products), _mapped(job, frames.StockLevels)

    off = frozenset() if job.flags.phase_csv_validation else frozenset(CATALOGUE_RULES)
    prepared = prepare_shop(lines, products, stock, rules=HygieneRules(off=off))
    shop = prepared.shop
    catalog = with_kinds(with_flags(shop.catalog, as_of=last_order(shop.orders)))

    job.artefacts.keep_json(reports.READINESS, prepared.readiness)
    job.artefacts.keep(frames.Catalog, catalog)
    job.artefacts.keep(frames.PlacedOrders, shop.orders)
    job.artefacts.keep(frames.BasketItems, shop.baskets)
    return Outcome(
        read={"lines": len(lines), "products": len(products)},
        kept={"products": len(catalog), "orders": len(shop.orders), **prepared.taken},
    )


def _mapped(job: Job, handle: type[Frame]) -> pl.DataFrame:
    """What ingest kept; nothing of it where nothing is to be joined."""
    frame = job.artefacts.frame(handle)
    return frame if job.flags.phase_data_mapping else frame.clear()
