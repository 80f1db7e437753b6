"""Everything that can be done to customers. Form, import, API and automation all come through here.

The verbs take many; one is many of one. `values` are by field key, as `read_rows` gives them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.domain.confirming import actions as confirming
from crm.domain.confirming.holding import Changed, Holding
from crm.domain.confirming.models import PendingChange
from crm.domain.customers import numbers
from crm.domain.customers.derived import SEARCHED, columns_name, columns_of, derived
from crm.domain.customers.events import (
    CustomerChanged,
    CustomerCreated,
    CustomerDeleted,
    CustomerImported,
    CustomerRestored,
)
from crm.domain.customers.fields import EDITABLE
from crm.domain.customers.models import Customer
from crm.domain.customers.rules import check_owner, check_parent
from crm.domain.fields.defaults import with_defaults
from crm.domain.fields.needed import check_conditions
from crm.domain.fields.unique import refuse_taken
from crm.domain.people.models import Person
from crm.infra import clock, json
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows, take_ids
from crm.kernel.company import company
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Fact, plain, record, record_many
from crm.kernel.fields import Field
from crm.kernel.permissions import Permission
from crm.kernel.shaping import fields_for, shape_of
from crm.kernel.text import N_

NOT_YOURS = N_("You may not fill in “%(field)s”: leave its column out.")
BY_KEY = {each.key: each for each in EDITABLE}
_COPIED = (
    *("id", "number", *map(columns_name, EDITABLE), "phone_original"),
    *("custom", "name_key", "sort_key", "search", "search_text", "department_id", "import_id", "created_by_id"),
    *("created_at", "updated_at"),
)
_DEFAULTS = {columns_name(each): each.default for each in EDITABLE if each.default is not None}


def create(actor: Actor, values: Mapping[str, Any]) -> int:
    return create_many(actor, [values])[0]


def create_many(
    actor: Actor, rows: Sequence[Mapping[str, Any]], *, import_id: int | None = None, lines: Sequence[int] = ()
) -> list[int]:
    """Ids in the order of `rows`. With an import the events carry its id and each row's line."""
    fields = open_fields(actor)
    for values in rows:
        _check(actor, fields, values)
    fields |= {each.key: each for each in shape_of(actor, "customers").fields}
    rows = [with_defaults(fields, values) for values in rows]
    refuse_taken("customers", fields.values(), rows)
    ids = take_ids("customers", len(rows))
    taken = numbers.take(db.session.connection(), company.today(), len(rows))
    now, departments = clock.now(), _departments(actor, rows)
    common = {"import_id": import_id, "created_by_id": actor.id, "created_at": now, "updated_at": now}
    copy_rows(
        "customers",
        _COPIED,
        (
            _row(actor, fields, values, departments, {"id": id_, "number": number, **common})
            for id_, number, values in zip(ids, taken, rows, strict=True)
        ),
    )
    record_many(actor, "customers", list(zip(ids, _created(rows, import_id, lines), strict=True)))
    return ids


def _created(rows: Sequence[Mapping[str, Any]], import_id: int | None, lines: Sequence[int]) -> list[Fact]:
    kept = [{key: plain(value) for key, value in values.items() if value is not None} for values in rows]
    if import_id is None:
        return [CustomerCreated(values) for values in kept]
    return [CustomerImported(import_id, line, values) for line, values in zip(lines, kept, strict=True)]


def _row(
    actor: Actor,
    fields: Mapping[str, Field],
    values: Mapping[str, Any],
    departments: Mapping[int, int | None],
    given: Mapping[str, Any],
) -> list[Any]:
    columns: dict[str, Any] = dict.fromkeys(_COPIED)
    filled, custom = columns_of(values, fields)
    columns.update(filled)
    columns.update(given)
    columns["custom"] = json.dumps({key: value for key, value in custom.items() if value is not None})
    for name, value in _DEFAULTS.items():
        if columns[name] is None:
            columns[name] = value
    owner_id = columns["owner_id"] = columns["owner_id"] or actor.id
    columns["department_id"] = departments.get(owner_id) if owner_id else None
    columns.update(derived(columns))
    return list(map(columns.__getitem__, _COPIED))


