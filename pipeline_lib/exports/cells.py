"""Text cells to numbers and plain text, as Polars expressions; a cell that is no number is null."""

import polars as pl

EXPONENTS = {
    "BIF": 0,
    "CLP": 0,
    "DJF": 0,
    "GNF": 0,
    "ISK": 0,
    "JPY": 0,
    "KMF": 0,
    "KRW": 0,
    "PYG": 0,
    "RWF": 0,
    "UGX": 0,
    "VND": 0,
    "VUV": 0,
    "XAF": 0,
    "XOF": 0,
    "XPF": 0,
    "BHD": 3,
    "IQD": 3,
    "JOD": 3,
    "KWD": 3,
    "LYD": 3,
    "OMR": 3,
    "TND": 3,
}  # ISO 4217: digits behind the point where they are not two
GREATEST = 10**13  # minor units; a larger amount is a mistake, and floats are exact below it
NOISE = r"[^0-9.,+\-()'\x{2019}]"  # currency signs and codes, spaces of every width
ODD = r"[A-Za-z]{4,}|[0-9][^0-9.,'\x{2019}\s]+[0-9]"  # words, or letters between digits: no number

NOTHING = ("", "-", "--", "N/A", "n/a", "null", "NULL", "NaN", "nan")
LONGEST_NOTHING = 8  # bytes, with some space around


def exponent(currency: str | None) -> int:
    """Digits behind the point of the currency's minor unit, by ISO 4217; 2 when not known."""
    return EXPONENTS.get(currency or "", 2)


def is_blank(cell: pl.Expr) -> pl.Expr:
    """Whether a text cell holds nothing, or what exports write for nothing."""
    return cell.str.strip_chars().is_in(NOTHING)


def blanks(cells: pl.Series) -> pl.Series:
    """Which cells are blank; quick where none is short enough to be, or all are numbers."""
    if cells.dtype != pl.String:
        return cells.is_null()
    size = cells.str.len_bytes()
    longest = size.max()
    if not isinstance(longest, int) or longest == 0:
        return size == 0
    short = size <= LONGEST_NOTHING
    if not short.any():
        return short
    return cells.to_frame("cell").select(is_blank(pl.col("cell"))).to_series()


def numbers(cells: pl.Series, *, decimal: str) -> pl.Series:
    """The cells as Float64; null where a cell is blank or no number.

    Args:
        cells: text, or numbers that were read as such.
        decimal: the file's decimal sign, ``.`` or ``,``; it decides only ``1,234`` and ``1.234``.
    """
    if cells.dtype.is_numeric():
        return cells.cast(pl.Float64)
    plain = cells.cast(pl.Float64, strict=False) if decimal == "." else _nothing(cells)
    if not plain.null_count():
        return plain.set(~plain.is_finite(), None)
    missed = cells.filter(plain.is_null()).unique(maintain_order=True)
    read = missed.to_frame("cell").select("cell", value=_number(pl.col("cell"), decimal))
    slow = cells.to_frame("cell").join(read, on="cell", how="left", maintain_order="left")
    both = plain.fill_null(slow["value"])
    return both.set(~both.is_finite().fill_null(value=True), None)


def _nothing(cells: pl.Series) -> pl.Series:
    return pl.repeat(None, cells.len(), dtype=pl.Float64, eager=True)


def _number(cell: pl.Expr, decimal: str) -> pl.Expr:
    """A number as people write it: signs, currency, thousands, either decimal sign, brackets."""
    bare = cell.str.strip_chars().str.replace_all(NOISE, "")
    minus = bare.str.contains(r"^-|-$|^\(.*\)$")
    digits = bare.str.replace_all(r"[+\-()'\x{2019}]", "")
    comma = digits.str.contains(_decimal_pattern(",", ".", decimal=decimal))
    point = digits.str.contains(_decimal_pattern(".", ",", decimal=decimal))
    read = (
        pl.when(comma)
        .then(digits.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(point)
        .then(digits.str.replace_all(",", "", literal=True))
        .when(digits.str.contains(r"^\d{1,3}([.,]\d{3})+$|^\d+$"))
        .then(digits.str.replace_all(r"[.,]", ""))
    )
    value = read.cast(pl.Float64, strict=False)
    return pl.when(cell.str.contains(ODD).not_()).then(pl.when(minus).then(-value).otherwise(value))


def _decimal_pattern(sign: str, other: str, *, decimal: str) -> str:
    """What a number looks like whose decimal sign is ``sign``."""
    grouped = rf"^\d{{1,3}}(\{other}\d{{3}})+\{sign}\d*$"
    digits = r"\d*" if sign == decimal else r"(\d{1,2}|\d{4,}|)"
    return rf"{grouped}|^\d+\{sign}{digits}$|^\{sign}\d+$|^0\{sign}\d+$"


def minor_units(cells: pl.Series, *, decimal: str, digits: int) -> pl.Series:
    """Money cells as Int64 minor units, rounded half away from zero; null where it is no amount."""
    scaled = (numbers(cells, decimal=decimal) * 10**digits).round(mode="half_away_from_zero")
    beyond = scaled.abs() > GREATEST
    minor: pl.Series = (scaled.set(beyond, None) if beyond.any() else scaled).cast(pl.Int64)
    return minor


def integers(cells: pl.Series, *, decimal: str) -> pl.Series:
    """Cells as Int64, ``2.0`` and ``1,000`` too; null where it is no whole number."""
    plain = cells.cast(pl.Int64, strict=False)
    if not plain.null_count():
        return plain
    values = numbers(cells, decimal=decimal)
    whole = (values == values.round()) & (values.abs() < GREATEST)
    read: pl.Series = values.set(~whole.fill_null(value=True), None).cast(pl.Int64)
    return read


def decimal_sign(cells: pl.Series) -> str | None:
    """The decimal sign that the cells prove, or None when none does.

    Proof is a sign with one or two digits behind it, or behind the other sign.
    """
    bare = cells.str.replace_all(NOISE, "")
    commas = bare.str.contains(r"(^|\D)\d*,\d{1,2}\D*$|\.\d{3},\d+\D*$").sum()
    points = bare.str.contains(r"(^|\D)\d*\.\d{1,2}\D*$|,\d{3}\.\d+\D*$").sum()
    if commas == points:
        return None
    return "," if commas > points else "."


def sku_key(cell: pl.Expr) -> pl.Expr:
    """The one spelling of a SKU: trimmed, single spaces, upper case; ``-`` and blanks are null."""
    plain = cell.str.strip_chars().str.strip_prefix("'").str.to_uppercase()
    single = plain.str.replace_all(r"\s+", " ")
    return pl.when(is_blank(cell).not_() & (plain != "")).then(single)
