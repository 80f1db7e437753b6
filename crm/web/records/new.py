"""The form of a new record."""

from collections.abc import Mapping
from typing import Any

from flask import g

from crm.kernel.conditions import offered
from crm.kernel.layouts import Section
from crm.kernel.records import RecordType
from crm.web.fields import defaults
from crm.web.forms import FieldForm
from crm.web.likeness import ANYWAY, Hints, hint_url, told_by


class NewRecord:
    def __init__(self, type_: RecordType) -> None:
        self.type = type_.open_to(g.actor)
        self.fields = offered(self.type.form(g.actor), self.type.by_key(), lambda each: each.default)
        self.form = FieldForm(self.fields)
        self.anyway = False  # somebody has been told who is there already
        self.hints: Hints | None = None

    @classmethod
    def begun(cls, type_: RecordType, args: Mapping[str, str]) -> "NewRecord":
        """`args` fill in what whoever led here knows already."""
        new = cls(type_)
        new.form = FieldForm(new.fields, defaults(new.fields) | dict(args.items()))
        return new

    @classmethod
    def posted(cls, type_: RecordType, form: Mapping[str, str]) -> "NewRecord":
        new = cls(type_)
        new.form = FieldForm.posted(new.fields, form)
        new.anyway = ANYWAY in form
        return new

    @property
    def sections(self) -> tuple[Section, ...]:
        return self.type.sections

    @property
    def watch_url(self) -> str:
        return hint_url(self.type)

    @property
    def watched(self) -> list[str]:
        return told_by(self.type, self.form)

    def create(self) -> Any:
        """Its id; None where something in the form is wrong, or where it seems to be there already and nobody has said
        that it is another one."""
        if not self.form.read():
            return None
        if self.type.likeness is not None and not self.anyway:
            hints = Hints.of(self.type, self.form.values, slips=False)
            if hints.found.asks:
                self.hints = hints
                return None
        return self.type.verbs.create_many(g.actor, [self.form.values])[0]
