"""The saved views of a list as its tabs, and what the list asks when its address says nothing."""

from collections.abc import Sequence
from functools import cached_property
from urllib.parse import urlencode

from flask import g, request, url_for

from crm.domain.registry import RECORD_TYPES
from crm.domain.saved_views.actions import may_change
from crm.domain.saved_views.models import SavedView
from crm.domain.saved_views.queries import Known, answers, known_to
from crm.kernel.asking import Query
from crm.kernel.listing import ListSpec
from crm.kernel.text import N_
from crm.web.i18n import gettext

EVERYTHING = "all"  # `?view=all`: the plain list, where the bare address begins with a view
_NOT_FOR_YOU = N_("The view “%(title)s” asks for something you may not see, so the whole list is shown.")


def at(url: str, args: Sequence[tuple[str, str]]) -> str:
    """The address with these arguments; it may have some already, such as which board it is."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(args)}" if args else url


class Tabs:
    """`spec` is the list as the reader has it: of what is hidden from them not even a view's address tells."""

    def __init__(self, spec: ListSpec, url: str) -> None:
        self.spec, self.url, self.key = spec, url, spec.entity.__tablename__
        self.problem = ""

    @cached_property
    def known(self) -> Known:
        type_ = RECORD_TYPES.get(self.key)
        if type_ is None or type_.entity is not self.spec.entity:  # the recycle bin, say
            return Known((), None)
        return known_to(g.actor, self.key)

    def asked(self) -> Query:
        """What the address asks; a bare one asks what the reader's list begins with."""
        named = request.args.get("view", "")
        view = next((each for each in self.known.views if str(each.id) == named), None)
        if not request.args:
            view = self.known.first
        if view is None:
            return Query.from_args(request.args.items(multi=True))
        if not answers(self.spec, view.query):
            self.problem = gettext(_NOT_FOR_YOU, title=view.name)
            return Query()
        return view.query

    def shown(self, query: Query) -> SavedView | None:
        """The view whose question this is."""
        asked = query.but()
        return next((each for each in self.known.views if each.query == asked), None)

    @property
    def plain_url(self) -> str:
        return at(self.url, [("view", EVERYTHING)] if self.known.first else [])

    def items(self, query: Query) -> list[tuple[str, str, bool]]:
        """(words, address, whether it is what is shown); none where there are no views."""
        delivered = self._delivered()
        if not self.known.views and not delivered:
            return []
        everything = (gettext(N_("All")), self.plain_url, query.but() == Query() and not self.problem)
        come_with = [
            (words, self.url + "?" + urlencode(view.to_args()), view == query.but()) for words, view in delivered
        ]
        return [
            everything,
            *come_with,
            *((each.name, self._address(each), each.query == query.but()) for each in self.known.views),
        ]

    def _delivered(self) -> list[tuple[str, Query]]:
        """The views that the product comes with, of those who see so far."""
        type_ = RECORD_TYPES.get(self.key)
        if type_ is None or type_.entity is not self.spec.entity:
            return []
        reach = g.actor.reach_of(type_.may_read)
        views = [(gettext(each.label), Query.from_args(each.args)) for each in self.spec.views if reach >= each.reach]
        return [(words, query) for words, query in views if answers(self.spec, query)]

    def _address(self, view: SavedView) -> str:
        if view.args and answers(self.spec, view.query):
            return at(self.url, view.query.to_args())
        return at(self.url, [("view", str(view.id))])

    def save_url(self, query: Query) -> str:
        """Where this question gets a name, unless it has one."""
        asked = query.but()
        type_ = RECORD_TYPES.get(self.key)
        if type_ is None or type_.entity is not self.spec.entity or asked == Query():
            return ""
        if self.shown(query) or any(asked == each for _, each in self._delivered()):
            return ""
        return url_for("saved_views.new", type_key=self.key, list=urlencode(asked.to_args()))

    def edit_url(self, query: Query) -> str:
        """Where the view that is shown can be changed, by whoever may."""
        asked = query.but()
        view = next((each for each in self.known.views if each.query == asked and may_change(g.actor, each)), None)
        return url_for("saved_views.edit", view_id=view.id) if view else ""
