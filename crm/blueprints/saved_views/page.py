"""The form of one saved view: its name, whom it is shown to, where a list begins with it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from flask import g, url_for
from werkzeug.datastructures import MultiDict

from crm.domain.people.models import Role
from crm.domain.people.queries import departments
from crm.domain.registry import RECORD_TYPES
from crm.domain.saved_views.actions import NOBODY, Audience, may_share
from crm.domain.saved_views.models import SavedView
from crm.domain.saved_views.queries import begins, first_roles, roles
from crm.kernel.asking import Query
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web import columns
from crm.web.i18n import gettext
from crm.web.lists import ListView
from crm.web.tabs import Tabs


def role_name(role: Role) -> str:
    return gettext(role.name) if role.key else role.name


def on_screen(type_: RecordType, query: Query, before: Mapping[str, int] | None = None) -> dict[str, int]:
    """How wide the columns of this question stand for the actor; `before` is what a view said that now asks it."""
    own, spec = columns.kept(type_.key), type_.list.open_to(g.actor)
    view = Tabs(spec, "").shown(spec.sealed(g.actor, query))
    return replace(own, widths={**(before or {}), **own.widths}).on_screen(spec, query, view)


class ViewPage:
    def __init__(self, view: SavedView) -> None:
        self.view = view
        self.type = RECORD_TYPES[view.record_type].open_to(g.actor)

    @property
    def list_url(self) -> str:
        args = MultiDict((key, value) for key, value in self.view.args).to_dict(flat=False)
        return url_for(f"{self.type.key}.index", **(args or {"view": self.view.id}))

    @cached_property
    def drawn(self) -> dict[str, int]:
        """The widths as the actor has drawn them in this view, where they differ from its own."""
        own = columns.kept(self.type.key)
        drawn = own.on_screen(self.type.list, self.view.query, self.view)
        return drawn if own.drawn_in(self.view) and drawn != self.view.widths else {}

    @cached_property
    def words(self) -> ListView:
        return ListView(self.type.list, url_for(f"{self.type.key}.index"), self.view.query)

    @cached_property
    def audiences(self) -> list[tuple[str, str]]:
        """(key, words) of everybody this actor may show it to, and of whom it is shown to now."""
        known = [("", gettext(N_("only me")), NOBODY), ("everyone", gettext(N_("everyone")), Audience(everyone=True))]
        known += [
            (f"role:{each.id}", gettext(N_("role %(title)s"), title=role_name(each)), Audience(role_id=each.id))
            for each in roles()
        ]
        for each in departments():
            words = gettext(N_("department %(title)s"), title=each.name)
            known.append((f"department:{each.id}", words, Audience(department_id=each.id)))
        return [
            (key, words) for key, words, whom in known if key == self.audience or may_share(g.actor, self.view, whom)
        ]

    @property
    def audience(self) -> str:
        view = self.view
        if view.role_id is not None:
            return f"role:{view.role_id}"
        if view.department_id is not None:
            return f"department:{view.department_id}"
        return "everyone" if view.everyone else ""

    def read_audience(self, text: str) -> Audience:
        """NOBODY for what is not on offer."""
        if text not in {key for key, _ in self.audiences}:
            return NOBODY
        kind, _, id_ = text.partition(":")
        return Audience(
            everyone=kind == "everyone",
            role_id=int(id_) if kind == "role" else None,
            department_id=int(id_) if kind == "department" else None,
        )

    @cached_property
    def begins(self) -> bool:
        return begins(g.actor, self.view)

    @cached_property
    def roles(self) -> list[tuple[Role, str, bool]]:
        """(role, its name, whether it begins with this view), for whoever decides that."""
        if not g.actor.may(Permission.SYSTEM_ADMINISTER):
            return []
        chosen = set(first_roles(self.view))
        return [(each, role_name(each), each.id in chosen) for each in roles()]
