"""`alike` of many at once: records like the values of rows of a file, by one question for each batch.

Of those the actor may see alone; a file is no way to learn of others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, literal, text

from crm.domain.records.questions import address_question, name_questions, phone_question
from crm.infra import words
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight
from crm.kernel.contact import Phone
from crm.kernel.likeness import Features, Likeness
from crm.kernel.text import name_key

_EACH, _LOOSE = 15, 40  # rows that one question brings for one row; more where a slip of the pen is allowed

_CANDIDATES = """
    WITH asked AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:lines AS integer[]), CAST(:names AS text[]), CAST(:reached AS text[]), CAST(:called AS text[]),
            CAST(:nearly AS text[]))
        AS asked (line, name, reached, called, nearly))
    SELECT line, found.id FROM asked CROSS JOIN LATERAL (
        SELECT id FROM {table} WHERE deleted_at IS NULL AND name_key = asked.name LIMIT :each) AS found
    WHERE asked.name <> ''
    UNION SELECT line, found.id FROM asked CROSS JOIN LATERAL (
        SELECT id FROM {table} WHERE deleted_at IS NULL AND search @@ CAST(asked.reached AS tsquery) LIMIT :each
    ) AS found WHERE asked.reached <> ''
    UNION SELECT line, found.id FROM asked CROSS JOIN LATERAL (
        SELECT id FROM {table} WHERE deleted_at IS NULL AND search @@ CAST(asked.called AS tsquery) LIMIT :each
    ) AS found WHERE asked.called <> ''
    UNION SELECT line, found.id FROM asked CROSS JOIN LATERAL (
        SELECT id FROM {table} WHERE deleted_at IS NULL AND search @@ CAST(asked.nearly AS tsquery) LIMIT :loose
    ) AS found WHERE asked.nearly <> ''"""


@dataclass(frozen=True)
class Given:
    """What is known of one row: by column, and as it is compared."""

    columns: Mapping[str, Any]
    features: Features


@dataclass(frozen=True)
class Like:
    id: int
    score: float
    why: tuple[str, ...]


def open_columns(actor: Actor, type_: str, likeness: Likeness) -> dict[str, str]:
    """Field key → column, of what the actor may read: nobody finds a phone by guessing it."""
    return {
        key: column
        for key, column in likeness.fields.items()
        if key == "name" or actor.right_to(type_, key) >= FieldRight.READ
    }


def given_of(actor: Actor, type_: str, likeness: Likeness, values: Mapping[str, Any]) -> Given:
    """`values` by field key, as forms give them."""
    columns = {
        column: value.e164 if isinstance(value, Phone) else value
        for key, column in open_columns(actor, type_, likeness).items()
        if (value := values.get(key)) is not None
    }
    return Given(columns, likeness.features({"name": "", **columns}))


def lookalikes(
    actor: Actor,
    entity: Any,
    likeness: Likeness,
    given: Mapping[int, Given],
    threshold: float,
    pairs: Sequence[tuple[int, int]] | None = None,
) -> dict[int, list[Like]]:
    """By line those at least so alike, the most alike first. `pairs` are (line, record) to compare; without them the
    index of words is asked which may be alike."""
    if pairs is None:
        pairs = _candidates(entity.__tablename__, given)
    ids = {id_ for _, id_ in pairs}
    if not ids:
        return {}
    known = _features(actor, entity, likeness, ids)
    found: dict[int, list[Like]] = {}
    for line, id_ in pairs:
        if id_ in known:
            alike = likeness.compare(given[line].features, known[id_])
            if alike.score >= threshold:
                found.setdefault(line, []).append(Like(id_, alike.score, alike.why))
    return {line: sorted(some, key=lambda each: (-each.score, each.id)) for line, some in found.items()}


def _candidates(type_: str, given: Mapping[int, Given]) -> Sequence[tuple[int, int]]:
    asked: dict[str, list[Any]] = {"lines": [], "names": [], "reached": [], "called": [], "nearly": []}
    for line, one in given.items():
        core = one.features.get("name") or one.features.get("person") or ""
        named = name_questions(core, one.features.get("place", ""))
        asked["lines"].append(line)
        asked["names"].append(name_key(one.columns.get("name") or ""))
        asked["reached"].append(_reached(one.columns))
        asked["called"].append("" if named.vague else named.strict)
        asked["nearly"].append(named.loose)
    statement = text(_CANDIDATES.format(table=type_))
    # Entries that wait to be put into the index are read by every question: put in first, it takes a thirtieth.
    words.merge(type_)
    # What a question will find the planner does not know; with a limit it would read the table from the front instead.
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    rows = db.session.execute(statement, {**asked, "each": _EACH, "loose": _LOOSE}).all()
    db.session.execute(text("SET LOCAL enable_seqscan = on"))
    return [(row.line, row.id) for row in rows]


def _reached(columns: Mapping[str, Any]) -> str:
    words = [phone_question(columns["phone"])] if columns.get("phone") else []
    if columns.get("email"):
        words.append(f"({address_question(columns['email'])})")
    return " | ".join(words)


def _features(actor: Actor, entity: Any, likeness: Likeness, ids: set[int]) -> dict[int, Features]:
    columns = list(dict.fromkeys(open_columns(actor, entity.__tablename__, likeness).values()))
    # One parameter, whose length changes no statement: thousands of them took longer to write down than to answer.
    among = entity.id == any_(literal(sorted(ids), ARRAY(BigInteger)))
    statement = entity.visible_to(actor).where(among)
    rows = db.session.execute(statement.with_only_columns(entity.id, *(getattr(entity, each) for each in columns)))
    return {row["id"]: likeness.features(dict(row)) for row in rows.mappings()}


def key_number(key: str) -> int:
    """As an index keeps it."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)
