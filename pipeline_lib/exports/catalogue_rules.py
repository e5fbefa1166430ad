"""Rules that need the products file, for lines that were read before it came."""

import polars as pl

from pipeline_lib.exports.hygiene import HygieneRules

MOSTLY_NAMED = 0.9  # of the lines; a file that names fewer is no whole catalogue
GONE = "archived"


def apply_catalogue_rules(
    lines: pl.DataFrame, products: pl.DataFrame, *, rules: HygieneRules
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Set aside lines of gift cards and of products that the shop no longer has.

    A product is gone when the products file calls it archived. One that the file does not name is
    gone only when the file names most of what is sold: else the file is a part of the catalogue.

    Args:
        lines: kept lines, with ``sku``.
        products: ``sku``, ``status`` and ``gift_card``, as ``read_products`` gives them.
        rules: those that are on.

    Returns:
        The lines that stay, in their order, and the count of each rule that took some.
    """
    gifts = lines["sku"].is_in(products.filter("gift_card")["sku"].implode())
    archived = products.filter(pl.col("status") == GONE)["sku"]
    gone = lines["sku"].is_in(archived.implode())
    unknown = ~lines["sku"].is_in(products["sku"].implode())
    if lines.height and int(unknown.sum()) < lines.height * (1 - MOSTLY_NAMED):
        gone |= unknown
    hits = {"catalogue_gift_card": gifts, "deleted_product": gone & ~gifts}
    taken = {rule: hit for rule, hit in hits.items() if rules.on(rule) and hit.any()}
    kept = lines
    if taken:
        kept = lines.filter(~pl.select(pl.any_horizontal(taken.values())).to_series())
    return kept, {rule: int(hit.sum()) for rule, hit in taken.items()}
