"""The form of a rule of the pool: what stands in it, and the rule it makes."""

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from crm.domain.customers.choices import LEVELS
from crm.domain.customers.pool_rules import Rule
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean
from crm.web.i18n import gettext

_NUMBERS = ("days", "warned_days", "claims", "most", "cooling_days")
_SWITCHES = ("deals", "orders", "spares_deals")


class RuleForm:
    def __init__(self, given: "MultiDict[str, str]") -> None:
        self.given = given

    @classmethod
    def of(cls, rule: Rule) -> "RuleForm":
        given: MultiDict[str, str] = MultiDict()
        for key in _NUMBERS:
            given[key] = "" if getattr(rule, key) is None else str(getattr(rule, key))
        for key in _SWITCHES:
            if getattr(rule, key):
                given[key] = "1"
        for level, most in rule.most_of_level.items():
            given[f"most-{level}"] = str(most)
        given.setlist("spares_levels", list(rule.spares_levels))
        return cls(given)

    def text(self, key: str) -> str:
        return self.given.get(key, "")

    def ticked(self, key: str) -> bool:
        return key in self.given

    @property
    def levels(self) -> list[tuple[str, str]]:
        return [(each.key, gettext(each.label)) for each in LEVELS]

    @property
    def spared(self) -> list[str]:
        return self.given.getlist("spares_levels")

    def rule(self) -> Rule:
        """Raises Invalid with the control it is about as `key`."""
        numbers = {key: self._whole(key) for key in _NUMBERS}
        by_level = {each.key: most for each in LEVELS if (most := self._whole(f"most-{each.key}")) is not None}
        values: Mapping[str, Any] = numbers | {key: self.ticked(key) for key in _SWITCHES}
        rule = Rule(
            **{**values, "warned_days": numbers["warned_days"] or 0, "cooling_days": numbers["cooling_days"] or 0},
            spares_levels=tuple(self.spared),
            most_of_level=by_level,
        )
        rule.check()
        return rule

    def _whole(self, key: str) -> int | None:
        text = clean(self.text(key))
        if text and not (text.isdecimal() and len(text) < 9):
            raise Invalid(N_("“%(value)s” is not a whole number."), value=text[:60], key=key)
        return int(text) if text else None
