"""A report as a mail: the file with the receiver's own numbers and the way to the page, or why it cannot be told."""

from flask import current_app
from markupsafe import Markup

from crm.config import Settings
from crm.domain.reports.mailings import OfReport, may_mail
from crm.domain.reports.models import Report, ReportMailing
from crm.domain.reports.queries import open_to
from crm.infra.db import db
from crm.infra.mail import Attachment
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.text import N_
from crm.web.formats import date
from crm.web.i18n import gettext
from crm.web.letters import Letter, address_of, framed, read_by
from crm.web.report_file import content
from crm.web.report_table import ReportTable

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def report_letter(eyes: Actor, language: str, made: OfReport) -> tuple[Letter, list[Attachment]] | None:
    """None for whoever may not have it any more, or where it is gone."""
    settings: Settings = current_app.config["SETTINGS"]
    report = db.session.scalars(open_to(eyes).where(Report.id == made.report_id)).first()
    mailing = db.session.get(ReportMailing, made.mailing_id)
    if report is None or mailing is None or not may_mail(eyes, report.record_type):
        return None
    if eyes.id != mailing.owner_id and eyes.id not in mailing.people:
        return None
    with read_by(eyes, language):
        table = ReportTable(eyes, report.question)
        day = date(company.today())
        subject = gettext(N_("Report “%(title)s”, %(day)s"), title=report.name, day=day)
        said = table.problem or gettext(N_("The file has the numbers of what you may see."))
        url = address_of(settings, f"/reports/{report.id}")
        files = [] if table.problem else [_file(table, gettext(N_("As of %(day)s"), day=day))]
    text = "\n\n".join(each for each in (report.name, report.description, said, table.gone, url) if each)
    html = Markup('<p>{}</p><p>{}</p><p>{}</p><p><a href="{}">{}</a></p>').format(
        report.description, said, table.gone, url, report.name
    )
    return Letter(" ".join(subject.split()), text + "\n", framed(subject, html, language)), files


def _file(table: ReportTable, foot: str) -> Attachment:
    return Attachment(f"report-{company.today().isoformat()}.xlsx", content(table, "xlsx", foot), _TYPE)
