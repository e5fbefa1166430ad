"""Codes the lines as baskets and tells what kind of product each is; nothing is mined yet."""

from dataclasses import asdict

import polars as pl

from pipeline_lib.exports import LATER, Rules, against_products, readiness
from pipeline_lib.messages import Outcome
from pipeline_lib.mining.baskets import encode_shop, last_order
from pipeline_lib.mining.products.enrichment import with_flags, with_kinds
from pipeline_lib.runs.job import Job


def run(job: Job) -> Outcome:
    """Read lines and products, keep what they can promise, catalogue, orders and baskets.

    Raises:
        MissingArtefact: ingest kept no lines.
    """
    lines = job.artefacts.frame("lines")
    products, stock = (_mapped(job, name) for name in ("products", "stock"))

    ready = readiness(lines, None if products.is_empty() else products)
    off = frozenset() if job.flags["phase.csv_validation"] else frozenset(LATER)
    sold, gone = against_products(lines, products, rules=Rules(off=off))
    shop = encode_shop(sold, products, stock)
    catalog = with_kinds(with_flags(shop.catalog, as_of=last_order(shop.orders)))

    job.artefacts.keep_json("readiness.json", asdict(ready))
    job.artefacts.keep("catalog", catalog)
    job.artefacts.keep("orders", shop.orders)
    job.artefacts.keep("baskets", shop.baskets)
    return Outcome(
        read={"lines": len(lines), "products": len(products)},
        kept={"products": len(catalog), "orders": len(shop.orders), **gone},
        then=("score",),
    )


def _mapped(job: Job, name: str) -> pl.DataFrame:
    """What ingest kept under that name; nothing of it where nothing is to be joined."""
    frame = job.artefacts.frame(name)
    return frame if job.flags["phase.data_mapping"] else frame.clear()
