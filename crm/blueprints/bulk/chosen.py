"""Which records are meant, and what is to become of them: all of it travels in the address and the form."""

from collections.abc import Collection
from functools import cached_property
from urllib.parse import parse_qsl

from flask import abort, g, request, url_for
from sqlalchemy import func
from werkzeug.datastructures import MultiDict

from crm.domain.bulk.deeds import DEEDS, Deed, allowed, fields_of
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.fields import Field
from crm.kernel.listing import ListSpec
from crm.kernel.pages import Count
from crm.kernel.permissions import Action, permission
from crm.kernel.records import RecordType
from crm.web.i18n import gettext
from crm.web.lists import ListView


class Chosen:
    """`id=7&id=9` or `all=1&list=<address of the list>`; `bin=1` in the recycle bin; `what=edit:level` is the deed."""

    def __init__(self, type_key: str, given: "MultiDict[str, str]") -> None:
        known: RecordType = RECORD_TYPES.get(type_key) or abort(404)
        self.type = known.open_to(g.actor)
        if not g.actor.may(permission(type_key, Action.BULK)):
            abort(403)
        self.ids = [int(each) for each in given.getlist("id") if each.isdecimal() and len(each) < 19]
        self.everything = given.get("all") == "1"
        self.list, self.binned = given.get("list", ""), given.get("bin") == "1"
        self.what = given.get("what", "")

    @property
    def spec(self) -> ListSpec:
        return self.type.bin if self.binned else self.type.list

    @cached_property
    def query(self) -> Query:
        return Query.from_args(parse_qsl(self.list)).but(sort="", columns=())

    @property
    def asked(self) -> Query | Collection[int]:
        return self.query if self.everything else self.ids

    @cached_property
    def view(self) -> ListView:
        """The list that is meant by “all”, for its words."""
        return ListView(self.spec, self.back_url.partition("?")[0], self.query)

    @cached_property
    def count(self) -> Count:
        if self.everything:
            return self.view.total
        entity = self.spec.entity
        found = entity.visible_to(g.actor).where(entity.id.in_(self.ids)).with_only_columns(func.count())
        return Count(db.session.scalar(found) or 0)

    @cached_property
    def deed(self) -> Deed | None:
        deed = DEEDS.get(self.what.partition(":")[0])
        return deed if deed in self._deeds() else None

    @cached_property
    def field(self) -> Field | None:
        key = self.what.partition(":")[2]
        known = fields_of(self.type, self.deed, g.actor) if self.deed else []
        if self.deed and self.deed.key != "edit":
            return known[0] if known else None
        return next((each for each in known if each.key == key), None)

    @property
    def is_complete(self) -> bool:
        """Whether it is said what is to be done, if not yet with which value."""
        return self.deed is not None and (self.deed.new is None or self.field is not None)

    def _deeds(self) -> list[Deed]:
        """What this actor may do in this place."""
        here = [each for each in DEEDS.values() if each.on_binned == self.binned]
        return [each for each in here if self._allowed(each)]

    def _allowed(self, deed: Deed) -> bool:
        if deed.new is not None:
            return bool(fields_of(self.type, deed, g.actor))
        return allowed(g.actor, self.type, deed, {})

    @property
    def options(self) -> list[tuple[str, str | list[tuple[str, str]]]]:
        """(what, words), the fields in a group of their own."""
        deeds = self._deeds()
        plain: list[tuple[str, str | list[tuple[str, str]]]] = [
            (each.key, gettext(each.label)) for each in deeds if each.key != "edit"
        ]
        edit = DEEDS["edit"]
        if edit not in deeds:
            return plain
        fields = fields_of(self.type, edit, g.actor)
        return [(gettext(edit.label), [(f"edit:{each.key}", gettext(each.label)) for each in fields]), *plain]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        if self.everything:
            kept = [("all", "1"), ("list", self.list)]
        else:
            kept = [("id", str(each)) for each in self.ids] + [("list", self.list)]
        return kept + ([("bin", "1")] if self.binned else [])

    @property
    def back_url(self) -> str:
        """The list it was asked from."""
        endpoint = f"{self.type.key}.{'bin_index' if self.binned else 'index'}"
        return url_for(endpoint, **MultiDict(parse_qsl(self.list)).to_dict(flat=False))


def chosen(type_key: str) -> Chosen:
    return Chosen(type_key, request.args if request.method == "GET" else request.form)
