"""The form of the rules: what stands in it, and the rules it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import g

from crm.domain.customers.choices import LEVELS
from crm.domain.rfm.rules import MOST_SEGMENTS, SCORES, SHARES, Rules, Segment
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_
from crm.web.i18n import gettext

_BLANK = 2
SCORE_LABELS = {
    "recency": N_("Days since the last order"),
    "frequency": N_("Number of %(orders)s"),
    "monetary": N_("Sum of %(orders)s"),
}
FOLLOWING = {
    "off": N_("Levels do not follow"),
    "free": N_("Levels follow where nobody chose one"),
    "all": N_("Levels follow everywhere, whoever chose them"),
}
_NUMBER = Field(key="limit", label=N_("Limit"), kind=FieldKind.NUMBER)
_DAY = Field(key="analysed_on", label=N_("Day of the analysis"), kind=FieldKind.DATE)


@dataclass(frozen=True)
class Row:
    """One segment; `spans` are (score, first, last)."""

    number: int
    name: str
    spans: list[tuple[str, str, str]]
    level: str


class RfmForm:
    def __init__(self, texts: Mapping[str, str], rows: int) -> None:
        self.texts, self.count = texts, rows

    @classmethod
    def of(cls, rules: Rules) -> "RfmForm":
        texts = {"method": "fixed" if rules.fixed else "quantiles", "levels": rules.levels}
        texts |= {"analysed_on": str(rules.analysed_on or ""), "nightly": "1" if rules.nightly else ""}
        for key, limits in rules.limits.items():
            texts |= {f"{key}-limit-{at}": str(each) for at, each in enumerate(limits)}
        for at, each in enumerate(rules.segments):
            texts |= {f"name-{at}": each.name, f"level-{at}": each.level, f"position-{at}": str(at + 1)}
            for score in SCORES:
                low, high = getattr(each, score)
                texts |= {f"{score}-from-{at}": str(low), f"{score}-to-{at}": str(high)}
        return cls(texts, len(rules.segments) + _BLANK)

    @classmethod
    def posted(cls, form: Mapping[str, str]) -> "RfmForm":
        given = form.get("rows", "")
        rows = int(given) if given.isdecimal() and len(given) < 4 else 0
        return cls({key: value.strip() for key, value in form.items()}, min(rows, MOST_SEGMENTS + _BLANK))

    def text(self, key: str) -> str:
        return self.texts.get(key, "")

    @property
    def limits(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """(score, label, [(name, text)])"""
        names = {score: [f"{score}-limit-{at}" for at in range(len(SHARES))] for score in SCORES}
        return [
            (score, gettext(SCORE_LABELS[score]), [(each, self.text(each)) for each in names[score]])
            for score in SCORES
        ]

    @property
    def rows(self) -> list[Row]:
        return [self._row(at) for at in range(self.count)]

    def _row(self, at: int) -> Row:
        spans = [(score, self.text(f"{score}-from-{at}"), self.text(f"{score}-to-{at}")) for score in SCORES]
        return Row(at, self.text(f"name-{at}"), spans, self.text(f"level-{at}"))

    def position(self, at: int) -> str:
        return self.text(f"position-{at}") or str(at + 1)

    @property
    def level_options(self) -> list[tuple[str, str]]:
        return [(each.key, gettext(each.label)) for each in LEVELS]

    @property
    def following(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in FOLLOWING.items()]

    def rules(self) -> Rules:
        """Raises Invalid where something cannot be read; whether it makes sense is for the verb to say."""
        fixed = self.text("method") == "fixed"
        limits = {score: tuple(self._limits(score)) for score in SCORES}
        return Rules(
            fixed=fixed,
            limits={key: each for key, each in limits.items() if each},
            segments=tuple(self._segments()),
            analysed_on=_DAY.parse(self.text("analysed_on"), Context(g.actor)),
            levels=self.text("levels"),
            nightly=bool(self.text("nightly")),
        )

    def _limits(self, score: str) -> list[Any]:
        texts = [self.text(f"{score}-limit-{at}") for at in range(len(SHARES))]
        return [_NUMBER.parse(each, Context(g.actor)) for each in texts if each]

    def _segments(self) -> list[Segment]:
        """In the order of their positions; a row without a name is none."""
        there = sorted(
            (each for each in self.rows if each.name), key=lambda row: (_whole(self.position(row.number)), row.number)
        )
        return [
            Segment(each.name, *((_whole(low), _whole(high)) for _, low, high in each.spans), level=each.level)
            for each in there
        ]


def _whole(text: str) -> int:
    if text.isdecimal() and len(text) < 4:
        return int(text)
    raise Invalid(N_("“%(value)s” is not a whole number."), value=text[:20])
