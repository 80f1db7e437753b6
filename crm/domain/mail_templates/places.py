"""The places of a template: `{{customer.name}}`. A small language of its own that knows names and nothing else, so
that no template can do anything; what a name stands for is looked up, never called.

There are the record's own fields (`{{opportunity.amount}}`), those of records it leads to (`{{customer.phone}}`), its
owner (`{{owner.name}}`), and what has nothing to do with records (`{{receiver.name}}`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.records import RecordType
from crm.kernel.text import N_

_PLACE = re.compile(r"\{\{\s*(\w+(?:\.\w+)?)\s*\}\}", re.ASCII)
_OWNER = "owner"
RECEIVER, COMPANY, LINK, TODAY = "receiver.name", "company", "link", "today"
GENERAL = {
    RECEIVER: N_("Who gets it"),
    COMPANY: N_("Name of the company"),
    LINK: N_("Address of the record"),
    TODAY: N_("Today"),
}
OWNER = {"owner.name": N_("Name of the owner"), "owner.email": N_("E-mail of the owner")}


@dataclass(frozen=True)
class Place:
    """A field of the record itself, or of what its field `via` leads to."""

    path: str
    field: Field
    via: Field | None = None


def own_name(type_: RecordType) -> str:
    return type_.label.lower().replace(" ", "_")


def places_of(actor: Actor, type_: RecordType) -> Mapping[str, Place]:
    """By path, those that exist for the actor, each field as they have it."""
    opened = type_.open_to(actor)
    found = {f"{own_name(type_)}.{each.key}": each for each in _fields(opened)}
    places = {path: Place(path, each) for path, each in found.items()}
    for link in _fields(opened):
        linked = RECORD_TYPES.get(link.links) if link.kind is FieldKind.LINK and not link.masked else None
        if linked is not None and actor.may(linked.may_read):
            for each in _fields(linked.open_to(actor)):
                path = f"{link.key}.{each.key}"
                places.setdefault(path, Place(path, each, link))
    owner = next((each for each in _fields(opened) if each.key == _OWNER and not each.masked), None)
    if owner is not None:
        places |= {path: Place(path, owner) for path in OWNER}
    return places


def _fields(type_: RecordType) -> Iterator[Field]:
    """What stands in the record's own row. What is encrypted leaves the house in no mail."""
    for each in type_.list.fields:
        own = each.custom or getattr(each.column, "class_", None) is type_.entity
        if own and each.kind is not FieldKind.ENCRYPTED:
            yield each


@dataclass(frozen=True)
class Part:
    """Plain text, or the path of a place."""

    text: str = ""
    path: str = ""


def parts(text: str) -> Sequence[Part]:
    """Invalid where braces stand alone."""
    found, end = [], 0
    for place in _PLACE.finditer(text):
        found += [Part(text[end : place.start()]), Part(path=place[1])]
        end = place.end()
    found.append(Part(text[end:]))
    for each in found:
        if "{{" in each.text or "}}" in each.text:
            begin = max(each.text.find("{{"), 0)
            raise Invalid(
                N_("“%(value)s” is no place for a field: write it like {{receiver.name}}, from the list below."),
                value=each.text[begin : begin + 40],
            )
    return [each for each in found if each.text or each.path]


def paths(text: str) -> list[str]:
    return list(dict.fromkeys(each.path for each in parts(text) if each.path))


def refuse_unknown(actor: Actor, type_: RecordType, text: str) -> None:
    known = places_of(actor, type_)
    for path in paths(text):
        if path not in known and path not in GENERAL:
            raise Invalid(N_("There is no field “%(value)s” here: choose one from the list below."), value=path)
