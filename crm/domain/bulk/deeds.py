"""What can be done to many records at once, one record at a time: by the type's own verbs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.domain.confirming.holding import Changed
from crm.domain.leads import claiming as leads
from crm.domain.pool import moving as pool
from crm.kernel.access import Actor, Reach
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.packing import pack, stored, unpack
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Deed:
    """`new(record, field, value)` is what a field becomes; without it the deed is about the record as a whole.

    `sentence` says it with the number of records, `back` is the deed that takes it back, if there is one.
    """

    key: str
    label: str
    sentence: str
    back: str
    icon: str
    new: Callable[[Any, Any], Any] | None = None
    verb: str = "change"  # of the type
    on_binned: bool = False
    everywhere: bool = False  # only for whoever may do it to every record
    action: Action = Action.DELETE  # what must reach a record that it is done to as a whole
    claims: bool = False  # it is done to what nobody owns, and so reaches nothing beforehand
    asks_why: bool = False
    keeps: tuple[str, ...] = ()  # of a record as a whole: the fields that `back` gives back


def _with_tags(now: Any, tags: Any) -> Any:
    return list(dict.fromkeys([*(now or ()), *tags]))


def _without_tags(now: Any, tags: Any) -> Any:
    return [each for each in now or () if each not in tags] or None


DEEDS = {
    each.key: each
    for each in (
        Deed("edit", N_("Change a field"), N_("%(field)s becomes %(value)s"), "edit", "pencil", lambda now, new: new),
        Deed("tag", N_("Add tags"), N_("The tags %(value)s are added"), "edit", "tag", _with_tags),
        Deed("untag", N_("Remove tags"), N_("The tags %(value)s are removed"), "edit", "tag", _without_tags),
        Deed(
            "delete", N_("Move to the recycle bin"), N_("Moved to the recycle bin"), "restore", "trash-2", verb="delete"
        ),
        Deed("claim", N_("Claim"), N_("Claimed from the pool"), "", "users", verb="claim", claims=True),
        Deed(
            "release",
            N_("Put into the public pool"),
            N_("Put into the public pool"),
            "edit",
            "inbox",
            verb="release",
            action=Action.ASSIGN,
            asks_why=True,
            keeps=("owner",),
        ),
        Deed(
            "restore",
            N_("Take out of the recycle bin"),
            N_("Taken out of the recycle bin"),
            "delete",
            "undo-2",
            verb="restore",
            on_binned=True,
        ),
        Deed(
            "purge",
            N_("Remove for good"),
            N_("Removed for good"),
            "",
            "trash-2",
            verb="purge",
            on_binned=True,
            everywhere=True,
        ),
    )
}


# What only some types know besides the verbs of all: (type, verb) → (actor, record).
_OWN_VERBS: Mapping[tuple[str, str], Callable[[Actor, Any], None]] = {
    ("customers", "claim"): pool.claim,
    ("customers", "release"): pool.release,
    ("leads", "claim"): leads.claim,
}


def _verb(type_: RecordType, deed: Deed) -> Callable[[Actor, Any], Any] | None:
    return _OWN_VERBS.get((type_.key, deed.verb)) or getattr(type_.verbs, deed.verb, None)


def needed(type_: RecordType, deed: Deed, keys: Mapping[str, Any]) -> tuple[Permission, ...]:
    """Every permission that must reach a record before this is done to it."""
    if deed.claims:
        return ()
    if deed.new is None:
        own = [permission(type_.key, deed.action)]
    else:
        fields = type_.by_key()
        own = [fields[key].needs or type_.may_edit for key in keys]
    return tuple(dict.fromkeys((permission(type_.key, Action.BULK), *own)))


def allowed(actor: Actor, type_: RecordType, deed: Deed, keys: Mapping[str, Any]) -> bool:
    """Whether the actor may do this at all."""
    if _verb(type_, deed) is None:
        return False
    if deed.claims:
        return actor.may(permission(type_.key, Action.BULK)) and actor.may(type_.may_edit)
    reaches = not deed.everywhere or actor.reach_of(permission(type_.key, deed.action)) is Reach.ALL
    return reaches and all(actor.may(each) for each in needed(type_, deed, keys))


def fields_of(type_: RecordType, deed: Deed, actor: Actor) -> list[Field]:
    """The fields that this actor may choose for a deed."""
    if deed.new is None:
        return []
    wanted = [each for each in type_.open_to(actor).writable(actor) if actor.may(each.needs or type_.may_edit)]
    return wanted if deed.key == "edit" else [each for each in wanted if each.kind is FieldKind.TAGS]


def do(actor: Actor, type_: RecordType, deed: Deed, record: Any, values: Values) -> tuple[Changed, dict[str, Any]]:
    """(what became of it, what was before); raises what the verb raises."""
    fields = type_.by_key()
    if deed.new is None:
        before = {key: stored(record, fields[key]) for key in deed.keeps if key in fields}
        verb = _verb(type_, deed)
        assert verb is not None
        verb(actor, record)
        return Changed(True), packed(before)
    before = {key: stored(record, fields[key]) for key in values}
    wanted = {key: deed.new(_now(fields[key], before[key]), value) for key, value in values.items()}
    return type_.verbs.change(actor, record, wanted), packed(before)


def _now(field: Field, value: Any) -> Any:
    """Tags by what they are called now, so that one that became another goes with it."""
    return field.tags.now(value) if field.kind is FieldKind.TAGS and value else value


def packed(values: Values) -> dict[str, Any]:
    return dict.fromkeys(values) | pack(values)


def unpacked(fields: Mapping[str, Field], values: Values) -> dict[str, Any]:
    filled = {key: value for key, value in values.items() if value is not None}
    return dict.fromkeys(values) | unpack(fields, filled)
