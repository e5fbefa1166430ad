from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from dev.sample import seasons


def test_clock_offsets_are_londons():
    try:
        london = ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        pytest.skip("no zone database on this machine: London's offsets are not compared")

    for offset, (day, zone) in enumerate(seasons.daily_timestamps(extra_days=400)):
        noon = datetime.combine(seasons.day_of(offset), datetime.min.time(), london)
        noon = noon.replace(hour=12)
        assert day == noon.date().isoformat()
        assert zone == noon.strftime("%z")


def test_winter_runs_over_new_year():
    assert seasons.is_in_season(date(2025, 11, 1), "winter")
    assert seasons.is_in_season(date(2026, 2, 28), "winter")
    assert not seasons.is_in_season(date(2026, 3, 1), "winter")
    assert not seasons.is_in_season(date(2025, 10, 31), "winter")


def test_the_fourteen_months_end_on_the_last_day():
    assert seasons.day_of(seasons.DAYS - 1) == seasons.LAST_DAY
    assert seasons.LAST_DAY + timedelta(days=1) == date(2026, 11, 1)
    assert len(seasons.day_pace()) == seasons.DAYS
    assert seasons.day_pace().min() > 0
