"""The report of a month: who worked with the program, how fast it was, what went wrong, which rights changed, what came
in and went out, how good the data is. Counted each night for the month under way, so that looking at it costs nothing,
and once more when the month is over; from then on it stays, though what it was counted from is forgotten."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.queries import names_of
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import administrators
from crm.domain.registry import RECORD_TYPES
from crm.domain.system.models import SystemMonth
from crm.domain.system.slowness import BUCKETS, share
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.permissions import Permission
from crm.kernel.text import N_

Numbers = dict[str, Any]
# Facts about who may do what, by what they are called in the log, and in words.
RIGHTS = {
    "person.created": N_("Accounts made"),
    "person.deactivated": N_("Accounts closed"),
    "person.reactivated": N_("Accounts opened again"),
    "person.roles_given": N_("Roles of people changed"),
    "person.role_lent": N_("Roles given for a time"),
    "role.created": N_("Roles made"),
    "role.changed": N_("Roles changed"),
    "record.shared": N_("Records shared"),
    "record.lent": N_("Records shared for a time"),
    "record.unshared": N_("Sharing ended"),
    "access.decided": N_("Requests for access decided"),
    "module.switched": N_("Modules switched"),
    "api_token.made": N_("Keys for other programs made"),
    "api_token.revoked": N_("Keys for other programs taken back"),
    "person.viewing_begun": N_("Looked through somebody's eyes"),
}


def month_of(day: dt.date) -> dt.date:
    return day.replace(day=1)


def next_month(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def key_of(month: dt.date) -> int:
    """202611"""
    return month.year * 100 + month.month


def count_months() -> None:
    """The month under way, and first those that are over and were not counted since: of these administrators are told,
    once. In the transaction under way."""
    now = month_of(company.today())
    kept = select(SystemMonth).where(SystemMonth.month < now, SystemMonth.closed_at.is_(None))
    for one in db.session.scalars(kept.order_by(SystemMonth.month).with_for_update()).all():
        one.told, one.counted_at, one.closed_at = told(one.month), clock.now(), clock.now()
        news = [News(each, SystemMonth.__tablename__, key_of(one.month)) for each in administrators()]
        notify(Kind.SYSTEM_MONTH, news, by=SYSTEM)
    row = {"month": now, "told": told(now), "counted_at": clock.now()}
    new = insert(SystemMonth).values(row)
    again = {"told": new.excluded.told, "counted_at": new.excluded.counted_at}
    db.session.execute(new.on_conflict_do_update(index_elements=[SystemMonth.month], set_=again))


def told(month: dt.date) -> dict[str, Numbers]:
    """{section: {key: number}}, of a month of the company's calendar."""
    between = {"since": company.midnight(month), "upto": company.midnight(next_month(month))}
    return {name: count(between) for name, count in SECTIONS.items()}


def _people(between: Mapping[str, Any]) -> Numbers:
    signed = text(
        "SELECT name, outcome, sum(count)::bigint FROM system_hours"
        " WHERE what = 'sign_in' AND hour >= :since AND hour < :upto GROUP BY name, outcome"
    )
    tries = {(name, outcome): count for name, outcome, count in db.session.execute(signed, between)}
    worked = text(
        "SELECT count(DISTINCT actor_id) FROM events"
        " WHERE occurred_at >= :since AND occurred_at < :upto AND actor_id IS NOT NULL"
    )
    accounts = "SELECT count(*) FROM people WHERE active AND created_at < :upto"
    return {
        "accounts": db.session.scalar(text(accounts), between),
        "worked": db.session.scalar(worked, between),
        "signed_in": tries.get(("password", "ok"), 0),
        "refused": sum(count for (_, outcome), count in tries.items() if outcome == "refused"),
    }


def _speed(between: Mapping[str, Any]) -> Numbers:
    asked = text(
        f"SELECT coalesce(sum(count), 0)::bigint, coalesce(sum(count) FILTER (WHERE outcome = '5xx'), 0)::bigint,"
        f" ARRAY[{BUCKETS}]::bigint[], coalesce(max(slowest), 0)"
        " FROM system_hours WHERE what = 'request' AND hour >= :since AND hour < :upto"
    )
    count, failed, buckets, slowest = db.session.execute(asked, between).one()
    buckets = [each or 0 for each in buckets]
    return {
        "requests": count,
        "half_ms": round(share(buckets, 0.5, slowest) * 1000),
        "most_ms": round(share(buckets, 0.95, slowest) * 1000),
        "failed": failed,
    }


