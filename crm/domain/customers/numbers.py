"""CUST + yyyymmdd + four digits (more after 9999): unique without a lock, not free of gaps.

One sequence counts for ever; the first customer of a day notes where it stood, and the
day's numbers count from there. A hundred creators at once never wait for each other.
"""

import datetime as dt

from sqlalchemy import Connection

_OPEN_DAY = """
    INSERT INTO customer_number_days (day, base) SELECT %(day)s, nextval('customer_numbers')
    WHERE NOT EXISTS (SELECT FROM customer_number_days WHERE day = %(day)s)
    ON CONFLICT DO NOTHING"""
# A base that this statement sees was drawn before it began, so every number it draws is above.
_DRAW = """
    SELECT nextval('customer_numbers') - base FROM customer_number_days, generate_series(1, %(count)s)
    WHERE day = %(day)s"""


def take(connection: Connection, day: dt.date, count: int) -> list[str]:
    asked = {"day": day, "count": count}
    drawn = connection.exec_driver_sql(_DRAW, asked).scalars().all()
    if not drawn:
        connection.exec_driver_sql(_OPEN_DAY, asked)
        drawn = connection.exec_driver_sql(_DRAW, asked).scalars().all()
    return [f"CUST{day:%Y%m%d}{number:04d}" for number in drawn]
