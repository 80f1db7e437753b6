"""How alike two records are: what a type is compared by, and how much each of it tells.

A record is looked at by its features, texts by key that are made once (`Likeness.features`). What both have is
compared, each trait gives or takes points, and the sum becomes a score from 0 to 1, as a chance:

    1 / (1 + e^-(prior + points))

so what is told by a phone and by a name adds up, and what one of the two does not say tells nothing. `Likeness.keys`
gives what two alike records have in common at least once: whoever looks for pairs compares only within a key.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein

Features = Mapping[str, str]
Compare = Callable[[str, str], float]


def same(one: str, other: str) -> float:
    return 1.0 if one == other else 0.0


def spelt_alike(one: str, other: str) -> float:
    """A slip of the pen: one letter of ten is 0.9."""
    return Levenshtein.normalized_similarity(one, other)


def begun_alike(one: str, other: str) -> float:
    """Names of people: what stands in front tells more."""
    return JaroWinkler.similarity(one, other)


def worded_alike(one: str, other: str) -> float:
    """The same words in any order, or some of them on one side only, which tells a little less."""
    ordered = fuzz.token_sort_ratio(one, other)
    return max(ordered, 0.92 * fuzz.token_set_ratio(one, other)) / 100


@dataclass(frozen=True)
class Trait:
    """`agree` points for what is the same, `differ` for what is alike as little as `cut`; between them in a line.

    `keys` are what records that are alike by this trait have in common. `why` is a gettext id that tells it.
    """

    key: str
    agree: float
    differ: float
    compare: Compare = same
    cut: float = 0.5
    why: str = ""
    keys: Callable[[str], Iterable[str]] = lambda text: ()

    def weighing(self, agree: float, differ: float) -> "Trait":
        return replace(self, agree=agree, differ=differ)

    def points(self, one: str, other: str) -> float:
        if one == other:
            return self.agree
        alike = self.compare(one, other)
        return self.differ + max(0.0, alike - self.cut) / (1 - self.cut) * (self.agree - self.differ)


@dataclass(frozen=True)
class Alike:
    """`why` are the gettext ids of what speaks for it, what tells most first."""

    score: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class Likeness:
    """`fields` that are looked at, by key, with their columns, of which `features` makes what is compared. `more_keys`
    are of several traits together; `half_keys` are of half a text, so that the other half may have a slip of the pen,
    each with the `letters` of the whole: where these are others, the two have the half by chance."""

    traits: tuple[Trait, ...]
    prior: float
    fields: Mapping[str, str]
    features: Callable[[Mapping[str, object]], dict[str, str]]
    more_keys: Callable[[Features], Iterable[str]] = lambda features: ()
    half_keys: Callable[[Features], Mapping[str, int]] = lambda features: {}

    def keys(self, features: Features) -> set[str]:
        return {*self.whole_keys(features), *self.half_keys(features)}

    def whole_keys(self, features: Features) -> set[str]:
        found = {f"{each.key}:{key}" for each in self.traits for key in self._keys(each, features)}
        return found | set(self.more_keys(features))

    def _keys(self, trait: Trait, features: Features) -> Iterable[str]:
        return trait.keys(features[trait.key]) if features.get(trait.key) else ()

    def score(self, one: Features, other: Features) -> float:
        return chance(self.prior + sum(points for _, points in self._told(one, other)))

    def compare(self, one: Features, other: Features) -> Alike:
        told = sorted(self._told(one, other), key=lambda each: -each[1])
        why = tuple(trait.why for trait, points in told if points > 0 and trait.why)
        return Alike(chance(self.prior + sum(points for _, points in told)), why)

    def _told(self, one: Features, other: Features) -> list[tuple[Trait, float]]:
        return [
            (trait, trait.points(mine, theirs))
            for trait, key in self._keyed
            if (mine := one.get(key)) and (theirs := other.get(key))
        ]

    @cached_property
    def _keyed(self) -> tuple[tuple[Trait, str], ...]:
        return tuple((each, each.key) for each in self.traits)


def letters(text: str) -> int:
    """Which letters there are, in 63 bits: of two texts with a slip of the pen between them nearly the same ones."""
    found = 0
    for each in text:
        found |= 1 << ord(each) % 63
    return found


def chance(points: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, points))))
