"""A hundred real requests of a city, each with what it was promised and whether that was kept."""

import csv
import datetime as dt
from zoneinfo import ZoneInfo

from crm.domain.sla.clock import LATE, MISSED, Clock
from crm.domain.sla.worktime import ALWAYS

BOSTON = ZoneInfo("America/New_York")
LATER = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)  # what was open when the file was made was late only if it had a limit


def moment(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(dt.UTC) if text else None


def test_what_the_clock_says_is_what_the_city_says(shared_data):
    with (shared_data / "tickets" / "boston311-100.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wrong, late = [], 0
    for row in rows:
        opened, target, closed = (moment(row[key]) for key in ("open_dt", "target_dt", "closed_dt"))
        state = ""
        if target is not None:
            one = Clock(ALWAYS, target - opened, opened, (), closed)
            assert one.due == target
            state = one.state(LATER)
        late += state in (LATE, MISSED)
        if (state in (LATE, MISSED)) != (row["ontime"] == "OVERDUE"):
            wrong.append(row["case_enquiry_id"])
    assert (wrong, late, len(rows)) == ([], 17, 100)
