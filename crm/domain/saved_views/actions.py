"""Keeping a question under a name, showing it to others, beginning with it.

A view is its owner's. To show it to a department takes the right to assign records there, as managers have it;
to a role or to everyone, and to say what a role begins with, the right to administer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete as remove
from sqlalchemy import func, select

from crm.domain.people.models import Role
from crm.domain.saved_views.events import ViewChanged, ViewDeleted, ViewSaved
from crm.domain.saved_views.models import FirstView, SavedView, values_of
from crm.infra.db import db
from crm.kernel.access import Actor, Reach
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_, clean

LONGEST = 60
MOST = 50  # of one person for one list: tabs, not an archive


@dataclass(frozen=True)
class Audience:
    """Whom a view is shown to besides its owner: at most one of these."""

    everyone: bool = False
    role_id: int | None = None
    department_id: int | None = None


NOBODY = Audience()
_AS_DELIVERED: Mapping[str, int] = {}


def save(
    actor: Actor, type_: RecordType, *, name: str, query: Query, widths: Mapping[str, int] = _AS_DELIVERED
) -> SavedView:
    """Private to the actor; `widths` is field → step. Invalid when the list cannot answer the question."""
    type_.list.select(actor, query := type_.list.sealed(actor, query))
    own = select(func.count()).where(SavedView.record_type == type_.key, SavedView.owner_id == actor.id)
    if (count := db.session.scalar(own) or 0) >= MOST:
        raise RuleBroken(N_("You have %(count)s views of this list: delete one first."), count=count)
    args = [list(each) for each in query.but().to_args()]
    view = SavedView(
        record_type=type_.key, name=_name(name), args=args, widths=dict(widths), owner_id=actor.id, position=count
    )
    db.session.add(view)
    record(actor, view, ViewSaved(view.name, args))
    return view


def change(
    actor: Actor,
    view: SavedView,
    *,
    name: str,
    position: int,
    audience: Audience,
    widths: Mapping[str, int] | None = None,
) -> None:
    """Rename, move among the tabs, share, and say how wide its columns are; None leaves these."""
    _need_own(actor, view)
    before = values_of(view)
    if audience != Audience(view.everyone, view.role_id, view.department_id) and not may_share(actor, view, audience):
        raise RuleBroken(N_("You may not show views to them."))
    view.name, view.position = _name(name), position
    view.everyone, view.role_id, view.department_id = audience.everyone, audience.role_id, audience.department_id
    view.widths = view.widths if widths is None else dict(widths)
    _note(actor, view, before)


def ask_anew(
    actor: Actor, type_: RecordType, view: SavedView, *, query: Query, widths: Mapping[str, int] = _AS_DELIVERED
) -> None:
    """Keep another question under the same name, and how wide its columns are."""
    _need_own(actor, view)
    type_.list.select(actor, query := type_.list.sealed(actor, query))
    before = values_of(view)
    view.args, view.widths = [list(each) for each in query.but().to_args()], dict(widths)
    _note(actor, view, before)


def delete(actor: Actor, view: SavedView) -> None:
    _need_own(actor, view)
    record(actor, view, ViewDeleted(view.name, view.args))
    db.session.delete(view)


def begin_with(actor: Actor, type_key: str, view: SavedView | None, *, role: Role | None = None) -> None:
    """Let the list begin with this view, or again with everything: for oneself, or for a role."""
    if role is not None and not actor.may(Permission.SYSTEM_ADMINISTER):
        raise RuleBroken(N_("Only an administrator decides what a role begins with."))
    if role is not None and view is not None and not view.is_shared:
        raise RuleBroken(N_("A view that a role begins with must be shown to it."))
    whose = FirstView.role_id == role.id if role else FirstView.person_id == actor.id
    kept = db.session.scalars(select(FirstView).where(FirstView.record_type == type_key, whose)).first()
    if (kept.view_id if kept else None) == (view.id if view else None):
        return
    db.session.execute(remove(FirstView).where(FirstView.record_type == type_key, whose))
    if view is not None:
        person_id = None if role else actor.id
        first = FirstView(record_type=type_key, role_id=role and role.id, person_id=person_id, view_id=view.id)
        db.session.add(first)
    subject = view or (kept and db.session.get(SavedView, kept.view_id))
    what = f"first for {role.name}" if role else "first"
    record(actor, subject, ViewChanged({what: [view is None, view is not None]}))


def may_share(actor: Actor, view: Any, audience: Audience) -> bool:
    if audience == NOBODY or actor.may(Permission.SYSTEM_ADMINISTER):
        return True
    assign = permission(view.record_type, Action.ASSIGN)
    everywhere = actor.reach_of(assign) is Reach.ALL
    return audience.department_id is not None and (everywhere or audience.department_id in actor.departments(assign))


def may_change(actor: Actor, view: SavedView) -> bool:
    return view.owner_id == actor.id or (view.is_shared and actor.may(Permission.SYSTEM_ADMINISTER))


def _note(actor: Actor, view: SavedView, before: Mapping[str, Any]) -> None:
    changes = {key: [before[key], value] for key, value in values_of(view).items() if before[key] != value}
    if changes:
        record(actor, view, ViewChanged(changes))


def _need_own(actor: Actor, view: SavedView) -> None:
    if not may_change(actor, view):
        raise RuleBroken(N_("This view is somebody else's."))


def _name(name: str) -> str:
    name = clean(name)
    if not name:
        raise Invalid(N_("A view needs a name."))
    if len(name) > LONGEST:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(name), most=LONGEST)
    return name