def _records(between: Mapping[str, Any]) -> Numbers:
    """How many of each type were made, however."""
    one = "SELECT '{0}' AS key, count(*) FROM {0} WHERE created_at >= :since AND created_at < :upto"
    counts = " UNION ALL ".join(map(one.format, RECORD_TYPES))
    made = {key: count for key, count in db.session.execute(text(counts), between)}
    follow_ups = "SELECT count(*) FROM follow_ups WHERE created_at >= :since AND created_at < :upto"
    return made | {"follow_ups": db.session.scalar(text(follow_ups), between)}


def _rights(between: Mapping[str, Any]) -> Numbers:
    counted = text(
        "SELECT name, count(*) FROM events WHERE occurred_at >= :since AND occurred_at < :upto"
        " AND name = ANY(:names) GROUP BY name"
    )
    found: dict[str, int] = dict(db.session.execute(counted, {**between, "names": list(RIGHTS)}).all())
    return {each: found[each] for each in RIGHTS if each in found}


_MOVED = """
    SELECT 'imports', count(*) FROM imports WHERE finished_at >= :since AND finished_at < :upto
    UNION ALL SELECT 'import_rows', coalesce(sum(created + updated), 0) FROM imports
        WHERE finished_at >= :since AND finished_at < :upto
    UNION ALL SELECT 'import_failed', coalesce(sum(failed), 0) FROM imports
        WHERE finished_at >= :since AND finished_at < :upto
    UNION ALL SELECT 'exports', count(*) FROM exports WHERE finished_at >= :since AND finished_at < :upto
    UNION ALL SELECT 'mails', count(*) FROM mails WHERE sent_at >= :since AND sent_at < :upto
    UNION ALL SELECT 'mails_failed', count(*) FROM mails
        WHERE state = 'failed' AND created_at >= :since AND created_at < :upto
    UNION ALL SELECT 'webhooks', count(*) FROM webhook_deliveries WHERE sent_at >= :since AND sent_at < :upto
    UNION ALL SELECT 'webhooks_failed', count(*) FROM webhook_deliveries
        WHERE sent_at IS NULL AND run_at IS NULL AND created_at >= :since AND created_at < :upto"""


def _moved(between: Mapping[str, Any]) -> Numbers:
    return {key: int(count) for key, count in db.session.execute(text(_MOVED), between)}


def _troubles(between: Mapping[str, Any]) -> Numbers:
    """How often something was red, and how many minutes of the month; errors by how many kinds of them were new."""
    red = text(
        "SELECT count(*) FILTER (WHERE began_at >= :since), coalesce(sum(extract(epoch FROM"
        " least(coalesce(ended_at, now()), :upto) - greatest(began_at, :since)) / 60), 0)"
        " FROM system_troubles WHERE began_at < :upto AND coalesce(ended_at, now()) > :since"
    )
    began, minutes = db.session.execute(red, between).one()
    errors = text("SELECT count(*) FROM system_errors WHERE first_at >= :since AND first_at < :upto")
    return {"began": began, "minutes": round(minutes), "new_errors": db.session.scalar(errors, between)}


def _quality(between: Mapping[str, Any]) -> Numbers:
    """{type: [records with something wrong or missing in 100 checks, at the first count of the month, at the last]}."""
    first = between["since"].date()
    last = between["upto"].astimezone(ZoneInfo(company.timezone)).date() - dt.timedelta(days=1)
    counted = text("""
        SELECT record_type, day, sum(failed), sum(asked) FROM (
            SELECT record_type, day, (SELECT coalesce(sum(value::numeric), 0) FROM jsonb_each_text(counts)
                   WHERE value ~ '^[0-9]+$') AS failed,
                   records * (SELECT count(*) FROM jsonb_object_keys(counts)) AS asked
            FROM quality_counts WHERE day >= :first AND day <= :last) AS one
        GROUP BY record_type, day ORDER BY record_type, day""")
    found: dict[str, list[float]] = {}
    for type_key, _, failed, asked in db.session.execute(counted, {"first": first, "last": last}):
        now = round(100 * float(failed) / float(asked), 1) if asked else 0.0
        found[type_key] = [found[type_key][0] if type_key in found else now, now]
    return found


SECTIONS: dict[str, Callable[[Mapping[str, Any]], Numbers]] = {
    "people": _people,
    "speed": _speed,
    "records": _records,
    "rights": _rights,
    "moved": _moved,
    "troubles": _troubles,
    "quality": _quality,
}


def months(limit: int = 24) -> list[SystemMonth]:
    """The newest first."""
    return list(db.session.scalars(select(SystemMonth).order_by(SystemMonth.month.desc()).limit(limit)))


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """202611 is called 2026-11."""
    may = actor.may(Permission.SYSTEM_ADMINISTER) or actor.may(Permission.SYSTEM_AUDIT)
    return {each: f"{each // 100}-{each % 100:02}" for each in ids} if may else {}


names_of[SystemMonth.__tablename__] = _named
