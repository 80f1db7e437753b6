"""From an old key to a new one: a worker encrypts every value anew, a batch a transaction, from its checkpoint on."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, literal_column, select, text

from crm.domain.confirming.queries import waiting_in
from crm.domain.fields.events import KeyForgotten, KeyRotationFinished, KeyRotationStarted
from crm.domain.fields.models import FieldDefinition, KeyRotation
from crm.infra import clock, vault
from crm.infra.db import Base, db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.kinds import FieldKind
from crm.kernel.sealed import opened, seal
from crm.kernel.text import N_

BATCH = 500
# Encrypted outside records, each bound to its table and column: crm/domain/{people,webhooks} write them.
_ELSEWHERE = ("second_factors.secret", "webhook_endpoints.secret")
KEPT = dt.timedelta(days=91)  # what imports and changes of many records have staged is gone by then


@dataclass(frozen=True)
class KeyInUse:
    """A key and how many values of records are encrypted with it."""

    id: str
    values: int
    newest: bool


def start(actor: Actor) -> KeyRotation:
    """Have everything encrypted with the newest key. RuleBroken where that is under way or done."""
    key = vault.newest()
    last = latest()
    if last is not None and last.key_id == key.id:
        raise RuleBroken(N_("Everything is encrypted with the newest key, or is about to be."))
    rotation = KeyRotation(key_id=key.id, total=sum(_counts().values()))
    db.session.add(rotation)
    record(actor, rotation, KeyRotationStarted(key.id, rotation.total))
    return rotation


def latest() -> KeyRotation | None:
    return db.session.scalars(select(KeyRotation).order_by(KeyRotation.id.desc()).limit(1)).first()


def step(actor: Actor) -> bool:
    """One batch of the rotation under way; False: there is none."""
    waiting = select(KeyRotation).where(KeyRotation.finished_at.is_(None)).order_by(KeyRotation.id.desc()).limit(1)
    rotation = db.session.scalars(
        waiting.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).first()
    if rotation is None:
        return False
    definition = next((each for each in _definitions() if each.id >= rotation.at_field), None)
    if definition is None:
        _finish(actor, rotation)
        return True
    rows = _rows(definition, rotation.at_record if definition.id == rotation.at_field else 0)
    for row in rows:
        rotation.unreadable += not _anew(definition, row)
    rotation.done += len(rows)
    whole = len(rows) == BATCH
    if not whole:
        _waiting_anew(definition)
    rotation.at_field, rotation.at_record = (definition.id, rows[-1].id) if whole else (definition.id + 1, 0)
    return True


def _finish(actor: Actor, rotation: KeyRotation) -> None:
    rotation.unreadable += _elsewhere_anew()
    for each in db.session.scalars(select(KeyRotation).where(KeyRotation.finished_at.is_(None))):
        each.finished_at = clock.now()  # one that a newer key overtook has nothing left to do
    record(actor, rotation, KeyRotationFinished(rotation.key_id, rotation.done, rotation.unreadable))


def in_use() -> list[KeyInUse]:
    """Oldest first; those that values name and nobody has, too."""
    counts, newest = _counts(), vault.newest().id
    known = dict.fromkeys([*sorted(counts.keys() - vault.ring().keys()), *vault.ring()])
    return [KeyInUse(each, counts.get(each, 0), each == newest) for each in known]


def forget(actor: Actor, key_id: str) -> None:
    """Remove an old key. RuleBroken while anything may need it."""
    last = latest()
    if key_id not in vault.ring() or key_id == vault.newest().id:
        raise RuleBroken(N_("There is no old key “%(value)s”."), value=key_id)
    if _counts().get(key_id) or _elsewhere().get(key_id) or last is None or last.finished_at is None:
        raise RuleBroken(N_("Values are encrypted with this key: rotate the keys first and wait for the workers."))
    if last.finished_at > clock.now() - KEPT:
        raise RuleBroken(N_("Imports and changes of many records may need this key for %(days)s days."), days=KEPT.days)
    if not vault.forget_key(key_id):
        raise RuleBroken(N_("The keys are given by CRM_FIELD_KEYS: take it out there."))
    record(actor, last, KeyForgotten(key_id))


def refuse_lost_keys() -> None:
    """Raises KeysLost where values are encrypted and the file of keys is gone: before a new one would be made."""
    if vault.is_lost() and (_counts() or _elsewhere()):
        raise vault.KeysLost(vault.LOST.format(path=vault.path()))


def sampled() -> tuple[int, int]:
    """How many encrypted values could be read and how many not: of each field the first BATCH, and all elsewhere."""
    values = [(_place(each), row.value) for each in _definitions() for row in _rows(each, 0)]
    read = [_reads(place, value) for place, value in (*values, *_sealed_elsewhere())]
    return sum(read), len(read) - sum(read)


def _reads(place: str, value: str) -> bool:
    try:
        vault.unseal(place, value)
    except vault.Unreadable:
        return False
    return True


def _place(definition: FieldDefinition) -> str:
    return f"{definition.record_type}.{definition.key}"


def _sealed_elsewhere() -> Iterator[tuple[str, str]]:
    """Place and value of what is encrypted outside records: as many as people and other programs."""
    for place in _ELSEWHERE:
        table, column = place.split(".")
        yield from ((place, value) for value in db.session.scalars(text(f"SELECT {column} FROM {table}")))


def _elsewhere() -> Counter[str]:
    """Key → how many of these are encrypted with it."""
    return Counter(value.partition(".")[0] for _, value in _sealed_elsewhere())


def _elsewhere_anew() -> int:
    """Returns how many could not be read."""
    unreadable = 0
    for place, value in list(_sealed_elsewhere()):
        if value.startswith(vault.newest().id + "."):
            continue
        try:
            secret = vault.unseal(place, value)
        except vault.Unreadable:
            unreadable += 1
            continue
        table, column = place.split(".")
        anew = {"anew": vault.seal(place, secret, secret), "value": value}
        db.session.execute(text(f"UPDATE {table} SET {column} = :anew WHERE {column} = :value"), anew)
    return unreadable


def _definitions() -> Iterator[FieldDefinition]:
    """Retired ones too: what they hold comes back with them."""
    statement = select(FieldDefinition).where(FieldDefinition.kind == FieldKind.ENCRYPTED)
    yield from db.session.scalars(statement.order_by(FieldDefinition.id))


def _rows(definition: FieldDefinition, after: int) -> Sequence[Row[int, str]]:
    table, key = Base.metadata.tables[definition.record_type], definition.key
    value = table.c.custom.op("->>")(literal_column(f"'{key}'")).label("value")
    statement = select(table.c.id, value).where(table.c.custom.has_key(key), table.c.id > after)
    with unscoped("every value, whoever's record holds it"):
        return db.session.execute(statement.order_by(table.c.id).limit(BATCH)).all()


def _anew(definition: FieldDefinition, row: Row[int, str]) -> bool:
    """False where the value cannot be read. The record is the same to everybody: no version, no event."""
    anew = _sealed_anew(definition, row.value)
    if anew is not None and anew != row.value:
        db.session.execute(  # what somebody has written meanwhile has the new key
            text(
                f"UPDATE {definition.record_type}"
                " SET custom = jsonb_set(custom, ARRAY[:key], to_jsonb(CAST(:anew AS text)))"
                " WHERE id = :id AND custom ->> :key = :value"
            ),
            {"key": definition.key, "anew": anew, "id": row.id, "value": row.value},
        )
    return anew is not None


def _waiting_anew(definition: FieldDefinition) -> None:
    """Changes that wait for a second person, which may be long."""
    for each in db.session.scalars(waiting_in(definition.record_type, definition.key).with_for_update()):
        for name in ("before", "after"):
            if (value := getattr(each, name)) is not None:
                setattr(each, name, _sealed_anew(definition, value) or value)


def _sealed_anew(definition: FieldDefinition, value: str) -> str | None:
    """None where it cannot be read."""
    place = _place(definition)
    if value.startswith(vault.newest().id + "."):
        return value
    try:
        return seal(place, opened(place, value))
    except Invalid:
        return None


def _counts() -> dict[str, int]:
    """Key → how many values of records, and of changes that wait, are encrypted with it."""
    found: dict[str, int] = {}
    for definition in _definitions():
        table = Base.metadata.tables[definition.record_type]
        value = table.c.custom.op("->>")(literal_column(f"'{definition.key}'"))
        key = func.split_part(value, ".", 1).label("key")
        statement = select(key, func.count()).select_from(table).where(value.is_not(None)).group_by(literal_column("1"))
        with unscoped("every value, whoever's record holds it"):
            for key_id, count in db.session.execute(statement):
                found[key_id] = found.get(key_id, 0) + count
        for each in db.session.scalars(waiting_in(definition.record_type, definition.key)):
            for value in filter(None, (each.before, each.after)):
                found[value.partition(".")[0]] = found.get(value.partition(".")[0], 0) + 1
    return found
