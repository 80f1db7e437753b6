"""What every page's frame shows: navigation, the person, their preferences, the links around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, g, request, url_for
from jinja2 import Template

from crm.domain.dashboards.table import DASHBOARDS
from crm.domain.registry import RECORD_TYPES
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.records import RecordType
from crm.kernel.shaping import shape_of
from crm.kernel.text import N_
from crm.web.assets import shelf
from crm.web.formats import ago, count, date, instant, moment, number
from crm.web.i18n import gettext, language
from crm.web.idempotency import new_key
from crm.web.notifications import unread_words


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    current: bool = False
    key: str = ""


@dataclass(frozen=True)
class Preferences:
    language: str
    theme: str = "auto"
    data_saver: bool = False
    rail: str = "wide"
    keys: bool = True


class _Template(Template):
    """Its macros are made once and see no page's variables: to find out, for every import on every page, whether they
    have to be made anew took 5 % of a page."""

    def _get_default_module(self, ctx: Any = None) -> Any:
        return super()._get_default_module()


_DRAWN = {tile.type for each in DASHBOARDS.values() for tile in each.tiles}


def init_app(app: Flask) -> None:
    app.context_processor(_frame)
    app.jinja_env.globals.update(new_key=new_key)
    app.jinja_env.filters.update(ago=ago, instant=instant, moment=moment, day=date)
    app.jinja_env.filters.update(number=number, count=count, words=gettext)
    app.jinja_env.template_class = _Template
    app.jinja_env.cache = {}  # every template stays, so that finding one needs no lock
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _frame() -> dict[str, Any]:
    person = g.get("person")
    common = {
        "area_style": shelf().style_below(request.path),
        "language": language(),
        "company": g.settings.company,
        "person": person,
    }
    if person is None:
        return common | {"navigation": [], "new_links": [], "links": {}, "preferences": Preferences(language())}
    return common | {
        "actor": g.actor,
        "viewed": g.get("viewed"),
        "Permission": Permission,
        "navigation": _navigation(),
        "new_links": _new_links(),
        "unread": unread_words,  # asked only by a whole page
        "links": {
            "home": _address("home.index"),
            "search": _address("search.index"),
            "preferences": _address("account.preferences"),
            "sign_out": _address("account.sign_out"),
            "keyboard": _address("system.keyboard"),
            "account": _address("account.password"),
            "notifications": _address("notifications.index"),
            "feedback": _address("feedback.new") if "feedback" in g.actor.modules else "",
        },
        "preferences": Preferences(
            language(),
            person.theme,
            person.data_saver,
            request.cookies.get("rail", "wide"),
            request.cookies.get("keys", "1") != "0",
        ),
    }


def _navigation() -> list[Item]:
    """The order of the rail: types of record as they are registered, then what serves all of them. A link leads only
    where the person may go."""
    here, may = request.path, g.actor.may
    types = [each for each in RECORD_TYPES.values() if may(each.may_read)]
    known = [(N_("Home"), "home.index", "house", "h")]
    known += [(each.label_plural, f"{each.key}.index", each.icon, each.letter) for each in types]
    every = RECORD_TYPES.values()
    known += _pictures(types)
    if may(Permission.GOALS_READ):
        known.append((N_("Goals"), "goals.index", "target", "v"))
    if any(may(each.may_import) for each in every):
        known.append((N_("Imports"), "imports.index", "upload", "i"))
    if any(may(each.may_export) for each in every):
        known.append((N_("Exports"), "exports.index", "download", "x"))
    if "quality" in g.actor.modules and types:
        known.append((N_("Data quality"), "quality.index", "list-checks", "q"))
    if any(may(each.may_confirm) and _has_sensitive(each.key) for each in every):
        known.append((N_("Confirmations"), "confirming.index", "circle-check", "w"))
    if any(may(permission(each.key, Action.BULK)) for each in every):
        known.append((N_("Changes of many records"), "bulk.index", "pencil", "m"))
    known += [(N_("Recycle bin"), f"{each.key}.bin_index", "trash-2", "b") for each in every if may(each.may_delete)][
        :1
    ]  # each leads to the others
    known += [
        (label, endpoint, icon, key)
        for needs, label, endpoint, icon, key in (
            (Permission.SYSTEM_AUDIT, N_("Audit log"), "audit.index", "history", "a"),
            (Permission.SYSTEM_ADMINISTER, N_("Administration"), "admin.index", "settings", "s"),
        )
        if may(needs)
    ]
    items = [(label, _address(endpoint), icon, key) for label, endpoint, icon, key in known]
    best = max((url for _, url, _, _ in items if here.startswith(url)), key=len, default="")
    return [Item(gettext(label), url, icon, url == best, key) for label, url, icon, key in items]


def _pictures(types: Sequence[RecordType]) -> Iterator[tuple[str, str, str, str]]:
    if "dashboards" in g.actor.modules and any(each.key in _DRAWN for each in types):
        yield N_("Dashboards"), "dashboards.index", "columns-3", "d"
    if "reports" in g.actor.modules and types:
        yield N_("Reports"), "reports.index", "file-spreadsheet", "r"


def _has_sensitive(type_: str) -> bool:
    """Where no field is sensitive, nothing waits for anybody."""
    shape = shape_of(g.actor, type_)
    return any(each.sensitive for each in (*shape.standard.values(), *shape.fields))


def _new_links() -> list[Item]:
    return [
        Item(gettext(each.label), _address(f"{each.key}.new"), each.icon)
        for each in RECORD_TYPES.values()
        if g.actor.may(each.may_create)
    ]


def _address(endpoint: str) -> str:
    return _address_below(request.script_root, endpoint)


@lru_cache(256)
def _address_below(root: str, endpoint: str) -> str:
    """Each page has these, and they are always the same."""
    return url_for(endpoint)
