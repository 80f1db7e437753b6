"""A new record as one row of COPY: values by field key → what stands in each column."""

from collections.abc import Callable, Mapping
from typing import Any

from crm.domain.records.derived import Recipe, columns_name, columns_of
from crm.infra import json
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind

_KEPT = ("custom", "department_id", "import_id", "created_by_id", "created_at", "updated_at")
Complete = Callable[[Actor, dict[str, Any], Any], None]


class Row:
    """Made once for a type, called for every row of it."""

    def __init__(self, entity: Any, fields: tuple[Field, ...], recipe: Recipe, more: tuple[str, ...]) -> None:
        there = entity.__table__.c
        named = [columns_name(each) for each in fields]
        originals = [f"{columns_name(each)}_original" for each in fields if each.kind is FieldKind.PHONE]
        derived = [key for key in ("name_key", "sort_key", "search", "search_text") if key in there]
        wanted = ("id", "number", *named, *(each for each in originals if each in there), *derived, *more, *_KEPT)
        self.columns = tuple(dict.fromkeys(wanted))
        self.recipe = recipe
        self.defaults = {columns_name(each): each.default for each in fields if each.default is not None}

    def __call__(  # noqa: PLR0913 - all that one row depends on
        self,
        actor: Actor,
        fields: Mapping[str, Field],
        values: Mapping[str, Any],
        departments: Mapping[int | None, int | None],
        given: Mapping[str, Any],
        complete: Complete | None,
        nobody: int | None,
    ) -> list[Any]:
        """`nobody` owns what is nobody's; what has no owner is in the department `departments` has for none."""
        columns: dict[str, Any] = dict.fromkeys(self.columns)
        filled, custom = columns_of(values, fields)
        columns.update(filled)
        columns.update(given)
        own = {key: value for key, value in custom.items() if value is not None}
        columns["custom"] = json.dumps(own) if own else "{}"
        for name, value in self.defaults.items():
            if columns[name] is None:
                columns[name] = value
        owner_id = columns["owner_id"] = columns["owner_id"] or nobody
        columns["department_id"] = departments.get(owner_id)
        if complete is not None:
            complete(actor, columns, None)
        columns.update(self.recipe(columns))
        return list(map(columns.__getitem__, self.columns))
