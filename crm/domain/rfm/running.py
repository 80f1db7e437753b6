"""A worker's turns at a scoring: each step is one transaction, and a killed worker's run goes on where it stood.

First the limits, from all orders at once; then the scores, a stretch of customers at a time, by the index on the
customer of orders; then the levels, through the verbs of customers, with one event for each whose level changed.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text

from crm.domain.customers import actions as customers
from crm.domain.orders.choices import SUMMED
from crm.domain.orders.models import COUNTS
from crm.domain.orders.value import mend
from crm.domain.people.actions import SYSTEM
from crm.domain.rfm.models import DONE, LEVELLING, SCORING, WAITING, RfmRun
from crm.domain.rfm.rules import ALL, BEST, OFF, SCORES, SHARES, Rules, Segment
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.permissions import Action, permissions
from crm.kernel.shape import version

STRETCH = 50_000  # customers scored in one transaction
LEVELLED = 1_000  # and levelled
_FINE = Decimal("0.000001")  # what is left of the database's binary fractions is not to decide
_LEVELS_IN = "customer_values JOIN customers ON customers.id = customer_id"

# Recency, frequency and monetary value of each customer on the day of the analysis.
_RAW = f"""
    SELECT customer_id AS id, :day - max(ordered_on) AS recency, count(*) AS frequency,
        coalesce(sum(amount) FILTER (WHERE currency = '{SUMMED}'), 0) AS monetary
    FROM orders WHERE customer_id > :after AND customer_id <= :upto AND ordered_on <= :day AND {COUNTS}
    GROUP BY customer_id"""
_LIMITS = text(
    "SELECT "
    + ", ".join(
        f"percentile_cont(CAST(:shares AS float8[])) WITHIN GROUP (ORDER BY {each}) AS {each}" for each in SCORES
    )
    + f" FROM ({_RAW}) AS raw"
)
_LAST = text("SELECT coalesce(max(id), 0) FROM customers")
_UPTO = text("SELECT max(id) FROM (SELECT id FROM customers WHERE id > :after ORDER BY id LIMIT :many) AS stretch")
_SCORED = "(rfm_recency, rfm_frequency, rfm_monetary, rfm_segment)"
_FORGOTTEN = text(f"""
    UPDATE customer_values SET {_SCORED} = (NULL, NULL, NULL, NULL)
    WHERE customer_id > :after AND customer_id <= :upto AND rfm_recency IS NOT NULL AND NOT EXISTS (
        SELECT FROM orders
        WHERE orders.customer_id = customer_values.customer_id AND ordered_on <= :day AND {COUNTS})""")


def step(run: RfmRun) -> None:
    """The next transaction's work."""
    {WAITING: _begin, SCORING: _score, LEVELLING: _level}[run.state](run)


def _begin(run: RfmRun) -> None:
    rules = run.read_rules
    run.last = db.session.scalar(_LAST) or 0
    run.limits = {key: list(map(str, limits)) for key, limits in _limits(run, rules).items()}
    run.state = SCORING


def _limits(run: RfmRun, rules: Rules) -> dict[str, Sequence[Any]]:
    """Quantiles as R's default has them, plus one; nobody has bought anything: none."""
    if rules.fixed:
        return dict(rules.limits)
    asked = {"day": run.analysed_on, "after": 0, "upto": run.last, "shares": list(SHARES)}
    row = db.session.execute(_LIMITS, asked).one()
    return {key: [Decimal(str(each)).quantize(_FINE) + 1 for each in row._mapping[key] or ()] for key in SCORES}


def _score(run: RfmRun) -> None:
    after = run.upto
    upto = db.session.scalar(_UPTO, {"after": after, "many": STRETCH})
    if upto is None or after >= run.last:
        _go_on(run)
        return
    stretch = {"day": run.analysed_on, "after": after, "upto": upto}
    mend(after, upto)
    db.session.execute(_FORGOTTEN, stretch)
    if all((run.limits or {}).get(each) for each in SCORES):
        db.session.execute(text(_scoring(run.read_rules.segments)), stretch | _named(run))
    run.scored += db.session.scalar(_COUNT, stretch) or 0
    run.upto = upto


_COUNT = text(
    "SELECT count(*) FROM customer_values WHERE customer_id > :after AND customer_id <= :upto"
    " AND rfm_recency IS NOT NULL"
)


