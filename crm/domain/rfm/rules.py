"""How customers are scored: limits of the scores, segments of the scores, levels of the segments. Pure.

A score is 1 to 5: one more for each of four limits that the value reaches, and for recency one less, since few days are
good. The limits are given, or follow from the data: a fifth, two fifths … of the customers lie below them, plus one, as
the R package rfm has it, whose published result this reproduces.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from crm.kernel.errors import Invalid
from crm.kernel.text import N_

BEST = 5
SCORES = ("recency", "frequency", "monetary")
SHARES = (0.2, 0.4, 0.6, 0.8)
MOST_SEGMENTS = 30
Span = tuple[int, int]


@dataclass(frozen=True)
class Segment:
    """`recency`, `frequency` and `monetary` are the first and the last score that belong to it."""

    name: str
    recency: Span = (1, BEST)
    frequency: Span = (1, BEST)
    monetary: Span = (1, BEST)
    level: str = ""  # of the customers in it; none: theirs is left as it is

    def holds(self, scores: Sequence[int]) -> bool:
        spans = (self.recency, self.frequency, self.monetary)
        return all(low <= score <= high for score, (low, high) in zip(scores, spans, strict=True))


# As the package delivers them; the first that fits is taken.
DELIVERED = (
    Segment("Champions", (4, 5), (4, 5), (4, 5)),
    Segment("Loyal Customers", (2, 5), (3, 5), (3, 5)),
    Segment("Potential Loyalist", (3, 5), (1, 3), (1, 3)),
    Segment("New Customers", (4, 5), (1, 1), (1, 1)),
    Segment("Promising", (3, 4), (1, 1), (1, 1)),
    Segment("Need Attention", (2, 3), (2, 3), (2, 3)),
    Segment("About To Sleep", (2, 3), (1, 2), (1, 2)),
    Segment("At Risk", (1, 2), (2, 5), (2, 5)),
    Segment("Can't Lose Them", (1, 1), (4, 5), (4, 5)),
    Segment("Lost", (1, 2), (1, 2), (1, 2)),
)
OFF, FREE, ALL = "off", "free", "all"
LEVELS = (OFF, FREE, ALL)
"""Whether levels follow: never, where no person has chosen one, or everywhere."""


@dataclass(frozen=True)
class Rules:
    """`limits` are four a score, rising, and count where `fixed`; `analysed_on` none means the day of the run."""

    fixed: bool = False
    limits: Mapping[str, tuple[Decimal, ...]] = field(default_factory=dict)
    segments: tuple[Segment, ...] = DELIVERED
    analysed_on: dt.date | None = None
    levels: str = OFF
    nightly: bool = False

    def packed(self) -> dict[str, Any]:
        """As JSON keeps it."""
        packed = asdict(self)
        packed["limits"] = {key: [str(each) for each in limits] for key, limits in self.limits.items()}
        return packed | {"analysed_on": self.analysed_on.isoformat() if self.analysed_on else None}

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> "Rules":
        segments = tuple(
            Segment(name=each["name"], level=each["level"], **{score: tuple(each[score]) for score in SCORES})
            for each in packed["segments"]
        )
        limits = {key: tuple(map(Decimal, given)) for key, given in packed["limits"].items()}
        day = packed["analysed_on"]
        more = {key: packed[key] for key in ("fixed", "levels", "nightly")}
        return cls(segments=segments, limits=limits, analysed_on=dt.date.fromisoformat(day) if day else None, **more)


def check(rules: Rules, known_levels: Sequence[str]) -> None:
    """Raises Invalid with what is wrong."""
    if rules.fixed:
        _check_limits(rules.limits)
    if not 0 < len(rules.segments) <= MOST_SEGMENTS:
        raise Invalid(N_("There are 1 to %(most)s segments."), most=MOST_SEGMENTS)
    if rules.levels not in LEVELS:
        raise Invalid(N_("Choose whether levels follow from the segments."))
    for each in rules.segments:
        _check_segment(each, known_levels)


def _check_limits(limits: Mapping[str, Sequence[Decimal]]) -> None:
    for score in SCORES:
        given = limits.get(score, ())
        if len(given) != len(SHARES) or any(a >= b for a, b in zip(given, given[1:], strict=False)):
            raise Invalid(N_("Each score needs four limits, each greater than the one before."))


def _check_segment(segment: Segment, known_levels: Sequence[str]) -> None:
    if not segment.name.strip() or len(segment.name) > 60:
        raise Invalid(N_("Each segment needs a name of at most 60 characters."))
    for low, high in (segment.recency, segment.frequency, segment.monetary):
        if not 1 <= low <= high <= BEST:
            raise Invalid(
                N_("The scores of “%(name)s” go from 1 to 5, from the lower to the higher."), name=segment.name
            )
    if segment.level and segment.level not in known_levels:
        raise Invalid(N_("There is no level “%(level)s”."), level=segment.level)


def score(value: Decimal, limits: Sequence[Decimal]) -> int:
    """One more for each limit reached."""
    return 1 + sum(value >= each for each in limits)


def segment_of(scores: Sequence[int], segments: Sequence[Segment]) -> Segment | None:
    return next((each for each in segments if each.holds(scores)), None)
