"""The pipelines and stages there are, as one version of the shape has them, and what that says of an opportunity's
fields: which choices `pipeline` and `stage` have, and that a lost deal needs its reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import select

from crm.domain.opportunities.models import Pipeline, Stage
from crm.domain.tags.queries import configured as tags_configured
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.conditions import Condition
from crm.kernel.fields import Choice
from crm.kernel.language import Words, words_in
from crm.kernel.shaping import configurations

OPEN, WON, LOST = STAGE_KINDS = ("open", "won", "lost")
_TONES = {OPEN: "info", WON: "ok", LOST: "bad"}
# As other systems call them.
_ALIASES = {
    WON: ("Won", "Closed Won", "赢单", "成交", "已成交", "签约"),
    LOST: ("Lost", "Closed Lost", "输单", "丢单", "失败"),
}


@dataclass(frozen=True)
class StageNow:
    id: int
    key: str
    pipeline: str
    label: str
    kind: str
    probability: int
    rotting_days: int | None
    required: tuple[str, ...]
    position: int
    retired: bool

    @property
    def is_open(self) -> bool:
        return self.kind == OPEN


@dataclass(frozen=True)
class PipelineNow:
    """`stages` in the order in which deals go through them, then what ends them; retired ones too."""

    id: int
    key: str
    label: str
    stages: tuple[StageNow, ...]
    retired: bool

    @property
    def offered(self) -> tuple[StageNow, ...]:
        return tuple(each for each in self.stages if not each.retired)

    @property
    def first(self) -> StageNow:
        """Where a new deal stands."""
        return (self.offered or self.stages)[0]

    def called(self, label: str) -> StageNow | None:
        """The stage that is called like another pipeline's."""
        return next((each for each in self.offered if each.label == label), None)


@dataclass(frozen=True)
class Pipelines:
    all: tuple[PipelineNow, ...]

    @cached_property
    def by_key(self) -> Mapping[str, PipelineNow]:
        return {each.key: each for each in self.all}

    @cached_property
    def stages(self) -> Mapping[str, StageNow]:
        return {stage.key: stage for each in self.all for stage in each.stages}

    @property
    def offered(self) -> tuple[PipelineNow, ...]:
        return tuple(each for each in self.all if not each.retired)

    def of_kind(self, kind: str) -> frozenset[str]:
        return frozenset(each.key for each in self.stages.values() if each.kind == kind)


def pipelines_of(actor: Actor) -> Pipelines:
    return _kept(actor.shape) if actor.shape else read()


@lru_cache(16)
def _kept(version: int) -> Pipelines:
    return read()


def read() -> Pipelines:
    stages: dict[int, list[Stage]] = {}
    for each in db.session.scalars(select(Stage).order_by(Stage.position, Stage.id)):
        stages.setdefault(each.pipeline_id, []).append(each)
    rows = db.session.scalars(select(Pipeline).order_by(Pipeline.position, Pipeline.id)).all()
    return Pipelines(tuple(_pipeline(row, stages.get(row.id, ())) for row in rows))


def _pipeline(row: Pipeline, stages: Iterable[Stage]) -> PipelineNow:
    retired = row.retired_at is not None
    return PipelineNow(
        row.id, row.key, words_in(row.label), tuple(_stage(each, row.key, retired) for each in stages), retired
    )


def _stage(row: Stage, pipeline: str, retired: bool) -> StageNow:
    return StageNow(
        row.id,
        row.key,
        pipeline,
        words_in(row.label),
        row.kind,
        row.probability,
        row.rotting_days,
        tuple(row.required),
        row.position,
        retired or row.retired_at is not None,
    )


def _configured() -> Mapping[str, Mapping[str, Any]]:
    now = read()
    lost = Condition("stage", now.of_kind(LOST))
    own: dict[str, Mapping[str, Any]] = {
        "pipeline": {
            "choices": tuple(Choice(each.key, each.label, retired=each.retired) for each in now.all),
            "default": next((each.key for each in now.offered), None),
        },
        "stage": {"choices": tuple(_choice(now, stage) for each in now.all for stage in each.stages)},
        "lost_reason": {"shown_if": lost, "required_from": lost},
    }
    return own | dict(tags_configured("opportunities"))


def _choice(now: Pipelines, stage: StageNow) -> Choice:
    """Where there are several pipelines, their stages are told apart; a file may still bring the plain name."""
    label, aliases = stage.label, _ALIASES.get(stage.kind, ())
    if len(now.offered) > 1 and isinstance(label, Words):
        other = now.by_key[stage.pipeline].label
        into = other.into if isinstance(other, Words) else lambda language: other
        aliases = (*label.by_language.values(), *aliases)
        label = Words({language: f"{words} · {into(language)}" for language, words in label.by_language.items()})
    return Choice(stage.key, label, _TONES[stage.kind], aliases, stage.retired)


configurations["opportunities"] = _configured
