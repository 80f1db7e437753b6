"""The form that is hashed can be made anew by anybody with Python's own library."""

import datetime as dt
import hashlib
import json

from crm.domain.audit import anchors
from crm.domain.audit.chain import COLUMNS, START, canonical, link

ROW = {
    "id": 7,
    "name": "customer.changed",
    "actor_id": None,
    "subject_type": "customers",
    "subject_id": 3,
    "payload": {"changes": {"name": ["甲 “x”", "é\n"], "b": [None, 1.5], "a": [True, 10**15]}},
    "occurred_at": dt.datetime(2026, 11, 22, 9, 0, 0, 4, dt.timezone(dt.timedelta(hours=8))),
    "request_id": "r",
    "address": None,
    "caused_by": None,
    "reason": "As agreed",
}


def values(row):
    return [row[column.key] for column in COLUMNS]


def test_the_canonical_form_is_the_documented_one():
    plain = {key: value for key, value in ROW.items() if value is not None}
    plain["occurred_at"] = "2026-11-22T01:00:00.000004+00:00"
    told = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(values(ROW)) == told
    assert link(START, values(ROW)) == hashlib.sha256(bytes(32) + told).digest()


def test_every_column_counts():
    other = {"payload": {}, "occurred_at": dt.datetime.now(dt.UTC), "name": "x", "subject_type": "x"}
    for column in COLUMNS:
        changed = ROW | {
            column.key: other.get(column.key, "z" if column.key in ("request_id", "address", "reason") else 99)
        }
        assert link(START, values(changed)) != link(START, values(ROW)), column.key


def test_an_anchor_is_read_as_it_was_written(tmp_path):
    path = anchors.path_in(tmp_path)
    written = [anchors.append(path, 3, bytes(range(32))), anchors.append(path, 9, bytes(32))]
    read = anchors.read(path)
    assert [(each.position, each.hash) for each in read] == [(each.position, each.hash) for each in written]
    assert anchors.read(tmp_path / "none") == []
