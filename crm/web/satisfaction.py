"""The part of a ticket's page that says whether its customer was asked how content they are."""

from functools import cached_property

from flask import g, url_for

from crm.domain.satisfaction import report
from crm.domain.satisfaction.asking import survey_of
from crm.domain.satisfaction.models import Survey
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_
from crm.web.formats import day
from crm.web.i18n import gettext


class Asking:
    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket

    @property
    def shown(self) -> bool:
        return self.ticket.status in DONE

    @cached_property
    def survey(self) -> Survey | None:
        return survey_of(self.ticket)

    @property
    def state(self) -> str:
        one = self.survey
        if one is None:
            return gettext(N_("The %(customer)s has not been asked yet."))
        if one.answered_at is not None:
            return gettext(N_("The %(customer)s answered on %(day)s."), day=day(one.answered_at))
        if one.expires_at <= clock.now():
            return gettext(N_("Nobody answered until the link ran out on %(day)s."), day=day(one.expires_at))
        sentence = N_("Asked by mail; the link is good until %(day)s.") if one.mailed else _BY_LINK
        return gettext(sentence, day=day(one.expires_at))

    @property
    def may_ask(self) -> bool:
        may = g.actor.holds(self.ticket, permission("tickets", Action.EDIT)) and not g.actor.read_only
        return bool(may) and (self.survey is None or self.survey.answered_at is None)

    @property
    def url(self) -> str:
        return url_for("satisfaction.ask", record_id=self.ticket.id)

    @property
    def report_url(self) -> str:
        return url_for("satisfaction.index") if report.may_read(g.actor) else ""


_BY_LINK = N_("A link was made; it is good until %(day)s.")
