"""How the cells of a file are written: what they prove, and what a person says."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, request, url_for

from crm.blueprints.imports.page import ImportPage, one
from crm.blueprints.imports.routes import MAY, bp
from crm.domain.imports import saying
from crm.domain.imports.amounts import COMMA, POINT
from crm.domain.imports.converting import Rule, choices_of
from crm.domain.imports.dates import DAY_FIRST, MONTH_FIRST, YEAR_FIRST
from crm.domain.imports.judging import mapping_of
from crm.domain.imports.states import State
from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

WORDS: dict[str, dict[str, str]] = {
    "order": {
        MONTH_FIRST: N_("month first, such as 12/25/2026"),
        DAY_FIRST: N_("day first, such as 25/12/2026"),
        YEAR_FIRST: N_("year first, such as 26/12/25"),
    },
    "decimals": {POINT: N_("point before decimals: 1,234.50"), COMMA: N_("comma before decimals: 1.234,50")},
    "unit": {
        "1000": N_("thousands"),
        "10000": N_("ten thousands (万)"),
        "1000000": N_("millions"),
        "100000000": N_("hundred millions (亿)"),
    },
    "case": {"upper": N_("ALL CAPITALS"), "lower": N_("all small letters"), "title": N_("Capital At Each Word")},
}
LABELS = {
    "order": N_("Dates"),
    "decimals": N_("Decimals"),
    "unit": N_("Counted in"),
    "region": N_("Country of numbers without one"),
    "case": N_("Letters"),
    "strip": N_("Symbols to take out"),
    "narrow": N_("Make full-width characters plain"),
}
BY_ITSELF = {"order": N_("as the cells prove"), "decimals": N_("as the cells prove"), "unit": N_("ones")}
_AS_IS = N_("as they are")
_PROOF = N_("%(field)s: %(words)s, since %(count)s cells such as %(example)s can be nothing else.")
_POOLED = N_("%(field)s: %(words)s, as cells of another column such as %(example)s can be nothing else.")
_HEADED = N_("%(field)s: counted in %(words)s, as its heading “%(example)s” says.")
_SAID = N_("%(field)s: %(words)s.")


@dataclass(frozen=True)
class Control:
    """One thing to say of a field: `options` of a choice, else a text, or a tick where `ticked` is not None."""

    name: str
    label: str
    options: list[tuple[str, str]]
    value: str
    placeholder: str = ""
    ticked: bool | None = None


def words_of(name: str, value: Any) -> str:
    if name in WORDS:
        return gettext(WORDS[name].get(value, ""))
    return gettext(LABELS[name]) + ("" if value is True else f" {value}")


def told_rules(page: ImportPage) -> list[str]:
    """Sentences about how cells are read, with the proof where they have proven it."""
    found = []
    labels = {each.key: gettext(each.label) for each in page.type.fields if page.is_own or each.key in page.readable}
    for key, rule in sorted(page.record.conversions.items()):
        if key in labels:
            found += _sentences(labels[key], rule)
    return found


def _sentences(field: str, rule: Rule) -> list[str]:
    proof, found = rule.get("proof") or {}, []
    for name, value in rule.items():
        if name == "proof":
            continue
        words = words_of(name, value)
        if proof.get("of") != name:
            found.append(gettext(_SAID, field=field, words=words))
            continue
        template = _HEADED if name == "unit" else _POOLED if proof.get("pooled") else _PROOF
        found.append(gettext(template, field=field, words=words, count=proof["count"], example=proof["example"]))
    return found


class ConversionsPage(ImportPage):
    refused = ""

    @cached_property
    def fields(self) -> list[tuple[str, str, list[Control]]]:
        """(key, field in words, what one can say of it), of the fields that columns fill."""
        filled = set(mapping_of(self.record).values())
        return [
            (each.key, gettext(each.label), [self._control(each, name) for name in choices_of(each)])
            for each in self.type.fields
            if each.key in filled and choices_of(each)
        ]

    def _control(self, field: Field, name: str) -> Control:
        rule = self.record.conversions.get(field.key, {})
        proven = (rule.get("proof") or {}).get("of") == name
        kept = "" if proven else rule.get(name, "")
        sent = request.form.get(f"{name}-{field.key}") if request.method == "POST" else kept
        label = gettext(LABELS[name])
        if name in WORDS:
            options = [("", gettext(BY_ITSELF.get(name, _AS_IS)))]
            options += [(key, gettext(words)) for key, words in WORDS[name].items()]
            return Control(name, label, options, str(sent or ""))
        if name == "narrow":
            return Control(name, label, [], "1", ticked=bool(sent))
        return Control(name, label, [], str(sent or ""), company.phone_region if name == "region" else "")

    def given(self) -> dict[str, dict[str, str]]:
        return {
            key: {control.name: request.form.get(f"{control.name}-{key}", "") for control in controls}
            for key, _, controls in self.fields
        }


@bp.get("/<int:import_id>/conversions", needs=MAY)
def conversions(import_id: int) -> Any:
    import_ = one(import_id)
    page = ConversionsPage(import_)
    if import_.state != State.CHECKED or not page.is_own:
        return see_other(url_for("imports.show", import_id=import_id))
    return render("imports/conversions.html", page=page)


@bp.post("/<int:import_id>/conversions", needs=MAY)
def convert(import_id: int) -> Any:
    import_ = one(import_id)
    page = ConversionsPage(import_)
    try:
        saying.convert(g.actor, import_, page.given())
    except Invalid as problem:
        page.refused = told(problem)
        return render("imports/conversions.html", 422, page=page)
    return see_other(url_for("imports.check", import_id=import_id))
