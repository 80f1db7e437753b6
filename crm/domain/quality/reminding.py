"""Once a week every owner is told what of theirs could be better; once, however often a worker is killed."""

from zoneinfo import ZoneInfo

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.quality.queries import SETTINGS, lacking
from crm.domain.quality.settings import settings_of
from crm.infra.clock import now
from crm.kernel.company import company


def remind() -> bool:
    """In the transaction of whoever calls, with the mark that it was done today; False where it is not due."""
    settings = settings_of(lock=True)
    here, today = now().astimezone(ZoneInfo(company.timezone)), company.today()
    due = settings.remind_weekday == today.weekday() and here.hour >= settings.remind_hour
    if not due or settings.reminded_on == today:
        return False
    settings.reminded_on = today
    owners = sorted(lacking())
    notify(Kind.QUALITY, [News(each, SETTINGS, settings.id, f"{today}") for each in owners])
    return True
