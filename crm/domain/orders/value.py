"""What customers are worth by their orders, written down with every order and mended every night.

Statements go past the scope on purpose: what a customer bought is a matter of the customer, whoever owns the orders.
"""

from collections.abc import Collection

from sqlalchemy import text

from crm.domain.orders.choices import SUMMED
from crm.domain.orders.models import COUNTS
from crm.infra.db import db

# Rows first, then locks in one order, then a look with fresh eyes: of two who write orders of one customer at once the
# second counts what the first has committed, and no two wait for each other.
_MADE = text(
    "INSERT INTO customer_values (customer_id) SELECT id FROM unnest(CAST(:ids AS bigint[])) AS asked (id) ORDER BY id"
    " ON CONFLICT DO NOTHING"
)
_LOCKED = text("SELECT FROM customer_values WHERE customer_id = ANY(:ids) ORDER BY customer_id FOR UPDATE")
_SUMS = f"""
    count(orders.id) AS number,
    coalesce(sum(orders.amount) FILTER (WHERE currency = '{SUMMED}'), 0) AS total,
    round(avg(orders.amount) FILTER (WHERE currency = '{SUMMED}'), 2) AS average,
    min(ordered_on) AS first, max(ordered_on) AS last"""
_HAS = "(order_count, order_total, order_average, first_order_on, last_order_on)"
_IS = "(sums.number, sums.total, sums.average, sums.first, sums.last)"
_COUNTED = text(f"""
    UPDATE customer_values SET {_HAS} = {_IS}
    FROM (
        SELECT asked.id, {_SUMS} FROM unnest(CAST(:ids AS bigint[])) AS asked (id)
        LEFT JOIN orders ON orders.customer_id = asked.id AND {COUNTS} GROUP BY asked.id) AS sums
    WHERE customer_id = sums.id AND {_HAS} IS DISTINCT FROM {_IS}""")
# By the index on the customer of orders, a stretch of customers at a time.
_DIFFERING = text(f"""
    SELECT coalesce(sums.id, customer_values.customer_id) FROM (
        SELECT customer_id AS id, {_SUMS} FROM orders
        WHERE customer_id > :after AND customer_id <= :upto AND {COUNTS} GROUP BY customer_id) AS sums
    FULL JOIN (SELECT * FROM customer_values WHERE customer_id > :after AND customer_id <= :upto) AS customer_values
        ON customer_values.customer_id = sums.id
    WHERE {_HAS} IS DISTINCT FROM
        (coalesce(sums.number, 0), coalesce(sums.total, 0), sums.average, sums.first, sums.last)""")


def count_anew(customers: Collection[int | None]) -> None:
    """Whatever has become of their orders in this transaction."""
    ids = sorted({each for each in customers if each is not None})
    if ids:
        for statement in (_MADE, _LOCKED, _COUNTED):
            db.session.execute(statement, {"ids": ids})


def mend(after: int, upto: int) -> int:
    """Count anew whoever of these customers has orders that were written past the verbs; returns how many."""
    ids = db.session.scalars(_DIFFERING, {"after": after, "upto": upto}).all()
    count_anew(ids)
    return len(ids)
