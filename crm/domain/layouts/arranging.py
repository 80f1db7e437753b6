"""Rearranging a layout: each step takes one in which every field has its place, and gives another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.language import Words, words_of
from crm.kernel.layouts import Block, Layout, Section
from crm.kernel.text import N_, clean

LONGEST, MOST_SECTIONS = 80, 40


def as_shown(sections: Sequence[Section], layout: Layout | None = None) -> Layout:
    """The layout with a place for each field; `sections` and what they leave out are `laid_out` by it."""
    labels = {block.key: block.label for block in layout.blocks} if layout else {}
    blocks = [Block(each.key, labels.get(each.key, ""), tuple(it.key for it in each.fields)) for each in sections]
    keys = {key for block in blocks for key in block.fields}
    wide = frozenset(key for each in sections for key in each.wide) & keys
    left_out = layout.left_out - keys if layout else frozenset()
    return Layout(tuple(blocks), wide, left_out, layout.roles if layout else frozenset())


def put(layout: Layout, keys: Collection[str], section: str, before: str = "") -> Layout:
    """Fields into a section, in the order they had: before a field of it, else at its end."""
    known = [key for block in layout.blocks for key in block.fields] + sorted(layout.left_out)
    moved = [key for key in known if key in keys and key != before]
    blocks = [replace(each, fields=tuple(key for key in each.fields if key not in moved)) for each in layout.blocks]
    at = _place(blocks, section)
    there = list(blocks[at].fields)
    index = there.index(before) if before in there else len(there)
    blocks[at] = replace(blocks[at], fields=(*there[:index], *moved, *there[index:]))
    return replace(layout, blocks=tuple(blocks), left_out=layout.left_out - set(moved))


def step(layout: Layout, key: str, *, down: bool) -> Layout:
    """One place up or down; beyond the end of a section into the next one."""
    at = next((at for at, block in enumerate(layout.blocks) if key in block.fields), None)
    if at is None:
        return layout
    fields = layout.blocks[at].fields
    index = fields.index(key) + (2 if down else -1)
    if 0 <= index <= len(fields):
        return put(layout, [key], layout.blocks[at].key, fields[index] if index < len(fields) else "")
    other = at + 1 if down else at - 1
    if not 0 <= other < len(layout.blocks):
        return layout
    first = layout.blocks[other].fields[0] if down and layout.blocks[other].fields else ""
    return put(layout, [key], layout.blocks[other].key, first)


def step_all(layout: Layout, keys: Collection[str], *, down: bool) -> Layout:
    """Several at once, the foremost first, so that they do not overtake each other."""
    known = [key for block in layout.blocks for key in block.fields if key in keys]
    for key in reversed(known) if down else known:
        layout = step(layout, key, down=down)
    return layout


def widen(layout: Layout, keys: Collection[str], *, wide: bool) -> Layout:
    return replace(layout, wide=layout.wide | set(keys) if wide else layout.wide - set(keys))


def leave_out(layout: Layout, keys: Collection[str]) -> Layout:
    """Off the form and the page; lists, filters and imports have them still."""
    known = {key for block in layout.blocks for key in block.fields} & set(keys)
    blocks = [replace(each, fields=tuple(key for key in each.fields if key not in known)) for each in layout.blocks]
    return replace(layout, blocks=tuple(blocks), left_out=layout.left_out | known)


def step_section(layout: Layout, section: str, *, down: bool) -> Layout:
    blocks = list(layout.blocks)
    at = _place(blocks, section)
    other = at + 1 if down else at - 1
    if 0 <= other < len(blocks):
        blocks[at], blocks[other] = blocks[other], blocks[at]
    return replace(layout, blocks=tuple(blocks))


def add_section(layout: Layout, label: Mapping[str, str], delivered: Collection[str]) -> Layout:
    """At the end; `delivered` are keys that a section of the program has or had."""
    taken = {block.key for block in layout.blocks} | set(delivered)
    if len(layout.blocks) >= MOST_SECTIONS:
        raise RuleBroken(N_("At most %(most)s sections: remove one first."), most=MOST_SECTIONS)
    key = next(each for number in range(1, 1000) if (each := f"section-{number}") not in taken)
    return replace(layout, blocks=(*layout.blocks, Block(key, _label(label, needed=True))))


def name_section(layout: Layout, section: str, label: Mapping[str, str], *, delivered: bool) -> Layout:
    """Without words a delivered section is called as delivered again."""
    blocks = list(layout.blocks)
    at = _place(blocks, section)
    blocks[at] = replace(blocks[at], label=_label(label, needed=not delivered))
    return replace(layout, blocks=tuple(blocks))


def remove_section(layout: Layout, section: str) -> Layout:
    """Its fields go to the end of the section before it, or of the one after it."""
    at = _place(layout.blocks, section)
    if len(layout.blocks) == 1:
        raise RuleBroken(N_("A form has at least one section: this one stays."))
    to = layout.blocks[at - 1 if at else 1].key
    layout = put(layout, layout.blocks[at].fields, to)
    return replace(layout, blocks=tuple(each for each in layout.blocks if each.key != section))


def described(layout: Layout, names: Mapping[str, str]) -> dict[str, list[str]]:
    """For the log: what is compared before and after; `names` are those of sections as delivered."""
    sections = [", ".join(words_of(each.label)) or names.get(each.key, each.key) for each in layout.blocks]
    fields = {each.key: list(each.fields) for each in layout.blocks}
    return {"sections": sections, "wide": sorted(layout.wide), "left_out": sorted(layout.left_out), **fields}


def _place(blocks: Sequence[Block], section: str) -> int:
    for at, block in enumerate(blocks):
        if block.key == section:
            return at
    raise Invalid(N_("This section is not there any more."))


def _label(by_language: Mapping[str, str], *, needed: bool) -> str:
    said = {language: words for language, each in by_language.items() if (words := clean(each)[:LONGEST])}
    if needed and not said:
        raise Invalid(N_("A section needs a name."))
    return Words(said) if said else ""
