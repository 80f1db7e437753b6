"""The form of a promise: whom it is for, how soon, and its steps row by row."""

from functools import cached_property
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from crm.blueprints.sla.area import whole
from crm.blueprints.sla.wording import CLOCK_WORDS, TELL_WORDS, choices
from crm.domain.people.queries import PEOPLE
from crm.domain.sla.models import SlaPolicy
from crm.domain.sla.policies import MOST_STEPS
from crm.domain.sla.promises import OWNER, PERSON, RESPONSE, Step
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, clean
from crm.web.i18n import gettext

_EMPTY_ROWS = 2
_TIMES = ("respond", "solve")
_PARTS = ("clock", "percent", "tell", "person", "raises")
_FOR = ("types", "priorities", "levels")


class PolicyForm:
    def __init__(self, given: "MultiDict[str, str]") -> None:
        self.given = given

    @classmethod
    def of(cls, policy: SlaPolicy | None) -> "PolicyForm":
        given: MultiDict[str, str] = MultiDict({"in_hours": "1", "active": "1"})
        if policy is None:
            return cls(given)
        given["name"] = gettext(policy.name)
        given["in_hours"] = "1" if policy.in_hours else ""
        given.setlist("active", ["1"] if policy.active else [])
        for key in _FOR:
            given.setlist(key, getattr(policy, key))
        for key in _TIMES:
            minutes = getattr(policy, f"{key}_minutes")
            if minutes is not None:
                given[f"{key}_hours"], given[f"{key}_minutes"] = str(minutes // 60 or ""), str(minutes % 60 or "")
        steps = [Step(**each) for each in policy.steps]
        people = PEOPLE.labels(g.actor, {each.person_id for each in steps} - {None})
        for row, each in enumerate(steps):
            given[f"clock{row}"], given[f"percent{row}"], given[f"tell{row}"] = each.clock, str(each.percent), each.tell
            given[f"person{row}"] = people.get(each.person_id, "")
            given.setlist(f"raises{row}", ["1"] if each.raises else [])
        return cls(given)

    def text(self, key: str) -> str:
        return self.given.get(key, "")

    def chosen(self, key: str) -> list[str]:
        return self.given.getlist(key)

    @cached_property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        return choices()

    @property
    def clock_words(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in CLOCK_WORDS.items()]

    @property
    def tell_words(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in TELL_WORDS.items()]

    @cached_property
    def rows(self) -> list[tuple[int, dict[str, str]]]:
        """(number, what stands in its controls), the filled ones first, and some more to fill in."""
        rows = [{part: self.text(f"{part}{row}") for part in _PARTS} for row in range(MOST_STEPS)]
        filled = [each for each in rows if clean(each["percent"])]
        empty = {"clock": RESPONSE, "percent": "", "tell": OWNER, "person": "", "raises": ""}
        return list(enumerate([*filled, *[empty] * min(_EMPTY_ROWS, MOST_STEPS - len(filled))]))

    def read(self) -> dict[str, Any]:
        """As `policies.save` takes it. Raises Invalid."""
        return {
            "name": self.text("name"),
            **{key: [each for each, _ in self.choices[key] if each in self.chosen(key)] for key in _FOR},
            **{f"{key}_minutes": self._minutes(key) for key in _TIMES},
            "in_hours": self.text("in_hours") == "1",
            "active": self.text("active") == "1",
            "steps": [self._step(row) for row in range(MOST_STEPS) if clean(self.text(f"percent{row}"))],
        }

    def _minutes(self, key: str) -> int | None:
        hours, minutes = whole(f"{key}_hours"), whole(f"{key}_minutes")
        return None if hours is None and minutes is None else (hours or 0) * 60 + (minutes or 0)

    def _step(self, row: int) -> Step:
        percent = whole(f"percent{row}", "steps") or 0
        tell = self.text(f"tell{row}")
        person = self._person(clean(self.text(f"person{row}"))) if tell == PERSON else None
        return Step(self.text(f"clock{row}"), percent, tell, person, self.text(f"raises{row}") == "1")

    def _person(self, text: str) -> int:
        if not text:
            raise Invalid(N_("Say which person is told."), key="steps")
        found = PEOPLE.resolve(g.actor, [text])[text]
        if isinstance(found, Invalid):
            raise Invalid(found.message, **found.params | {"key": "steps"})
        return int(found)
