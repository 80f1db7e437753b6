"""What somebody asks of a list: the same in an address, a saved view, a bulk change, an export and the API."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from crm.kernel.arguments import Filters, encoded, grouped, joined


@dataclass(frozen=True)
class Query:
    """What the person asked for. Equal questions are equal objects, so a saved view is just this.

    All of `filters` must hold, and of each group in `groups` at least one.
    """

    search: str = ""
    filters: Filters = ()
    sort: str = ""
    columns: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    groups: tuple[Filters, ...] = ()

    @classmethod
    def from_args(cls, items: Iterable[tuple[str, str]]) -> "Query":
        """From the address: `?status__in=new,open&q=acme&sort=-name&after=…`. Empty values ask nothing."""
        plain: dict[str, str] = {}
        filters, groups = [], set()
        for key, given in items:
            value = given.strip()
            if "__" in key and value:
                name, _, operator = key.rpartition("__")
                filters.append((name, operator, value))
            elif key == "any" and (group := grouped(value)):
                groups.add(group)
            elif value:
                plain[key] = f"{plain[key]},{value}" if key == "cols" and key in plain else value
        filters += [each for group in groups if len(group) == 1 for each in group]  # of one at least one is that one
        columns = tuple(part for part in plain.get("cols", "").split(",") if part)
        return cls(
            plain.get("q", ""),
            tuple(sorted(joined(filters))),
            plain.get("sort", ""),
            columns,
            plain.get("after", ""),
            plain.get("before", ""),
            tuple(sorted(group for group in groups if len(group) > 1)),
        )

    def to_args(self) -> list[tuple[str, str]]:
        named = {"q": self.search, "sort": self.sort, "cols": ",".join(self.columns)}
        named |= {"after": self.after, "before": self.before}
        filters = [(f"{name}__{operator}", value) for name, operator, value in self.filters]
        filters += [("any", encoded(group)) for group in self.groups]
        return filters + [(key, value) for key, value in named.items() if value]

    @property
    def narrows(self) -> bool:
        return bool(self.search or self.filters or self.groups)

    @property
    def asked(self) -> list[tuple[str, str, str]]:
        """Every comparison in it."""
        return [*self.filters, *(each for group in self.groups for each in group)]

    def but(self, **changes: Any) -> "Query":
        """The same question changed; the place in the list is forgotten."""
        return replace(self, **({"after": "", "before": ""} | changes))
