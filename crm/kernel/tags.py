"""Tags that mean something: what each may be called, which of them are one by now, and which ask why.

A record keeps what was put on it. Renaming a tag and making two of them one touch no record: what stands there is read
by everything the tag was ever called.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from crm.kernel.language import words_of
from crm.kernel.text import fold

if TYPE_CHECKING:
    from crm.kernel.fields import Choice


class Tags:
    """Of one field; `choices` are those somebody has described. Any other text is a tag without a meaning."""

    def __init__(self, choices: Sequence["Choice"]) -> None:
        self.choices = choices

    @cached_property
    def by_key(self) -> Mapping[str, "Choice"]:
        return {each.key: each for each in self.choices}

    @cached_property
    def _called(self) -> Mapping[str, str]:
        """Folded → key; what a tag is called now wins over what another was called once, and what is offered over what
        is not any more."""
        living = [each for each in self.choices if not each.retired and not each.means]
        found: dict[str, str] = {}
        for some, names in (
            (living, _labels),
            (self.choices, _labels),
            (self.choices, lambda each: (each.key,)),
            (self.choices, lambda each: each.aliases),
        ):
            for each in some:
                for name in names(each):
                    found.setdefault(fold(name), self._target(each))
        return found

    def _target(self, choice: "Choice") -> str:
        return choice.means or choice.key

    def key(self, text: str) -> str:
        """What records and forms keep is the key itself; anything else is a name."""
        if text in self.by_key:
            return self._target(self.by_key[text])
        return self._called.get(fold(text), text) if self.choices else text

    def now(self, texts: Iterable[str]) -> list[str]:
        """What stands in a record, by the tags there are now, each once."""
        return list(dict.fromkeys(map(self.key, texts)))

    def in_order(self, texts: Iterable[str]) -> list[str]:
        """As a form has them: those that mean something first, in their order."""
        there = self.now(texts)
        return [*(each for each in self.by_key if each in there), *(each for each in there if each not in self.by_key)]

    def alike(self, text: str) -> list[str]:
        """Everything that may stand in a record and means this tag; not what means another by now."""
        key = self.key(text)
        ones = [each for each in self.choices if self._target(each) == key]
        names = (name for each in ones for name in _names(each) if self.key(name) == key)
        return list(dict.fromkeys([key, *names]))

    def added(self, before: Collection[str] | None, after: Collection[str] | None) -> list["Choice"]:
        """Those with a meaning that were not there before."""
        had = set(self.now(before or ()))
        return [self.by_key[each] for each in self.now(after or ()) if each not in had and each in self.by_key]


def _labels(choice: "Choice") -> Iterable[str]:
    return words_of(choice.label)


def _names(choice: "Choice") -> Iterable[str]:
    return (choice.key, *words_of(choice.label), *choice.aliases)
