"""Which column of a file fills which field: suggested by its heading and its cells, decided by a person."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from crm.domain.imports.converting import DATED, Treatment, proven
from crm.domain.imports.dates import MONTH_FIRST
from crm.domain.imports.headings import ASIDE, heading_key, part_of_name
from crm.domain.imports.plan import Plan, joins, may_join
from crm.domain.imports.targets import Target
from crm.domain.imports.translating import Translations
from crm.domain.records.external import LONGEST_SOURCE
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import FieldKind
from crm.kernel.sealed import DOTS
from crm.kernel.text import N_, clean, fold

EXACT, KNOWN, SIMILAR, CELLS = "exact", "known", "similar", "cells"
_LEAST_SIMILAR = 88
_LEAST_FIT = 0.5
_LOOKED_AT = 25  # rows of the sample
_BARE = 50  # columns without heading that are looked into
_ANYTHING = (FieldKind.TEXT, FieldKind.LONG_TEXT, FieldKind.TAGS)
_TELLING = (FieldKind.EMAIL, FieldKind.URL, FieldKind.PHONE)  # kinds whose cells speak for themselves
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")

# The first column of the file of failed rows, by the language it is written in: never data when it comes back.
REASON_HEADINGS = {"en": "Why this row was not imported", "zh_CN": "未导入原因"}


@dataclass(frozen=True)
class Suggestion:
    """`confidence` 0 … 100; `fits` is the share of sample cells that the field can read, None where there are none."""

    column: int
    key: str
    confidence: int
    reason: str
    fits: float | None = None
    tells: bool = False  # whether not any text would fit

    @property
    def is_taken(self) -> bool:
        """The cells speak against it less than the heading speaks for it. What is only called alike is taken where
        the cells of a kind that can tell speak for it."""
        if self.reason == SIMILAR:
            return self.tells and self.fits is not None and self.fits >= _LEAST_FIT
        return self.fits is None or self.fits >= _LEAST_FIT


def _words(heading: str) -> str:
    return re.sub(r"[\W_]+", " ", fold(_CAMEL.sub(" ", ASIDE.sub("", heading)))).strip()


class Names:
    """Every way in which the fields are headed. `labels` are their names on pages, in each language."""

    def __init__(self, fields: Sequence[Field], labels: Mapping[str, Collection[str]]) -> None:
        self.exact: dict[str, str] = {}
        self.known: dict[str, str] = {}
        self.words: dict[str, str] = {}
        for field in fields:
            own = (field.key, field.label, *labels.get(field.key, ()))
            for heading in own:
                self.exact.setdefault(heading_key(heading), field.key)
            for heading in field.headings:
                self.known.setdefault(heading_key(heading), field.key)
            for heading in (*own, *field.headings):
                self.words.setdefault(_words(heading), field.key)

    def find(self, heading: str) -> tuple[str, int, str] | None:
        """(field key, confidence, reason) of the best fit, or None."""
        key = heading_key(heading)
        if not key or key in map(heading_key, REASON_HEADINGS.values()):
            return None
        if key in self.exact:
            return self.exact[key], 100, EXACT
        if key in self.known:
            return self.known[key], 95, KNOWN
        best = process.extractOne(
            _words(heading), self.words.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=_LEAST_SIMILAR
        )
        return (self.words[best[0]], round(best[1] * 0.9), SIMILAR) if best else None


def suggest(
    fields: Sequence[Field],
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    context: Context,
    labels: Mapping[str, Collection[str]],
    meanings: Translations | None = None,
) -> dict[int, Suggestion]:
    """Column → the field its heading names; what `is_taken` is one column a field, but for fields made of several."""
    names, by_key = Names(fields, labels), {each.key: each for each in fields}
    found = {column: match for column, heading in enumerate(headings) if (match := names.find(heading))}
    # A column with nothing in it comes last: of two that name a phone the one is taken that has some. What is headed as
    # the whole of a name comes before what is headed as a part of one.
    empty = {
        column
        for column in found
        if sample and not any(cells[column].strip() for cells in sample if column < len(cells))
    }
    ranked = sorted(
        found.items(),
        key=lambda each: (each[0] in empty, -each[1][1], part_of_name(headings[each[0]]) is not None, each[0]),
    )
    groups: dict[str, list[int]] = {}
    for column, (key, _, reason) in ranked:
        taken = groups.setdefault(key, [])
        more = joins(by_key[key]) and reason != SIMILAR and len(taken) < 3
        if not taken or (more and _go_together(by_key[key], [headings[each] for each in (*taken, column)])):
            taken.append(column)
    suggestions: dict[int, Suggestion] = {}
    for key, columns in groups.items():
        fits = fit(by_key[key], sorted(columns), headings, sample, context, meanings)
        for column in columns:
            suggestions[column] = Suggestion(column, key, *found[column][1:], fits, by_key[key].kind not in _ANYTHING)
    return suggestions | dict(_by_cells(fields, headings, sample, context, suggestions))


def _go_together(field: Field, headings: Sequence[str]) -> bool:
    """Of a name only its parts, each once."""
    parts = [part_of_name(each) for each in headings]
    return not field.core or len(parts) == 1 or (None not in parts and len(set(parts)) == len(parts))


def _by_cells(
    fields: Sequence[Field],
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    context: Context,
    suggestions: Mapping[int, Suggestion],
) -> Iterator[tuple[int, Suggestion]]:
    """A column without a heading is known by its cells, where these can be nothing else."""
    free = {each.key for each in fields} - {each.key for each in suggestions.values()}
    for column in [column for column, heading in enumerate(headings) if not heading.strip()][:_BARE]:
        for field in (each for each in fields if each.kind in _TELLING and each.key in free):
            fits = fit(field, [column], headings, sample, context)
            marked = field.kind is not FieldKind.URL or any(
                "." in cells[column] for cells in sample if column < len(cells)
            )
            if fits and fits >= 0.8 and marked:
                free.discard(field.key)
                yield column, Suggestion(column, field.key, 60, CELLS, fits)
                break


def fit(
    field: Field,
    columns: Sequence[int],
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    context: Context,
    meanings: Translations | None = None,
) -> float | None:
    """The share of the sample's cells that the field can read; None where there are none."""
    mapping = {column: field.key for column in columns}
    rows = [cells for cells in sample if len(cells) > max(columns)]
    rules = proven([field], Plan([field], mapping, headings).said(rows), {})
    if field.kind in DATED and field.key not in rules:  # whichever comes first, they are dates
        rules = {field.key: {"order": MONTH_FIRST}}
    plan = Plan([field], mapping, headings, Treatment(translations=meanings or {}, conversions=rules))
    texts = [text for cells in sample[:_LOOKED_AT] if (text := plan.texts(list(cells))[field.key]).strip()]
    if not texts:
        return None
    readings = read_rows(plan.fields, [{field.key: text} for text in texts], context)
    return sum(not each.problems for each in readings) / len(texts)


