"""Drawing a sample, judging its rows together, and signing what came of it."""

from collections.abc import Collection, Sequence
from secrets import randbelow
from typing import Any

from sqlalchemy import Text, cast, func, literal, select

from crm.domain.imports.models import Import, ImportResult
from crm.domain.imports.states import Outcome
from crm.domain.imports.targets import TARGETS
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.people.models import Person
from crm.domain.sampling.events import SampleDrawn, SampleShared, SampleSigned
from crm.domain.sampling.models import RIGHT, WRONG, ImportSample, ImportSamplePerson, ImportSampleRow
from crm.domain.sampling.queries import counts, latest, may_judge
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_, clean

MOST = 400  # that people look at
SHARE = 0.1  # of the rows, where nobody says how many
BAR = 0.99  # the share that must be right
LONGEST_NOTE = 500
DID = (Outcome.CREATED.value, Outcome.UPDATED.value, Outcome.MERGED.value)
_SIGNED = N_("This verification sample is signed: draw another one.")


def usual_size(population: int) -> int:
    """A tenth, at least twenty, at most four hundred."""
    return min(population, MOST, max(20, round(population * SHARE)))


def population_of(import_: Import) -> int:
    return import_.came_in


def draw(actor: Actor, import_: Import, *, size: int | None = None, seed: int | None = None) -> ImportSample:
    """Choose rows to be compared; Invalid for a size there are no rows for."""
    population = population_of(import_)
    if not import_.is_ended or import_.purged_at or not population:
        raise RuleBroken(N_("There is nothing to verify: the import has not ended, or has stored nothing."))
    wanted = usual_size(population) if size is None else size
    if not 1 <= wanted <= min(MOST, population):
        raise Invalid(N_("Between 1 and %(most)s rows."), most=min(MOST, population), key="size")
    if (last := latest(import_.id)) is not None and last.signed_at is None and counts(last).judged:
        raise RuleBroken(N_("Sign the verification sample that is begun first: what was judged is not thrown away."))
    sample = ImportSample(
        import_id=import_.id,
        seed=randbelow(1_000_000) if seed is None else seed,
        size=wanted,
        population=population,
        by_id=actor.id,
    )
    db.session.add(sample)
    db.session.flush()
    parts = {each: getattr(import_, each) for each in DID}
    for outcome, count in _proportional(parts, wanted).items():
        for line, record_id in _lines(import_.id, outcome, sample.seed, count):
            db.session.add(ImportSampleRow(sample_id=sample.id, line=line, outcome=outcome, record_id=record_id))
    record(actor, import_, SampleDrawn(sample.id, wanted, sample.seed))
    return sample


def _proportional(parts: dict[str, int], size: int) -> dict[str, int]:
    """Of each at least one where the size allows; what is left over goes to those with the largest remainders."""
    whole = sum(parts.values())
    exact = {key: size * count / whole for key, count in parts.items() if count}
    found = {key: min(parts[key], max(1 if size >= len(exact) else 0, int(share))) for key, share in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (int(exact[key]) - exact[key], key))
    while (missing := size - sum(found.values())) != 0:
        step = 1 if missing > 0 else -1
        order = by_remainder if step > 0 else by_remainder[::-1]
        key = next(each for each in order if (found[each] < parts[each] if step > 0 else found[each] > 1))
        found[key] += step
        by_remainder = [*(each for each in by_remainder if each != key), key]
    return found


def _lines(import_id: int, outcome: str, seed: int, count: int) -> Sequence[Any]:
    mixed = func.md5(literal(f"{seed}:") + cast(ImportResult.line, Text))
    of = (ImportResult.import_id == import_id, ImportResult.outcome == outcome)
    statement = select(ImportResult.line, ImportResult.record_id).where(*of)
    return db.session.execute(statement.order_by(mixed, ImportResult.line).limit(count)).all()


def share(actor: Actor, import_: Import, sample: ImportSample, people: Collection[int]) -> None:
    """Ask colleagues to help. Each sees of a row what their own rights allow."""
    _open(sample)
    known = set(db.session.scalars(select(ImportSamplePerson.person_id).filter_by(sample_id=sample.id)))
    new = db.session.scalars(
        select(Person).where(Person.id.in_(set(people) - known - {actor.id}), Person.active).order_by(Person.id)
    ).all()
    if not new:
        return
    for each in new:
        db.session.add(ImportSamplePerson(sample_id=sample.id, person_id=each.id, asked_by_id=actor.id))
    notify(Kind.VERIFY, [News(each.id, ImportSample.__tablename__, sample.id) for each in new], by=actor)
    record(actor, import_, SampleShared(sample.id, [each.name for each in new]))


def judge(
    actor: Actor,
    import_: Import,
    sample: ImportSample,
    row: ImportSampleRow,
    *,
    wrong: Collection[str] = (),
    note: str = "",
    is_wrong: bool = False,
) -> None:
    """Right, or wrong in these fields. Of two who judge one row the second is told what the first has said."""
    _open(sample)
    if not may_judge(actor, sample):
        raise RuleBroken(N_("You were not asked to help with this verification sample."))
    db.session.refresh(row, with_for_update=True)
    verdict = WRONG if is_wrong or wrong else RIGHT
    if row.verdict is not None and row.by_id != actor.id and row.verdict != verdict:
        raise RuleBroken(N_("A colleague has judged this row otherwise meanwhile: look at it together."))
    known = TARGETS[import_.record_type].open_to(actor).by_key()
    said = clean(note, lines=True) or None
    if said is not None and len(said) > LONGEST_NOTE:
        raise Invalid(N_("At most %(most)s characters fit. Please shorten it."), most=LONGEST_NOTE, key="note")
    row.verdict, row.note, row.by_id, row.at = verdict, said, actor.id, clock.now()
    row.fields = sorted(each for each in wrong if each in known) or None


def judge_paper(actor: Actor, import_: Import, sample: ImportSample, wrong: Collection[int]) -> None:
    """What was ticked on paper: these lines are wrong, all others that nobody has judged are right."""
    _open(sample)
    rows = db.session.scalars(
        select(ImportSampleRow).filter_by(sample_id=sample.id).order_by(ImportSampleRow.line).with_for_update()
    ).all()
    if unknown := sorted(set(wrong) - {each.line for each in rows}):
        raise Invalid(N_("Line %(line)s is not in this sample."), line=unknown[0], key="lines")
    for row in rows:
        if row.verdict is None:
            judge(actor, import_, sample, row, is_wrong=row.line in wrong)
        elif row.line in wrong and row.verdict != WRONG:
            raise Invalid(N_("Line %(line)s was judged to be right before."), line=row.line, key="lines")


def sign(actor: Actor, import_: Import, sample: ImportSample) -> None:
    """From now on it stands; what is under the bar marks the import."""
    if not may_judge(actor, sample):
        raise RuleBroken(N_("You were not asked to help with this verification sample."))
    db.session.refresh(sample, with_for_update=True)
    _open(sample)
    now = counts(sample)
    if now.judged == 0:
        raise RuleBroken(N_("Judge at least one row first."))
    sample.signed_by_id, sample.signed_at = actor.id, clock.now()
    import_.verified_rows, import_.verified_wrong = now.judged, now.wrong
    record(actor, import_, SampleSigned(sample.id, now.judged, now.wrong))


def _open(sample: ImportSample) -> None:
    if sample.signed_at is not None:
        raise RuleBroken(_SIGNED)
