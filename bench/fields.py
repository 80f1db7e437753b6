"""Fields that administrators make: what it costs to filter by one that has no index of its own."""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import brotli
from sqlalchemy import select

from bench.database import ADMINISTRATOR, Database, copied, filled, rep, say, scratch, sizes
from bench.inside import Queries, Visitor
from bench.result import Measured, percentile
from crm import create_app
from crm.domain.fields import actions
from crm.domain.fields.drafts import ChoiceDraft, Draft
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.kinds import FieldKind as K
from crm.kernel.operators import OPERATORS

WHO = {"administrator": ADMINISTRATOR, "rep with most": rep(1)}
_DAY = "(date '2020-01-01' + (id % 2000)::int)"
# Kind → (the value of a customer in SQL, operator → (what many have, what hardly anybody or nobody has)).
_KINDS: dict[K, tuple[str, dict[str, tuple[str, str]]]] = {
    K.TEXT: ("'text ' || id % 5000", {"is": ("text 77", "none"), "contains": ("text 7", "none")}),
    K.LONG_TEXT: ("'words about order ' || id", {"contains": ("order 1", "none")}),
    K.NUMBER: ("(id % 100000)::text", {"min": ("50000", "999999"), "max": ("50000", "-1"), "is": ("77", "999999")}),
    K.MONEY: ("(id % 100000)::text", {"min": ("50000", "999999"), "max": ("50000", "-1"), "is": ("77", "999999")}),
    K.DATE: (
        f"{_DAY}::text",
        {
            "gte": ("2022-01-01", "2099-01-01"),
            "lte": ("2022-01-01", "2001-01-01"),
            "is": ("2021-03-04", "2001-01-01"),
            "during": ("last_1000_days", "next_30_days"),
        },
    ),
    K.DATETIME: (
        f"{_DAY}::text || ' 08:30:00+00:00'",
        {
            "gte": ("2022-01-01", "2099-01-01"),
            "lte": ("2022-01-01", "2001-01-01"),
            "during": ("last_1000_days", "next_30_days"),
        },
    ),
    K.CHOICE: (
        "CASE WHEN id % 50000 = 0 THEN 'tin' ELSE (ARRAY['gold', 'silver'])[1 + (id % 2)::int] END",
        {"in": ("gold", "tin"), "is": ("gold", "tin")},
    ),
    K.MULTI_CHOICE: (
        "jsonb_build_array('gold', CASE WHEN id % 50000 = 0 THEN 'tin' ELSE 'silver' END)",
        {"has": ("gold", "tin")},
    ),
    K.YES_NO: ("id % 20 <> 0", {"is": ("yes", "no")}),
    K.PERSON: ("id % 500 + 4", {"is": (rep(1), ADMINISTRATOR), "of": ("my_department", "me")}),
    K.LINK: ("id % 1000 + 1", {"is": ("{first}", "{last}")}),
    K.PHONE: ("'+86138' || lpad((id % 1000000)::text, 8, '0')", {"is": ("13800000077", "13999999999")}),
    K.EMAIL: (
        "'a' || id % 100000 || '@example.com'",
        {"is": ("a77@example.com", "none@example.com"), "contains": ("a7", "none")},
    ),
    K.URL: ("'https://example.com/' || id % 100000", {"contains": ("com/7", "none")}),
}
_SELDOM = ("CASE WHEN id % 20000 = 0 THEN 'seldom' END", {"contains": ("seldom", "none"), "is": ("seldom", "none")})
_REPEATS = 3
_TOLD = '<div class="notice warn">'


@dataclass(frozen=True)
class _Asked:
    label: str
    address: str


