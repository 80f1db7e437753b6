"""The form of a template: what was typed, the places there are, and how it looks for a record and a reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import g, url_for

from crm.config import LANGUAGES
from crm.domain.mail_templates import actions
from crm.domain.mail_templates.models import MAIL, MESSAGE, MailTemplate
from crm.domain.mail_templates.places import GENERAL, OWNER, places_of
from crm.domain.people.queries import PEOPLE, by_id
from crm.domain.registry import RECORD_TYPES, referring
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.permissions import Permission
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_, clean
from crm.web.i18n import gettext
from crm.web.letters import Letter, compose

LANGUAGE_NAMES = {"en": "English", "zh_CN": "中文"}


@dataclass(frozen=True)
class Shown:
    """One language of a preview; no letter where the reader sees no such record."""

    language: str
    letter: Letter | None


@dataclass(frozen=True)
class Preview:
    reader: str
    shown: Sequence[Shown]


class TemplateForm:
    def __init__(self, args: Mapping[str, str], template: MailTemplate | None = None) -> None:
        self.template, self.args = template, args
        self.languages = [(each, LANGUAGE_NAMES[each]) for each in LANGUAGES]
        self.channels = [
            (MAIL, gettext(N_("Mail"))),
            (MESSAGE, gettext(N_("Message in the program, without a subject"))),
        ]
        self.types = [(key, gettext(each.label)) for key, each in RECORD_TYPES.items() if g.actor.may(each.may_read)]

    @classmethod
    def of(cls, template: MailTemplate) -> "TemplateForm":
        args = {"name": template.name, "channel": template.channel, "record_type": template.record_type}
        for part in ("subject", "body"):
            args |= {f"{part}_{language}": text for language, text in getattr(template, part).items()}
        return cls(args | {"version": str(template.version)}, template)

    def anew(self) -> "TemplateForm":
        """What was typed, over the template as somebody else has left it: sent again, it stands."""
        typed = {key: self.args[key] for key in self.args}
        return TemplateForm(typed | {"version": str(self.template.version if self.template else 0)}, self.template)

    def said(self, name: str) -> str:
        return self.args.get(name, "")

    @property
    def record_type(self) -> str:
        chosen = self.said("record_type")
        return chosen if chosen in RECORD_TYPES else "customers"

    @property
    def given(self) -> dict[str, Any]:
        texts = {
            part: {language: self.said(f"{part}_{language}") for language in LANGUAGES} for part in ("subject", "body")
        }
        return texts | {
            "name": self.said("name"),
            "channel": self.said("channel") or MAIL,
            "record_type": self.record_type,
        }

    @property
    def seen(self) -> int:
        """The version that was edited."""
        version = self.said("version")
        return int(version) if version.isdecimal() and len(version) < 10 else 0

    @cached_property
    def places(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(heading, (path, words) of each place)"""
        type_ = RECORD_TYPES[self.record_type]
        groups: dict[str, list[tuple[str, str]]] = {gettext(type_.label): []}
        for path, place in places_of(g.actor, type_).items():
            if path not in OWNER:
                heading = gettext(place.via.label) if place.via else gettext(type_.label)
                groups.setdefault(heading, []).append((path, gettext(place.field.label)))
        everywhere = [(path, gettext(words)) for path, words in (*OWNER.items(), *GENERAL.items())]
        return [*groups.items(), (gettext(N_("In any template")), everywhere)]

    @property
    def lookup_url(self) -> str:
        """Where records of the type are suggested, if anywhere."""
        field = next((field for _, field in referring(self.record_type)), None)
        return url_for("lookup.options", field=field.key) if field else ""

    @property
    def may_view_as(self) -> bool:
        return bool(g.actor.may(Permission.SYSTEM_VIEW_AS))

    def preview(self) -> Preview:
        """Invalid or RuleBroken with a sentence where it cannot be shown."""
        values = actions.checked(g.actor, self.given)
        draft = MailTemplate(**values)
        person = by_id(self._reader()) or g.person
        record_id = self._record()
        told = [
            Shown(name, compose(draft, self.record_type, record_id, person.actor, language, person.name))
            for language, name in self.languages
            if language in values["body"]
        ]
        return Preview(person.name, told)

    def _reader(self) -> int:
        text = clean(self.said("reader"))
        if not text:
            return int(g.person.id)
        found = PEOPLE.resolve(g.actor, [text])[text]
        if isinstance(found, Invalid):
            raise Invalid(found.message, **found.params, key="reader")
        if found != g.person.id and not self.may_view_as:
            raise RuleBroken(N_("You may not look through somebody else's eyes: leave it empty to see it with yours."))
        return int(found)

    def _record(self) -> int:
        text = clean(self.said("record"))
        if not text:
            raise Invalid(N_("Choose a record to see how it looks."), key="record")
        found = link_sources[self.record_type].resolve(g.actor, [text])[text]
        if isinstance(found, Invalid):
            raise Invalid(found.message, **found.params, key="record")
        return int(found)

    def problems(self, problem: Invalid | RuleBroken, words: str) -> Iterator[tuple[str, str]]:
        yield str(problem.params.get("key", "name")), words
