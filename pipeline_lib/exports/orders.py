"""Order exports, Shopify's and plain lines, to typed lines; reads one stream and writes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import numpy as np
import polars as pl

from pipeline_lib.exports import cells, hygiene, order_lines, rejects
from pipeline_lib.exports.batch import PARTIAL_ORDERS, Batch, Tally
from pipeline_lib.exports.chunks import Chunk, read_chunks
from pipeline_lib.exports.dialect import decompress, recode
from pipeline_lib.exports.hygiene import CAPS, RULES, HygieneRules
from pipeline_lib.exports.order_cells import ORDER_FIELDS, OrderCells, OrderedChunk
from pipeline_lib.exports.order_rules import line_state_rules, order_rules
from pipeline_lib.exports.prefetch import prefetch
from pipeline_lib.exports.sniff import ExportFormat

WHOLESALE = "wholesale_lines"
KEPT = (
    "order_id",
    "ordered_at",
    "sku",
    "name",
    "quantity",
    "price_minor",
    "discount_minor",
    "customer",
)
NUMBERS = {"quantity": pl.Int64(), "price": pl.Float64(), "line_discount": pl.Float64()}
NEEDED = frozenset(
    {
        "order_id",
        "sku",
        "variant_id",
        "name",
        "option",
        "quantity",
        "price",
        "line_total",
        "line_discount",
        "line_discount_share",
        "line_discount_percent",
        "line_status",
        *ORDER_FIELDS,
    }
)


def read_orders(
    stream: BinaryIO, export: ExportFormat, *, rules: HygieneRules, customer_key: bytes
) -> Iterator[Batch]:
    """The export's lines, typed and clean, in batches that hold whole orders.

    Args:
        stream: the file from its first byte, plain or gzip.
        export: of the same file; of kind ``orders`` or ``order_lines``.
        rules: which lines are set aside.
        customer_key: 1 to 64 bytes that key the hash of a customer.

    Yields:
        Batches whose ``kept`` has a row per line, in the file's order: ``order_id`` str,
        ``ordered_at`` Datetime("us", "UTC") (null only where the file has no dates), ``sku`` str
        (one spelling), ``name`` str, ``quantity`` Int32, ``price_minor`` Int64 of one unit (null
        only where the file has no prices), ``discount_minor`` Int64 of the line, ``customer`` str
        or null. Equal bytes give equal batches.

    Raises:
        BadExport: more than half of the rows cannot be read, or the stream ends too early.
    """
    used = {name: at for name, at in export.matched.fields.items() if name in NEEDED}
    if "price" in used:
        used.pop("line_total", None)
    layout = replace(export.layout(together="order_id"), fields=used, numbers=_numbers(export))
    _, pieces = decompress(stream, export.file)
    orders = OrderCells(export, customer_key)
    tally = Tally(export.file)
    cut = prefetch(read_chunks(recode(pieces, export.dialect), layout))
    read = prefetch(orders.read(chunk) for chunk in cut)
    for batch in prefetch(_batch(ordered, export, rules) for ordered in read):
        tally.add(batch)
        yield batch
    tally.close()


def _numbers(export: ExportFormat) -> dict[str, pl.DataType]:
    """The columns whose cells are plain numbers at the file's beginning."""
    sample = export.sample
    types = {name: dtype for name, dtype in NUMBERS.items() if name in sample.columns}
    if export.decimal != ".":
        return {}
    read = sample.select(pl.col(name).cast(dtype, strict=False) for name, dtype in types.items())
    return {name: dtype for name, dtype in types.items() if not read[name].null_count()}


def _batch(ordered: OrderedChunk, export: ExportFormat, rules: HygieneRules) -> Batch:
    """One chunk typed, its lines judged."""
    currency = rules.currency or export.currency
    chunk, run, heads, at, late, customers = ordered
    frame = chunk.frame
    ids = _trimmed(frame["order_id"], heads["order_id"], run)
    read = order_lines.type_lines(
        frame, ids, decimal=export.decimal, digits=cells.exponent(currency)
    )
    reason = _first_of(read.frame["reason"], late, run)
    typed = read.frame.with_columns(order=run, ordered_at=at.gather(run), reason=reason)
    by_order = order_rules(heads, currency=currency, decimal=export.decimal)
    hits = {name: hit.gather(run) for name, hit in by_order.items()}
    hits |= hygiene.line_rules(typed, names=read.names, skus=read.skus)
    hits = _with_states(hits, frame)
    rule = _rule(frame, typed, hits, rules)
    reason = typed["reason"].set(rule.is_not_null(), None)
    wanted, beyond = _within(_free(typed, rule, reason), rules)
    kept, capped = _capped(wanted, rules)
    kept = kept.with_columns(customer=customers.gather(kept["order"]))
    set_aside = dict(rule.drop_nulls().value_counts().rows())
    if len(beyond):
        set_aside[WHOLESALE] = len(beyond)
    return Batch(
        kept=kept.select(KEPT),
        rejected=_rejected(chunk, reason, run, heads, export),
        set_aside={name: set_aside[name] for name in RULES if name in set_aside},
        rows=chunk.rows,
        altered=capped,
        partial_orders=_partial_orders(typed.with_columns(rule=rule), beyond, kept, customers),
    )


