"""Files of other shapes as rows of columns: wrapped rows, baskets, lists of products."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from pipeline_lib.exports.dialect import Dialect, FileShape
from pipeline_lib.exports.headers import ORDERS, HeaderMatch, match_header, normalise

LOOKED_AT = 500  # records that decide a file's shape
LEAST_BASKETS = 10
DELIMITERS = (",", ";", "\t", "|")
MEAN_PRODUCTS = 1.5  # of a basket, at least
LISTED = 0.25  # of the orders, the share that hold several products
OF_LINES = frozenset({"sku", "variant_id", "price", "quantity"})  # who has these has lines
PREAMBLE = 8  # lines that may stand before the header
WIDE = 3  # columns that a wrapped row has at least
SHARED = 0.5  # of the values that repeat, the share that stands in several columns of baskets
REPEATED = 0.7  # distinct values of all; above it lines hold texts, not products of a shop
NUMBERED = re.compile(r"^(?:item|product|produkt|artikel|article|produit|producto|articolo)s?\d*$")
TYPED = re.compile(r"@|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|^-?\d+[.,]\d+$")
TIMES = re.compile(r"^\s*(?:(\d+)\s*[x\u00d7]\s+(.+?)|(.+?)\s*[x\u00d7]\s*(\d+))\s*$")
KEPT_BESIDE = (
    "order_id",
    "ordered_at",
    "ordered_time",
    "currency",
    "financial_status",
    "customer",
)


@dataclass(frozen=True)
class WrappedRows:
    """Each row, or some of them, is quoted whole, as a spreadsheet saves what it did not split."""

    note = "rows were wrapped in quotes, as a spreadsheet saves them; they were unwrapped"

    def rows(self, lines: Iterable[str]) -> Iterator[str]:
        """The rows as they were before."""
        return (_unwrapped(line) for line in lines)


@dataclass(frozen=True)
class BasketRows:
    """One basket a line: products side by side.

    Attributes:
        delimiter: between the products.
        skipped: lines of its header.
        id_at: the column of the basket's number, or None: then lines are counted.
        first: the column of the first product.
    """

    delimiter: str
    skipped: int
    id_at: int | None
    first: int
    note = "each line is one basket; its products were read as the lines of an order"

    def rows(self, lines: Iterable[str]) -> Iterator[str]:
        """A row for each product, under a header."""
        yield "order_id,product_name\n"
        records = _records(islice(lines, self.skipped, None), self.delimiter)
        for number, cells in enumerate(records, 1):
            basket = str(number) if self.id_at is None else cells[self.id_at] if cells else ""
            for cell in cells[self.first :]:
                if cell.strip():
                    yield _row([basket, cell.strip()])


@dataclass(frozen=True)
class ProductLists:
    """One order a row, all its products in one cell.

    Attributes:
        delimiter: between the columns.
        skipped: lines up to and with its header.
        header: the names of the columns that are kept.
        kept: their positions.
        list_at: the column of the products.
        separator: between the products.
    """

    delimiter: str
    skipped: int
    header: tuple[str, ...]
    kept: tuple[int, ...]
    list_at: int
    separator: str
    note = "a cell holds all products of an order; they were read as the lines of an order"

    def rows(self, lines: Iterable[str]) -> Iterator[str]:
        """A row for each product, under a header."""
        yield _row([*self.header, "product_name", "quantity"])
        records = _records(islice(lines, self.skipped, None), self.delimiter)
        for found in filter(None, records):
            cells = [*found, *[""] * (1 + max(*self.kept, self.list_at) - len(found))]
            beside = [cells[at] for at in self.kept]
            for part in cells[self.list_at].split(self.separator):
                if part.strip():
                    yield _row([*beside, *_counted(part)])


def reshape_head(dialect: Dialect, lines: list[str]) -> tuple[Dialect, list[str]]:
    """The dialect with the file's shape, and the head's lines in rows of columns.

    Args:
        dialect: of the file's bytes.
        lines: the file's first physical lines, with their ends.
    """
    shape = dialect.shape or _shape(lines)
    if shape is None:
        return dialect, lines
    return replace(dialect, shape=shape), list(shape.rows(iter(lines)))


def _shape(lines: Sequence[str]) -> FileShape | None:
    head = [line for line in lines[:LOOKED_AT] if line.strip()]
    if _is_wrapped(head):
        return WrappedRows()
    best = _best_header(lines)
    if best is None:
        return _baskets(head)
    return _product_lists(lines, *best)


def _is_wrapped(head: Sequence[str]) -> bool:
    """Whether the unwrapped first row is a header and some row holds it only when unwrapped."""
    if not head:
        return False
    header = next(_records([_unwrapped(head[0])], ","), [])
    if len(header) < WIDE or match_header(header) is None:
        return False
    return any(
        _unwrapped(line) != line and _cells(_unwrapped(line)) == len(header) for line in head
    )


def _cells(line: str) -> int:
    return len(next(_records([line], ","), []))


def _unwrapped(line: str) -> str:
    """The row inside a line that is one quoted cell; any other line as it is."""
    bare = line.rstrip("\r\n").rstrip(";")
    if not (bare.startswith('"') and bare.endswith('"')):
        return line
    cells = next(_records([bare], ","), [])
    return cells[0] + "\n" if len(cells) == 1 and "," in cells[0] else line


def _best_header(lines: Sequence[str]) -> tuple[str, int, list[str], HeaderMatch] | None:
    """The delimiter, the lines up to the header's end, its cells and its reading."""
    best = None
    for delimiter in DELIMITERS:
        for end, line in enumerate(lines[:PREAMBLE], 1):
            cells = next(_records([line], delimiter), [])
            found = match_header(cells)
            if found and (best is None or found.score > best[3].score):
                best = delimiter, end, cells, found
    return best


