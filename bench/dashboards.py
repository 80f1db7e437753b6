"""Dashboards over a million customers and orders: how long a whole one takes, and which tile takes longest."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, text

from bench import scale
from bench.boards import figures
from bench.database import ADMINISTRATOR, Database, copied, filled, manager, rep, scratch
from bench.inside import Answer, Queries, Visitor
from bench.result import Measured, percentile, spread
from crm import create_app
from crm.blueprints.dashboards import page
from crm.domain.dashboards.table import DASHBOARDS
from crm.domain.people.models import Person
from crm.infra.db import db

DEALS, LEADS, TICKETS = 100_000, 100_000, 200_000
PEOPLE = {"administrator": ADMINISTRATOR, "manager of a region": manager(1), "rep with most": rep(1)}
_KEPT = "number, name, owner_id, department_id, sort_key, search, search_text, created_at, updated_at"
# Each is of the owner of a customer drawn by lot, and from any hour of the last three years; past the verbs, which
# would take hours.
_OF = """
    FROM (SELECT n, 1 + floor(:customers * random())::bigint AS customer_id,
        now() - random() * interval '1095 days' AS at FROM generate_series(1, :many) AS n) AS drawn
    JOIN customers AS c ON c.id = drawn.customer_id"""


def _row(prefix: str) -> str:
    return f"'{prefix}' || n, '{prefix}' || n, c.owner_id, c.department_id, 'x', ''::tsvector, '', at, at"


_MADE = {
    "orders": f"""INSERT INTO orders ({_KEPT}, customer_id, ordered_on, status, amount, currency)
        SELECT {_row("ORD")}, c.id, at::date, (ARRAY['open', 'paid', 'done', 'done', 'cancelled'])[1 + n % 5],
            round((exp(4 + 2 * random()))::numeric, 2), 'CNY' {_OF}""",
    "opportunities": f"""INSERT INTO opportunities ({_KEPT}, customer_id, pipeline, stage, amount, lost_reason,
            stage_rank, stage_since, place, closed_at, name_key)
        SELECT {_row("OPP")}, c.id, pipelines.key, stages.key, 1000 + n % 500 * 100,
            CASE stages.kind WHEN 'lost' THEN 'price' END, stages.position, at, 'V',
            CASE WHEN stages.kind <> 'open' THEN at + random() * (now() - at) END, 'x' {_OF}
        JOIN (SELECT *, row_number() OVER (ORDER BY position) AS place, count(*) OVER () AS among FROM stages
            WHERE pipeline_id = (SELECT min(id) FROM pipelines)) AS stages ON stages.place = 1 + n % stages.among
        JOIN pipelines ON pipelines.id = stages.pipeline_id""",
    "leads": f"""INSERT INTO leads ({_KEPT}, status, source, name_key)
        SELECT {_row("LEAD")}, (ARRAY['new', 'contacted', 'qualified', 'won', 'discarded'])[1 + n % 5], 'website', 'x'
        {_OF}""",
    "tickets": f"""INSERT INTO tickets ({_KEPT}, customer_id, type, priority, status, opened_at, respond_due_at,
            responded_at, solved_at, rating, name_key)
        SELECT {_row("TICK")}, c.id, 'question', 'normal', CASE WHEN n % 10 = 0 THEN 'open' ELSE 'closed' END, at,
            at + interval '1 day', at + random() * interval '2 days',
            CASE WHEN n % 10 > 0 THEN at + random() * interval '20 days' END,
            CASE WHEN n % 10 > 4 THEN 1 + n % 5 END, 'x' {_OF}""",
}
_HISTORY = """
    INSERT INTO opportunity_stages (opportunity_id, stage, entered_at)
    SELECT o.id, s.key, o.created_at FROM opportunities AS o JOIN stages AS s ON s.position <= o.stage_rank
        AND s.pipeline_id = (SELECT min(id) FROM pipelines)"""


def dashboard_p95_ms() -> Measured:
    """Value: the worst p95 of a whole dashboard of twelve months by anybody, all of its tiles in one answer; the bar
    is a minute. In a browser the tiles come one by one, each as long as in the detail."""
    page.AT_ONCE_S = 3600.0
    with site() as visitors:
        whole = {f"{who}, {key}": times(visitors[who], f"/dashboards/{key}") for who in PEOPLE for key in DASHBOARDS}
        tiles = {
            f"{who}, {each.key}": percentile([one.wall_ms for one in times(visitors[who], address)], 0.5)
            for who in PEOPLE
            for key, dashboard in DASHBOARDS.items()
            for each in dashboard.tiles
            for address in [f"/dashboards/{key}/{each.key}"]
        }
    kinds = {name: figures(answers) for name, answers in whole.items()}
    everything = [each.wall_ms for answers in whole.values() for each in answers]
    size = {"customers": scale.CUSTOMERS, "orders": scale.ORDERS, "deals": DEALS, "leads": LEADS, "tickets": TICKETS}
    detail = {"data": size, "all": spread(everything), "kinds": kinds, "tile_median_ms": tiles}
    return Measured("dashboard_p95_ms", max(each["p95"] for each in kinds.values()), "ms", len(everything), detail)


def times(visitor: Visitor, url: str) -> list[Answer]:
    """Each is seconds of work: few of them tell enough."""
    answers = [visitor.get(url) for _ in range(1 + max(scale.REPEATS // 6, 3))][1:]
    wrong = {answer.status for answer in answers} - {200}
    if wrong:
        raise RuntimeError(f"{url} answered {wrong}")
    return answers


@contextmanager
def site() -> Iterator[dict[str, Visitor]]:
    with filled() as prepared, copied(prepared) as database, scratch() as instance:
        app, queries = create_app(database.settings(instance), connections=2), Queries()
        with app.app_context():
            _fill()
        _settle(database)
        queries.watch()
        yield {who: Visitor(app, email, queries) for who, email in PEOPLE.items()}


def _fill() -> None:
    many = {"orders": scale.ORDERS, "opportunities": DEALS, "leads": LEADS, "tickets": TICKETS}
    for table, statement in _MADE.items():
        db.session.execute(text(statement), {"many": many[table], "customers": scale.CUSTOMERS})
    db.session.execute(text(_HISTORY))
    boss = db.session.scalars(select(Person).filter_by(email=ADMINISTRATOR)).one()
    for each in db.session.scalars(select(Person).where(Person.password_hash.is_(None))):
        each.password_hash = boss.password_hash
    db.session.commit()


def _settle(database: Database) -> None:
    with database.connect_as_owner() as connection:
        for table in ("customers", *_MADE, "opportunity_stages"):
            connection.execute(f"VACUUM (ANALYZE) {table}")
