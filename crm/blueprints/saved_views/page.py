"""The form of one saved view: its name, whom it is shown to, where a list begins with it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from flask import g, url_for
from werkzeug.datastructures import MultiDict

from crm.domain.people.models import Role
from crm.domain.registry import RECORD_TYPES
from crm.domain.saved_views.actions import Audience, may_share
from crm.domain.saved_views.models import SavedView
from crm.domain.saved_views.queries import begins, first_roles, roles
from crm.kernel.asking import Query
from crm.kernel.permissions import Permission
from crm.kernel.records import RecordType
from crm.web import columns
from crm.web.audiences import audiences, key_of, read_audience
from crm.web.lists import ListView
from crm.web.rights import role_name
from crm.web.tabs import Tabs


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
        return audiences(self.audience, lambda whom: may_share(g.actor, self.view, whom))

    @property
    def audience(self) -> str:
        return key_of(self.view)

    def read_audience(self, text: str) -> Audience:
        return read_audience(text, self.audiences)

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
