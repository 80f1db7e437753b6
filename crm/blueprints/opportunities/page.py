"""The page of one opportunity: where it stands and has stood, its products, and who takes part."""

from functools import cached_property
from typing import Any

from flask import g

from crm.domain.contacts.choices import ROLES
from crm.domain.opportunities.history import days_since, stays
from crm.domain.opportunities.lines import LINE_FIELDS, lines_of
from crm.domain.opportunities.models import OpportunityLine
from crm.domain.opportunities.pipelines import StageNow, pipelines_of
from crm.domain.opportunities.taking_part import how_many, taking_part
from crm.domain.people.queries import names
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_
from crm.web.fields import defaults, show
from crm.web.formats import ago, day, decimal, moment, money
from crm.web.forms import FieldForm
from crm.web.i18n import gettext
from crm.web.records.page import RecordPage

ROLE = Field(key="role", label=N_("Role"), kind=FieldKind.CHOICE, choices=ROLES)
ROLE_FIELDS = (Field(key="contact", label=N_("Contact"), kind=FieldKind.TEXT, required=True, max_length=400), ROLE)


def days_words(days: int) -> str:
    return gettext(N_("%(n)s d"), n=days)


class OpportunityPage(RecordPage):
    head_part = "opportunities/_path.html"
    parts = ("opportunities/_lines.html", "opportunities/_people.html", "opportunities/_stays.html")
    line: OpportunityLine | None = None  # the one that is being edited

    @cached_property
    def may_edit(self) -> bool:
        return bool(g.actor.holds(self.record, self.type.may_edit)) and not g.actor.read_only

    def path(self) -> list[tuple[StageNow, str]]:
        """(stage, state) of its pipeline; a retired one while the deal stands there."""
        now = pipelines_of(g.actor)
        stages = [
            each
            for each in now.by_key[self.record.pipeline].stages
            if not each.retired or each.key == self.record.stage
        ]
        here = now.stages[self.record.stage]
        return [(each, _state(each, here)) for each in stages]

    def standing(self) -> str:
        """“12 days in this stage”"""
        if self.record.closed_at:
            return gettext(N_("Closed %(when)s"), when=ago(self.record.closed_at))
        return gettext(N_("%(n)s days in this stage"), n=days_since(self.record.stage_since))

    @property
    def stale(self) -> str:
        return stale_words(pipelines_of(g.actor).stages[self.record.stage], days_since(self.record.stage_since))

    def stays(self) -> list[tuple[str, str, str, str, str]]:
        """(stage, who, exact time, since, days)"""
        known, found = pipelines_of(g.actor).stages, stays(self.record)
        people = names({each.actor_id for each in found})
        return [
            (
                gettext(known[each.stage].label) if each.stage in known else each.stage,
                people.get(each.actor_id or 0, ""),
                moment(each.since),
                day(each.since),
                days_words(each.days),
            )
            for each in found
        ]

    def sees(self, key: str) -> bool:
        """Whether the reader may read this field."""
        field = self.type.list.by_key.get(key)
        return field is not None and not field.masked

    @property
    def may_move(self) -> bool:
        return self.may_edit and self.type.list.by_key["stage"].writable_by(g.actor)

    def lines(self) -> list[tuple[OpportunityLine, str, str, str, str]]:
        """(line, quantity, price, discount, amount)"""
        return [
            (
                each,
                decimal(each.quantity),
                money(each.price, ""),
                f"{decimal(each.discount)} %" if each.discount else "",
                money(each.amount, ""),
            )
            for each in lines_of(self.record)
        ]

    @cached_property
    def line_form(self) -> FieldForm:
        if self.line is not None:
            texts = {key: _text(value) for key, value in self.line.as_values().items()}
            return FieldForm(LINE_FIELDS, texts, prefix="line-")
        return FieldForm(LINE_FIELDS, defaults(LINE_FIELDS), prefix="line-")

    @cached_property
    def people(self) -> list[tuple[int, str, str]]:
        """(id, name, role) of those the reader can see."""
        return [
            (each.id, each.name, show(ROLE, role, {}) if role else "")
            for each, role in taking_part(g.actor, self.record)
        ]

    @property
    def unseen(self) -> int:
        return how_many(self.record) - len(self.people)

    @cached_property
    def people_form(self) -> FieldForm:
        return FieldForm(ROLE_FIELDS, prefix="people-")


def stale_words(stage: StageNow, days: int) -> str:
    if not stage.rotting_days or days <= stage.rotting_days:
        return ""
    return gettext(N_("Stale: %(n)s days, more than %(most)s"), n=days, most=stage.rotting_days)


def _state(stage: StageNow, here: StageNow) -> str:
    if stage.key == here.key:
        return "current"
    return "done" if stage.is_open and stage.position < here.position else "todo"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else format(value.normalize(), "f")
