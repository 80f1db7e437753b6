"""Each month's events are in a table of their own, made months ahead; where it is missing, `events_default` is.

An event is never refused for want of a table. What the net caught is moved when the month's table is made.
"""

from sqlalchemy import text

from crm.infra.db import db


def make() -> int:
    """The tables of this month and the next three that are not there yet; returns how many were made.

    The function belongs to the owner of the log (see ownership.py), so the program needs no right to make tables there.
    """
    return db.session.scalar(text("SELECT make_event_months()")) or 0
