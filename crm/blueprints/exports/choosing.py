"""What is to be taken away: all of it travels in the address and the form, and comes from the list it is asked from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, g, url_for
from werkzeug.datastructures import MultiDict

from crm.blueprints.exports.page import WEEKDAYS
from crm.domain.exports import rights, rows
from crm.domain.exports.actions import NOTHING_TICKED, Wish
from crm.domain.exports.formats import FORMATS, LABELS, NAMES
from crm.domain.exports.regular import EVERY, MONTH, WEEK
from crm.domain.people.policy import limit_for
from crm.domain.registry import RECORD_TYPES
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.pages import Count
from crm.kernel.text import N_
from crm.web import columns
from crm.web.errors import told
from crm.web.export_file import question
from crm.web.formats import number
from crm.web.i18n import gettext

_COUNTED = 10_000
_DAYS = (FieldKind.DATE, FieldKind.DATETIME)


@dataclass(frozen=True)
class Row:
    """One field to choose. `masked`: its shape is exported, as it is shown."""

    key: str
    label: str
    on: bool
    first: bool
    last: bool
    masked: bool


class Choosing:
    """`list` is the address of the list; `field` names a field, in order; `move` rearranges them and asks nothing."""

    def __init__(self, type_key: str, given: "MultiDict[str, str]") -> None:
        known = RECORD_TYPES.get(type_key) or abort(404)
        if not rights.may_export(g.actor, type_key):
            abort(403)
        self.type = known.open_to(g.actor)
        self.given, self.list = given, given.get("list", "")
        self.names, self.format = given.get("names", LABELS), given.get("format", "xlsx")
        self.period, self.since, self.until = (given.get(key, "").strip() for key in ("period", "since", "until"))
        self.moved = given.get("move", "")
        self.ticked = self._ticked() if given.get("ticked") == "1" and given.get("all") != "1" else None
        self.keys = self._moved() if self.moved else self._chosen()

    @cached_property
    def query(self) -> Query:
        """What the list shows, in its order; nothing of where one was in it."""
        return Query.from_args(parse_qsl(self.list)).but()

    def _ticked(self) -> list[int]:
        return [int(each) for each in self.given.getlist("id") if each.isdecimal() and len(each) < 19]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What travels on besides the list's question."""
        return [] if self.ticked is None else [("ticked", "1"), *(("id", str(each)) for each in self.ticked)]

    @cached_property
    def known(self) -> dict[str, Field]:
        return dict(rights.columns_of(self.type))

    def _chosen(self) -> list[str]:
        if "list" in self.given and "names" in self.given:  # the form, as it was sent
            return list(dict.fromkeys(self.given.getlist("field")))
        shown = columns.kept(self.type.key).of(self.type.list).shown(self.query)
        keys = [self.type.main.key, *(each.key for each in shown)]
        return [key for key in dict.fromkeys(keys) if key in self.known]

    def _moved(self) -> list[str]:
        keys = [key for key in self._chosen() if key in self.known]
        how, _, key = self.moved.partition(":")
        if how == "all":
            return [*keys, *(each for each in self.known if each not in keys)]
        if how == "none":
            return [self.type.main.key]
        if key in keys and how in ("up", "down"):
            at = keys.index(key)
            to = max(0, at - 1) if how == "up" else at + 1
            keys.insert(to, keys.pop(at))
        return keys

    @property
    def rows(self) -> list[Row]:
        """What is chosen in its order, then the others."""
        known, chosen = self.known, [key for key in self.keys if key in self.known]
        others = [key for key in known if key not in chosen]
        return [
            Row(
                key,
                gettext(known[key].label),
                key in chosen,
                [key] == chosen[:1],
                [key] == chosen[-1:],
                known[key].masked,
            )
            for key in (*chosen, *others)
        ]

    @property
    def days(self) -> list[tuple[str, str]]:
        """The fields a period can be of; of ticked rows there is none to choose."""
        if self.ticked is not None:
            return []
        fields = [each for each in self.known.values() if each.kind in _DAYS and each.filterable]
        return [(each.key, gettext(each.label)) for each in fields]

    @property
    def formats(self) -> list[tuple[str, str, str]]:
        return [(each.key, gettext(each.label), gettext(each.help)) for each in FORMATS.values()]

    @property
    def namings(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in NAMES.items()]

    @property
    def every(self) -> str:
        return self.given.get("every", "")

    @property
    def repeats(self) -> list[tuple[str, str]]:
        return [(key, gettext(words)) for key, words in EVERY.items()]

    @property
    def repeat_days(self) -> list[tuple[str, str]]:
        """Of the week, and of the month."""
        week = [(f"week:{at}", gettext(words)) for at, words in enumerate(WEEKDAYS)]
        month = [(f"month:{day}", gettext(N_("day %(day)s of the month"), day=day)) for day in range(1, 29)]
        return [*week, *month]

    @property
    def hours(self) -> list[tuple[str, str]]:
        return [(str(hour), f"{hour:02}:00") for hour in range(24)]

    def repeated(self) -> dict[str, Any]:
        """As `regular.make` takes it."""
        of, _, day = self.given.get("on", "").partition(":")
        on_day = int(day) if of == self.every and day.isdecimal() and len(day) < 3 else 0
        hour, kept = (self.given.get(key, "") for key in ("hour", "kept"))
        return {
            "name": self.given.get("regular_name", ""),
            "every": self.every,
            "on_day": on_day if self.every == WEEK or on_day else int(self.every == MONTH),
            "hour": int(hour) if hour.isdecimal() and len(hour) < 3 else -1,
            "kept": int(kept) if kept.isdecimal() and len(kept) < 4 else 0,
        }

    def wish(self) -> Wish:
        return Wish(self.type.key, self._within_period(), self.keys, self.names, self.format, self.ticked)

    def _within_period(self) -> Query:
        if not (self.since or self.until):
            return self.query
        if self.period not in dict(self.days):
            raise Invalid(N_("Say which day the period is about, or leave it empty."))
        asked = [(self.period, how, day) for how, day in (("gte", self.since), ("lte", self.until)) if day]
        return self.query.but(filters=tuple(sorted({*self.query.filters, *asked})))

    @cached_property
    def found(self) -> tuple[Count, str]:
        """How many there are to take, and what is wrong with the question."""
        if self.ticked == []:
            return Count(0), gettext(NOTHING_TICKED)
        try:
            meant = None if self.ticked is None else tuple(self.ticked)
            count = rows.count(g.actor, self.type, rows.Asked(self._within_period(), meant), _COUNTED)
        except Invalid as problem:
            return Count(0), told(problem)
        return (Count(0, more=True) if count is None else Count(min(count, _COUNTED), count > _COUNTED)), ""

    @property
    def sentence(self) -> str:
        if self.ticked is not None:
            return gettext(N_("Only the rows that you ticked."))
        try:
            return question(self.type.list, self._within_period())
        except (Invalid, KeyError):
            return ""

    @property
    def limits(self) -> Sequence[str]:
        """What their roles set."""
        said = {
            "export_rows": N_("Your roles allow %(most)s rows in one export."),
            "exports_a_day": N_("Your roles allow %(most)s exports a day."),
        }
        found = [(words, limit_for(g.actor, self.type.may_export, key)) for key, words in said.items()]
        return [gettext(words, most=number(most)) for words, most in found if most is not None]

    @property
    def back_url(self) -> str:
        """The list it was asked from."""
        return f"{url_for(f'{self.type.key}.index')}?{self.list or 'view=all'}"

    @property
    def base(self) -> str:
        """The question as it travels on: what is looked for in encrypted fields is sealed."""
        return urlencode(self.type.list.sealed(g.actor, self.query).to_args())
