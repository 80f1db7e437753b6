"""Follow-ups that an import brought, taken back and brought again: marked as deleted, since no bin has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.domain.imports.models import Import
from crm.domain.timeline.actions import deleted_fact, restored_fact, touch_all
from crm.domain.timeline.models import Followed, FollowUp
from crm.domain.undoing.deciding import Decision, Row
from crm.domain.undoing.models import Outcome
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.events import Fact, record_many
from crm.kernel.permissions import Permission


class DecidingFollowUps:
    """As Deciding, of what somebody said."""

    def __init__(self, import_: Import, actor: Actor, preview: bool = False) -> None:
        self.import_, self.actor, self.preview = import_, actor, preview

    def undo(self, rows: Sequence[Row]) -> list[Decision]:
        found, may = self._found(rows)
        return [self._decision(row, found.get(row.record_id), may, Outcome.REMOVED, deleted=False) for row in rows]

    def redo(self, rows: Sequence[tuple[Row, Sequence[str]]]) -> list[Decision]:
        plain = [row for row, _ in rows]
        found, may = self._found(plain)
        return [self._decision(row, found.get(row.record_id), may, Outcome.BROUGHT_BACK, deleted=True) for row in plain]

    def apply(self, decisions: Sequence[Decision]) -> None:
        now = clock.now()
        acting = [each for each in decisions if each.outcome in (Outcome.REMOVED, Outcome.BROUGHT_BACK)]
        for each in acting:
            each.record.deleted_at = now if each.outcome == Outcome.REMOVED else None
        db.session.flush()
        facts: dict[str, list[tuple[int, Fact]]] = {}
        subjects: set[tuple[str, int]] = set()
        for each in acting:
            one, fact = each.record, deleted_fact if each.outcome == Outcome.REMOVED else restored_fact
            facts.setdefault(one.subject_type, []).append((one.subject_id, fact(one, self.import_.id)))
            subjects |= {(one.subject_type, one.subject_id)}
            subjects |= {("customers", one.customer_id)} if one.customer_id else set()
        for type_ in sorted(facts):
            record_many(self.actor, type_, facts[type_])
        touch_all(subjects)

    def _found(self, rows: Sequence[Row]) -> tuple[dict[int, FollowUp], Mapping[tuple[str, int], bool]]:
        """The follow-ups on records the actor can see, and whether they may write there."""
        wanted = select(FollowUp).where(FollowUp.id.in_([each.record_id for each in rows])).order_by(FollowUp.id)
        there = db.session.scalars(wanted if self.preview else wanted.with_for_update()).all()
        may: dict[tuple[str, int], bool] = {}
        for type_ in {each.subject_type for each in there}:
            entity = Followed.known[type_]
            ids = {each.subject_id for each in there if each.subject_type == type_}
            columns = (entity.id, entity.owner_id, entity.department_id)
            seen: Sequence[Any] = db.session.execute(
                entity.visible_to(self.actor).where(entity.id.in_(ids)).with_only_columns(*columns)
            ).all()
            may |= {(type_, row.id): self.actor.holds(row, Permission.FOLLOW_UPS_WRITE) for row in seen}
        return {each.id: each for each in there if (each.subject_type, each.subject_id) in may}, may

    def _decision(
        self,
        row: Row,
        one: FollowUp | None,
        may: Mapping[tuple[str, int], bool],
        outcome: Outcome,
        *,
        deleted: bool,
    ) -> Decision:
        if one is None or (one.deleted_at is not None) != deleted:
            return Decision(row, Outcome.GONE)
        if not may[one.subject_type, one.subject_id]:
            return Decision(row, Outcome.KEPT, one, conflicts=[["denied", None, {}]])
        if one.edited_at is not None and not deleted:
            return Decision(row, Outcome.KEPT, one, conflicts=[["touched", None, {"by": one.author_id}]])
        return Decision(row, outcome, one)
