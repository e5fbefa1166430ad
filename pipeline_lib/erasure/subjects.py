"""Which order lines are a shopper's, and lines without them; knows no name and no address."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import polars as pl

Subject: TypeAlias = Mapping[str, Sequence[str]]


def orders_of(lines: pl.DataFrame, subject: Subject) -> list[str]:
    """The ids of all orders that are the subject's.

    Args:
        lines: ``order_id`` and ``customer``, as the reader of orders keeps them.
        subject: ``customers``, the keyed hashes of whatever an export may name the shopper by, and
            ``orders``, ids as an export may have them.

    Returns:
        Each id once, ascending. An order is a subject's when any of its lines is.
    """
    theirs = pl.col("customer").is_in(list(subject["customers"]))
    named = pl.col("order_id").is_in(list(subject["orders"]))
    found = lines.filter(theirs.fill_null(value=False) | named.fill_null(value=False))
    return sorted(found["order_id"].unique().to_list())


def without_orders(lines: pl.DataFrame, orders: Sequence[str]) -> pl.DataFrame:
    """The lines of all other orders, as they stand."""
    return lines.filter(~pl.col("order_id").is_in(list(orders)))
