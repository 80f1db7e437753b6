"""What is to become of rows that are here already, or alike: decided one by one, or by how alike they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select, text

from crm.domain.imports.events import ImportDecided
from crm.domain.imports.findings import ImportLike
from crm.domain.imports.guards import only_in, only_owner
from crm.domain.imports.models import Import, ImportRow
from crm.domain.imports.states import DUPLICATES, SIMILAR, WRITING, RowState, State
from crm.domain.imports.targets import TARGETS, may_write_over
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_

PAGE = 25
ALIKE, THERE = "alike", "there"  # rows that are only alike, and those that are here already
KINDS = (ALIKE, THERE)
WAYS = {each.key for each in DUPLICATES}
_MAY_NOT = N_("You may not change existing records: leave the duplicates out.")

Choice = tuple[str, int | None]  # (a key of DUPLICATES or "" for none, the record it is about)

_BY_SCORE = text("""
    UPDATE import_rows SET decision = :way, decided_id = best.record_id
    FROM import_likes AS best
    WHERE import_rows.import_id = :id AND import_rows.likeness >= :least AND import_rows.decision IS NULL
    AND best.import_id = :id AND best.line = import_rows.line AND best.rank = 0
    AND (best.record_id IS NOT NULL OR NOT :writes)""")


def rows_to_decide(import_: Import, kind: str, after: int = 0, size: int = PAGE) -> Sequence[ImportRow]:
    """Behind a line: one page and one more. By ix_import_rows_alike, or ix_import_rows_state."""
    statement = _of_kind(import_, kind).where(ImportRow.line > after)
    return db.session.scalars(statement.order_by(ImportRow.line).limit(size + 1)).all()


def undecided(import_: Import, kind: str) -> int:
    statement = _of_kind(import_, kind).where(ImportRow.decision.is_(None)).with_only_columns(func.count())
    return db.session.scalar(statement) or 0


def _of_kind(import_: Import, kind: str) -> Select[Any]:
    statement = select(ImportRow).where(ImportRow.import_id == import_.id)
    if kind == ALIKE:
        return statement.where(ImportRow.likeness.is_not(None))
    return statement.where(ImportRow.state == RowState.DUPLICATE_STORED)


def likes_of(import_: Import, lines: Sequence[int]) -> dict[int, list[ImportLike]]:
    """By line, the most alike first."""
    statement = select(ImportLike).where(ImportLike.import_id == import_.id, ImportLike.line.in_(lines))
    found: dict[int, list[ImportLike]] = {}
    for each in db.session.scalars(statement.order_by(ImportLike.line, ImportLike.rank)):
        found.setdefault(each.line, []).append(each)
    return found


def decide(actor: Actor, import_: Import, choices: Mapping[int, Choice]) -> int:
    """By line; how many rows have another decision now. Raises Invalid or RuleBroken with a sentence."""
    _check(actor, import_, {way for way, _ in choices.values() if way})
    wanted = select(ImportRow).where(ImportRow.import_id == import_.id, ImportRow.line.in_(choices))
    rows = db.session.scalars(wanted.order_by(ImportRow.line).with_for_update()).all()
    likes = likes_of(import_, [row.line for row in rows])
    changed = 0
    for row in rows:
        way, record_id = choices[row.line]
        about = _about(row, likes.get(row.line, ()), record_id) if way and way != "create" else None
        if way in WRITING and about is None:
            raise Invalid(N_("Line %(line)s is like no record that is here: create it or leave it out."), line=row.line)
        if (row.decision or "", row.decided_id) != (way, about):
            row.decision, row.decided_id = way or None, about
            changed += 1
    _note(actor, import_, changed)
    return changed


def _about(row: ImportRow, likes: Sequence[ImportLike], record_id: int | None) -> int | None:
    """The record that was chosen, of those it is like; else the one it is most like."""
    known = [each for each in (row.duplicate_id, *(like.record_id for like in likes)) if each is not None]
    return record_id if record_id in known else next(iter(known), None)


def decide_by_score(actor: Actor, import_: Import, *, way: str, least: float) -> int:
    """Of all that are at least so alike and that nobody has decided about; how many that were."""
    _check(actor, import_, {way})
    given = {"id": import_.id, "way": way, "least": least, "writes": way in WRITING}
    changed = int(db.session.execute(_BY_SCORE, given).rowcount)  # type: ignore[attr-defined]
    _note(actor, import_, changed)
    return changed


def rest_of_similar(actor: Actor, import_: Import, way: str) -> None:
    """What becomes of the rows that are alike and that nobody has decided about."""
    _check(actor, import_, set())
    if way not in {each.key for each in SIMILAR}:
        raise Invalid(N_("Choose what is to become of duplicates."))
    if import_.similar != way:
        import_.similar = way
        _note(actor, import_, import_.alike)


def _check(actor: Actor, import_: Import, ways: set[str]) -> None:
    only_owner(actor, import_)
    only_in(import_, State.CHECKED)
    if not ways <= WAYS:
        raise Invalid(N_("Choose what is to become of duplicates."))
    if ways & WRITING and not may_write_over(actor, TARGETS[import_.record_type]):
        raise RuleBroken(_MAY_NOT)


def _note(actor: Actor, import_: Import, changed: int) -> None:
    if changed:
        import_.rehearsal = None
        record(actor, import_, ImportDecided(changed))
