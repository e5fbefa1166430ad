"""Text cells to instants in UTC; which of day and month comes first is told, not guessed here."""

import re
from datetime import datetime, timedelta

import polars as pl

FORM = "%Y-%m-%d %H:%M:%S"  # Shopify's own, before the zone
LOCAL = 19  # characters of it
FEW_ZONES = 16
CENTURY = 100
MONTHS_A_YEAR = 12
FIRST, LAST = 1990, 2100  # years; a date outside them is a mistake
ISO = r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"
SHORT = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d{2})(?:\D|$)"
WORD = r"[^\W\d]{3,10}"  # of a month
WORDS = (
    rf"^(?:[a-z]{{3,9}}\.?,? )?(?P<a>\d{{1,2}}|{WORD})\.?[ -](?P<b>\d{{1,2}}|{WORD})"
    r"\.?[ ,-]{1,2}(?P<y>\d{4}|\d{2})(?:\D|$)"
)
CLOCK = r"[ T](?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2}))?(?:[.,]\d+)? ?(?P<half>[ap]\.?m\.?)?"
ZONE = r"\d ?(?P<sign>[+-])(?P<zh>\d{2}):?(?P<zm>\d{2})$"
COMPACT = r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:\D|$)"
SERIAL = r"^\d{5}(?:[.,]\d+)?$"  # days since 1899-12-30, as Excel keeps them
SERIALS = (32_874, 73_415)  # those of FIRST and LAST
MONTHS = (
    r"jan|ene|gen",
    r"feb|fev|fév",
    r"mar|mär|mrz|mrt|maa",
    r"apr|avr|abr",
    r"may|mai|mag|mei",
    r"jun|juin|giu",
    r"jul|juil|lug",
    r"aug|aou|aoû|ago",
    r"sep|set",
    r"oct|okt|ott|out",
    r"nov",
    r"dec|déc|dez|dic",
)


def instants(cells: pl.Series, *, day_first: bool) -> pl.Series:
    """The cells as Datetime("us", "UTC"); null where a cell is blank or no date.

    Args:
        cells: text; without a zone, or with one given by a name, it is taken as UTC.
        day_first: whether 03/04/2024 is the third of April.
    """
    fast = _uniform(cells)
    if fast is not None:
        return _plausible(fast)
    missed = cells.unique(maintain_order=True)
    read = missed.to_frame("cell").select("cell", at=_any(missed, day_first=day_first))
    slow = cells.to_frame("cell").join(read, on="cell", how="left", maintain_order="left")
    return _plausible(slow["at"])


def _plausible(at: pl.Series) -> pl.Series:
    first, last = at.min(), at.max()
    if isinstance(first, datetime) and isinstance(last, datetime):
        if first.year >= FIRST and last.year <= LAST:
            return at
        year = at.dt.year()
        return at.set(((year < FIRST) | (year > LAST)).fill_null(value=False), None)
    return at


def _uniform(cells: pl.Series) -> pl.Series | None:
    """The instants when all cells are in Shopify's form, with few zones or none; else None."""
    zones = cells.str.slice(LOCAL).unique()
    if not len(cells) or len(zones) > FEW_ZONES:
        return None
    at = cells.str.slice(0, LOCAL).str.to_datetime(FORM, time_unit="us", strict=False)
    if at.null_count():
        return None
    if len(zones) == 1:
        offset = _offset(zones[0])
        return None if offset is None else (at - offset).dt.replace_time_zone("UTC")
    offsets = {zone: _offset(zone) for zone in zones}
    if None in offsets.values():
        return None
    late = cells.str.slice(LOCAL).replace_strict(offsets, return_dtype=pl.Duration("us"))
    return (at - late).dt.replace_time_zone("UTC")


def _offset(zone: str) -> timedelta | None:
    """How far a zone such as `` -0400`` is ahead of UTC; None when it is written otherwise."""
    found = re.fullmatch(r" ([+-])(\d{2})(\d{2})", zone)
    if not zone:
        return timedelta()
    if not found:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -ahead if found[1] == "-" else ahead


