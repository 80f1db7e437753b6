"""What records and modules are called, in each language."""

from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.wrappers import Response

from crm.blueprints.admin.area import ADMINISTER, bp
from crm.blueprints.admin.field_form import LANGUAGE_NAMES, by_language
from crm.config import LANGUAGES
from crm.domain.naming import actions
from crm.domain.naming.queries import names_of
from crm.domain.registry import RECORD_TYPES
from crm.kernel.errors import Invalid
from crm.kernel.modules import Module
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import delivered, gettext
from crm.web.nouns import NAMED_MODULES


@bp.get("/names", needs=ADMINISTER)
def names() -> Any:
    return _page()


def _page(status: int = 200, problem: str = "", refused: str = "") -> Response:
    """`refused` is the type or module whose names were sent and are shown again."""
    types = [(each, _words(each, each.key == refused)) for each in RECORD_TYPES.values()]
    modules = [(each, _module_words(each, each.key == refused)) for each in NAMED_MODULES.values()]
    return render("admin/names.html", status, types=types, modules=modules, problem=problem, refused=refused)


def _words(type_: RecordType, sent: bool) -> list[tuple[str, str, str, str, str, str]]:
    """(language, its name, one record, as delivered, many, as delivered)"""
    known = names_of(type_.key)
    one, many = (by_language(request.form, name) for name in ("one", "many")) if sent else (known.one, known.many)
    labels = (type_.label, type_.label_plural)
    return [
        (it, LANGUAGE_NAMES[it], one.get(it, ""), delivered(it, labels[0]), many.get(it, ""), delivered(it, labels[1]))
        for it in LANGUAGES
    ]


def _module_words(module: Module, sent: bool) -> list[tuple[str, str, str, str]]:
    """(language, its name, what is said, as delivered)"""
    known = by_language(request.form, "many") if sent else names_of(module.key).many
    return [(it, LANGUAGE_NAMES[it], known.get(it, ""), delivered(it, module.label)) for it in LANGUAGES]


@bp.post("/names/<key>", needs=ADMINISTER)
def name(key: str) -> Any:
    """A type of record, or a module that has none."""
    one, many = (by_language(request.form, each) for each in ("one", "many"))
    try:
        if key in RECORD_TYPES:
            actions.name_type(g.actor, RECORD_TYPES[key], one=one, many=many)
        else:
            actions.name_module(g.actor, NAMED_MODULES.get(key) or abort(404), many)
    except Invalid as problem:
        return _page(422, told(problem), key)
    flash(gettext(N_("The names are saved. They are on every page from now on.")), "ok")
    return see_other(url_for("admin.names"))