def custom_field_filter_ms() -> Measured:
    """Value: the worst median of a list, ready to send, filtered by an unindexed field; the bar is 300 ms.

    In the detail `told` says that the page did not find the rows in time and says why not.
    """
    with filled() as prepared, copied(prepared) as database, scratch() as instance:
        app, queries = create_app(database.settings(instance), connections=2), Queries()
        queries.watch()
        with app.app_context():
            asked = _made(database)
            db.session.remove()
        kinds = {}
        for who, email in WHO.items():
            visitor = Visitor(app, email, queries)
            kinds |= {f"{who}, {each.label}": _figures(visitor, each) for each in asked}
        size = sizes(database)
        with app.app_context():
            db.engine.dispose()
    told = sum(each["told"] for each in kinds.values())
    detail = {"data": size, "told": told, "kinds": kinds}
    return Measured("custom_field_filter_ms", max(each["median"] for each in kinds.values()), "ms", _REPEATS, detail)


def _figures(visitor: Visitor, asked: _Asked) -> dict[str, Any]:
    visitor.get(asked.address)
    answers = [visitor.get(asked.address) for _ in range(_REPEATS)]
    if wrong := {each.status for each in answers} - {200}:
        raise RuntimeError(f"{asked.label}: {asked.address} answered {wrong}")
    times = [each.wall_ms for each in answers]  # of a question given up the driver does not tell how long it took
    told = _TOLD in brotli.decompress(answers[-1].body).decode()
    return {"median": percentile(times, 0.5), "max": max(times), "told": told}


def _made(database: Database) -> list[_Asked]:
    """A field of each kind, filled in for every customer, and one that hardly any has; what to ask of them."""
    actor = db.session.scalars(select(Person).filter_by(email=ADMINISTRATOR)).one().actor
    keys = {kind.value: _field(actor, kind, kind.value) for kind in _KINDS}
    keys["seldom"] = _field(actor, K.TEXT, "seldom")
    db.session.commit()
    values = {keys[kind.value]: sql for kind, (sql, _) in _KINDS.items()} | {keys["seldom"]: _SELDOM[0]}
    with database.connect() as connection:
        _fill(connection, values)
        numbers = [
            connection.execute(f"SELECT number FROM customers ORDER BY id {way} LIMIT 1").fetchone() or ("",)
            for way in ("", "DESC")
        ]
    named = {"first": str(numbers[0][0]), "last": str(numbers[1][0])}
    found = []
    for label, key in keys.items():
        kind = K(label) if label != "seldom" else K.TEXT
        questions = dict(_KINDS[kind][1] if label != "seldom" else _SELDOM[1])
        questions |= {"empty": ("1", ""), "filled": ("1", "")}
        if missing := set(OPERATORS[kind]) - questions.keys():
            raise RuntimeError(f"{kind}: nothing is asked with {missing}")
        for operator, pair in questions.items():
            for how, value in zip(("many", "few"), pair, strict=True):
                if value:
                    address = "/customers/?" + urlencode({f"{key}__{operator}": value.format(**named)})
                    found.append(_Asked(f"{label} {operator}, {how}", address))
    return found


def _field(actor: Actor, kind: K, label: str) -> str:
    choices = [ChoiceDraft({"en": each}) for each in ("gold", "silver", "tin")]
    link = "customers" if kind is K.LINK else ""
    draft = Draft(label={"en": label}, kind=kind, section="basics", choices=choices, link_type=link)
    return actions.make(actor, "customers", draft).key


def _fill(connection: Any, values: dict[str, str]) -> None:
    """The table written anew, in one go; the index of the search, which nobody asks here, would take the longest."""
    begun = time.monotonic()
    connection.execute("DROP INDEX ix_customers_search")
    pairs = ", ".join(f"'{key}', {sql}" for key, sql in values.items())
    connection.execute(
        f"ALTER TABLE customers ALTER COLUMN custom TYPE jsonb USING jsonb_strip_nulls(jsonb_build_object({pairs}))"
    )
    connection.execute("VACUUM (ANALYZE) customers")
    say(f"Custom values in {time.monotonic() - begun:.0f} s.")
