"""Reading verification samples: by whoever sees the import, and by whoever was asked to help."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from crm.domain.imports.models import Import, ImportRow
from crm.domain.imports.targets import TARGETS
from crm.domain.notifications.queries import names_of
from crm.domain.sampling.models import WRONG, ImportSample, ImportSamplePerson, ImportSampleRow
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped


@dataclass(frozen=True)
class Counts:
    rows: int
    judged: int
    wrong: int
    people: int

    @property
    def left(self) -> int:
        return self.rows - self.judged

    @property
    def right_share(self) -> float:
        return (self.judged - self.wrong) / self.judged if self.judged else 0.0


def latest(import_id: int) -> ImportSample | None:
    of = select(ImportSample).where(ImportSample.import_id == import_id)
    return db.session.scalars(of.order_by(ImportSample.id.desc()).limit(1)).first()


def counts(sample: ImportSample) -> Counts:
    row = ImportSampleRow
    asked = select(
        func.count(),
        func.count(row.verdict),
        func.count().filter(row.verdict == WRONG),
        func.count(row.by_id.distinct()),
    ).where(row.sample_id == sample.id)
    return Counts(*db.session.execute(asked).one())


def sample_for(actor: Actor, sample_id: int) -> tuple[Import, ImportSample] | None:
    """The sample with its import, for whoever sees the import or was asked to help."""
    sample = db.session.get(ImportSample, sample_id)
    if sample is None:
        return None
    seen = db.session.scalars(Import.visible_to(actor).where(Import.id == sample.import_id)).first()
    if seen is not None and (seen.owner_id == actor.id or actor.may(TARGETS[seen.record_type].may_read)):
        return seen, sample
    if not _was_asked(actor, sample) or "imports" not in actor.modules:
        return None
    with unscoped("whoever was asked to help sees the rows of the sample"):
        import_ = db.session.get(Import, sample.import_id)
    return (import_, sample) if import_ is not None and import_.deleted_at is None else None


def _was_asked(actor: Actor, sample: ImportSample) -> bool:
    asked = select(ImportSamplePerson.person_id).filter_by(sample_id=sample.id, person_id=actor.id)
    return actor.id is not None and db.session.scalar(asked) is not None


def may_judge(actor: Actor, sample: ImportSample) -> bool:
    return sample_for(actor, sample.id) is not None


def helpers(sample: ImportSample) -> Sequence[int]:
    asked = select(ImportSamplePerson.person_id).filter_by(sample_id=sample.id)
    return db.session.scalars(asked.order_by(ImportSamplePerson.person_id)).all()


def row_of(sample: ImportSample, line: int) -> ImportSampleRow | None:
    return db.session.get(ImportSampleRow, (sample.id, line))


def rows_of(sample: ImportSample, verdict: str = "") -> Sequence[ImportSampleRow]:
    """All of them, or those judged so."""
    some = select(ImportSampleRow).filter_by(sample_id=sample.id)
    some = some.where(ImportSampleRow.verdict == verdict) if verdict else some
    return db.session.scalars(some.order_by(ImportSampleRow.line)).all()


def next_line(actor: Actor, sample: ImportSample, after: int = 0) -> int | None:
    """One that nobody has judged. Each person begins elsewhere, so that several seldom meet at the same row."""
    left = list(
        db.session.scalars(
            select(ImportSampleRow.line)
            .where(ImportSampleRow.sample_id == sample.id, ImportSampleRow.verdict.is_(None))
            .order_by(ImportSampleRow.line)
        )
    )
    if not left:
        return None
    if after:
        return next((each for each in left if each > after), left[0])
    return left[(actor.id or 0) * 7919 % len(left)]


def staged(import_id: int, lines: Collection[int]) -> Mapping[int, Sequence[str]]:
    """The cells as they stood in the file, by line."""
    asked = select(ImportRow.line, ImportRow.raw).where(ImportRow.import_id == import_id, ImportRow.line.in_(lines))
    return {row.line: row.raw for row in db.session.execute(asked)}


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """What a notification calls it: the file."""
    found: dict[int, Any] = {}
    for each in ids:
        if (both := sample_for(actor, each)) is not None:
            found[each] = both[0].filename
    return found


names_of[ImportSample.__tablename__] = _named
