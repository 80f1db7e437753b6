"""Pipelines and their stages made, changed, put in order, retired and brought back by an administrator.

Every process obeys with its next request. Nothing is ever deleted: deals and their history go on naming it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select, update

from crm.domain.fields.drafts import key_for
from crm.domain.opportunities.events import PipelineChanged, PipelineMade, StageChanged, StageMade
from crm.domain.opportunities.models import Opportunity, Pipeline, Stage
from crm.domain.opportunities.pipelines import LOST, OPEN, STAGE_KINDS, WON
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.language import words_in
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

LONGEST, MOST_PIPELINES, MOST_STAGES = 60, 30, 30
# What ends a deal stands after all else, whatever is made later.
_FROM = {OPEN: 0, WON: 1_000_000, LOST: 2_000_000}


@dataclass(frozen=True)
class StageDraft:
    label: Mapping[str, str]
    kind: str = OPEN
    probability: int = 0
    rotting_days: int | None = None
    required: Collection[str] = field(default_factory=tuple)

    def cleaned(self) -> "StageDraft":
        if self.kind not in STAGE_KINDS:
            raise Invalid(N_("Choose what it means to stand there."))
        if not 0 <= self.probability <= 100:
            raise Invalid(N_("A probability is between 0 and 100 percent."))
        if self.rotting_days is not None and not 1 <= self.rotting_days <= 3650:
            raise Invalid(N_("A deal may stand there for 1 to 3650 days before it is stale."))
        certain = {WON: 100, LOST: 0}
        return replace(
            self,
            label=_cleaned(self.label),
            probability=certain.get(self.kind, self.probability),
            rotting_days=self.rotting_days if self.kind == OPEN else None,
            required=sorted(set(self.required)),
        )

    def columns(self) -> dict[str, Any]:
        return {
            "label": dict(self.label),
            "probability": self.probability,
            "rotting_days": self.rotting_days,
            "required": list(self.required),
        }


FIRST_STAGES = (
    StageDraft({"en": "New", "zh_CN": "新建"}, OPEN, 10),
    StageDraft({"en": "Won", "zh_CN": "赢单"}, WON),
    StageDraft({"en": "Lost", "zh_CN": "输单"}, LOST),
)


def make_pipeline(actor: Actor, label: Mapping[str, str]) -> Pipeline:
    """With a stage to begin in and the two that end a deal."""
    _take_turns()
    known = db.session.scalars(select(Pipeline)).all()
    if len(known) >= MOST_PIPELINES:
        raise RuleBroken(N_("At most %(most)s pipelines fit."), most=MOST_PIPELINES)
    label = _cleaned(label)
    position = max((each.position for each in known), default=0) + 1
    made = Pipeline(key=key_for(label, {each.key for each in known}), label=dict(label), position=position)
    db.session.add(made)
    record(actor, made, PipelineMade(_title(made)))
    for each in FIRST_STAGES:
        make_stage(actor, made, each)
    return made


def change_pipeline(actor: Actor, row: Pipeline, label: Mapping[str, str]) -> None:
    _set(actor, row, {"label": dict(_cleaned(label))})


def make_stage(actor: Actor, pipeline: Pipeline, draft: StageDraft) -> Stage:
    """The last of its kind."""
    _take_turns()
    draft, there = draft.cleaned(), stages_in(pipeline)
    if len(there) >= MOST_STAGES:
        raise RuleBroken(N_("At most %(most)s stages fit into one pipeline."), most=MOST_STAGES)
    taken = set(db.session.scalars(select(Stage.key)))
    highest = db.session.scalar(select(func.max(Stage.position)).where(Stage.kind == draft.kind))
    made = Stage(
        pipeline_id=pipeline.id,
        key=key_for(draft.label, taken),
        kind=draft.kind,
        position=(highest or _FROM[draft.kind]) + 1,
        **draft.columns(),
    )
    db.session.add(made)
    record(actor, made, StageMade(_title(made), draft.columns() | {"kind": draft.kind}))
    reshaped()
    return made


def change_stage(actor: Actor, row: Stage, draft: StageDraft) -> None:
    """What it means to stand there stays: deals have been won and lost by it."""
    _set(actor, row, replace(draft, kind=row.kind).cleaned().columns())


def move(actor: Actor, row: Pipeline | Stage, *, down: bool) -> None:
    """One place up or down among its like."""
    _take_turns()
    rows = _siblings(row)
    to = rows.index(row) + (1 if down else -1)
    if not 0 <= to < len(rows):
        return
    other, before = rows[to], row.position
    row.position, other.position = other.position, before
    _tell(actor, row, {"position": [before, row.position]})
    if isinstance(row, Stage):
        _rank_anew([row.key, other.key])


def retire(actor: Actor, row: Pipeline | Stage) -> None:
    """It is not offered any more; deals that stand there go on standing there until somebody moves them."""
    _take_turns()
    if row.retired_at is not None:
        return
    if not any(each.retired_at is None and each is not row for each in _siblings(row)):
        raise RuleBroken(N_("“%(title)s” is the last of its kind: make another one first."), title=_title(row))
    row.retired_at = clock.now()
    _tell(actor, row, {"retired": [False, True]})


def bring_back(actor: Actor, row: Pipeline | Stage) -> None:
    if row.retired_at is not None:
        row.retired_at = None
        _tell(actor, row, {"retired": [True, False]})


def all_pipelines() -> list[Pipeline]:
    return list(db.session.scalars(select(Pipeline).order_by(Pipeline.position, Pipeline.id)))


def stages_in(pipeline: Pipeline) -> list[Stage]:
    statement = select(Stage).where(Stage.pipeline_id == pipeline.id)
    return list(db.session.scalars(statement.order_by(Stage.position, Stage.id)))


def _siblings(row: Pipeline | Stage) -> list[Any]:
    if isinstance(row, Pipeline):
        return all_pipelines()
    alike = select(Stage).where(Stage.pipeline_id == row.pipeline_id, Stage.kind == row.kind)
    return list(db.session.scalars(alike.order_by(Stage.position, Stage.id)))


def _rank_anew(keys: Collection[str]) -> None:
    """Lists sort by where a stage stands, whoever's the deals are. No deal changes by it, so nothing is told of it."""
    db.session.flush()
    rank = select(Stage.position).where(Stage.key == Opportunity.stage).scalar_subquery()
    statement = update(Opportunity).where(Opportunity.stage.in_(keys)).values(stage_rank=rank)
    with unscoped("where a stage stands is the same for everybody"):
        db.session.execute(statement.execution_options(synchronize_session=False))


def _set(actor: Actor, row: Pipeline | Stage, columns: Mapping[str, Any]) -> None:
    changes = {key: [getattr(row, key), value] for key, value in columns.items() if getattr(row, key) != value}
    for key, (_, value) in changes.items():
        setattr(row, key, value)
    if changes:
        _tell(actor, row, changes)


def _tell(actor: Actor, row: Pipeline | Stage, changes: dict[str, Any]) -> None:
    kind = PipelineChanged if isinstance(row, Pipeline) else StageChanged
    record(actor, row, kind(_title(row), changes))
    reshaped()


def _title(row: Pipeline | Stage) -> str:
    return str(words_in(row.label))


def _cleaned(label: Mapping[str, str]) -> dict[str, str]:
    said = {language: words for language, each in label.items() if (words := clean(each))}
    if not said:
        raise Invalid(N_("It needs a name."))
    for words in said.values():
        if len(words) > LONGEST:
            raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(words), most=LONGEST)
    return said


def _take_turns() -> None:
    """Two administrators do not shape the same at one moment."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("pipelines"))))
