"""Codes the lines as baskets and tells what kind of product each is; nothing is mined yet."""

from dataclasses import asdict

from pipeline_lib.domain.exports import Rules, against_products, readiness
from pipeline_lib.domain.orders.baskets import encoded, last_order
from pipeline_lib.domain.products.flags import flagged
from pipeline_lib.domain.products.kinds import with_kinds
from pipeline_lib.events import Outcome
from pipeline_lib.job import Job


def run(job: Job) -> Outcome:
    """Read lines and products, keep what they can promise, catalogue, orders and baskets.

    Raises:
        MissingArtefact: ingest kept no lines.
    """
    lines = job.artefacts.frame("lines")
    products = job.artefacts.frame("products")
    stock = job.artefacts.frame("stock")

    ready = readiness(lines, None if products.is_empty() else products)
    sold, gone = against_products(lines, products, rules=Rules())
    shop = encoded(sold, products, stock)
    catalog = with_kinds(flagged(shop.catalog, as_of=last_order(shop.orders)))

    job.artefacts.keep_json("readiness.json", asdict(ready))
    job.artefacts.keep("catalog", catalog)
    job.artefacts.keep("orders", shop.orders)
    job.artefacts.keep("baskets", shop.baskets)
    return Outcome(
        read={"lines": len(lines), "products": len(products)},
        kept={"products": len(catalog), "orders": len(shop.orders), **gone},
        then=("score",),
    )
