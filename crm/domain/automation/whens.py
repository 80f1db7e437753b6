"""When a rule is asked: the kinds of moments, what each listens to, and whether an event is one.

`when` is {"kind": …} with, by kind: `field` with `from` and `to` (as events keep values; absent: whatever), `tag`,
`days` and `hour`, `every` and `on`, `fact`. A type of record with facts of its own that rules may name puts them into
FACTS.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.domain.records.events import Created, Imported
from crm.kernel.events import Fact
from crm.kernel.text import N_

CREATED, CHANGED, ENTERED, IMPORTED, TAGGED = "created", "changed", "entered", "imported", "tagged"
DATE, SCHEDULE, FACT = "date", "schedule", "fact"
BY_THE_CLOCK = (DATE, SCHEDULE)
DAY, WEEK, MONTH = "day", "week", "month"
IMPORTS = "imports"  # no type of record, yet something that rules are about


@dataclass(frozen=True)
class Named:
    """A fact that rules may name: the kind of subject it is about, and how it reads after “when”."""

    type: str
    sentence: str


FACTS: dict[str, Named] = {
    "import.finished": Named(IMPORTS, N_("an import has finished")),
    "lead.converted": Named("leads", N_("the %(lead)s is converted")),
    "ticket.answered": Named("tickets", N_("the %(ticket)s is answered for the first time")),
    "ticket.answer_near": Named("tickets", N_("the first answer is due soon, by what is promised")),
    "ticket.answer_late": Named("tickets", N_("the first answer is later than promised")),
    "ticket.solution_near": Named("tickets", N_("the solution is due soon, by what is promised")),
    "ticket.solution_late": Named("tickets", N_("the solution is later than promised")),
    "ticket.sales_answered": Named("tickets", N_("sales has looked after the %(ticket)s")),
}
# Of these every one is dealt with, whether a rule names it or not: it is the end of many changes.
ALWAYS: dict[str, frozenset[str]] = {
    IMPORTS: frozenset({"import.finished", "import.cancelled", "import.failed"}),
    "bulk_changes": frozenset({"bulk.finished", "bulk.cancelled", "bulk.failed"}),
}


@dataclass(frozen=True)
class Ears:
    """What the rules about one type listen to, all together."""

    created: bool = False
    imported: bool = False
    any_change: bool = False
    fields: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()

    def hear(self, fact: Fact) -> bool:
        return self.hear_of(type(fact), vars(fact))

    def hear_of(self, kind: type[Fact], payload: Mapping[str, Any]) -> bool:
        if issubclass(kind, Created):
            return self.created
        if issubclass(kind, Imported):
            return self.imported
        if (changes := payload.get("changes")) and (self.any_change or not self.fields.isdisjoint(changes)):
            return True
        return kind.name in self.facts


def ears_of(whens: Iterable[Mapping[str, Any]]) -> Ears:
    whens = list(whens)
    kinds = {each["kind"] for each in whens}
    becoming = bool(kinds & {ENTERED, TAGGED})
    fields = {each.get("field", "") for each in whens if each["kind"] in (CHANGED, ENTERED)}
    if TAGGED in kinds:
        fields.add("tags")
    return Ears(
        becoming or CREATED in kinds,
        becoming or IMPORTED in kinds,
        "" in fields,
        frozenset(fields - {""}),
        frozenset(each["fact"] for each in whens if each["kind"] == FACT),
    )


def meets(
    when: Mapping[str, Any], kind: type[Fact], payload: Mapping[str, Any], tags: Collection[str] = ()
) -> bool | None:
    """Whether the event is such a moment; None: only the record itself can tell, since the event does not say. `tags`
    is everything that means the tag it names.
    """
    new = issubclass(kind, Created | Imported)
    match when["kind"]:
        case "created" | "imported":
            return issubclass(kind, Created if when["kind"] == CREATED else Imported)
        case "fact":
            return bool(kind.name == when["fact"])
        case "changed":
            return not new and _changed(when, payload.get("changes", {}))
        case "entered":
            return _arrived(when["to"], payload, when["field"], new)
        case "tagged":
            return _tagged({when["tag"], *tags}, payload, new)
    return False


def _changed(when: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    if not when.get("field"):
        return bool(changes)
    if when["field"] not in changes:
        return False
    before, after = changes[when["field"]]
    return ("from" not in when or before == when["from"]) and ("to" not in when or after == when["to"])


def _arrived(value: Any, payload: Mapping[str, Any], field: str, new: bool) -> bool | None:
    if new:
        values = payload.get("values", {})
        return values[field] == value if field in values else None
    before, after = payload.get("changes", {}).get(field, (None, None))
    return bool(after == value and before != after)


def _tagged(tags: set[str], payload: Mapping[str, Any], new: bool) -> bool:
    if new:
        return not tags.isdisjoint(payload.get("values", {}).get("tags") or ())
    before, after = payload.get("changes", {}).get("tags", (None, None))
    return not tags.isdisjoint(after or ()) and tags.isdisjoint(before or ())