def without_secrets(
    inspection: Mapping[str, Any], fields: Mapping[str, Field], mapping: Mapping[int, str]
) -> dict[str, Any]:
    """What the reader found, without the cells of columns that fill encrypted fields."""
    secret = {at for at, key in mapping.items() if fields[key].kind is FieldKind.ENCRYPTED}
    above = inspection["heading_row"]
    sample = [
        [line, [DOTS if at in secret and cell and line > above else cell for at, cell in enumerate(cells)]]
        for line, cells in inspection["sample"]
    ]
    return {**inspection, "sample": sample}


def check_mapping(
    record_type: Target, actor: Actor, mapping: Mapping[int, str], fallbacks: Collection[str] = ()
) -> None:
    """Raises Invalid with a sentence for whoever chose it. `fallbacks`: fields that have something without a column."""
    fields: dict[str, Field] = {each.key: each for each in record_type.fields}
    for key in mapping.values():
        if key not in fields or not fields[key].writable_by(actor):
            label: Any = fields[key].label if key in fields else key
            raise Invalid(N_("You may not fill in “%(field)s”: leave its column out."), field=label)
    for key in set(mapping.values()):
        if list(mapping.values()).count(key) > 1 and not may_join(fields[key]):
            raise Invalid(N_("Two columns are to fill “%(field)s”: keep one of them."), field=fields[key].label)
    for field in fields.values():
        if field.required and field.default is None and field.key not in {*mapping.values(), *fallbacks}:
            raise Invalid(N_("No column fills “%(field)s”, and no record can do without it."), field=field.label)


def checked_source(source: str, column: int | None, columns: int) -> tuple[str, int | None]:
    """The system and the column of its ids; Invalid with a sentence."""
    source = clean(source)[:LONGEST_SOURCE]
    if column is not None and not 0 <= column < columns:
        raise Invalid(N_("The file has no column %(number)s."), number=column + 1)
    if column is not None and not source:
        raise Invalid(N_("Say which system the ids are of: two systems may use the same ones."), key="source")
    return source, column


def check_divided(fields: Mapping[str, Field], mapping: Mapping[int, str], columns: int) -> None:
    """Behind the file's own `columns` stand parts of them: what they came from is kept as it is. Raises Invalid."""
    for column, key in mapping.items():
        if column >= columns and fields[key].kind is FieldKind.ENCRYPTED:
            raise Invalid(N_("“%(field)s” is kept encrypted: it needs a column of its own."), field=fields[key].label)
