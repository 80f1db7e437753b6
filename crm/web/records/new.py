"""The form of a new record."""

from collections.abc import Mapping
from typing import Any

from flask import g

from crm.kernel.conditions import offered
from crm.kernel.layouts import Section
from crm.kernel.records import RecordType
from crm.web.fields import defaults
from crm.web.forms import FieldForm


class NewRecord:
    def __init__(self, type_: RecordType) -> None:
        self.type = type_.open_to(g.actor)
        self.fields = offered(self.type.form(g.actor), self.type.by_key(), lambda each: each.default)
        self.form = FieldForm(self.fields)

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
        return new

    @property
    def sections(self) -> tuple[Section, ...]:
        return self.type.sections

    def create(self) -> Any:
        """Its id; None where something in the form is wrong."""
        return self.type.verbs.create_many(g.actor, [self.form.values])[0] if self.form.read() else None
