"""What one recipe says of the exports of another system; the recipes stand in recipe_table.py and recipe_work.py.

Headings in any case, width and punctuation: `Account ID`, `AccountId` and `ACCOUNT_ID` are one. A recipe's marks are
few, since people choose the columns of an export; but no other system's file of that type has all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.domain.imports.headings import heading_key
from crm.kernel.text import N_

SALESFORCE, HUBSPOT, ZOHO, ODOO, ESPO, WUKONG = "Salesforce", "HubSpot", "Zoho", "Odoo", "EspoCRM", N_("WuKong CRM")
SYSTEMS = (SALESFORCE, HUBSPOT, ZOHO, ODOO, ESPO, WUKONG)
Meanings = Mapping[str, Mapping[str, str]]  # field key → {their text: what our field reads}, "" for nothing


@dataclass(frozen=True)
class Recipe:
    """`marks`: sets of headings, one of which its files have as a whole. `ids`: headings of the row's own id.
    `columns`: heading → field, where only in this system it means that; ids of other records among them. `fallbacks`:
    what a field of ours must have and theirs does not know. `kept`: headings of what has no field and would be missed.
    `unread`: headings that look like a field of ours and are something else there."""

    system: str
    record_type: str
    marks: tuple[frozenset[str], ...]
    ids: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    meanings: Meanings = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()


def _keys(headings: str) -> tuple[str, ...]:
    return tuple(heading_key(each) for each in headings.split(",") if each)


def columns(**by_field: str) -> dict[str, str]:
    return {each: field for field, some in by_field.items() for each in _keys(some)}


def of(
    system: str,
    record_type: str,
    *marks: str,
    ids: str = "",
    kept: str = "",
    unread: str = "",
    **more: Mapping[str, object],
) -> Recipe:
    """Headings with commas between, each of `marks` such a line."""
    known = tuple(frozenset(_keys(each)) for each in marks)
    apart = {"kept": frozenset(_keys(kept)), "unread": frozenset(_keys(unread))}
    return Recipe(system, record_type, known, _keys(ids), **apart, **more)  # type: ignore[arg-type]