def _baskets(head: Sequence[str]) -> BasketRows | None:
    """How the lines hold baskets; None where they do not."""
    for delimiter in DELIMITERS:
        found = _basket_layout(list(_records(head, delimiter)), delimiter)
        if found is not None:
            return found
    return None


def _basket_layout(records: Sequence[Sequence[str]], delimiter: str) -> BasketRows | None:
    names = [normalise(cell) for cell in records[0]] if records else []
    numbered = sum(bool(NUMBERED.match(name)) for name in names)
    header = bool(names) and numbered >= max(1, len([n for n in names if n]) - 1)
    body = records[1:] if header else records
    first = [row[0].strip() for row in body if row]
    counted = all(
        cell.isdecimal() and int(cell) == sum(bool(c.strip()) for c in row[1:])
        for cell, row in zip(first, body, strict=False)
    )
    identified = len(set(first)) == len(first) and all(any(c.isdecimal() for c in f) for f in first)
    begin = 1 if counted or identified else 0
    products = [[cell.strip() for cell in row[begin:]] for row in body]
    if len(body) < LEAST_BASKETS or not _look_like_baskets(products):
        return None
    id_at = 0 if identified and not counted else None
    return BasketRows(delimiter, int(header), id_at, begin)


def _look_like_baskets(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the same words stand in many columns, and none is a date, an amount, an address."""
    cells = [cell for row in rows for cell in row if cell]
    if len(cells) < MEAN_PRODUCTS * len(rows) or any(TYPED.search(cell) for cell in cells):
        return False
    times = Counter(cells)
    again = {cell for cell, count in times.items() if count > 1}
    places: dict[str, set[int]] = {}
    for row in rows:
        for at, cell in enumerate(row):
            if cell in again:
                places.setdefault(cell, set()).add(at)
    moved = sum(len(found) > 1 for found in places.values())
    return len(times) <= REPEATED * len(cells) and moved >= SHARED * max(1, len(again))


def _product_lists(
    lines: Sequence[str], delimiter: str, end: int, columns: list[str], match: HeaderMatch
) -> ProductLists | None:
    """How one cell of each row holds an order's products; None where none does."""
    fields = match.fields
    if (
        match.kind not in ORDERS
        or not {"order_id", "name"} <= set(fields)
        or OF_LINES & set(fields)
    ):
        return None
    order, at = fields["order_id"], fields["name"]
    records = islice(_records(lines[end:], delimiter), LOOKED_AT)
    whole = [row for row in records if len(row) == len(columns)]
    if len(whole) < LEAST_BASKETS or len({row[order] for row in whole}) < len(whole):
        return None
    for separator in (",", ";", "|"):
        if _hold_lists([row[at] for row in whole], separator):
            kept = tuple(fields[f] for f in KEPT_BESIDE if f in fields)
            header = tuple(columns[place] for place in kept)
            return ProductLists(delimiter, end, header, kept, at, separator)
    return None


def _hold_lists(cells: Sequence[str], separator: str) -> bool:
    """Whether the parts of the cells repeat, and much more than the cells themselves."""
    parts = [_counted(part)[0] for cell in cells for part in cell.split(separator) if part.strip()]
    listed = sum(separator in cell for cell in cells)
    of_parts, of_cells = len(set(parts)) / max(1, len(parts)), len(set(cells)) / len(cells)
    return LISTED * len(cells) <= listed and of_parts <= min(REPEATED, of_cells / 2)


def _records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The records up to one that cannot be read."""
    try:
        yield from csv.reader(lines, delimiter=delimiter)
    except csv.Error:
        return


def _counted(part: str) -> tuple[str, str]:
    """A product and its quantity: ``2 x Tea`` and ``Tea x 2`` are two of Tea."""
    found = TIMES.match(part)
    if found is None:
        return part.strip(), "1"
    before, after, name, behind = found.groups()
    return (after or name).strip(), before or behind


def _row(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
