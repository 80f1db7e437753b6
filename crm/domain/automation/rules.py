"""The rules that are switched on, as one version of the shape has them, and what they listen to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.automation.models import AutomationRule
from crm.domain.automation.whens import ALWAYS, Ears, ears_of
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db, driven
from crm.kernel import shape
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows


@dataclass(frozen=True, eq=False)
class Rule:
    """One that counts now. Equal to itself alone, so that what is made of it is kept under it."""

    id: int
    version: int
    name: str
    type: str
    department_id: int | None
    when: Mapping[str, Any]
    conditions: tuple[tuple[str, str, str], ...]
    actions: tuple[Mapping[str, Any], ...]
    rights: Mapping[str, Any]


def rule_of(row: Any) -> Rule:
    """Of a rule as it is, or as one of its versions was; `row.rights` are there for one that is."""
    said = row.definition
    return Rule(
        getattr(row, "id", None) or row.rule_id,
        row.version,
        row.name,
        row.record_type,
        row.department_id,
        said["when"],
        tuple((key, operator, value) for key, operator, value in said.get("conditions", ())),
        tuple(said.get("actions", ())),
        getattr(row, "rights", {}),
    )


@dataclass(frozen=True)
class Known:
    by_type: Mapping[str, Sequence[Rule]]  # in their order
    by_id: Mapping[int, Rule]
    ears: Mapping[str, Ears]


def version_now() -> int:
    return int(db.session.scalar(select(shape.version())) or 0)


def known(version: int) -> Known:
    return _known(version) if version else _read()


@lru_cache(8)
def _known(version: int) -> Known:
    return _read()


def _read() -> Known:
    on = select(AutomationRule).where(AutomationRule.active, AutomationRule.retired_at.is_(None))
    rows = db.session.scalars(on.order_by(AutomationRule.position, AutomationRule.id)).all()
    rules = [rule_of(row) for row in rows]
    by_type: dict[str, list[Rule]] = {}
    for rule in rules:
        by_type.setdefault(rule.type, []).append(rule)
    return Known(by_type, {rule.id: rule for rule in rules}, {key: _ears(some) for key, some in by_type.items()})


def _ears(rules: Iterable[Rule]) -> Ears:
    return ears_of(rule.when for rule in rules)


_KEEP = "INSERT INTO automation_queue (event_id, occurred_at, source) VALUES (%(event_id)s, %(at)s, %(source)s)"


class Listening:
    """What `crm/kernel/listening.py` asks of every fact before it is written."""

    def ear(self, actor: Actor, type_: str) -> Any:
        if type_ in ALWAYS:
            return lambda fact: fact.name in ALWAYS[type_]
        if type_ not in RECORD_TYPES:
            return None
        ears = known(actor.shape or version_now()).ears.get(type_)
        return ears.hear if ears is not None else None

    def keep(self, events: Sequence[tuple[int, Any]], source: str | None) -> None:
        if len(events) == 1:  # nearly always; one way to the database instead of those of a COPY
            ((event_id, at),) = events
            driven(_KEEP, {"event_id": event_id, "at": at, "source": source})
            return
        columns = ("event_id", "occurred_at", "source")
        copy_rows("automation_queue", columns, ((*each, source) for each in events))
