"""What a measurement says."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Measured:
    """`n` is how many times it was measured or how many rows; times in milliseconds unless `unit` says otherwise."""

    name: str
    value: float
    unit: str
    n: int
    detail: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        return json.dumps(_short(asdict(self)), ensure_ascii=False)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 … 1) of all are not above."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "n": len(values),
        "median": percentile(values, 0.5),
        "p95": percentile(values, 0.95),
        "p99": percentile(values, 0.99),
        "max": max(values),
        "mean": sum(values) / len(values),
    }


def _short(value: Any) -> Any:
    """Numbers with the digits that mean something."""
    if isinstance(value, float):
        return round(value, 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 4)
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_short(each) for each in value]
    return value
