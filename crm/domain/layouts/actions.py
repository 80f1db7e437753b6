"""Layouts made, rearranged, given to roles, removed and brought back. Every process obeys with its next request."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from crm.domain.layouts import models
from crm.domain.layouts.arranging import as_shown, described
from crm.domain.layouts.events import LayoutBroughtBack, LayoutChanged, LayoutMade, LayoutRetired
from crm.domain.layouts.queries import layout_of, layouts
from crm.domain.people.models import Role
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import NOBODY, Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.language import said
from crm.kernel.layouts import Layout, Section, indispensable, laid_out
from crm.kernel.records import RecordType
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

LONGEST, MOST_LAYOUTS = 80, 50
Step = Callable[[Layout], Layout]


def whole(actor: Actor, type_: RecordType) -> tuple[Section, ...]:
    """Every field there is, in the delivered sections, even those that are kept from this administrator."""
    return laid_out(type_.whole(replace(NOBODY, shape=actor.shape)), None)[0]


def arranged(actor: Actor, row: models.Layout, type_: RecordType) -> tuple[Layout, tuple[Section, ...]]:
    """The layout with a place for each field there is today, and its sections, empty ones too."""
    sections, _ = laid_out(whole(actor, type_), layout_of(row))
    return as_shown(sections, layout_of(row)), sections


def make(actor: Actor, type_: RecordType, name: str) -> models.Layout:
    """A copy of what is delivered; it counts for nobody until it is given to roles."""
    there = _locked(type_.key)
    if len(there) >= MOST_LAYOUTS:
        raise RuleBroken(N_("At most %(most)s layouts: remove one first."), most=MOST_LAYOUTS)
    row = models.Layout(
        record_type=type_.key,
        name=_name(name, there),
        position=max((each.position for each in there), default=0) + 1,
        roles=[],
        created_by_id=actor.id,
    )
    _keep(row, as_shown(whole(actor, type_)))
    db.session.add(row)
    record(actor, row, LayoutMade(row.name))
    reshaped()
    return row


def change(actor: Actor, row: models.Layout, *, name: str, roles: Collection[int]) -> None:
    there = [each for each in _locked(row.record_type) if each is not row]
    names = dict(db.session.execute(select(Role.id, Role.name).where(Role.id.in_({*roles, *row.roles}))).all())
    if not names.keys() >= set(roles):
        raise Invalid(N_("One of these roles does not exist."))
    told = [sorted(names.get(each, str(each)) for each in ids) for ids in (row.roles, roles)]
    changes: dict[str, list[Any]] = {"name": [row.name, _name(name, there)], "roles": told}
    row.name, row.roles = _name(name, there), sorted(roles)
    _tell(actor, row, {key: pair for key, pair in changes.items() if pair[0] != pair[1]})


def arrange(actor: Actor, row: models.Layout, type_: RecordType, step: Step) -> None:
    """`step` is one of `arranging`, which say what may go wrong. Raises RuleBroken for a field that must stay."""
    db.session.refresh(row, with_for_update=True)
    before, _ = arranged(actor, row, type_)
    after, delivered = step(before), whole(actor, type_)
    fields = {field.key: field for each in delivered for field in each.fields}
    for key in sorted(after.left_out & fields.keys()):
        if indispensable(fields[key]):
            raise RuleBroken(N_("“%(field)s” must be filled in: it stays on the form."), field=fields[key].label)
    names = {each.key: each.label for each in delivered}
    old, new = described(before, names), described(after, names)
    changes = {key: [old.get(key, []), new.get(key, [])] for key in (*new, *(old.keys() - new.keys()))}
    _keep(row, after)
    _tell(actor, row, {key: pair for key, pair in changes.items() if pair[0] != pair[1]})


def move(actor: Actor, row: models.Layout, *, down: bool) -> None:
    """One place up or down in the order in which layouts count."""
    rows = _locked(row.record_type)
    at = rows.index(row)
    to = at + 1 if down else at - 1
    if 0 <= to < len(rows):
        other, before = rows[to], row.position
        row.position, other.position = other.position, row.position
        _tell(actor, row, {"position": [before, row.position]})


def retire(actor: Actor, row: models.Layout) -> None:
    """Its roles get the next layout that is theirs, else the delivered one."""
    if row.retired_at is None:
        row.retired_at = clock.now()
        record(actor, row, LayoutRetired(row.name))
        reshaped()


def bring_back(actor: Actor, row: models.Layout) -> None:
    if row.retired_at is not None:
        _name(row.name, _locked(row.record_type))
        row.retired_at = None
        record(actor, row, LayoutBroughtBack(row.name))
        reshaped()


def _tell(actor: Actor, row: models.Layout, changes: dict[str, Any]) -> None:
    if changes:
        record(actor, row, LayoutChanged(row.name, changes))
        reshaped()


def _keep(row: models.Layout, layout: Layout) -> None:
    row.sections = [{"key": each.key, "label": said(each.label), "fields": list(each.fields)} for each in layout.blocks]
    row.wide, row.left_out = sorted(layout.wide), sorted(layout.left_out)


def _locked(record_type: str) -> list[models.Layout]:
    """Those of a type, so that two administrators take turns."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("layouts of " + record_type))))
    return layouts(record_type)


def _name(name: str, others: Collection[models.Layout]) -> str:
    name = clean(name)[:LONGEST]
    if not name:
        raise Invalid(N_("A layout needs a name."))
    if any(each.name == name for each in others):
        raise Invalid(N_("There is a layout called “%(name)s” already."), name=name)
    return name
