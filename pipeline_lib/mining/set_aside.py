"""What hygiene took out of sets of products: orders that held all of a set before its rules."""

from collections.abc import Sequence

import polars as pl

from pipeline_lib.exports import RULES


def count_set_aside(
    partial_orders: pl.DataFrame, sets: Sequence[Sequence[str]]
) -> list[dict[str, int]]:
    """Count, for each set, the orders that a rule took out of its evidence.

    Args:
        partial_orders: columns ``SetAside``: all lines of the orders that lost some.
        sets: SKUs, as order lines have them.

    Returns:
        For each set of two or more: rule to the orders that held the whole set, of which the rule
        took a product; an order counts under one rule, the first of RULES. Empty where none did,
        and for single products.
    """
    wanted = {sku for skus in sets if len(skus) > 1 for sku in skus}
    rules = _rules_by_order(partial_orders.filter(pl.col("sku").is_in(list(wanted))))
    return [_counted(rules, skus) if len(skus) > 1 else {} for skus in sets]


def _rules_by_order(partial_orders: pl.DataFrame) -> dict[str, dict[str, int | None]]:
    """SKU to order to the place of the rule that took it; None where a line of it was kept."""
    place = pl.col("rule").replace_strict(list(RULES), range(len(RULES)), default=None)
    lines = (
        partial_orders.with_columns(place=place.cast(pl.Int64))
        .group_by("sku", "order_id")
        .agg(pl.when(pl.col("rule").is_not_null().all()).then(pl.col("place").min()).alias("place"))
    )
    found: dict[str, dict[str, int | None]] = {}
    for sku, order, rule in lines.select("sku", "order_id", "place").rows():
        found.setdefault(sku, {})[order] = rule
    return found


def _counted(rules: dict[str, dict[str, int | None]], skus: Sequence[str]) -> dict[str, int]:
    held = [rules.get(sku, {}) for sku in skus]
    counts = dict.fromkeys(RULES, 0)
    for order in set.intersection(*(set(orders) for orders in held)):
        taken = [rule for orders in held if (rule := orders[order]) is not None]
        if taken:
            counts[RULES[min(taken)]] += 1
    return {rule: count for rule, count in counts.items() if count}
