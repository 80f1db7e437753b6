"""For how long something is granted: to the end of a day of the company, or for good."""

import datetime as dt
from zoneinfo import ZoneInfo

from crm.kernel.company import company
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

FOR_GOOD = ""
LASTS = {"1": N_("until tomorrow"), "7": N_("for a week"), "30": N_("for 30 days"), "90": N_("for 90 days")}


def until(lasts: str) -> dt.datetime | None:
    """A key of LASTS, in days besides today; None where it is for good. Invalid for anything else."""
    if lasts == FOR_GOOD:
        return None
    if lasts not in LASTS:
        raise Invalid(N_("Choose for how long."), key="lasts")
    return company.midnight(company.today() + dt.timedelta(days=int(lasts) + 1))


def last_day(end: dt.datetime) -> dt.date:
    return (end - dt.timedelta(seconds=1)).astimezone(ZoneInfo(company.timezone)).date()
