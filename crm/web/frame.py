"""What every page's frame shows: navigation, the person, their preferences, the links around them."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, g, request, url_for
from jinja2 import Template

from crm.kernel.permissions import Permission
from crm.kernel.shaping import shape_of
from crm.kernel.text import N_
from crm.web.formats import ago, count, date, moment, number
from crm.web.i18n import gettext, language
from crm.web.idempotency import new_key


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


def init_app(app: Flask) -> None:
    app.context_processor(_frame)
    app.jinja_env.globals.update(new_key=new_key)
    app.jinja_env.filters.update(ago=ago, moment=moment, day=date, number=number, count=count, words=gettext)
    app.jinja_env.template_class = _Template
    app.jinja_env.cache = {}  # every template stays, so that finding one needs no lock
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _frame() -> dict[str, Any]:
    person = g.get("person")
    common = {"language": language(), "company": g.settings.company, "person": person}
    if person is None:
        return common | {"navigation": [], "new_links": [], "links": {}, "preferences": Preferences(language())}
    return common | {
        "actor": g.actor,
        "viewed": g.get("viewed"),
        "Permission": Permission,
        "navigation": _navigation(),
        "new_links": _new_links(),
        "links": {
            "home": _address("customers.index"),
            "search": _address("search.index"),
            "preferences": _address("account.preferences"),
            "sign_out": _address("account.sign_out"),
            "keyboard": _address("system.keyboard"),
            "account": _address("account.password"),
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
    """The order of the rail. A link leads only where the person may go."""
    known = (
        (Permission.CUSTOMERS_READ, N_("Customers"), "customers.index", "building-2", "c"),
        (Permission.CUSTOMERS_IMPORT, N_("Imports"), "imports.index", "upload", "i"),
        (Permission.CUSTOMERS_CONFIRM, N_("Confirmations"), "confirming.index", "circle-check", "w"),
        (Permission.CUSTOMERS_BULK, N_("Changes of many records"), "bulk.index", "list-checks", "m"),
        (Permission.CUSTOMERS_DELETE, N_("Recycle bin"), "customers.bin_index", "trash-2", "b"),
        (Permission.SYSTEM_AUDIT, N_("Audit log"), "audit.index", "history", "a"),
        (Permission.SYSTEM_ADMINISTER, N_("Administration"), "admin.index", "settings", "s"),
    )
    here = request.path
    items = []
    for needs, label, endpoint, icon, key in known:
        if g.actor.may(needs) and (endpoint != "confirming.index" or _has_sensitive()):
            url = _address(endpoint)
            items.append([gettext(label), url, icon, here.startswith(url), key])
    best = max((item[1] for item in items if item[3]), key=len, default="")
    return [Item(label, url, icon, url == best, key) for label, url, icon, _, key in items]


def _has_sensitive() -> bool:
    """Where no field is sensitive, nothing waits for anybody."""
    shape = shape_of(g.actor, "customers")
    return any(each.sensitive for each in (*shape.standard.values(), *shape.fields))


def _new_links() -> list[Item]:
    if not g.actor.may(Permission.CUSTOMERS_CREATE):
        return []
    return [Item(gettext("Customer"), _address("customers.new"), "building-2")]


def _address(endpoint: str) -> str:
    return _address_below(request.script_root, endpoint)


@lru_cache(256)
def _address_below(root: str, endpoint: str) -> str:
    """Each page has these, and they are always the same."""
    return url_for(endpoint)
