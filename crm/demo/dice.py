"""Chance that comes out the same every time: one generator per thing, whatever was made before it."""

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def dice(seed: int, topic: str, index: int = 0) -> Random:
    """The generator of one thing: equal arguments give equal throws on every machine."""
    return Random(f"{seed} {topic} {index}")


class Weighted(Generic[T]):
    """Things of unequal chance: `Weighted([("a", 3), ("b", 1)]).draw(rng)`."""

    def __init__(self, chances: Sequence[tuple[T, float]]) -> None:
        self.things = [thing for thing, _ in chances]
        self._sums = list(accumulate(weight for _, weight in chances))

    def draw(self, rng: Random) -> T:
        return rng.choices(self.things, cum_weights=self._sums)[0]


def skewed(things: Sequence[T], power: float = 0.8) -> Weighted[T]:
    """The first is drawn most, the k-th in proportion to 1/k**power: as customers fall to people."""
    return Weighted([(thing, 1 / rank**power) for rank, thing in enumerate(things, 1)])