def _any(cells: pl.Series, *, day_first: bool) -> pl.Series:
    """Every form that is known, on cells that stand once each."""
    text = cells.str.strip_chars().str.to_lowercase().str.replace(r" (utc|gmt)$|z$", " +0000")
    text = text.str.replace_all(r"[年月]", "-").str.replace_all(r"日| de | del |\s+", " ")
    text = text.str.strip_chars().str.replace(r"^(\d[0-9/.-]{7,9})t", "$1 ")
    frame = text.to_frame("t")
    iso = pl.col("t").str.extract_groups(ISO)
    compact = pl.col("t").str.extract_groups(COMPACT)
    short = pl.col("t").str.extract_groups(SHORT)
    words = pl.col("t").str.extract_groups(WORDS)
    first, second = ("d", "m") if day_first else ("m", "d")
    day = pl.coalesce(_part(iso, "y"), _part(compact, "y"), _year(short), _year(words))
    month = pl.coalesce(
        _part(iso, "m"),
        _part(compact, "m"),
        _part(short, "a" if first == "m" else "b"),
        _month(words),
    )
    date = pl.coalesce(
        _part(iso, "d"),
        _part(compact, "d"),
        _part(short, "a" if second == "m" else "b"),
        _day(words),
    )
    local = _local(day, month, date)
    return frame.select(at=pl.coalesce(local, _serial(pl.col("t"))))["at"]


def _part(groups: pl.Expr, name: str) -> pl.Expr:
    return groups.struct.field(name).cast(pl.Int32, strict=False)


def _year(groups: pl.Expr) -> pl.Expr:
    year = _part(groups, "y")
    return pl.when(year < CENTURY).then(year + 20 * CENTURY).otherwise(year)


def _month(groups: pl.Expr) -> pl.Expr:
    """The month that either word names."""
    word = pl.concat_str(groups.struct.field("a"), groups.struct.field("b"), separator=" ")
    months = [
        pl.when(word.str.contains(rf"\b(?:{names})")).then(number)
        for number, names in enumerate(MONTHS, 1)
    ]
    return pl.coalesce(months).cast(pl.Int32)


def _day(groups: pl.Expr) -> pl.Expr:
    return pl.coalesce(_part(groups, "a"), _part(groups, "b"))


def _local(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """The instant of a date, with the clock and the zone that stand behind it."""
    clock, zone = pl.col("t").str.extract_groups(CLOCK), pl.col("t").str.extract_groups(ZONE)
    half = clock.struct.field("half").str.slice(0, 1)
    hour = _part(clock, "h").fill_null(0)
    hour = (
        pl.when(half == "p").then(hour % 12 + 12).when(half == "a").then(hour % 12).otherwise(hour)
    )
    minute, second = _part(clock, "i").fill_null(0), _part(clock, "s").fill_null(0)
    text = pl.format("{}-{}-{} {}:{}:{}", *map(_two, (year, month, day, hour, minute, second)))
    at = text.str.to_datetime(FORM, time_unit="us", time_zone="UTC", strict=False)
    offset = _part(zone, "zh").fill_null(0) * 60 + _part(zone, "zm").fill_null(0)
    sign = pl.when(zone.struct.field("sign") == "-").then(-1).otherwise(1)
    return at - pl.duration(minutes=offset * sign)


def _two(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.String).str.zfill(2)


def _serial(cell: pl.Expr) -> pl.Expr:
    """The instant of an Excel serial number, to the second."""
    value = pl.when(cell.str.contains(SERIAL)).then(cell.str.replace(",", ".", literal=True))
    days = value.cast(pl.Float64, strict=False)
    seconds = ((days - 25_569) * 86_400).round().cast(pl.Int64)
    at = pl.from_epoch(seconds, time_unit="s").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.when(days.is_between(*SERIALS)).then(at)


def proves_day_first(cells: pl.Series) -> bool | None:
    """Whether the day comes first, as dates with a number above 12 prove; None when none does."""
    text = cells.str.strip_chars().str.to_lowercase()
    first = text.str.extract(
        SHORT.replace("(?P<a>", "(").replace("?P<b>", "?:").replace("?P<y>", "?:")
    )
    second = text.str.extract(
        SHORT.replace("?P<a>", "?:").replace("(?P<b>", "(").replace("?P<y>", "?:")
    )
    days = (first.cast(pl.Int32, strict=False) > MONTHS_A_YEAR).sum()
    months = (second.cast(pl.Int32, strict=False) > MONTHS_A_YEAR).sum()
    return None if days == months else bool(days > months)


def is_ambiguous(cells: pl.Series) -> bool:
    """Whether any of the cells is a date of the form 03/04/2024."""
    return bool(cells.str.strip_chars().str.contains(r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}").any())
