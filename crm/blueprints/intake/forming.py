"""The form of a public form."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from flask import g
from werkzeug.datastructures import MultiDict

from crm.config import LANGUAGES
from crm.domain.intake.asking import askable, preset_fields
from crm.domain.intake.forming import Wanted
from crm.domain.intake.models import TICKETS, IntakeForm
from crm.domain.people.queries import departments
from crm.domain.tickets.topics import topics_of
from crm.kernel.errors import Conflict, Invalid
from crm.web.errors import told
from crm.web.forms import FieldForm
from crm.web.i18n import gettext

WORDED = ("title", "intro", "consent")


class FormOfForm:
    """`given` is as it is posted: of words title-en, of fields `ask` and `must`, of what is set the fields' keys."""

    def __init__(self, kind: str, given: "MultiDict[str, str]") -> None:
        self.kind, self.given = kind, given
        self.preset = FieldForm.posted(preset_fields(g.actor, kind), given)
        self.wrong: dict[str, str] = {}

    @classmethod
    def of(cls, form: IntakeForm) -> "FormOfForm":
        consent = form.consent["text"] if form.consent else {}
        given = MultiDict({"key": form.key, "origins": "\n".join(form.origins)})
        given["department"] = str(form.department_id or "")
        for what, said in zip(WORDED, (form.title, form.intro, consent), strict=True):
            given.update({f"{what}-{language}": said.get(language, "") for language in LANGUAGES})
        given.update({each: "1" for each in ("proof", "active") if getattr(form, each)})
        given.setlist("ask", [each["key"] for each in form.fields])
        given.setlist("must", [each["key"] for each in form.fields if each["required"]])
        given.update(form.preset)
        return cls(form.kind, given)

    @classmethod
    def new(cls, kind: str) -> "FormOfForm":
        given = MultiDict({"proof": "1", "active": "1"})
        known = askable(g.actor, kind)
        usual = ("name", "sender_name", "email", "phone", "sender_email", "sender_phone", "company", "description")
        given.setlist("ask", [each for each in known if each in usual])
        given.setlist("must", ["name"])
        return cls(kind, given)

    def words(self, what: str, language: str) -> str:
        return self.given.get(f"{what}-{language}", "")

    @property
    def languages(self) -> Sequence[str]:
        return LANGUAGES

    @property
    def fields(self) -> list[tuple[str, str, bool, bool]]:
        """(key, words, whether it is asked, whether it must be filled in)"""
        ask, must = self.given.getlist("ask"), self.given.getlist("must")
        known = askable(g.actor, self.kind).items()
        return [(key, gettext(field.label), key in ask, key in must) for key, field in known]

    @cached_property
    def departments(self) -> list[tuple[str, str]]:
        """Whose pool it can go into; of tickets whose queue."""
        queues = topics_of(g.actor).teams
        open_ = [each for each in departments() if each.closed_at is None]
        return [(str(each.id), each.name) for each in open_ if self.kind != TICKETS or each.id in queues]

    @property
    def seen(self) -> int:
        """The version that was edited."""
        text = self.given.get("version", "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0

    def read(self) -> Wanted:
        must, department = self.given.getlist("must"), self.given.get("department", "")
        return Wanted(
            key=self.given.get("key", ""),
            kind=self.kind,
            title=self._said("title"),
            intro=self._said("intro"),
            fields=[(each, each in must) for each in self.given.getlist("ask")],
            preset={each.name: each.text for each in self.preset},
            consent=self._said("consent"),
            department_id=int(department) if department.isdecimal() and len(department) < 19 else None,
            proof="proof" in self.given,
            origins=self.given.get("origins", "").split(),
            active="active" in self.given,
        )

    def _said(self, what: str) -> Mapping[str, str]:
        return {language: self.words(what, language) for language in LANGUAGES}

    def refuse(self, problem: Invalid | Conflict) -> None:
        """Beside the control it is about; what somebody else has changed is about all of it."""
        key = problem.params.get("key", "" if isinstance(problem, Conflict) else "key")
        control = key.removeprefix("preset-")
        if key != control and control in self.preset.by_name:
            self.preset.refuse(problem, control)
            self.wrong = {control: told(problem)}
        else:
            self.wrong = {f"{key}-{LANGUAGES[0]}" if key in WORDED else key: told(problem)}
