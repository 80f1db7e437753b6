"""What texts of a file mean here: their “A类” is our A, their 张三 is our Zhang San. Each is said once for all rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import text

from crm.domain.imports.models import Import
from crm.domain.imports.targets import Target
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.text import N_, fold

_NEAR = 80  # how alike a choice must be to be offered
MOST = 200  # texts that are asked about at once, the most frequent first
TRANSLATED = SOURCED | {FieldKind.CHOICE, FieldKind.YES_NO}  # kinds whose values are known beforehand
Translations = Mapping[str, Mapping[str, str]]  # field key → {folded text: what the field can read}

_UNKNOWN = text("""
    SELECT problem->>0 AS key, raw->>CAST(problem->>1 AS integer) AS said, count(*) AS rows
    FROM import_rows, json_array_elements(problems) AS problem
    WHERE import_id = :id AND problems IS NOT NULL AND problem->>4 = 'bad' AND problem->>0 = ANY(:keys)
    GROUP BY 1, 2 ORDER BY rows DESC, 1, 2 LIMIT :most""")


@dataclass(frozen=True)
class Unknown:
    """A text that the field cannot read, and in how many rows it stands."""

    key: str
    text: str
    rows: int


def unknown(import_: Import, target: Target) -> Sequence[Unknown]:
    """Of fields that one column alone fills. By ix_import_rows_problems."""
    keys = [key for key in (import_.mapping or {}).values() if key]
    known = target.by_key()
    asked = [key for key in set(keys) if key in known and known[key].kind in TRANSLATED and keys.count(key) == 1]
    if not asked:
        return []
    rows = db.session.execute(_UNKNOWN, {"id": import_.id, "keys": asked, "most": MOST})
    return [Unknown(row.key, row.said, row.rows) for row in rows if row.said]


def nearest(text: str, options: Sequence[tuple[str, str]]) -> str:
    """The key of the option (key, label) that is called most alike, as a guess to look at; "" where none is near."""
    labels = {key: fold(label) for key, label in options}
    best = process.extractOne(fold(text), labels, scorer=fuzz.WRatio, score_cutoff=_NEAR)
    return str(best[2]) if best else ""


def read(actor: Actor, target: Target, given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """What somebody said, checked: each must be something the field can read, or nothing; Invalid with a sentence."""
    known, found = target.by_key(), {}
    for key, texts in given.items():
        field = known.get(key)
        if field is None or field.kind not in TRANSLATED or not field.writable_by(actor):
            continue
        for said, means in texts.items():
            if problem := _problem(actor, field, means):
                raise Invalid(problem.message, **{**problem.params, "said": said})
        found[key] = {fold(said): means.strip() for said, means in texts.items()}
    return found


def read_fallbacks(actor: Actor, target: Target, given: Mapping[str, str]) -> dict[str, str]:
    """What rows that say nothing are to have, checked; Invalid with a sentence."""
    known, found = target.by_key(), {}
    for key, words in given.items():
        field = known.get(key)
        if field is None or not field.writable_by(actor) or not words.strip():
            continue
        if field.kind is FieldKind.ENCRYPTED:
            raise Invalid(N_("“%(field)s” is kept encrypted: it needs a column of its own."), field=field.label)
        if problem := _problem(actor, field, words):
            raise Invalid(problem.message, **{**problem.params, "said": words})
        found[key] = words.strip()
    return found


def readable(actor: Actor, field: Field, texts: Collection[str]) -> set[str]:
    """Those of the texts that the field reads by itself."""
    some = list(dict.fromkeys(each for each in texts if each.strip()))
    readings = read_rows([field], [{field.key: each} for each in some], Context(actor))
    return {text for text, reading in zip(some, readings, strict=True) if not reading.problems}


def _problem(actor: Actor, field: Field, means: str) -> Invalid | None:
    if not means.strip():
        return None
    reading = read_rows([field], [{field.key: means}], Context(actor))[0]
    return reading.problems.get(field.key)


def gone(actor: Actor, target: Target, translations: Translations) -> list[tuple[str, dict[str, Any]]]:
    """Sentences about what is kept and cannot be read any more, such as a choice that was retired."""
    known, found = target.by_key(), []
    for key, texts in sorted(translations.items()):
        if (field := known.get(key)) is None:
            continue
        for said, means in sorted(texts.items()):
            if _problem(actor, field, means):
                found.append((_GONE, {"field": field.label, "said": said, "means": means}))
    return found


_GONE = N_("%(field)s: “%(said)s” was to become “%(means)s”, which is not there any more.")
