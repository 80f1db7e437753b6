"""Numbers under a hundred creators at once: real connections, real commits."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text

from crm.domain.customers.models import NUMBERS as numbers

DAY = dt.date(2031, 5, 6)  # no other test has customers on that day


@pytest.fixture
def engine(migrated, settings):
    engine = create_engine(settings.database_url, pool_size=20, max_overflow=0)
    yield engine
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM number_days WHERE day >= :day"), {"day": DAY})
    engine.dispose()


def take(engine, day=DAY, count=1):
    with engine.begin() as connection:
        return numbers.take(connection, day, count)


def test_a_hundred_creators_at_once_never_share_a_number(engine):
    with ThreadPoolExecutor(20) as pool:
        batches = list(pool.map(lambda n: take(engine, count=1 + n % 3), range(100)))
    taken = [number for batch in batches for number in batch]
    assert len(set(taken)) == len(taken) == sum(1 + n % 3 for n in range(100))
    assert all(re.fullmatch(r"CUST20310506\d{4}", number) for number in taken)


def test_a_creator_that_rolls_back_leaves_a_gap_and_no_harm(engine):
    take(engine)
    with engine.connect() as connection:
        lost = numbers.take(connection, DAY, 2)
        connection.rollback()
    assert not set(lost) & set(take(engine, count=3))


def test_each_day_counts_from_one(engine):
    take(engine, count=5)
    assert take(engine, DAY + dt.timedelta(days=1)) == ["CUST203105070001"]
    assert take(engine)[0] > "CUST203105060005"


def test_a_number_grows_past_four_digits(engine):
    take(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE number_days SET base = base - 10000 WHERE day = :day"), {"day": DAY})
    assert re.fullmatch(r"CUST203105061\d{4}", take(engine)[0])
