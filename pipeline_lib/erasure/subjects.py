"""Which order lines are a shopper's, and lines without them; knows no name and no address."""

from collections.abc import Sequence

import polars as pl

from pipeline_lib.frames import OrderLines
from pipeline_lib.records.webhooks import Subject


def orders_of(lines: pl.DataFrame, subject: Subject) -> list[str]:
    """The ids of all orders that are the subject's.

    Args:
        lines: ``order_id`` and ``customer``, as the reader of orders keeps them.
        subject: whose orders.

    Returns:
        Each id once, ascending. An order is a subject's when any of its lines is.
    """
    theirs = pl.col("customer").is_in(list(subject.customers))
    named = pl.col("order_id").is_in(list(subject.orders))
    found = lines.filter(theirs.fill_null(value=False) | named.fill_null(value=False))
    return sorted(found[OrderLines.order_id.name].unique().to_list())


def without_orders(lines: pl.DataFrame, orders: Sequence[str]) -> pl.DataFrame:
    """The lines of all other orders, as they stand."""
    return lines.filter(~OrderLines.order_id.expr.is_in(list(orders)))