def _departments(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> dict[int, int | None]:
    """A record belongs to its owner's department."""
    owners = {values.get("owner") for values in rows} - {None, actor.id}
    known = {actor.id: actor.department_id} if actor.id is not None else {}
    if owners:
        known |= dict(db.session.execute(select(Person.id, Person.department_id).where(Person.id.in_(owners))).all())
    return known


def change(actor: Actor, customer: Customer, values: Mapping[str, Any]) -> Changed:
    """Keep what differs, with one event that says what was before. What is sensitive waits for a second person."""
    fields = open_fields(actor)
    _check(actor, fields, values, customer)
    holding = Holding(actor, "customers", fields)
    now, waiting = holding.split(customer, values)
    if waiting:
        check_conditions(fields, now, customer)
    changes = _apply(actor, fields, customer, now)
    if changes:
        record(actor, customer, CustomerChanged(changes))
    holding.keep()
    return Changed(bool(changes), waiting)


def confirm(actor: Actor, customer: Customer, pending: PendingChange, *, seen: int | None = None) -> None:
    """Let a change take effect that somebody else has asked for; what is said of `seen` holds."""
    fields = open_fields(actor)

    def write(values: Mapping[str, Any]) -> None:
        _check(actor, fields, values, customer)
        _apply(actor, fields, customer, values)

    if pending.field not in fields:
        raise RuleBroken(NOT_YOURS, field=pending.field)
    confirming.confirm(actor, customer, pending, fields[pending.field], write, seen=seen)


def change_many(
    actor: Actor,
    changes: Sequence[tuple[int, Mapping[str, Any]]],
    *,
    import_id: int | None = None,
    lines: Sequence[int] = (),
) -> list[int]:
    """(id, values) pairs; empty values change nothing. The ids that the actor could see and that were kept."""
    statement = Customer.visible_to(actor).where(Customer.id.in_({id_ for id_, _ in changes})).with_for_update()
    found = {each.id: each for each in db.session.scalars(statement)}
    fields = open_fields(actor)
    holding = Holding(actor, "customers", fields, import_id)
    kept, facts = [], []
    for at, (id_, values) in enumerate(changes):
        customer = found.get(id_)
        if customer is not None and actor.holds(customer, Permission.CUSTOMERS_EDIT):
            filled = {key: value for key, value in values.items() if value is not None}
            _check(actor, fields, filled, customer)
            now, waiting = holding.split(customer, filled)
            if waiting:
                check_conditions(fields, now, customer)
            if shown := _apply(actor, fields, customer, now):
                facts.append((id_, CustomerChanged(shown, import_id, lines[at] if lines else None)))
            kept.append(id_)
    db.session.flush()
    record_many(actor, "customers", facts)
    holding.keep()
    return kept


def _apply(
    actor: Actor, fields: Mapping[str, Field], customer: Customer, values: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """Set what differs; returns {field: [before, after]}."""
    columns, custom = columns_of(values, fields)
    before = {name: getattr(customer, name) for name in columns}
    changed = {name: value for name, value in columns.items() if before[name] != value}
    named = {key: columns_name(fields[key]) for key in values.keys() - custom.keys()}
    shown = {key: [plain(before[name]), plain(changed[name])] for key, name in named.items() if name in changed}
    shown |= _apply_custom(fields, customer, custom)
    if not shown:
        return {}
    for name, value in changed.items():
        setattr(customer, name, value)
    if "owner_id" in changed:
        customer.department_id = _departments(actor, [values]).get(changed["owner_id"])
    if any(name in changed for name in SEARCHED):
        for name, value in derived({name: getattr(customer, name) for name in SEARCHED}).items():
            setattr(customer, name, value)
    touch(customer)
    return shown


def _apply_custom(fields: Mapping[str, Field], customer: Customer, custom: Mapping[str, Any]) -> dict[str, list[Any]]:
    before = {key: fields[key].value_in(customer) for key in custom}
    shown = {
        key: [before[key], value]
        for key, value in custom.items()
        if not fields[key].same(customer.custom.get(key), value)
    }
    if shown:
        whole = {**customer.custom, **custom}
        customer.custom = {key: value for key, value in whole.items() if value is not None}
    return shown


def touch(customer: Customer) -> None:
    customer.version += 1
    customer.updated_at = clock.now()


def delete(actor: Actor, customer: Customer) -> None:
    customer.deleted_at = clock.now()
    touch(customer)
    record(actor, customer, CustomerDeleted())


def restore(actor: Actor, customer: Customer) -> None:
    customer.deleted_at = None
    touch(customer)
    record(actor, customer, CustomerRestored())


def open_fields(actor: Actor) -> dict[str, Field]:
    """By key, with those administrators made. What is not editable among them is not written, whoever asks."""
    whole = (*EDITABLE, *shape_of(actor, "customers").fields)
    return {each.key: each for each in fields_for(actor, "customers", whole)}


def _check(
    actor: Actor, fields: Mapping[str, Field], values: Mapping[str, Any], customer: Customer | None = None
) -> None:
    if unknown := [key for key in values if key not in fields or not fields[key].editable]:
        key = min(unknown)
        label = BY_KEY[key].label if key in BY_KEY else key
        raise RuleBroken(NOT_YOURS, field=label)
    check_conditions(fields, values, customer)
    if "owner" in values:
        check_owner(actor, values["owner"], customer)
    if customer is not None and values.get("parent") is not None:
        check_parent(customer, values["parent"])
    if customer is not None:
        refuse_taken("customers", fields.values(), [values], customer.id)
