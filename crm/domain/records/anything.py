"""Records of any type as values of one field, such as what a task is about: kept as “contacts:12”."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from crm.domain.records.source import RecordSource
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.shaping import link_sources
from crm.kernel.text import N_

_SEVERAL = N_("Several records are called “%(name)s”: use the number.")
_NONE = N_("There is no record called “%(name)s”.")


def parted(value: str) -> tuple[str, int]:
    """(type, id)"""
    type_, _, id_ = value.partition(":")
    return type_, int(id_)


class AnyRecordSource:
    """Of every type but `own`: what somebody may not see is not found, and has no name."""

    def __init__(self, own: str) -> None:
        self.own = own

    def _types(self) -> dict[str, RecordSource]:
        return {key: cast(RecordSource, each) for key, each in link_sources.items() if key != self.own}

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        """By the number of any type, or by a name that only one record has."""
        found: dict[str, list[str]] = {text: [] for text in texts}
        several = set()
        numbered = {text for text in texts if any(each.number.search(text) for each in self._types().values())}
        for key, source in self._types().items():
            wanted = [text for text in texts if source.number.search(text) or text not in numbered]
            for text, value in (source.resolve(actor, wanted) if wanted else {}).items():
                if not isinstance(value, Invalid):
                    found[text].append(f"{key}:{value}")
                elif value.message == source.several:
                    several.add(text)
        return {
            text: ids[0] if len(ids) == 1 and text not in several else _unclear(text, bool(ids) or text in several)
            for text, ids in found.items()
        }

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        wanted: dict[str, set[int]] = {}
        for type_, id_ in map(parted, values):
            wanted.setdefault(type_, set()).add(id_)
        sources = self._types()
        return {
            f"{type_}:{id_}": words
            for type_, ids in wanted.items()
            if type_ in sources
            for id_, words in sources[type_].labels(actor, ids).items()
        }

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        """Some of each type, the types in their order."""
        each = max(1, limit // len(self._types()))
        return [words for source in self._types().values() for words in source.search(actor, text, each)][:limit]


def _unclear(text: str, several: bool) -> Invalid:
    return Invalid(_SEVERAL if several else _NONE, name=text)
