"""The sample shop's fourteen months: days, seasons, how busy each day is, and UTC offsets."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

FIRST_DAY = date(2025, 9, 1)
LAST_DAY = date(2026, 10, 31)
DAYS = (LAST_DAY - FIRST_DAY).days + 1

SEASONS = {  # first and last (month, day); winter runs over New Year
    "christmas": ((11, 1), (12, 24)),
    "winter": ((11, 1), (2, 28)),
    "valentine": ((1, 20), (2, 14)),
    "mothers": ((2, 20), (3, 15)),
    "easter": ((3, 5), (4, 6)),
    "summer": ((5, 20), (8, 31)),
    "autumn": ((9, 10), (11, 5)),
}
CHRISTMAS_RUSH = ((11, 10), (12, 21))
TOO_LATE = ((12, 22), (12, 27))  # orders no longer arrive before Christmas
WEEKDAY_PACE = (1.05, 1.0, 0.95, 1.0, 1.1, 1.2, 1.15)
DAY_S = 86_400


def day_of(offset: int) -> date:
    """The date ``offset`` days after the first."""
    return FIRST_DAY + timedelta(days=offset)


def is_in_season(day: date, season: str) -> bool:
    """Whether ``season`` is on at ``day``, in any year."""
    start, end = SEASONS[season]
    now = (day.month, day.day)
    if start <= end:
        return start <= now <= end
    return now >= start or now <= end


def day_pace() -> NDArray[np.float64]:
    """Relative number of orders of each day: week, Christmas rush, slow January, growth."""
    return np.array([_pace(offset) for offset in range(DAYS)])


def daily_timestamps(*, extra_days: int) -> list[tuple[str, str]]:
    """Date and UTC offset of each day as Shopify writes them, ``extra_days`` past the last."""
    days = [day_of(offset) for offset in range(DAYS + extra_days)]
    return [(day.isoformat(), _london_offset(day)) for day in days]


def _pace(offset: int) -> float:
    day = day_of(offset)
    pace = WEEKDAY_PACE[day.weekday()] * (1 + 0.25 * offset / DAYS)
    if CHRISTMAS_RUSH[0] <= (day.month, day.day) <= CHRISTMAS_RUSH[1]:
        return pace * 1.7
    if TOO_LATE[0] <= (day.month, day.day) <= TOO_LATE[1]:
        return pace * 0.4
    return pace * 0.85 if day.month == 1 else pace


def _london_offset(day: date) -> str:
    """British Summer Time by its rule: a zone database is not everywhere at hand."""
    is_summer = _last_sunday(day.year, 3) <= day < _last_sunday(day.year, 10)
    return "+0100" if is_summer else "+0000"


def _last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)
