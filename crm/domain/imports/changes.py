"""What was done to the cells of one batch on their way to values: counted by field and kind, with examples."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from crm.kernel.fields import Field, Reading
from crm.kernel.kinds import FieldKind
from crm.kernel.text import fold

EXAMPLES = 5
SAID, KEPT, REFUSED = "said", "kept", "refused"  # cells with something in them, values stored, cells refused
_LONGEST = 80

Example = tuple[int, str, str]  # (at which row of the batch, before, after)


def _of_text(text: str, value: Any) -> tuple[str, str]:
    return "spaces" if text.split() == str(value).split() else "characters", str(value)


def _of_phone(text: str, value: Any) -> tuple[str, str]:
    """Digits alone are written well: that they are kept with their country is nothing to tell."""
    e164 = value if isinstance(value, str) else value.e164
    return "phone", text if text.removeprefix("+").isdigit() else e164


# Kind of field → what a text became, by the kind of change. Of others nothing is told: what they became is another
# thing (a person, a place) or what stood there in other words.
_TOLD: Mapping[FieldKind, Callable[[str, Any], tuple[str, str]]] = {
    FieldKind.TEXT: _of_text,
    FieldKind.LONG_TEXT: _of_text,
    FieldKind.PHONE: _of_phone,
    FieldKind.EMAIL: lambda text, value: ("email", str(value)),
    FieldKind.URL: lambda text, value: ("url", str(value)),
    FieldKind.DATE: lambda text, value: ("date", value.isoformat()),
    FieldKind.NUMBER: lambda text, value: ("number", f"{value:f}"),
    FieldKind.MONEY: lambda text, value: ("number", f"{value:f}"),
}


class Changes:
    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()  # (field key, kind of change)
        self.examples: dict[tuple[str, str], list[Example]] = {}
        self.of_row: dict[int, list[str]] = {}  # "field key:kind" of each change, by the place in the batch
        self._key, self._told = "", True

    def said(self, field: Field, texts: Sequence[str]) -> None:
        """What stands in the file for the field; what is put next is this field's."""
        self._key, self._told = field.key, field.kind is not FieldKind.ENCRYPTED
        self.counts[field.key, SAID] += sum(1 for each in texts if each and not each.isspace())

    def put(self, kind: str, before: list[str], after: list[str]) -> list[str]:
        if before != after and self._told:
            pairs = enumerate(zip(before, after, strict=True))
            self._add(kind, [(at, was, now) for at, (was, now) in pairs if was != now])
        return after

    def read(self, fields: Sequence[Field], texts: Mapping[str, Sequence[str]], readings: Sequence[Reading]) -> None:
        """What the fields made of the texts."""
        wrong = [reading.problems for reading in readings if reading.problems]
        for field in fields:
            key, tell = field.key, _of_choice(field) if field.kind is FieldKind.CHOICE else _TOLD.get(field.kind)
            values = [reading.values.get(key) for reading in readings]
            self.counts[key, KEPT] += len(values) - values.count(None)
            self.counts[key, REFUSED] += sum(key in each for each in wrong)
            if tell is not None:
                self._key = key
                self._compare(tell, texts[key], values)

    def _compare(
        self, tell: Callable[[str, Any], tuple[str, str]], texts: Sequence[str], values: Sequence[Any]
    ) -> None:
        found: dict[str, list[Example]] = {}
        for at, (text, value) in enumerate(zip(texts, values, strict=True)):
            if value is not None and value != text:
                kind, became = tell(text, value)
                if became != text:
                    found.setdefault(kind, []).append((at, text, became))
        for kind, changed in found.items():
            self._add(kind, changed)

    def _add(self, kind: str, changed: Sequence[Example]) -> None:
        place, name = (self._key, kind), f"{self._key}:{kind}"
        self.counts[place] += len(changed)
        for at, _, _ in changed:
            self.of_row.setdefault(at, []).append(name)
        examples = self.examples.setdefault(place, [])
        examples += [
            (at, before[:_LONGEST], after[:_LONGEST]) for at, before, after in changed[: EXAMPLES - len(examples)]
        ]


def _of_choice(field: Field) -> Callable[[str, Any], tuple[str, str]]:
    """What is called otherwise than on pages."""
    own = {fold(text): each.key for each in field.choices for text in (each.key, each.label)}

    @cache  # many rows say the same
    def tell(text: str, value: Any) -> tuple[str, str]:
        choice = field.choice(value)
        return "choice", text if choice is None or own.get(fold(text)) == value else str(choice.label)

    return tell
