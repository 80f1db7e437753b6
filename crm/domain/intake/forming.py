"""What administrators do to public forms."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from crm.domain.intake.asking import REACHED, askable, preset_fields
from crm.domain.intake.events import IntakeFormChanged
from crm.domain.intake.models import BECOMES, TICKETS, IntakeForm
from crm.domain.people.models import Department
from crm.domain.tickets.models import TicketTeam
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.fields import Context, read_rows
from crm.kernel.overtaken import refuse_overtaken
from crm.kernel.text import N_, clean

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST = {"title": 120, "intro": 1000, "consent": 2000}
MOST_ORIGINS = 20


@dataclass(frozen=True)
class Wanted:
    """`fields` are (key, whether it must be filled in); `consent` language → words, empty for none."""

    key: str
    kind: str
    title: Mapping[str, str]
    intro: Mapping[str, str]
    fields: Sequence[tuple[str, bool]]
    preset: Mapping[str, str]
    consent: Mapping[str, str]
    department_id: int | None = None
    proof: bool = True
    origins: Sequence[str] = ()
    active: bool = True


def save_form(actor: Actor, form: IntakeForm | None, wanted: Wanted, *, seen: int | None = None) -> IntakeForm:
    """A new one (None), or another version of one that is there; its kind stays what it is. Conflict where the version
    that was `seen` is not the last."""
    if form is not None:  # of two who save at once one comes after the other, and no version of the words is lost
        db.session.refresh(form, with_for_update=True)
        if seen is not None:
            refuse_overtaken(form, seen)
    kind = form.kind if form is not None else wanted.kind
    values = _checked(actor, form, kind, wanted)
    consents = _consents(form, wanted)
    if form is None:
        form = IntakeForm(kind=kind, consents=[], version=0)
        db.session.add(form)
    values |= {"consents": consents}
    changes = {key: [getattr(form, key, None), new] for key, new in values.items() if getattr(form, key, None) != new}
    for key, value in values.items():
        setattr(form, key, value)
    if changes:
        form.version += 1
        record(actor, form, IntakeFormChanged(form.name, changes))
    return form


def _checked(actor: Actor, form: IntakeForm | None, kind: str, wanted: Wanted) -> dict[str, Any]:
    if kind not in BECOMES:
        raise Invalid(N_("Choose what becomes of what is sent."), key="kind")
    key = wanted.key.strip().lower()
    if not _KEY.fullmatch(key) or len(key) > 40:
        raise Invalid(N_("The address has at most 40 small letters, digits and hyphens: contact-us."), key="key")
    other = select(IntakeForm.id).where(IntakeForm.key == key)
    if db.session.scalar(other.where(IntakeForm.id != form.id) if form is not None else other) is not None:
        raise Invalid(N_("There is a form at this address already: choose another one."), key="key")
    title, intro = _said("title", wanted.title), _said("intro", wanted.intro)
    if not any(title.values()):
        raise Invalid(N_("The form needs a title in at least one language."), key="title")
    return {
        "key": key,
        "title": title,
        "intro": intro,
        "fields": _fields(actor, kind, wanted.fields),
        "preset": _preset(actor, kind, wanted.preset),
        "department_id": _department(kind, wanted.department_id),
        "proof": wanted.proof,
        "origins": _origins(wanted.origins),
        "active": wanted.active,
    }


def _said(what: str, by_language: Mapping[str, str]) -> dict[str, str]:
    said = {language: clean(words, lines=what != "title") for language, words in by_language.items()}
    if any(len(each) > _LONGEST[what] for each in said.values()):
        raise Invalid(N_("At most %(most)s characters fit. Please shorten it."), key=what, most=_LONGEST[what])
    return said


def _fields(actor: Actor, kind: str, wanted: Sequence[tuple[str, bool]]) -> list[dict[str, Any]]:
    known = askable(actor, kind)
    asked = {key: required for key, required in wanted if key in known}
    if "name" not in asked:
        raise Invalid(N_("“%(field)s” must be asked."), key="fields", field=known["name"].label)
    if not set(REACHED[kind]) & asked.keys():
        raise Invalid(N_("Ask for a mail address or a phone, or nobody can be answered."), key="fields")
    return [{"key": key, "required": asked[key] or key == "name"} for key in asked]


def _preset(actor: Actor, kind: str, texts: Mapping[str, str]) -> dict[str, str]:
    fields = preset_fields(actor, kind)
    given = {each.key: clean(texts.get(each.key, "")) for each in fields}
    for key, problem in read_rows(fields, [given], Context(actor))[0].problems.items():
        raise Invalid(problem.message, **{**problem.params, "key": f"preset-{key}"})
    return {key: text for key, text in given.items() if text}


def _department(kind: str, id_: int | None) -> int | None:
    if id_ is None:
        return None
    if db.session.get(Department, id_) is None:
        raise Invalid(N_("One of these departments does not exist."), key="department")
    if kind == TICKETS and db.session.get(TicketTeam, id_) is None:
        raise Invalid(N_("Choose a team that has a queue."), key="department")
    return id_


def _origins(wanted: Sequence[str]) -> list[str]:
    found = dict.fromkeys(map(_origin, filter(None, map(clean, wanted))))
    if len(found) > MOST_ORIGINS:
        raise Invalid(N_("At most %(most)s sites may have the form."), key="origins", most=MOST_ORIGINS)
    return list(found)


def _origin(text: str) -> str:
    """As browsers name it: scheme, host and a port that is not the usual one."""
    try:
        said = urlsplit(text)
        usual = {"https": 443, "http": 80}.get(said.scheme)
        host, port = said.hostname, said.port
    except ValueError:
        host, usual, port = None, None, None
    if not host or usual is None:
        raise Invalid(N_("Write a site as https://www.example.com: “%(value)s” is none."), key="origins", value=text)
    return f"{said.scheme}://{host}" + (f":{port}" if port not in (None, usual) else "")


def _consents(form: IntakeForm | None, wanted: Wanted) -> list[dict[str, Any]]:
    """Other words are another version; what somebody agreed to before stays to be read."""
    text = _said("consent", wanted.consent)
    known = list(form.consents) if form is not None else []
    if known and known[-1]["text"] == text or not known and not any(text.values()):
        return known
    return [*known, {"version": len(known) + 1, "text": text}]
