"""From the cells of a row to values ready to be stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from crm.domain.imports.changes import Changes
from crm.domain.imports.converting import AS_IS, Treatment, steps_for
from crm.domain.imports.headings import OF_ANOTHER_THING, heading_key, part_of_name, whole_name
from crm.domain.imports.rows import CELL
from crm.domain.reference.sources import REGIONS
from crm.kernel.access import Actor
from crm.kernel.fields import Context, Field, Reading, read_columns
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.sealed import seal
from crm.kernel.text import fold

Parts = list[tuple[str, str]]  # (heading, cell) of each column that fills one field, empty cells left out


def _lines(parts: Parts) -> str:
    """Several columns in one long text are told apart by their headings; one alone where it is of another thing."""
    if len(parts) == 1 and heading_key(parts[0][0]) not in OF_ANOTHER_THING:
        return parts[0][1]
    return "\n".join(f"{heading}: {cell}" if heading else cell for heading, cell in parts)


def _spaced(parts: Parts) -> str:
    return " ".join(cell.strip() for _, cell in parts)


def _joiner(field: Field) -> Callable[[Parts], str] | None:
    """How the cells of several columns become the text of this field; None when one column is all it takes."""
    if field.kind is FieldKind.LONG_TEXT:
        return _lines
    if field.kind in (FieldKind.TAGS, FieldKind.MULTI_CHOICE):
        return lambda parts: ",".join(cell for _, cell in parts)
    if field.core and field.kind is FieldKind.TEXT and any(part_of_name(each) is not None for each in field.headings):
        return whole_name
    if (
        field.kind in _IN_PARTS and not field.core
    ) or field.source is REGIONS:  # province, city and county, each in a column of its own
        return _spaced
    return None


_IN_PARTS = frozenset({FieldKind.TEXT, FieldKind.DATETIME})  # a street and its number, a day and its hour


def may_join(field: Field) -> bool:
    """May several columns fill it?"""
    return _joiner(field) is not None


def joins(field: Field) -> bool:
    """May several columns be taken for it without anybody's word?"""
    return _joiner(field) not in (None, _spaced) or field.source is REGIONS


# What systems and people write where there is nothing. In free text it stays, since it may be meant.
_NOTHING = frozenset(
    {"", "n/a", "na", "#n/a", "null", "none", "nil", "-", "--", "—", "/", "无", "暂无", "未填", "未知", "空"}
)
_SHORT = 8
_LITERAL = frozenset({FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.TAGS})
_ALIKE = SOURCED | {FieldKind.DATE, FieldKind.DATETIME}  # kinds of which many rows say the same


def _is_nothing(cell: str) -> bool:
    return not cell or cell.strip().lower() in _NOTHING


