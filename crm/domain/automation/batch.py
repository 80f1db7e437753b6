"""Some events at once: which rules they concern, which of these hold, and what is done.

Every rule is asked once for all events of the batch. Where a rule has acted on a record, what follows is asked anew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import select

from crm.domain.automation import digests
from crm.domain.automation.acting import MODULE, actor_for
from crm.domain.automation.holding import Holding
from crm.domain.automation.loops import looped
from crm.domain.automation.models import AutomationEvent, Decision
from crm.domain.automation.performing import Outcome, locked, perform
from crm.domain.automation.rules import Rule, known, version_now
from crm.domain.automation.runs import Noted, write
from crm.domain.automation.turn import Desk
from crm.domain.automation.whens import ALWAYS, meets
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import Event


@dataclass(frozen=True)
class Concern:
    """A rule that an event concerns; `asks`: whether the record itself must tell that it is the moment."""

    rule: Rule
    actor: Actor
    event: Event
    subject_id: int
    source: str | None
    asks: bool = False

    @property
    def place(self) -> tuple[str, int | None]:
        """Where the rule sees records."""
        return self.rule.type, self.rule.department_id


class Batch:
    def __init__(self, rows: Sequence[AutomationEvent]) -> None:
        self.rows, self.version = rows, version_now()
        self.known = known(self.version)
        self.holding = Holding()
        self.noted: list[Noted] = []
        self.desk = Desk()

    @cached_property
    def events(self) -> dict[int, Event]:
        """The times narrow them to the tables of their months."""
        ids, times = {row.event_id for row in self.rows}, [row.occurred_at for row in self.rows]
        found = select(Event).where(Event.id.in_(ids), Event.occurred_at.between(min(times), max(times)))
        return {event.id: event for event in db.session.scalars(found)}

    def work(self) -> set[int]:
        """Returns the rows whose turn has not come."""
        late, done = set[int](), list[int]()
        concerns = {row.id: list(self._concerns(row)) for row in self.rows}
        self.holding.ask([each for some in concerns.values() for each in some])
        self._lock([each for some in concerns.values() for each in some])
        for row in self.rows:
            ends = self._ends(row)
            if ends and digests.is_under_way(ends, done):
                late.add(row.id)
                continue
            for each in concerns[row.id]:
                self._decide(each)
            done.append(row.id)
            if ends:
                digests.close(ends)
        self.desk.tell()
        write(self.noted)
        return late

    def _lock(self, concerns: Sequence[Concern]) -> None:
        """The records that rules will act on, all at once and always in one order."""
        wanted: dict[tuple[str, int | None], set[int]] = {}
        actors: dict[tuple[str, int | None], Actor] = {}
        for each in concerns:
            if each.rule.type in RECORD_TYPES and self.holding.holds(each):
                wanted.setdefault(each.place, set()).add(each.subject_id)
                actors[each.place] = each.actor
        for (type_, department), ids in sorted(wanted.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
            found = locked(actors[type_, department], type_, ids)
            self.desk.records |= {(type_, department, one.id): one for one in found}

    def _ends(self, row: AutomationEvent) -> str:
        """The deed of many that the event is the end of, if it is one."""
        event = self.events.get(row.event_id)
        if event is None or event.name not in ALWAYS.get(event.subject_type, ()):
            return ""
        return digests.source_of(event.subject_type, event.subject_id)

    def _concerns(self, row: AutomationEvent) -> Iterator[Concern]:
        event = self.events.get(row.event_id)
        if event is None:
            return
        if row.rule_id is not None:  # its own time had come
            rule = self.known.by_id.get(row.rule_id)
            if rule is not None and (actor := self._acts(rule)) and row.subject_id is not None:
                yield Concern(rule, actor, event, row.subject_id, None)
            return
        for rule in self.known.by_type.get(event.subject_type, ()):
            if actor := self._acts(rule):
                met = meets(rule.when, event.kind, event.payload, self._tags(rule, actor))
                if met is not False:
                    yield Concern(rule, actor, event, event.subject_id, row.source, met is None)

    def _acts(self, rule: Rule) -> Actor | None:
        """Nobody, where automation or the module of the type is off."""
        actor = actor_for(rule, self.version)
        return actor if actor.modules.issuperset((MODULE, rule.type)) else None

    def _tags(self, rule: Rule, actor: Actor) -> Sequence[str]:
        if "tag" not in rule.when:
            return ()
        field = RECORD_TYPES[rule.type].open_to(actor).by_key().get("tags")
        return field.tags.alike(rule.when["tag"]) if field is not None else ()

    def _decide(self, each: Concern) -> None:
        outcome = self._outcome(each)
        if outcome is not None:
            self.noted.append(Noted(each.rule, each.event, each.subject_id, each.source, outcome))

    def _outcome(self, each: Concern) -> Outcome | None:
        """None: nothing to tell, since the record is not there or beyond the reach of the rule."""
        holds = self.holding.of(each)
        if holds is None or isinstance(holds, Outcome):
            return holds
        if not holds:
            return None if each.asks else Outcome(Decision.NOT)
        if looped(each.rule, each.event, each.subject_id):
            return Outcome(Decision.LOOPED)
        outcome = perform(each.rule, each.actor, each.event, each.subject_id, each.source, self.desk)
        if outcome.decision == Decision.DONE:
            self.holding.forget(each.rule.type, each.subject_id, outcome.touched)
        return outcome
