from collections.abc import Sequence

from sqlalchemy import select

from crm.domain.mail_templates.models import MailTemplate
from crm.infra.db import db


def templates(channel: str = "", type_key: str = "") -> Sequence[MailTemplate]:
    """Those there are now, by name."""
    wanted = select(MailTemplate).where(MailTemplate.retired_at.is_(None))
    if channel:
        wanted = wanted.where(MailTemplate.channel == channel)
    if type_key:
        wanted = wanted.where(MailTemplate.record_type == type_key)
    return db.session.scalars(wanted.order_by(MailTemplate.record_type, MailTemplate.name)).all()


def template(template_id: int) -> MailTemplate | None:
    """Also a retired one: what was posted with it is still sent."""
    return db.session.get(MailTemplate, template_id)


def delivered(key: str) -> MailTemplate:
    """A delivered one, by its key."""
    return db.session.scalars(select(MailTemplate).where(MailTemplate.key == key)).one()
