"""How the fields of a type stand on its form and page: in sections, in order, each over one column or both."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind

MOST_FIELDS = 50  # that are edited at once


@dataclass(frozen=True)
class Section:
    """Fields that stand and are edited together; `wide` are the keys of those that take both columns."""

    key: str
    label: str
    fields: tuple[Field, ...]
    wide: frozenset[str] = frozenset()
    part: int = 1  # of one that is too long to be edited at once

    @property
    def more(self) -> str:
        """What follows its name."""
        return f" ({self.part})" if self.part > 1 else ""

    @property
    def standard(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if not each.custom)


@dataclass(frozen=True)
class Block:
    """A section of a layout, with the keys of its fields; without a label it is called as delivered."""

    key: str
    label: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """`left_out` are keys that stand nowhere on purpose; a field it does not mention is shown all the same."""

    blocks: tuple[Block, ...]
    wide: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    roles: frozenset[int] = frozenset()  # whose layout it is


def indispensable(field: Field) -> bool:
    """It may be asked for, so there must be a place to fill it in."""
    return field.required or field.required_from is not None


def laid_out(sections: Sequence[Section], layout: Layout | None) -> tuple[tuple[Section, ...], tuple[Field, ...]]:
    """The sections as the layout has them, and the fields it leaves out. No field is lost on the way."""
    if layout is None:
        return tuple(replace(each, wide=_long(each.fields)) for each in sections), ()
    known = {field.key: field for each in sections for field in each.fields}
    out = {key for key in layout.left_out & known.keys() if not indispensable(known[key])}
    placed = {key for block in layout.blocks for key in block.fields} | out
    new = _unplaced(sections, layout, placed)
    labels = {each.key: each.label for each in sections}
    made = []
    for block in layout.blocks:
        here = [known[key] for key in block.fields if key in known and key not in out] + new.get(block.key, [])
        wide = layout.wide | _long([each for each in here if each.key not in placed])
        made.append(Section(block.key, block.label or labels.get(block.key, ""), tuple(here), wide))
    return tuple(made), tuple(field for key, field in known.items() if key in out)


def _unplaced(sections: Sequence[Section], layout: Layout, placed: set[str]) -> dict[str, list[Field]]:
    """What was made after the layout: at the end of its own section where there still is one, else of the last."""
    there, last = {block.key for block in layout.blocks}, layout.blocks[-1].key
    new: dict[str, list[Field]] = {}
    for each in sections:
        fields = [field for field in each.fields if field.key not in placed]
        new.setdefault(each.key if each.key in there else last, []).extend(fields)
    return new


def in_parts(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Those that have too many fields continued, so that no form in place is heavier than a bad link bears."""
    return tuple(part for each in sections for part in _parts(each))


def _parts(section: Section) -> list[Section]:
    cuts = range(0, len(section.fields), MOST_FIELDS)
    parts = [replace(section, fields=section.fields[at : at + MOST_FIELDS]) for at in cuts]
    return [
        replace(each, key=f"{section.key}-part-{number}", part=number) if number > 1 else each
        for number, each in enumerate(parts, 1)
    ]


def _long(fields: Sequence[Field]) -> frozenset[str]:
    return frozenset(each.key for each in fields if each.kind is FieldKind.LONG_TEXT)
