"""Who may be there already: records like the values of one that is being written down.

A few questions to the indexes there are, in two or three statements: the name's key, the words of phone and mail
address, and the pairs of characters (or words) of what the name is called by, one slip of the pen allowed. What comes
back, at most a few hundred rows, is compared by the type's likeness. Statements go past the scope on purpose: whoever
asks learns of what they may not see only that it is there (`Met`).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from crm.domain.records.questions import address_question, name_questions, phone_question
from crm.infra.db import db, driven
from crm.kernel.access import Actor, FieldRight
from crm.kernel.contact import Phone
from crm.kernel.likeness import Features, Likeness
from crm.kernel.patience import OutOfTime, within
from crm.kernel.text import name_key, sort_key

SURE = 0.6  # so alike, it is worth asking before a second one is made
WEAK = 0.05  # what is less alike is not worth telling
MOST = 5
_PATIENCE_MS = 100
_EACH = 120  # rows that one question brings
_COMPARED, _NEAR = 24, 50  # of those called alike, how many are compared in earnest, and how near they must be


@dataclass(frozen=True)
class Lookalike:
    """`why` are gettext ids; `sure` where the phone is the same or the whole is alike enough."""

    id: int
    name: str
    number: str
    score: float
    why: tuple[str, ...]
    sure: bool
    department_id: int | None
    row: Mapping[str, Any]


@dataclass(frozen=True)
class Met:
    """What somebody may learn: `seen` are theirs to see; of the others, where they are sure, the departments that have
    them, each once, and nothing else."""

    seen: list[Lookalike]
    departments: list[int | None]
    hidden: list[Lookalike]  # for those who ask their owners for access; never to be shown

    @property
    def asks(self) -> bool:
        """Whether it is worth asking before another one is made."""
        return bool(self.departments) or any(each.sure for each in self.seen)


NOBODY_MET = Met([], [], [])


def met(  # noqa: PLR0913 - who asks, of what type, what is known of it, and how thoroughly
    actor: Actor,
    entity: Any,
    likeness: Likeness,
    values: Mapping[str, Any],
    besides: int | None = None,
    *,
    slips: bool = True,
) -> Met:
    """`values` by field key, as forms give them; `besides` is the record that is being changed. Without `slips` of the
    pen it costs a third: whoever is typing has time for them, a hundred who save at once have not."""
    found = [each for each in alike(actor, entity, likeness, values, slips=slips) if each.id != besides]
    if not found:
        return NOBODY_MET
    seen = entity.visible_to(actor).where(entity.id.in_([each.id for each in found])).with_only_columns(entity.id)
    theirs = set(db.session.scalars(seen)) if actor.may(entity.read_permission) else set()
    hidden = [each for each in found if each.sure and each.id not in theirs]
    places = dict.fromkeys(each.department_id for each in hidden)
    return Met([each for each in found if each.id in theirs][:MOST], list(places)[:MOST], hidden)


def alike(
    actor: Actor, entity: Any, likeness: Likeness, values: Mapping[str, Any], *, slips: bool = True
) -> list[Lookalike]:
    """The most alike first, whoever's they are. What the actor may not read of the type is not compared: nobody finds a
    phone by guessing it."""
    type_ = entity.__tablename__
    kept_back = {key for key in likeness.fields if key != "name" and actor.right_to(type_, key) < FieldRight.READ}
    unread = {likeness.fields[key] for key in kept_back}
    given = {
        column: _plain(values[key])
        for key, column in likeness.fields.items()
        if column not in unread and values.get(key) is not None
    }
    asked = likeness.features({"name": "", **given})
    found = []
    for row in _candidates(type_, likeness, given, asked, slips=slips):
        known = {key: value for key, value in row.items() if key not in unread}
        theirs = likeness.features(known)
        one = likeness.compare(asked, theirs)
        same_phone = bool(asked.get("phone")) and asked["phone"] == theirs.get("phone")
        if one.score >= WEAK or same_phone:
            sure = one.score >= SURE or same_phone
            found.append(
                Lookalike(row["id"], row["name"], row["number"], one.score, one.why, sure, row["department_id"], row)
            )
    return sorted(found, key=lambda each: (not each.sure, -each.score, each.id))


def _plain(value: Any) -> Any:
    return value.e164 if isinstance(value, Phone) else value


Row = Mapping[str, Any]


def _candidates(type_: str, likeness: Likeness, given: Mapping[str, Any], asked: Features, *, slips: bool) -> list[Row]:
    """What is the same by one index or another; then, of what is called alike, the nearest."""
    columns = ", ".join(dict.fromkeys(("id", "name", "number", "department_id", *likeness.fields.values())))
    core = asked.get("name") or asked.get("person") or ""
    named, reached = name_questions(core, asked.get("place", "")), _reached(given)
    first = [*_keyed(given), *_called(reached.where, reached), *_called(named.strict, place="strict")]
    also = [*_called(named.loose), *_begun(core)] if slips else []
    try:
        with within(_PATIENCE_MS) if named.vague else nullcontext():
            found = _met(type_, [*first, *also])
            if len(found) >= _EACH and named.there:
                found += _met(type_, _called(f"({named.strict}) & {named.there}") if named.strict else [])
    except OutOfTime:  # a name of the commonest words: what is found by the rest must do
        found = _met(type_, [*_keyed(given), *_called(reached.where, reached)])
    same = {row["id"] for row in found if row["same"]}
    near = _nearest(core, {row["id"]: row["sort_key"] for row in found})
    ids = [*same, *(id_ for id_ in near if id_ not in same)]
    if not ids:
        return []
    rows = driven(f"SELECT {columns} FROM {type_} WHERE id = ANY(%(ids)s)", {"ids": ids})
    return [dict(row) for row in rows.mappings()]


def _nearest(core: str, called: Mapping[int, str]) -> list[int]:
    """The order has how a name sounds and how it is written; legal form and region may stand around the core."""
    near = process.extract(sort_key(core), called, scorer=fuzz.partial_ratio, limit=_COMPARED, score_cutoff=_NEAR)
    return [id_ for _, _, id_ in near]


@dataclass(frozen=True)
class Question:
    """`where` of the rows that are looked at; `same` is true of those that need be no nearer."""

    where: str
    filled: Mapping[str, Any]
    same: str = "FALSE"


def _keyed(given: Mapping[str, Any]) -> Iterator[Question]:
    if key := name_key(given.get("name") or ""):
        yield Question("name_key = %(name_key)s", {"name_key": key}, "TRUE")


def _reached(given: Mapping[str, Any]) -> Question:
    """`where` is what the index of words is asked for: phone and mail address; nothing where neither is given."""
    words, same, filled = [], [], {}
    if phone := given.get("phone"):
        words.append(phone_question(phone))
        same.append("phone = %(phone)s")
        filled["phone"] = phone
    if email := given.get("email"):
        words.append(f"({address_question(email)})")
        same.append("lower(email) = %(email)s")
        filled["email"] = email.casefold()
    return Question(" | ".join(words), filled, f"coalesce({' OR '.join(same)}, FALSE)" if same else "FALSE")


def _called(words: str, reached: Question | None = None, place: str = "loose") -> Iterator[Question]:
    """Phone and mail address apart from names, of which there may be more alike than are looked at."""
    if words and reached:
        yield Question("search @@ CAST(%(reached)s AS tsquery)", {"reached": words, **reached.filled}, reached.same)
    elif words:
        yield Question(f"search @@ CAST(%({place})s AS tsquery)", {place: words})


def _begun(core: str) -> Iterator[Question]:
    """Words of Latin letters with a slip in them begin alike."""
    if core.isascii() and len(core) >= 4:
        yield Question(
            "sort_key BETWEEN %(begun)s AND %(begun)s || %(last)s", {"begun": core[:4], "last": "\U0010ffff"}
        )


def _met(type_: str, questions: Iterable[Question]) -> list[Row]:
    """Id, order and whether it is the same, of at most so many rows a question."""
    asked = list(questions)
    if not asked:
        return []
    there = f"FROM {type_} WHERE deleted_at IS NULL AND"
    parts = [f"(SELECT id, sort_key, {one.same} AS same {there} {one.where} LIMIT {_EACH})" for one in asked]
    filled = {key: value for one in asked for key, value in one.filled.items()}
    return [dict(row) for row in driven(" UNION ALL ".join(parts), filled).mappings()]