def _partial_orders(
    typed: pl.DataFrame, beyond: pl.DataFrame, kept: pl.DataFrame, customers: pl.Series
) -> pl.DataFrame:
    """All lines of the orders that lost some, with the rule that took each."""
    taken = typed.filter(pl.col("rule").is_not_null())
    lost = [taken, beyond.with_columns(rule=pl.lit(WHOLESALE))]
    lost = [part.with_columns(customer=customers.gather(part["order"])) for part in lost]
    gone = pl.concat([part.select(PARTIAL_ORDERS.names()) for part in lost])
    if gone.is_empty():
        return gone
    left = kept.filter(pl.col("order_id").is_in(gone["order_id"].implode()))
    return pl.concat(
        [gone, left.with_columns(rule=pl.lit(None, pl.String)).select(PARTIAL_ORDERS.names())]
    )


def _with_states(hits: dict[str, pl.Series], frame: pl.DataFrame) -> dict[str, pl.Series]:
    """The rules' hits, and the lines that were cancelled or paid back by themselves."""
    if "line_status" not in frame.columns:
        return hits
    own = line_state_rules(frame["line_status"])
    return hits | {rule: hits[rule] | hit if rule in hits else hit for rule, hit in own.items()}


def _trimmed(ids: pl.Series, heads: pl.Series, run: pl.Series) -> pl.Series:
    """The lines' order numbers without outer spaces; each order's is looked at once."""
    plain = heads.str.strip_chars()
    return ids if (plain == heads).all() else plain.gather(run).alias("order_id")


def _free(typed: pl.DataFrame, rule: pl.Series, reason: pl.Series) -> pl.DataFrame:
    """The lines that no rule takes and that can be read; the same frame when all are."""
    if rule.null_count() == reason.null_count() == typed.height:
        return typed
    return typed.filter(rule.is_null() & reason.is_null())


def _first_of(reason: pl.Series, late: pl.Series, run: pl.Series) -> pl.Series:
    """The line's own reason, else its order's."""
    return reason if late.null_count() == len(late) else reason.fill_null(late.gather(run))


def _rule(
    frame: pl.DataFrame, typed: pl.DataFrame, hits: dict[str, pl.Series], rules: HygieneRules
) -> pl.Series:
    """The rule that takes each line; a line that cannot be read is taken only when it is empty."""
    whole = typed["reason"].is_null()
    if not whole.all():
        hits = {name: (hit & whole).fill_null(value=False) for name, hit in hits.items()}
        hits[hygiene.EMPTY] = _empty(frame)
    return hygiene.first_rule(hits.items(), rules, frame.height)


def _empty(frame: pl.DataFrame) -> pl.Series:
    """Which rows have no cell that says anything."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if len(texts) < len(frame.columns) - 1:  # the row's number aside: a number is in every row
        return pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    return frame.select(pl.all_horizontal(pl.col(texts).str.strip_chars() == "")).to_series()


def _within(lines: pl.DataFrame, rules: HygieneRules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each order's first lines, as many as the rule lets pass, and the others."""
    sizes = np.bincount(lines["order"].to_numpy())
    if not rules.on(WHOLESALE) or not (sizes > rules.lines_per_order).any():
        return lines, lines.clear()
    at = pl.int_range(pl.len())
    begins = pl.col("order") != pl.col("order").shift(1)
    nth = at - pl.when(begins).then(at).forward_fill().fill_null(0)
    few = nth < rules.lines_per_order
    return lines.filter(few), lines.filter(~few)


def _capped(lines: pl.DataFrame, rules: HygieneRules) -> tuple[pl.DataFrame, dict[str, int]]:
    """The lines with no quantity above the bound, and how many were lowered."""
    above = int((lines["quantity"] > rules.units_per_line).sum())
    if not above or not rules.on(CAPS[0]):
        return lines, {}
    capped = pl.col("quantity").clip(upper_bound=rules.units_per_line)
    return lines.with_columns(capped), {CAPS[0]: above}


def _rejected(
    chunk: Chunk, reason: pl.Series, run: pl.Series, heads: pl.DataFrame, export: ExportFormat
) -> pl.DataFrame:
    """The lines that cannot be read, with their order's cells where their own are blank."""
    if reason.null_count() == len(reason):
        return rejects.rejected_rows(chunk, {}, export.columns, filled={})
    bad = chunk.frame.select("row", reason=reason, order=run).filter(pl.col("reason").is_not_null())
    fields = export.matched.fields
    open_fields = [f for f in heads.columns if f not in rejects.PRIVATE]
    cells_of = heads.select(open_fields)[bad["order"]].rows()
    filled = {
        row: {fields[field]: text for field, text in zip(open_fields, texts, strict=True)}
        for row, texts in zip(bad["row"], cells_of, strict=True)
    }
    reasons = dict(zip(bad["row"], bad["reason"], strict=True))
    return rejects.rejected_rows(chunk, reasons, export.columns, filled=filled)
