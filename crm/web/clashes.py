"""Two people in one field. What a form was filled in over travels with it (`before-…`), so that only what this person
changed is written, and what somebody else changed meanwhile is seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.kernel.fields import Field
from crm.web.fields import labels_for, show
from crm.web.forms import FieldForm


@dataclass(frozen=True)
class Clash:
    """A field that someone else changed while this form was open."""

    label: str
    theirs: str


def filled_over(fields: Sequence[Field], record: Any) -> dict[str, str]:
    """What a form opened now is filled in over."""
    return {each.name: each.text for each in FieldForm.of(fields, record)}


def _before(form: FieldForm, posted: Mapping[str, str]) -> dict[str, str]:
    return {each.name: posted[f"before-{each.name}"] for each in form if f"before-{each.name}" in posted}


def changed(form: FieldForm, posted: Mapping[str, str]) -> dict[str, Any]:
    before = _before(form, posted)
    touched = [each for each in form if each.name in form.values and before.get(each.name) != each.text]
    return {each.name: form.values[each.name] for each in touched}


def clashes(form: FieldForm, posted: Mapping[str, str], record: Any) -> list[Clash]:
    """Fields that both this person and, since the form was opened, someone else changed differently."""
    before, now = _before(form, posted), filled_over(form.fields, record)
    values = {each.key: each.value_in(record) for each in form.fields}
    labels = labels_for(form.fields, [values])
    return [
        Clash(each.label, show(each.field, values[each.name], labels))
        for each in form
        if each.name in before
        and each.name in form.values
        and each.text not in (before[each.name], now[each.name])
        and now[each.name] != before[each.name]
    ]