class Plan:
    """Which cells become which texts; made once per reading, used for every row. A field that no column fills has its
    fallback in every row."""

    def __init__(
        self,
        fields: Sequence[Field],
        mapping: Mapping[int, str],
        headings: Sequence[str],
        treatment: Treatment = AS_IS,
    ) -> None:
        self.treatment = treatment
        said = {*mapping.values(), *treatment.fallbacks}
        filled = [each for each in fields if each.key in said]
        # A column may be empty where a new record has a default; the verb fills it in.
        self.fields = [replace(each, required=False) if each.default is not None else each for each in filled]
        self.columns = {each.key: sorted(c for c, key in mapping.items() if key == each.key) for each in filled}
        self.headings = headings
        self._secret = {
            column: each.place
            for each in filled
            if each.kind is FieldKind.ENCRYPTED
            for column in self.columns[each.key]
        }
        self._joiners = {each.key: _joiner(each) or _spaced for each in filled}
        rules = treatment.conversions
        self._steps = {each.key: steps_for(each, rules.get(each.key, {})) for each in filled}
        self._regions = {
            key: region for key, rule in rules.items() if (region := rule.get("region")) and key in self.columns
        }

    def first_column(self, key: str) -> int | None:
        """Where to look for what is wrong with a field; None where no column fills it."""
        return next(iter(self.columns[key]), None)

    def texts(self, cells: Sequence[str]) -> dict[str, str]:
        """By field key. `cells` has at least as many as there are headings."""
        return {key: texts[0] for key, texts in self._columns([cells], Changes()).items()}

    def said(self, rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
        """What stands in the file, by field key, before anything is done to it."""
        return {key: self._said(key, columns, rows) for key, columns in self.columns.items() if columns}

    def staged(self, cells: Sequence[str]) -> list[str]:
        """The cells as they are kept until the import is forgotten."""
        if not self._secret:
            return list(cells)
        return [
            seal(self._secret[at] + CELL, cell) if at in self._secret and cell else cell
            for at, cell in enumerate(cells)
        ]

    def read(self, rows: Sequence[Sequence[str]], context: Context, changes: Changes | None = None) -> list[Reading]:
        """`changes` hears what was done to each cell."""
        texts = self._columns(rows, changes := changes or Changes())
        here = [each for each in self.fields if each.key not in self._regions]
        readings = read_columns(here, texts, len(rows), context)
        for field in self.fields:
            if region := self._regions.get(field.key):
                found = read_columns([field], texts, len(rows), replace(context, region=region))
                for reading, more in zip(readings, found, strict=True):
                    reading.values |= more.values
                    reading.problems |= more.problems
        changes.read(self.fields, texts, readings)
        return readings

    def _said(self, key: str, columns: Sequence[int], rows: Sequence[Sequence[str]]) -> list[str]:
        named, join = [(self._heading(each), each) for each in columns], self._joiners[key]
        if len(columns) == 1 and (join is not _lines or heading_key(named[0][0]) not in OF_ANOTHER_THING):
            column = columns[0]
            return [cells[column] for cells in rows]
        return [
            join([(heading, cells[each]) for heading, each in named if not _is_nothing(cells[each])]) for cells in rows
        ]

    def _columns(self, rows: Sequence[Sequence[str]], changes: Changes) -> dict[str, list[str]]:
        """The texts of many rows by field key: a column at a time is twice as fast as a row at a time."""
        found: dict[str, list[str]] = {}
        for field in sorted(self.fields, key=lambda each: each.shown_if is not None):
            key, columns = field.key, self.columns[field.key]
            texts = self._said(key, columns, rows) if columns else [""] * len(rows)
            changes.said(field, texts)
            if field.kind not in _LITERAL:
                texts = changes.put("nothing", texts, _emptied(texts))
            texts = self._converted(field, texts, changes)
            if meanings := self.treatment.translations.get(key):
                meant = [meanings.get(fold(each), each) if each else each for each in texts]
                texts = changes.put("meaning", texts, meant)
            if fallback := self.treatment.fallbacks.get(key):
                given = (fallback if place else "" for place in self._places(field, found, len(rows)))
                filled = [each if each.strip() else one for each, one in zip(texts, given, strict=True)]
                texts = changes.put("fallback", texts, filled)
            found[key] = texts
        return found

    def _places(self, field: Field, found: Mapping[str, list[str]], count: int) -> Sequence[bool]:
        """Of each row whether there is a place for the field, by what it says of the one that this hangs on."""
        condition = field.shown_if
        asking = next((each for each in self.fields if condition and each.key == condition.field), None)
        if condition is None or asking is None or asking.key not in found:
            return [True] * count
        readings = read_columns([asking], {asking.key: found[asking.key]}, count, Context(Actor(None)))
        return [condition.holds(each.values.get(asking.key)) for each in readings]

    def _converted(self, field: Field, texts: list[str], changes: Changes) -> list[str]:
        for kind, step in self._steps[field.key]:
            texts = changes.put(kind, texts, _stepped(step, texts, once=field.kind in _ALIKE))
        return texts

    def _heading(self, column: int) -> str:
        return self.headings[column] if column < len(self.headings) else ""


def _emptied(texts: list[str]) -> list[str]:
    return ["" if len(each) < _SHORT and _is_nothing(each) else each for each in texts]


def _stepped(step: Callable[[str], str], texts: list[str], *, once: bool) -> list[str]:
    if not once:
        return [step(each) if each else each for each in texts]
    known = {each: step(each) if each else each for each in set(texts)}
    return [known[each] for each in texts]
