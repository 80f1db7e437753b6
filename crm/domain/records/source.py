"""Records as values of a field, such as the customer of a contact: written and read as “Name (number)”."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import cast, func, or_
from sqlalchemy.dialects.postgresql import TSQUERY

from crm.domain.records.external import named
from crm.domain.records.questions import address_question, phone_question
from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.access import Actor, FieldRight
from crm.kernel.company import company
from crm.kernel.contact import parse_email, parse_phone
from crm.kernel.errors import Invalid
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_, name_key, sort_key

_SEVERAL = N_("Several records are called “%(name)s”: use the number.")
_NONE = N_("There is no record called “%(name)s”.")


_LEAST_DIGITS = 7


def _phone(text: str) -> str:
    """As records keep it; "" for what is none."""
    try:
        return parse_phone(text, company.phone_region).e164 if sum(map(str.isdigit, text)) >= _LEAST_DIGITS else ""
    except Invalid:
        return ""


def _email(text: str) -> str:
    try:
        return parse_email(text) if "@" in text else ""
    except Invalid:
        return ""


# Column → (as records keep it, the question to the index of words that finds it)
_CONTACT: Mapping[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "phone": (_phone, phone_question),
    "email": (_email, lambda email: f"({address_question(email)})"),
}
_AT_ONCE = 200


class RecordSource:
    """Of one type; made beside its table, before any field can link to it."""

    def __init__(self, entity: Any, prefix: str, finder: Finder, several: str = _SEVERAL, none: str = _NONE) -> None:
        self.entity, self.finder, self.several, self.none = entity, finder, several, none
        self.number = re.compile(rf"(?:^|\()({prefix}\d{{12,}})\)?$", re.IGNORECASE)
        link_sources[entity.__tablename__] = self

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        """By the number; by the id in the system whose words are read; by a name, an e-mail address or a phone that one
        record alone has."""
        called = named(actor, self.entity, texts)
        found = dict(self._by_name(actor, [text for text in texts if text not in called]))
        open_ = [text for text, value in found.items() if isinstance(value, Invalid) and value.message == self.none]
        return {**found, **called, **self._by_contact(actor, open_)}

    def _by_contact(self, actor: Actor, texts: Collection[str]) -> dict[str, Any]:
        """Of what the actor may read: nobody learns a phone by trying."""
        found: dict[str, set[int]] = {}
        entity, type_ = self.entity, self.entity.__tablename__
        for key, (kept, question) in _CONTACT.items():
            if not hasattr(entity, key) or actor.right_to(type_, key) < FieldRight.READ:
                continue
            wanted: dict[str, list[str]] = {}
            for each in texts:
                if value := kept(each):
                    wanted.setdefault(value.casefold(), []).append(each)
            values = list(wanted)
            for at in range(0, len(values), _AT_ONCE):
                for row in self._having(actor, key, values[at : at + _AT_ONCE], question):
                    for each in wanted[row.value]:
                        found.setdefault(each, set()).add(row.id)
        return {text: self._one(sorted(ids), text) for text, ids in found.items()}

    def _having(self, actor: Actor, key: str, values: list[str], question: Callable[[str], str]) -> Any:
        """By the index of words, which phones and addresses have no other beside."""
        entity = self.entity
        value = func.lower(getattr(entity, key))
        words = cast(" | ".join(map(question, values)), TSQUERY)
        statement = entity.visible_to(actor).with_only_columns(entity.id, value.label("value"))
        return db.session.execute(statement.where(entity.search.op("@@")(words), value.in_(values)))

    def _by_name(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        if not texts:
            return {}
        numbers = {text: found.group(1).upper() for text in texts if (found := self.number.search(text))}
        # The number decides; one of another installation says nothing, so the name beside it is asked.
        names = {text: text.rpartition(" (")[0] if text in numbers else text for text in texts}
        keys = {text: self._key(name) for text, name in names.items() if name}
        entity, called = self.entity, self._called
        statement = entity.visible_to(actor).with_only_columns(entity.id, entity.number, called.label("called"))
        rows = db.session.execute(
            statement.where(or_(entity.number.in_(numbers.values()), called.in_(keys.values())))
        ).all()
        by_number = {row.number: row.id for row in rows}
        by_key: dict[str, list[int]] = {}
        for row in rows:
            by_key.setdefault(row.called, []).append(row.id)
        return {
            text: self._one(
                [by_number[numbers[text]]] if numbers.get(text) in by_number else by_key.get(keys.get(text, ""), []),
                text,
            )
            for text in texts
        }

    @property
    def _called(self) -> Any:
        """The column of whole names that has an index."""
        return self.entity.name_key if hasattr(self.entity, "name_key") else self.entity.sort_key

    def _key(self, text: str) -> str:
        return name_key(text) if hasattr(self.entity, "name_key") else sort_key(text)

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        entity = self.entity
        statement = entity.visible_to(actor).where(entity.id.in_(set(values)))
        rows = db.session.execute(statement.with_only_columns(entity.id, entity.name, entity.number))
        return {row.id: f"{row.name} ({row.number})" for row in rows}

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        entity = self.entity
        statement = entity.visible_to(actor).where(self.finder.matching(text, actor))
        rows = db.session.execute(
            statement.order_by(entity.updated_at.desc(), entity.id.desc())
            .with_only_columns(entity.name, entity.number)
            .limit(limit)
        )
        return [f"{row.name} ({row.number})" for row in rows]

    def _one(self, ids: list[int], text: str) -> int | Invalid:
        if len(ids) == 1:
            return ids[0]
        return Invalid(self.several if ids else self.none, name=text)
