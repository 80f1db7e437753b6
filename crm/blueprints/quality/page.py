"""One type's quality: three bars with their trend, every check with its list, departments and owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

from crm.blueprints.quality.telling import words_of
from crm.domain.duplicates.queries import count_pairs
from crm.domain.people.models import Person
from crm.domain.people.queries import departments, people
from crm.domain.quality.checks import COMPLETE, FRESH, VALID, Check
from crm.domain.quality.queries import Numbers, by, checks_for, last_day, rows_of, shared_rows, trend, whole
from crm.kernel.access import FieldRight, Reach
from crm.kernel.asking import Query
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.formats import count, date, number
from crm.web.i18n import gettext

PARTS = {COMPLETE: N_("Complete"), VALID: N_("Valid"), FRESH: N_("Followed up")}
OWNERS = 50  # on a page
WIDTH, HEIGHT = 120, 32  # of a trend
_NOBODY = N_("Nobody")


@dataclass(frozen=True)
class Part:
    """A bar: `percent` is good, `points` draw the trend, `table` says it in words."""

    words: str
    percent: int
    points: str
    table: list[tuple[str, str]]


@dataclass(frozen=True)
class Line:
    """A check, or somebody: numbers with the addresses of the lists they count."""

    words: str
    url: str
    number: str
    percent: int


@dataclass(frozen=True)
class Somebody:
    name: str
    url: str
    records: str
    records_url: str
    cells: list[tuple[str, str]]  # (per cent good, address of what is not, "" where there is no one list)


class QualityPage:
    def __init__(self, type_: RecordType, types: Sequence[RecordType], department: int | None, page: int) -> None:
        self.type, self.types, self.department, self.page = type_, types, department, page
        self.counted = last_day(type_)

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        return [
            (gettext(each.label_plural), url_for("quality.index", type=each.key), each is self.type)
            for each in self.types
        ]

    @cached_property
    def checks(self) -> list[Check]:
        """What was asked of fields that the reader may compare; what is chosen since waits for the next count."""
        return [each for each in self._wanted if each.key in self.numbers.looked]

    @cached_property
    def _wanted(self) -> list[Check]:
        return checks_for(g.actor, self.type, self.counted) if self.counted else []

    @cached_property
    def rows(self) -> Sequence[Any]:
        if self.counted is None:
            return ()
        counted = rows_of(g.actor, self.type, self.counted.day, self.department)
        return [*counted, *shared_rows(g.actor, self.type, self._wanted, self.department)]

    @cached_property
    def numbers(self) -> Numbers:
        return whole(self.rows)

    @property
    def counted_on(self) -> str:
        return date(self.counted.day) if self.counted else ""

    @property
    def records(self) -> str:
        return number(self.numbers.records)

    def _keys(self, part: str) -> list[str]:
        return [each.key for each in self.checks if each.part == part]

    @cached_property
    def parts(self) -> list[Part]:
        keys = [each.key for each in self.checks]
        history = trend(g.actor, self.type, keys, self.department) if self.counted else []
        return [self._part(words, self._keys(part), history) for part, words in PARTS.items() if self._keys(part)]

    def _part(self, words: str, keys: list[str], history: Sequence[tuple[Any, Numbers]]) -> Part:
        shares = [(day, each.share(keys)) for day, each in history if each.asked(keys)]
        table = [(date(day), f"{percent(share)} %") for day, share in shares]
        return Part(gettext(words), percent(self.numbers.share(keys)), _points([share for _, share in shares]), table)

    @property
    def lines(self) -> list[Line]:
        return [self._line(each) for each in self.checks]

    def _line(self, check: Check) -> Line:
        failed, of = self.numbers.of(check.key), self.numbers.looked[check.key] or 1
        # Of a department there is no one list: its owners have theirs.
        url = "" if self.department is not None or not failed else self._list(check.query())
        return Line(words_of(check), url, number(failed), percent(1 - failed / of))

    def _list(self, query: Query) -> str:
        return f"{url_for(f'{self.type.key}.index')}?{urlencode(query.to_args())}"

    @cached_property
    def departments(self) -> list[Somebody]:
        if self.department is not None:
            return []
        found = by(self.rows, "department_id")
        known = {each.id: each.name for each in departments()}
        shown = [(known.get(each or 0, gettext(_NOBODY)), each, numbers) for each, numbers in found.items()]
        return [self._department(*each) for each in sorted(shown, key=lambda each: each[0])]

    def _department(self, name: str, department: int | None, numbers: Numbers) -> Somebody:
        url = url_for("quality.index", type=self.type.key, department=department) if department is not None else ""
        cells = [(f"{percent(numbers.share(self._keys(part)))} %", "") for part in PARTS if self._keys(part)]
        return Somebody(name, url, number(numbers.records), "", cells)

    @cached_property
    def _owners(self) -> list[tuple[int | None, Numbers]]:
        """Those with the most to do first."""
        keys = [each.key for each in self.checks]
        found = by(self.rows, "owner_id").items()
        return sorted(found, key=lambda each: (-sum(map(each[1].of, keys)), each[0] or 0))

    @property
    def owners(self) -> list[Somebody]:
        some = self._owners[(self.page - 1) * OWNERS : self.page * OWNERS]
        known = people([each for each, _ in some if each is not None])
        return [self._owner(known.get(each or 0), numbers) for each, numbers in some]

    def _owner(self, owner: Person | None, numbers: Numbers) -> Somebody:
        whose = ("owner", "empty", "1") if owner is None else ("owner", "is", owner.email)
        name = gettext(_NOBODY) if owner is None else owner.name
        cells = []
        for part in PARTS:
            if keys := self._keys(part):
                worst = max((each for each in self.checks if each.part == part), key=lambda each: numbers.of(each.key))
                url = self._list(worst.query(whose)) if numbers.of(worst.key) else ""
                cells.append((f"{percent(numbers.share(keys))} %", url))
        return Somebody(name, "", number(numbers.records), self._list(Query(filters=(whose,))), cells)

    @property
    def heads(self) -> list[str]:
        return [gettext(words) for part, words in PARTS.items() if self._keys(part)]

    @property
    def more_url(self) -> str:
        more = len(self._owners) > self.page * OWNERS
        return self._here(page=self.page + 1) if more else ""

    @property
    def first_url(self) -> str:
        return self._here() if self.page > 1 else ""

    def _here(self, **more: Any) -> str:
        return url_for("quality.index", type=self.type.key, department=self.department, **more)

    @property
    def department_name(self) -> str:
        return next((each.name for each in departments() if each.id == self.department), "")

    @property
    def duplicates_url(self) -> str:
        """For whoever may merge what they find."""
        needs = (permission(self.type.key, each) for each in (Action.READ, Action.EDIT, Action.DELETE))
        able = self.type.likeness is not None and all(g.actor.may(each) for each in needs)
        return url_for("duplicates.index", type_key=self.type.key) if able else ""

    @property
    def duplicates(self) -> str:
        """How many pairs there are, for whoever sees all of the type and can tell each pair for one."""
        whole_type = g.actor.reach_of(self.type.may_read) is Reach.ALL and self.department is None
        keys = self.type.likeness.fields if self.type.likeness is not None else ()
        if not whole_type or any(g.actor.right_to(self.type.key, key) < FieldRight.READ for key in keys):
            return ""
        return count(count_pairs(g.actor, self.type))

    @property
    def may_set(self) -> bool:
        return g.actor.may(Permission.SYSTEM_ADMINISTER) and not g.actor.read_only


def percent(share: float) -> int:
    """Whole, and 100 only where nothing is wrong."""
    return 100 if share >= 1 else min(99, round(share * 100))


def _points(shares: Sequence[float]) -> str:
    """Of a polyline; from the lowest of them to whole."""
    if len(shares) < 2:
        return ""
    low = min(*shares, 0.99)
    step = WIDTH / (len(shares) - 1)
    deep = (HEIGHT - 4) / (1 - low)
    return " ".join(f"{at * step:.1f},{HEIGHT - 2 - (share - low) * deep:.1f}" for at, share in enumerate(shares))
