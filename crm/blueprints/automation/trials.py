"""What a rule would have done in the last days, before it is switched on."""

from typing import Any

from flask import g

from crm.blueprints.automation.area import MAY, bp, one
from crm.blueprints.automation.words import sentence
from crm.domain.automation import trial as domain
from crm.domain.automation.rules import rule_of
from crm.domain.automation.whens import IMPORTS
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.patience import OutOfTime, within
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render
from crm.web.i18n import gettext

_PATIENCE_MS = 5_000
_TOO_LONG = N_("To look through the last days takes too long here: there is too much in them.")


@bp.get("/<int:rule_id>/trial", needs=MAY)
def trial(rule_id: int) -> Any:
    row, problem, found = one(rule_id), "", None
    rule = rule_of(row)
    try:
        with within(_PATIENCE_MS):
            found = domain.tried(g.actor, rule)
    except OutOfTime:
        problem = gettext(_TOO_LONG)
    except (Invalid, RuleBroken) as error:
        problem = told(error)
    records = _named(rule.type, found.records) if found is not None else []
    shown = {"rule": row, "title": gettext(row.name), "words": sentence(rule), "days": domain.DAYS}
    return render("automation/trial.html", trial=found, records=records, problem=problem, **shown)


def _named(type_key: str, ids: Any) -> list[tuple[str, str]]:
    """(name, address) of those the reader may see."""
    if type_key == IMPORTS:
        return [(gettext(N_("Import %(number)s"), number=id_), f"/imports/{id_}") for id_ in ids]
    labels = link_sources[type_key].labels(g.actor, set(ids))
    return [(labels[id_], f"/{type_key}/{id_}") for id_ in ids if id_ in labels]
