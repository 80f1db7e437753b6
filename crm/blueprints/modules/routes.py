"""Which parts of the product are on, and for whom."""

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, g, request, url_for

from crm.domain.modules import actions
from crm.domain.people.queries import departments
from crm.kernel.errors import Invalid
from crm.kernel.modules import MODULES, Module, Where, switches
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("modules", __name__, url_prefix="/admin/modules")
MAY = Permission.SYSTEM_ADMINISTER
EVERYONE, SOME, NOBODY = "everyone", "some", "nobody"


@dataclass(frozen=True)
class ModuleCard:
    module: Module
    where: Where

    @property
    def label(self) -> str:
        return gettext(self.module.label)

    @property
    def sentence(self) -> str:
        return gettext(self.module.sentence)

    @property
    def needs(self) -> str:
        return gettext(N_(", ")).join(gettext(MODULES[each].label) for each in self.module.needs)

    @property
    def state(self) -> str:
        if self.where.everyone:
            return EVERYONE
        return SOME if self.where.departments else NOBODY


@bp.get("", needs=MAY)
def index() -> Any:
    known = switches()
    cards = [ModuleCard(module, known.get(key, Where())) for key, module in MODULES.items()]
    return render("modules/index.html", cards=cards, departments=departments())


@bp.post("/<module>", needs=MAY)
def change(module: str) -> Any:
    if module not in MODULES:
        abort(404)
    where, chosen = request.form.get("where", ""), request.form.getlist("departments")
    if where not in (EVERYONE, SOME, NOBODY):
        raise Invalid(N_("Say for whom the module is on."))
    ids = {int(each) for each in chosen if each.isdecimal()} if where == SOME else set()
    if where == SOME and not ids:
        raise Invalid(N_("Name at least one department, or switch the module off for everybody."))
    actions.switch_module(g.actor, module, everyone=where == EVERYONE, departments=ids)
    flash(gettext(N_("“%(module)s” is switched."), module=gettext(MODULES[module].label)), "ok")
    return see_other(url_for("modules.index"))
