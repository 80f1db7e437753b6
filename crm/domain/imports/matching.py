"""Which rows of a file are of one record, and of which: by the id of the other system, else as its type says."""

from collections.abc import Mapping
from typing import Any

from crm.domain.imports.targets import Target
from crm.domain.records.external import called_otherwise, records_called
from crm.kernel.access import Actor
from crm.kernel.records import RecordType

_BY_ID = "\x1d"  # before what is the id in another system


class Matcher:
    def __init__(self, target: Target, source: str = "") -> None:
        self.target, self.source = target, source

    def key(self, values: Mapping[str, Any], external: str = "") -> str | None:
        """What rows of one record have in common; None where there is nothing to go by."""
        return f"{_BY_ID}{external}" if external else self.target.matching.match_key(values)

    def stored(self, actor: Actor, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
        """Key → the record that the actor may see; `rows` are values by key. A row whose id is new may be of a record
        that is like it, unless that has another id of the same system: then they are two there as well."""
        ids = {key: key[1:] for key in rows if key.startswith(_BY_ID)}
        if not ids or not isinstance(self.target, RecordType):
            return self.target.matching.matches(actor, rows.keys())
        called = records_called(actor, self.target.entity, self.source, set(ids.values()))
        found = {key: called[id_] for key, id_ in ids.items() if id_ in called}
        alike = {key: like for key in rows if key not in found and (like := self._like(key, rows[key])) is not None}
        matches = self.target.matching.matches(actor, set(alike.values()))
        of_others = called_otherwise(self.target.key, self.source, set(matches.values()))
        for key, like in alike.items():
            record = matches.get(like)
            if record is not None and not (key in ids and record in of_others):
                found[key] = record
        return found

    def _like(self, key: str, values: Mapping[str, Any]) -> str | None:
        return self.target.matching.match_key(values) if key.startswith(_BY_ID) else key
