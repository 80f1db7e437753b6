"""The reference trees as values of a field."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.domain.reference import queries
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.language import reading


@dataclass(frozen=True)
class ReferenceSource:
    _resolve: Callable[[str], str]
    _label: Callable[[str, str], str]
    _find: Callable[[str, int], Sequence[Any]]

    def resolve(self, actor: Actor, texts: Collection[str]) -> Mapping[str, Any]:
        return {text: self._one(text) for text in texts}

    def _one(self, text: str) -> str | Invalid:
        try:
            return self._resolve(text)
        except Invalid as problem:
            return problem

    def labels(self, actor: Actor, values: Collection[Any]) -> Mapping[Any, str]:
        return {code: self._label(code, reading.get()) for code in values}

    def search(self, actor: Actor, text: str, limit: int) -> Sequence[str]:
        return [self._label(found.code, reading.get()) for found in self._find(text, limit)]


INDUSTRIES = ReferenceSource(queries.resolve_industry, queries.industry_label, queries.find_industries)
REGIONS = ReferenceSource(queries.resolve_region, queries.region_label, queries.find_regions)
