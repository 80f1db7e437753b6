"""The score of a lead: the sum of what the rules give, made by the database in every write that may change it."""

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, ColumnElement, Integer, any_, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.leads.conditions import criterion_of, makes_sense
from crm.domain.leads.events import LeadScoresMade
from crm.domain.leads.models import Lead
from crm.domain.leads.rule_models import ScoreRule, ScoreRun
from crm.infra import clock
from crm.infra.db import db
from crm.kernel import shape
from crm.kernel.access import Actor, unscoped
from crm.kernel.events import record

BATCH = 2_000


def rules() -> Sequence[ScoreRule]:
    return db.session.scalars(select(ScoreRule).order_by(ScoreRule.id)).all()


def among(ids: Collection[int]) -> ColumnElement[bool]:
    """As one array: thousands of parameters would take longer to write down than to look up."""
    return Lead.id == any_(literal(sorted(ids), ARRAY(BigInteger)))


def score(actor: Actor, ids: Collection[int]) -> None:
    """Of these leads, as they stand in the transaction under way."""
    if known := rules():
        _set(actor, known, ids)


def _set(actor: Actor, known: Sequence[ScoreRule], ids: Collection[int]) -> None:
    given = _points(actor, known)
    statement = update(Lead).where(among(ids), Lead.score != given).values(score=given)
    db.session.execute(statement.execution_options(scoped=True, synchronize_session=False))
    for one in db.session.identity_map.values():
        if isinstance(one, Lead) and one.id in ids:
            db.session.expire(one, ["score"])


def _points(actor: Actor, known: Sequence[ScoreRule]) -> ColumnElement[int]:
    """A rule whose field or choice is gone gives nothing."""
    sum_: ColumnElement[int] = literal(0, Integer)
    for each in known:
        if makes_sense(actor, each.condition):
            sum_ = sum_ + case((criterion_of(actor, each.condition), each.points), else_=0)
    return sum_


def explained(actor: Actor, lead: Lead) -> list[ScoreRule]:
    """The rules that give this lead its points now."""
    known = [each for each in rules() if makes_sense(actor, each.condition)]
    if not known:
        return []
    holds = [func.coalesce(criterion_of(actor, each.condition), False) for each in known]
    statement = select(*holds).select_from(Lead).where(Lead.id == lead.id).execution_options(scoped=True)
    row = db.session.execute(statement).one()
    return [each for each, held in zip(known, row, strict=True) if held]


def last_run() -> ScoreRun | None:
    return db.session.scalars(select(ScoreRun).order_by(ScoreRun.id.desc()).limit(1)).first()


def ask_anew(actor: Actor) -> ScoreRun:
    """Have all leads scored by a worker; what was under way for older rules ends here."""
    unfinished = update(ScoreRun).where(ScoreRun.finished_at.is_(None)).values(finished_at=clock.now())
    db.session.execute(unfinished.execution_options(synchronize_session=False))
    run = ScoreRun(asked_by_id=actor.id, asked_at=clock.now())
    db.session.add(run)
    db.session.flush()
    return run


def step() -> bool:
    """A worker's turn: one batch, one transaction. False when nothing waits, or another worker is at it."""
    waiting = select(ScoreRun).where(ScoreRun.finished_at.is_(None)).order_by(ScoreRun.id)
    run = db.session.scalars(waiting.limit(1).with_for_update(skip_locked=True)).first()
    if run is None:
        return False
    actor = Actor(None, shape=db.session.scalar(select(shape.version())) or 0)
    with unscoped("the rules are for the leads of everybody"):
        if run.total is None:
            run.total = db.session.scalar(select(func.count()).select_from(Lead)) or 0
        following = select(Lead.id).where(Lead.id > run.after_id).order_by(Lead.id).limit(BATCH)
        ids = db.session.scalars(following).all()
    if ids:
        _set(actor, rules(), ids)
        run.after_id, run.done = ids[-1], run.done + len(ids)
    else:
        run.finished_at = clock.now()
        record(Actor(run.asked_by_id), run, LeadScoresMade(run.done))
    db.session.flush()
    return True
