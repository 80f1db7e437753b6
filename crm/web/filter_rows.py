"""Conditions as rows of field, operator and value: the filter of a list in the address of the page that builds it, and
the rules that administrators make of such conditions."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from crm.kernel.arguments import Filters
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.listing import ListSpec
from crm.kernel.operators import ALL_OPERATORS, GROUPS, OPERATORS
from crm.kernel.periods import OFFERED
from crm.kernel.sealed import opened_asked
from crm.web.filters import MOVING, words_by_key
from crm.web.i18n import gettext

_EXAMPLES = {"of": ("group", "me"), "during": ("period", "today")}  # tells apart what else reads alike
_MOST = 50  # rows
ALTERNATIVES = 3  # groups of which one must hold
_DAYS = (FieldKind.DATE, FieldKind.DATETIME)


def _example(operator: str) -> str:
    kind, value = _EXAMPLES.get(operator, ("", ""))
    return f"{MOVING[kind](value)}…" if kind else "…"


@dataclass
class Row:
    """`group` is "" for what must hold, else the number of the group of which one must. `without` are operators that
    are not offered."""

    spec: ListSpec
    number: int
    key: str = ""
    given: str = ""
    value: str = ""
    group: str = ""
    without: Collection[str] = ()

    @property
    def known(self) -> list[str]:
        return [each for each in OPERATORS[self.field.kind] if each not in self.without] if self.field else []

    @property
    def field(self) -> Field | None:
        return self.spec.by_key.get(self.key)

    @property
    def operator(self) -> str:
        """What was chosen, or the first that goes with the field."""
        known = self.known
        return self.given if self.given in known else known[0] if known else ""

    @property
    def operators(self) -> list[tuple[str, str]]:
        known = self.known
        return [
            (key, gettext(ALL_OPERATORS[key].sentence, field="…", value=_example(key)))
            for key in known
            if key == self.operator or key != "is" or "in" not in known  # which reads alike and takes several
        ]

    @property
    def takes(self) -> str:
        return ALL_OPERATORS[self.operator].takes if self.operator else "none"

    @property
    def options(self) -> list[tuple[str, str]]:
        """The values there are, where there is a choice."""
        if self.takes in MOVING:
            known = {"period": OFFERED, "group": tuple(GROUPS)}[self.takes]
            offered = dict.fromkeys((*known, *([self.value] if self.value else [])))
            return [(key, MOVING[self.takes](key)) for key in offered]
        return list(words_by_key(self.field).items()) if self.field and not self.suggested else []

    @property
    def suggested(self) -> list[str]:
        """Of tags those that mean something; any other may be asked for too."""
        is_tags = self.field is not None and self.field.kind is FieldKind.TAGS
        return list(words_by_key(self.field).values()) if self.field and is_tags else []

    @property
    def text(self) -> str:
        """The value as it stands in the input."""
        if self.takes != "sealed" or self.field is None:
            return self.value
        try:
            return opened_asked(self.field.place, self.value)
        except Invalid:
            return ""

    @property
    def type(self) -> str:
        return "date" if self.field and self.field.kind in _DAYS else "text"

    @property
    def lookup_url(self) -> str:
        sourced = self.field is not None and self.field.kind in SOURCED and self.takes == "one"
        return url_for("lookup.options", field=self.key) if sourced else ""

    @property
    def filter(self) -> tuple[str, str, str] | None:
        """What it asks; nothing while its value is missing."""
        if not self.field or not (self.value or self.takes == "none"):
            return None
        return self.key, self.operator, "1" if self.takes == "none" else self.value


class Builder:
    """From `list=<address of a list>`, or from rows `f0` `o0` `v0` `g0`, `f1` …."""

    def __init__(self, spec: ListSpec, given: "MultiDict[str, str]", *, without: Collection[str] = ()) -> None:
        self.spec, self.without = spec, without
        self.base = Query.from_args(parse_qsl(given.get("list", ""))).but()
        self.rows = self._posted(given) if "f0" in given else self._of(self.base)

    def _posted(self, given: "MultiDict[str, str]") -> list[Row]:
        # By number, since a browser may leave out what is empty.
        asked = [[given.get(f"{name}{n}", "").strip() for name in "fovg"] for n in range(_MOST) if f"f{n}" in given]
        return [Row(self.spec, n, *row, self.without) for n, row in enumerate(each for each in asked if each[0])]

    def _of(self, query: Query) -> list[Row]:
        asked = [(*each, "") for each in query.filters]
        for number, group in enumerate(query.groups, 1):
            asked += [(*each, str(number)) for each in group]
        return [Row(self.spec, n, *each, self.without) for n, each in enumerate(asked)]

    @property
    def shown(self) -> list[Row]:
        """And one more to fill in."""
        return [*self.rows, Row(self.spec, len(self.rows), without=self.without)]

    @cached_property
    def query(self) -> Query:
        """What the rows ask, with the search, order and columns of the list they were built for."""
        asked: list[tuple[str, str]] = self.base.but(filters=(), groups=()).to_args()
        for number in range(ALTERNATIVES + 1):
            group: Filters = tuple(f for row in self.rows if row.group == (str(number or "")) and (f := row.filter))
            args = [(f"{key}__{operator}", value) for key, operator, value in group]
            asked += [("any", urlencode(args))] if number and args else args
        return Query.from_args(asked)

    @property
    def fields(self) -> list[tuple[str, str]]:
        return [(each.key, gettext(each.label)) for each in self.spec.fields if each.filterable]

    @property
    def base_args(self) -> str:
        """The list it was begun from, as its address."""
        return urlencode(self.base.to_args())

    @property
    def is_done(self) -> bool:
        return request.values.get("do") == "apply"

    @property
    def is_secret(self) -> bool:
        """What is typed here must not come to stand in an address: the rows are posted."""
        return any(each.kind is FieldKind.ENCRYPTED and each.filterable for each in self.spec.fields)
