"""How the cells of a field are written in a file, and the texts that mean the same here.

A rule is what the mapping page lets one say of a field, kept as JSON:

    {"order": "mdy" | "dmy" | "ymd"}                dates of numbers, where cells leave it open
    {"decimals": "comma" | "point"}                 of numbers and amounts
    {"unit": "10000"}                               what one of them stands for; a cell's own (12.5万) goes before
    {"region": "US"}                                country of phone numbers without one
    {"case": "upper" | "lower" | "title"}, {"strip": "*#"}, {"narrow": true}    of texts
    {"proof": {"of": "order", "count": 12, "example": "12/25/2025"}}            why it is so by itself
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.domain.imports.amounts import COMMA, POINT, UNITS, decimals_of, plainly, sized
from crm.domain.imports.dates import ORDERS, from_serial, in_order, order_of
from crm.kernel.contact import known_region
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_

Rule = Mapping[str, Any]
Rules = Mapping[str, Rule]  # by field key
Step = tuple[str, Callable[[str], str]]  # (kind of change as in cleaning.KINDS, what it does to a cell)

DATED = frozenset({FieldKind.DATE, FieldKind.DATETIME})
COUNTED = frozenset({FieldKind.NUMBER, FieldKind.MONEY})
WORDED = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.URL, FieldKind.EMAIL})
CASES: Mapping[str, Callable[[str], str]] = {"upper": str.upper, "lower": str.lower, "title": str.title}
LONGEST_STRIP = 20


@dataclass(frozen=True)
class Treatment:
    """What is done to texts before fields read them. `translations`: as of translating.py; `fallbacks`: field key →
    what a row has that says nothing."""

    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    conversions: Rules = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)


AS_IS = Treatment()


def steps_for(field: Field, rule: Rule) -> list[Step]:
    """What is done to a cell of this field, one after the other."""
    found: list[Step] = []
    if strip := rule.get("strip"):
        gone = str.maketrans("", "", strip)
        found.append(("symbols", lambda text: text.translate(gone).strip()))
    if rule.get("narrow"):
        found.append(("width", lambda text: unicodedata.normalize("NFKC", text)))
    if case := rule.get("case"):
        found.append(("case", CASES[case]))
    if field.kind in DATED:
        order = rule.get("order", "")
        found += [
            ("serial", lambda text: from_serial(text.strip())),
            ("date_order", lambda text: in_order(text.strip(), order)),
        ]
    if field.kind in COUNTED:
        unit, decimals = rule.get("unit", ""), rule.get("decimals", "")
        found += [
            ("decimals", lambda text: plainly(text.strip(), decimals=decimals)),
            ("unit", lambda text: sized(text.strip(), unit)),
        ]
    return found


def proven(fields: Iterable[Field], columns: Mapping[str, Iterable[str]], rules: Rules) -> dict[str, Rule]:
    """The rules, and by field what its cells prove; `columns` are texts by field key. Where the cells of one column of
    dates prove nothing, those of the others speak for it: one system has written them all."""
    found: dict[str, Rule] = dict(rules)
    pooled, open_ = _Proof(), []
    for each in fields:
        of, tell = ("order", order_of) if each.kind in DATED else ("decimals", decimals_of)
        if each.kind not in DATED | COUNTED or of in found.get(each.key, {}) or each.key not in columns:
            continue
        proof = _Proof.of(columns[each.key], tell)
        if proof.won:
            found[each.key] = {**found.get(each.key, {}), of: proof.won, "proof": proof.told(of)}
        if of == "order":
            pooled.add(proof)
            open_ += [] if proof.counts else [each.key]
    for key in open_ if pooled.won else ():
        found[key] = {**found.get(key, {}), "order": pooled.won, "proof": {**pooled.told("order"), "pooled": True}}
    return found


def as_said(rules: Rules) -> dict[str, dict[str, Any]]:
    """The rules without what cells proved: another file, or another column, must prove it itself."""
    found = {}
    for key, rule in rules.items():
        proof = rule.get("proof")
        kept = {name: value for name, value in rule.items() if name != "proof" and not (proof and name == proof["of"])}
        if kept:
            found[key] = kept
    return found


class _Proof:
    """Cells that can be read in one way alone, counted by that way."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.examples: dict[str, str] = {}

    @classmethod
    def of(cls, texts: Iterable[str], tell: Callable[[str], str]) -> "_Proof":
        found = cls()
        for text in map(str.strip, texts):
            if text and (way := tell(text)):
                found.counts[way] = found.counts.get(way, 0) + 1
                found.examples.setdefault(way, text[:40])
        return found

    def add(self, other: "_Proof") -> None:
        for way, count in other.counts.items():
            self.counts[way] = self.counts.get(way, 0) + count
            self.examples.setdefault(way, other.examples[way])

    @property
    def won(self) -> str:
        """ "" where nothing is proven, or both."""
        return next(iter(self.counts)) if len(self.counts) == 1 else ""

    def told(self, of: str) -> dict[str, Any]:
        return {"of": of, "count": self.counts[self.won], "example": self.examples[self.won]}


def choices_of(field: Field) -> tuple[str, ...]:
    """What one can say of its cells."""
    if field.kind in DATED:
        return ("order",)
    if field.kind in COUNTED:
        return ("unit", "decimals")
    if field.kind is FieldKind.PHONE:
        return ("region",)
    return ("case", "strip", "narrow") if field.kind in WORDED else ()


_KNOWN = {"order": ORDERS, "decimals": (COMMA, POINT), "unit": tuple(UNITS), "case": tuple(CASES)}


def checked_rule(field: Field, given: Mapping[str, str]) -> dict[str, Any]:
    """What a form says of a field, checked; Invalid with a sentence."""
    found: dict[str, Any] = {}
    for name in choices_of(field):
        value = given.get(name, "").strip()
        if not value:
            continue
        if name == "narrow":
            found[name] = True
        elif name == "strip":
            found[name] = value[:LONGEST_STRIP]
        elif name == "region":
            found[name] = _region(value)
        elif value in _KNOWN[name]:
            found[name] = value
    return found


def _region(value: str) -> str:
    if not known_region(value.upper()):
        raise Invalid(N_("“%(value)s” is not a country in two letters such as US."), value=value[:20], key="region")
    return value.upper()
