from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from crm.infra import clock

LATE = datetime(2026, 11, 21, 17, 30, tzinfo=UTC)


def test_now_is_an_aware_moment_in_utc_that_moves_on():
    first = clock.now()
    assert first.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - first) < timedelta(minutes=1)
    assert clock.now() >= first


def test_today_is_the_day_of_the_time_zone():
    with clock.frozen(LATE):
        assert clock.today("Asia/Shanghai") == date(2026, 11, 22)
        assert clock.today("America/New_York") == date(2026, 11, 21)


def test_a_held_clock_stands_in_every_thread_and_goes_on_afterwards():
    with clock.frozen(LATE), ThreadPoolExecutor(1) as pool:
        assert pool.submit(clock.now).result() == LATE
    assert clock.now() != LATE


def test_held_moments_nest_and_are_given_back_after_an_error():
    with clock.frozen(LATE):
        with pytest.raises(KeyError), clock.frozen(LATE + timedelta(days=1)):
            assert clock.now() == LATE + timedelta(days=1)
            raise KeyError
        assert clock.now() == LATE


def test_a_held_moment_of_another_zone_is_answered_in_utc():
    with clock.frozen(datetime(2026, 11, 22, 1, 30, tzinfo=timezone(timedelta(hours=8)))):
        assert (clock.now(), clock.now().utcoffset()) == (LATE, timedelta(0))


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="time zone"), clock.frozen(datetime(2026, 11, 21)):
        pass
