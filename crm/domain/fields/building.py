"""How far PostgreSQL is with the index of a field that a worker is building."""

from sqlalchemy import text

from crm.domain.fields.indexes import BUILDING, index_name
from crm.domain.fields.models import FieldDefinition
from crm.infra.db import db

# Phase of the database → where it begins and ends in percent of all the work, which is mostly two scans of the table.
_PHASES = {
    "building index: scanning table": (0, 45),
    "building index: sorting live tuples": (45, 48),
    "building index: loading tuples in tree": (48, 55),
    "waiting for writers before validation": (55, 55),
    "index validation: scanning index": (55, 62),
    "index validation: sorting tuples": (62, 65),
    "index validation: scanning table": (65, 99),
    "waiting for old snapshots": (99, 99),
}
_ASKED = text(
    "SELECT phase, greatest(blocks_done::float / nullif(blocks_total, 0), tuples_done::float / nullif(tuples_total, 0))"
    " FROM pg_stat_progress_create_index WHERE datname = current_database() AND index_relid = to_regclass(:name)"
)


def percent_built(definition: FieldDefinition) -> int | None:
    """0 … 99 while its index is being built; None when it is not, or nothing can be told."""
    if definition.index_state != BUILDING:
        return None
    found = db.session.execute(_ASKED, {"name": index_name(definition)}).first()
    if found is None:
        return None
    return percent_at(found[0], found[1] or 0.0)


def percent_at(phase: str, share: float) -> int:
    """`share` is how much of the phase is done, 0 … 1. A phase of one's own, such as a wait, counts as begun."""
    name = phase.partition(" (")[0]  # the kind of index may stand behind it
    begin, end = next((pair for known, pair in _PHASES.items() if name.startswith(known)), (0, 0))
    return int(begin + (end - begin) * min(1.0, share))
