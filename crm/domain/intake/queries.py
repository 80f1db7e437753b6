from collections.abc import Sequence

from sqlalchemy import func, select

from crm.domain.intake.models import HELD, OUTCOMES, IntakeEntry, IntakeForm
from crm.infra.db import db

PAGE = 25


def forms() -> Sequence[IntakeForm]:
    return db.session.scalars(select(IntakeForm).order_by(IntakeForm.id)).all()


def active_form(key: str) -> IntakeForm | None:
    return db.session.scalars(select(IntakeForm).where(IntakeForm.key == key, IntakeForm.active)).first()


def waiting() -> dict[int, int]:
    """Form → how many of its entries wait for a person. By ix_intake_entries_held."""
    held = select(IntakeEntry.form_id, func.count()).where(IntakeEntry.outcome == HELD).group_by(IntakeEntry.form_id)
    return {form_id: count for form_id, count in db.session.execute(held)}


def entries(form: IntakeForm, outcome: str = "", before: int | None = None) -> Sequence[IntakeEntry]:
    """The newest first, one more than a page."""
    some = select(IntakeEntry).where(IntakeEntry.form_id == form.id)
    if outcome in OUTCOMES:
        some = some.where(IntakeEntry.outcome == outcome)
    if before is not None:
        some = some.where(IntakeEntry.id < before)
    return db.session.scalars(some.order_by(IntakeEntry.id.desc()).limit(PAGE + 1)).all()