def _scoring(segments: Sequence[Segment]) -> str:
    """Only what differs is written: a night moves few customers from one score to another."""
    found = {
        each: f"1 + {' + '.join(f'({each} >= :{each}_{at})::int' for at in range(len(SHARES)))}" for each in SCORES
    }
    found["recency"] = f"{BEST + 1} - ({found['recency']})"
    whens = " ".join(
        f"WHEN {' AND '.join(f'{score} BETWEEN :{score}_from_{at} AND :{score}_to_{at}' for score in SCORES)}"
        f" THEN CAST(:name_{at} AS text)"
        for at in range(len(segments))
    )
    scores = ", ".join(f"{sql} AS {each}" for each, sql in found.items())
    are = f"(recency, frequency, monetary, CASE {whens} END)"
    return f"""
        UPDATE customer_values SET {_SCORED} = {are} FROM (SELECT id, {scores} FROM ({_RAW}) AS raw) AS scored
        WHERE customer_id = scored.id AND {_SCORED} IS DISTINCT FROM {are}"""


def _named(run: RfmRun) -> dict[str, Any]:
    limits: dict[str, Any] = {
        f"{key}_{at}": Decimal(each) for key, some in (run.limits or {}).items() for at, each in enumerate(some)
    }
    for at, each in enumerate(run.read_rules.segments):
        limits[f"name_{at}"] = each.name
        for score in SCORES:
            limits[f"{score}_from_{at}"], limits[f"{score}_to_{at}"] = getattr(each, score)
    return limits


def _go_on(run: RfmRun) -> None:
    levels = _levels(run)
    run.state, run.upto = (LEVELLING, 0) if levels else (DONE, run.last)
    if not levels:
        run.finished_at = clock.now()


def _levels(run: RfmRun) -> dict[str, str]:
    rules = run.read_rules
    return {} if rules.levels == OFF else {each.name: each.level for each in rules.segments if each.level}


_TO_LEVEL = text(f"""
    SELECT customer_id, wanted FROM (
        SELECT customer_id, rfm_segment, level_given, customers.level,
            (SELECT levels[at] FROM generate_subscripts(CAST(:levels AS text[]), 1) AS at,
                (SELECT CAST(:levels AS text[]) AS levels, CAST(:names AS text[]) AS names) AS given
                WHERE names[at] = rfm_segment LIMIT 1) AS wanted
        FROM {_LEVELS_IN}
        WHERE customer_id > :after AND rfm_segment = ANY(:names) AND deleted_at IS NULL) AS valued
    WHERE level IS DISTINCT FROM wanted AND (:overrule OR level IS NULL OR level = level_given)
    ORDER BY customer_id LIMIT :many""")
_GIVEN = text("""
    UPDATE customer_values SET level_given = given.level
    FROM unnest(CAST(:ids AS bigint[]), CAST(:levels AS text[])) AS given (id, level)
    WHERE customer_id = given.id AND level_given IS DISTINCT FROM given.level""")


def _scorer() -> Actor:
    """May change every customer, by the fields as administrators have shaped them."""
    reach = dict.fromkeys(permissions(("customers",), (Action.READ, Action.EDIT)), Reach.ALL)
    return replace(SYSTEM, reach=reach, shape=db.session.scalar(select(version())) or 0)


def _level(run: RfmRun) -> None:
    """A level is a person's where it is another than the scores gave last; an empty one is nobody's."""
    levels = _levels(run)
    asked = {"after": run.upto, "names": list(levels), "levels": list(levels.values()), "many": LEVELLED}
    rows = db.session.execute(_TO_LEVEL, asked | {"overrule": run.read_rules.levels == ALL}).all()
    if not rows:
        run.state, run.finished_at, run.upto = DONE, clock.now(), run.last
        return
    changes = [(row.customer_id, {"level": row.wanted}) for row in rows]
    kept = set(customers.change_many(_scorer(), changes))
    given = [row for row in rows if row.customer_id in kept]
    ids, wanted = [row.customer_id for row in given], [row.wanted for row in given]
    db.session.execute(_GIVEN, {"ids": ids, "levels": wanted})
    run.levelled += len(given)
    run.upto = rows[-1].customer_id
