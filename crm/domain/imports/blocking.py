"""Of a long file: which records its rows may be like, found by what they have in common.

To ask the index of words for each row takes some milliseconds a row, however few the records. Here every record is
looked at once, however many the rows: the keys of the rows' likeness are written down, then those that records have of
them, a stretch of records at a time; who shares a key is a candidate. What thousands share tells nothing and is left
out. Only records that the importer may see, by what they may read of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text

from crm.domain.imports.models import Import
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.turns import advance, fresh, owner_of, unhurried
from crm.domain.records.lookalikes import Given, key_number, open_columns
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.bulk import copy_rows
from crm.kernel.likeness import Features, Likeness
from crm.kernel.records import RecordType

STRETCH = 20_000  # records looked at in one transaction
MOST = 40  # records, or rows, that have a key in common, beyond which it tells nothing
ROW_COSTS = 80  # times what a record costs here, where the index is asked for each row
ALL = 2**63 - 1  # as `keyed_record`: every record has been looked at

_STORED = text("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = to_regclass(:table)")
_TELLING = text("SELECT key FROM import_keys WHERE import_id = :id GROUP BY key HAVING count(*) <= :most")
# Of half a name alone: who has more than half of the letters of both in common, as names alike by 0.7 have, or all of
# the other's, since a name may be short for another.
CANDIDATES = text("""
    WITH telling AS (
        SELECT key FROM import_hits WHERE import_id = :id GROUP BY key HAVING count(*) <= :most
        INTERSECT SELECT key FROM import_keys WHERE import_id = :id GROUP BY key HAVING count(*) <= :most)
    INSERT INTO import_candidates (import_id, line, record_id)
    SELECT DISTINCT :id, line, record_id FROM telling
    JOIN import_keys AS mine ON mine.import_id = :id AND mine.key = telling.key
    JOIN import_hits AS theirs ON theirs.import_id = :id AND theirs.key = telling.key
    WHERE mine.letters IS NULL OR mine.letters & theirs.letters IN (mine.letters, theirs.letters)
    OR 2 * bit_count(CAST(mine.letters # theirs.letters AS bit(64)))
        < bit_count(CAST(mine.letters | theirs.letters AS bit(64)))""")
_OF_LINES = text("""
    SELECT line, record_id FROM import_candidates
    WHERE import_id = :id AND line BETWEEN :first AND :last ORDER BY line, record_id""")


def is_worth_it(import_: Import) -> bool:
    """Whether to look at every record takes less than to ask for every row."""
    return import_.valid * ROW_COSTS > (db.session.scalar(_STORED, {"table": import_.record_type}) or 0)


def keep_keys(import_: Import, likeness: Likeness, given: Mapping[int, Given]) -> None:
    by_line = [(line, numbered(likeness, one.features)) for line, one in given.items()]
    keys = [(import_.id, number, line, spelt) for line, numbers in by_line for number, spelt in numbers.items()]
    copy_rows("import_keys", ("import_id", "key", "line", "letters"), keys)


def look_at_records(import_id: int) -> Iterator[None]:
    """Once the keys of all rows are there. Each step is a transaction; taken up where the last one ended."""
    import_ = fresh(import_id, State.COMPARING)
    sieve = Sieve(db.session.scalars(_TELLING, {"id": import_id, "most": MOST}).all())
    while import_.keyed_record != ALL:
        unhurried()
        rows = _stretch(import_, owner_of(import_))
        if rows:
            _keep_hits(import_, rows, sieve)
            share = rows[-1]["id"] / max(_newest(import_), 1)
            advance(import_, "keyed_record", rows[-1]["id"], fraction=0.1 + 0.5 * min(share, 1))
        else:
            db.session.execute(CANDIDATES, {"id": import_id, "most": MOST})
            advance(import_, "keyed_record", ALL, fraction=0.6)
        yield
        import_ = fresh(import_id, State.COMPARING)


def candidates(import_: Import, lines: Sequence[int]) -> Sequence[tuple[int, int]]:
    """(line, record) of lines that stand together."""
    between = {"id": import_.id, "first": lines[0], "last": lines[-1]}
    return [(row.line, row.record_id) for row in db.session.execute(_OF_LINES, between)]


class Sieve:
    """Lets pass the numbers it was made of, and one of sixteen others at most: most of what records have is in no row,
    and not worth telling the database. Two to four bytes a number, where a set takes sixty."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._last = (1 << (16 * len(numbers)).bit_length()) - 1
        self._bits = bytearray((self._last >> 3) + 1)
        for each in numbers:
            self._bits[(each & self._last) >> 3] |= 1 << (each & 7)

    def passed(self, numbers: Iterable[int]) -> list[int]:
        bits, last = self._bits, self._last
        return [each for each in numbers if bits[(each & last) >> 3] >> (each & 7) & 1]


def numbered(likeness: Likeness, features: Features) -> dict[int, int | None]:
    """Of its keys, with the letters of the whole where one is of half of it."""
    found: dict[int, int | None] = {key_number(each): None for each in likeness.whole_keys(features)}
    return found | {key_number(each): spelt for each, spelt in likeness.half_keys(features).items()}


def _target(import_: Import) -> RecordType:
    target = TARGETS[import_.record_type]
    assert isinstance(target, RecordType)
    return target


def _newest(import_: Import) -> int:
    return db.session.scalar(select(func.max(_target(import_).entity.id)).execution_options(scoped=True)) or 0


def _stretch(import_: Import, actor: Actor) -> Sequence[Mapping[str, Any]]:
    target = _target(import_)
    entity, likeness = target.entity, target.likeness
    assert likeness is not None
    columns = dict.fromkeys(open_columns(actor, target.key, likeness).values())
    statement = entity.visible_to(actor).where(entity.id > import_.keyed_record).order_by(entity.id).limit(STRETCH)
    found = db.session.execute(statement.with_only_columns(entity.id, *(getattr(entity, each) for each in columns)))
    return [dict(row) for row in found.mappings()]


def _keep_hits(import_: Import, rows: Sequence[Mapping[str, Any]], sieve: Sieve) -> None:
    likeness = _target(import_).likeness
    assert likeness is not None
    hits: list[tuple[int, int, int, int | None]] = []
    for row in rows:
        numbers = numbered(likeness, likeness.features(row))
        hits += [(import_.id, each, row["id"], numbers[each]) for each in sieve.passed(numbers)]
    copy_rows("import_hits", ("import_id", "key", "record_id", "letters"), hits)
