"""Which order lines are a shopper's, and lines without them; knows no name and no address."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import polars as pl

from pipeline_lib.columns import Column, Frame
from pipeline_lib.errors import MissingArtefact
from pipeline_lib.frames import OrderLines, SetAside
from pipeline_lib.records.webhooks import Subject
from pipeline_lib.runs.job import Artefacts

WHOSE: Mapping[type[Frame], Sequence[Column[Any]]] = {
    OrderLines: (OrderLines.order_id, OrderLines.customer),
    SetAside: (SetAside.order_id, SetAside.customer),
}


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


def kept_orders_of(kept: Artefacts, subject: Subject) -> list[str]:
    """The ids of the subject's orders among all that a run kept, those set aside too.

    Each id once, ascending; none where the run kept no lines.
    """
    found = set[str]()
    for handle, columns in WHOSE.items():
        with suppress(MissingArtefact):
            found.update(orders_of(kept.frame(handle, columns), subject))
    return sorted(found)


def without_orders(lines: pl.DataFrame, orders: Sequence[str]) -> pl.DataFrame:
    """The lines of all other orders, as they stand."""
    return lines.filter(~OrderLines.order_id.expr.is_in(list(orders)))
