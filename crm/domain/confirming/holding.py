"""What a verb is asked to write, parted into what takes effect at once and what waits for a second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from crm.domain.confirming.events import ChangeAsked, ChangeWithdrawn
from crm.domain.confirming.models import PendingChange, State
from crm.infra import clock, json
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.events import Fact, plain, record_many
from crm.kernel.fields import Field
from crm.kernel.packing import pack, stored, unpack

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Changed:
    """What became of a change: true where something took effect; `waiting` are the fields that a second person is to
    confirm."""

    at_once: bool
    waiting: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.at_once


class Holding:
    """`split` every record's values, then `keep` once: one COPY and one statement, however many records."""

    def __init__(self, actor: Actor, type_: str, fields: Mapping[str, Field], import_id: int | None = None) -> None:
        self.actor, self.type, self.import_id = actor, type_, import_id
        self.sensitive = {key: field for key, field in fields.items() if field.sensitive}
        self.asked: dict[tuple[int, str], tuple[Any, Any]] = {}  # (record, field) → before, after
        self.given_up: set[tuple[int, str]] = set()  # what is asked for is what there is

    def split(self, record: Any, values: Values) -> tuple[Values, tuple[str, ...]]:
        """What takes effect at once, and the fields of which a change waits."""
        touched = values.keys() & self.sensitive.keys()
        if not touched:
            return values, ()
        waiting = []
        for key in sorted(touched):
            before = stored(record, self.sensitive[key])
            if self.sensitive[key].same(plain(before), plain(values[key])):
                self.given_up.add((record.id, key))
            else:
                self.asked[record.id, key] = before, values[key]
                waiting.append(key)
        return {key: value for key, value in values.items() if key not in touched}, tuple(waiting)

    def keep(self) -> None:
        facts = self._end_earlier()
        if self.asked:
            rows = [
                (self.type, id_, key, *map(_packed, pair), self.import_id, State.ASKED.value, self.actor.id)
                for (id_, key), pair in self.asked.items()
            ]
            columns = ("subject_type", "subject_id", "field", "before", "after", "import_id", "state", "asked_by_id")
            copy_rows("pending_changes", columns, rows)
        told: dict[int, dict[str, list[Any]]] = {}
        for (id_, key), (before, after) in self.asked.items():
            told.setdefault(id_, {})[key] = [before, after]
        facts += [(id_, ChangeAsked(changes, self.import_id)) for id_, changes in told.items()]
        record_many(self.actor, self.type, facts)

    def _end_earlier(self) -> list[tuple[int, Fact]]:
        """What the same person asked for before is not asked for any more; told where nothing takes its place."""
        touched = {*self.asked, *self.given_up}
        if not touched:
            return []
        statement = select(PendingChange).where(
            PendingChange.subject_type == self.type,
            PendingChange.subject_id.in_({id_ for id_, _ in touched}),
            PendingChange.state == State.ASKED,
            PendingChange.asked_by_id == self.actor.id,
        )
        earlier = [each for each in db.session.scalars(statement) if (each.subject_id, each.field) in touched]
        end(earlier, self.actor, State.WITHDRAWN)
        return [
            (each.subject_id, ChangeWithdrawn(changes_of(self.sensitive[each.field], each)))
            for each in earlier
            if (each.subject_id, each.field) in self.given_up
        ]


def end(pending: Sequence[PendingChange], actor: Actor, state: State, reason: str | None = None) -> None:
    """Decided, by whoever acts. The values are in the log; here they are of no more use."""
    if not pending:
        return
    decided = {"state": state, "decided_by_id": actor.id, "decided_at": clock.now(), "reason": reason}
    db.session.execute(
        update(PendingChange)
        .where(PendingChange.id.in_([each.id for each in pending]))
        .values(**decided, before=None, after=None)
        .execution_options(synchronize_session=False)
    )


def changes_of(field: Field, pending: PendingChange) -> dict[str, list[Any]]:
    """As events tell changes."""
    return {field.key: [value_of(field, pending.before), value_of(field, pending.after)]}


def value_of(field: Field, packed: Any) -> Any:
    return unpack({field.key: field}, {field.key: packed})[field.key] if packed is not None else None


def _packed(value: Any) -> str | None:
    return json.dumps(pack({"it": value})["it"]) if value is not None else None
