"""What makes a field be asked for: another field of the record that has one of some values."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm.kernel.kinds import FieldKind

if TYPE_CHECKING:
    from crm.kernel.fields import Field

FILLED = "*"  # among the values: whatever it is, so that it is something
ASKING = frozenset({FieldKind.CHOICE, FieldKind.MULTI_CHOICE, FieldKind.YES_NO})  # kinds that others may hang on


@dataclass(frozen=True)
class Condition:
    """Holds where the field has one of the values: keys of choices, yes, no, or FILLED."""

    field: str
    values: frozenset[str]

    def holds(self, value: Any) -> bool:
        if value is None or value == []:
            return False
        said = {"yes" if value else "no"} if isinstance(value, bool) else value
        return FILLED in self.values or not self.values.isdisjoint([said] if isinstance(said, str) else said)


def is_shown(field: "Field", fields: Mapping[str, "Field"], value_of: Callable[["Field"], Any]) -> bool:
    """Whether a record that has these values has a place for the field. A condition whose field is not there holds;
    what hangs on a field that is not shown, is not shown either."""
    while (condition := field.shown_if) is not None and condition.field in fields:
        field = fields[condition.field]
        if not condition.holds(value_of(field)):
            return False
    return True


def offered(
    form: Sequence["Field"], fields: Mapping[str, "Field"], value_of: Callable[["Field"], Any]
) -> tuple["Field", ...]:
    """Those a form asks for: what hangs on a field of the same form is there, to be shown as that is filled in."""
    here: Collection[Field] = form
    while True:
        keys = {each.key for each in here}
        left = [
            each
            for each in here
            if each.shown_if is None or each.shown_if.field in keys or is_shown(each, fields, value_of)
        ]
        if len(left) == len(here):
            return tuple(left)
        here = left
