"""Records as values of a field, such as the customer of a contact: written and read as “Name (number)”."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import or_

from crm.domain.records.search import Finder
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_, name_key, sort_key

_SEVERAL = N_("Several records are called “%(name)s”: use the number.")
_NONE = N_("There is no record called “%(name)s”.")


class RecordSource:
    """Of one type; made beside its table, before any field can link to it."""

    def __init__(self, entity: Any, prefix: str, finder: Finder, several: str = _SEVERAL, none: str = _NONE) -> None:
        self.entity, self.finder, self.several, self.none = entity, finder, several, none
        self.number = re.compile(rf"(?:^|\()({prefix}\d{{12,}})\)?$", re.IGNORECASE)
        link_sources[entity.__tablename__] = self

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
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
        statement = self.finder.matching(entity.visible_to(actor), text, actor)
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
