"""What the stage of an opportunity demands and brings about, in whatever way it comes there."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select

from crm.domain.fields.needed import would_be
from crm.domain.opportunities.models import OpportunityLine
from crm.domain.opportunities.pipelines import PipelineNow, Pipelines, StageNow, pipelines_of
from crm.domain.opportunities.places import top
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.fields import Field
from crm.kernel.text import N_

Values = Mapping[str, Any]
MORE_COLUMNS = ("stage_rank", "stage_since", "place", "closed_at")
_AMONG = N_("“%(stage)s” is no stage of this pipeline. Its stages: %(known)s.")


def stage_of(now: Pipelines, values: Values, one: Any = None) -> StageNow:
    """Where a record with these values stands. A stage brings its pipeline along, a pipeline its first stage; where the
    two do not go together, the stage that is called so in that pipeline. Raises Invalid."""
    wanted = values.get("stage") or (one.stage if one is not None else None)
    pipeline = _pipeline(now, values, one)
    stage = now.stages.get(wanted) if wanted else None
    if stage is None:
        return pipeline.first
    if stage.pipeline == pipeline.key or not values.get("pipeline"):
        return stage
    if not values.get("stage"):
        return pipeline.first
    if alike := pipeline.called(stage.label):
        return alike
    raise Invalid(_AMONG, stage=stage.label, known=[each.label for each in pipeline.offered], key="stage")


def _pipeline(now: Pipelines, values: Values, one: Any) -> PipelineNow:
    key = values.get("pipeline") or (one.pipeline if one is not None else None)
    if key is not None and key in now.by_key:
        return now.by_key[key]
    if not now.offered:
        raise RuleBroken(N_("There is no pipeline: an administrator has to make one first."))
    return now.offered[0]


def checking(fields_of: Callable[[Actor], Mapping[str, Field]]) -> Callable[[Actor, Values, Any], None]:
    """`check` of the verbs: the fields that a stage asks for, and no amount against the sum of the products."""

    def check(actor: Actor, values: Values, one: Any) -> None:
        now = pipelines_of(actor)
        stage = stage_of(now, values, one)
        moved = one is None or stage.key != one.stage
        if moved and stage.retired:
            raise Invalid(N_("The stage “%(stage)s” is not offered any more."), stage=stage.label, key="stage")
        demanded = [key for key in stage.required if moved or key in values]
        fields = fields_of(actor) if demanded else {}
        for field in (fields[key] for key in demanded if key in fields):
            if would_be(field, values, one) in (None, []):
                raise Invalid(N_("“%(field)s” must be filled in from here on."), field=field.label, key=field.key)
        _check_amount(values, one)

    return check


def _check_amount(values: Values, one: Any) -> None:
    if one is None or "amount" not in values or not one.line_count or values["amount"] == one.amount:
        return
    if values["amount"] != total_of(one.id):
        raise Invalid(N_("The products of this deal make its amount: change them instead."), key="amount")


def total_of(opportunity_id: int) -> Any:
    """What the products sum up to."""
    asked = select(func.sum(OpportunityLine.amount)).where(OpportunityLine.opportunity_id == opportunity_id)
    return db.session.scalar(asked)


def complete(actor: Actor, columns: dict[str, Any], one: Any) -> None:
    """A new stage begins now, on top of its column; won and lost end the deal, any other begins it again."""
    if one is not None and columns.keys().isdisjoint(("stage", "pipeline")):
        return
    stage = stage_of(pipelines_of(actor), columns, one)
    columns |= {"stage": stage.key, "pipeline": stage.pipeline}
    if one is not None and stage.key == one.stage:
        return
    now = clock.now() if one is not None else columns["created_at"]
    columns |= {"stage_rank": stage.position, "stage_since": now, "place": top(clock.now())}
    columns["closed_at"] = None if stage.is_open else now
    if one is not None and stage.kind != "lost":
        columns["lost_reason"] = None
