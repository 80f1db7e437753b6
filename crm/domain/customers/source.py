"""Customers as values of a field, such as the parent company: written and read as “Name (number)”."""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import or_

from crm.domain.customers.models import Customer
from crm.domain.customers.search import matching
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_, name_key

_NUMBER = re.compile(r"(?:^|\()(CUST\d{12,})\)?$", re.IGNORECASE)


class CustomerSource:
    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        numbers = {text: found.group(1).upper() for text in texts if (found := _NUMBER.search(text))}
        keys = {text: name_key(text) for text in texts if text not in numbers}
        statement = Customer.visible_to(actor).with_only_columns(Customer.id, Customer.number, Customer.name_key)
        wanted = or_(Customer.number.in_(numbers.values()), Customer.name_key.in_(keys.values()))
        rows = db.session.execute(statement.where(wanted)).all()
        by_number = {row.number: row.id for row in rows}
        by_key: dict[str, list[int]] = {}
        for row in rows:
            by_key.setdefault(row.name_key, []).append(row.id)
        return {
            text: _one(
                [by_number[numbers[text]]] if numbers.get(text) in by_number else by_key.get(keys.get(text, ""), []),
                text,
            )
            for text in texts
        }

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        statement = Customer.visible_to(actor).where(Customer.id.in_(set(values)))
        rows = db.session.execute(statement.with_only_columns(Customer.id, Customer.name, Customer.number))
        return {row.id: f"{row.name} ({row.number})" for row in rows}

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        statement = matching(Customer.visible_to(actor), text, actor).order_by(
            Customer.updated_at.desc(), Customer.id.desc()
        )
        rows = db.session.execute(statement.with_only_columns(Customer.name, Customer.number).limit(limit))
        return [f"{row.name} ({row.number})" for row in rows]


def _one(ids: list[int], text: str) -> int | Invalid:
    if len(ids) == 1:
        return ids[0]
    if ids:
        return Invalid(N_("Several %(customers)s are called “%(name)s”: use the number."), name=text)
    return Invalid(N_("There is no %(customer)s called “%(name)s”."), name=text)


CUSTOMERS_AS_VALUES = link_sources["customers"] = CustomerSource()
