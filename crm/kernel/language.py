"""The language of whoever reads the answer, for words that come from the database rather than from a catalogue."""

from collections.abc import Collection, Mapping
from contextvars import ContextVar

reading: ContextVar[str] = ContextVar("reading", default="en")


class Words(str):
    """What an administrator typed, in one or more languages. As plain text it is the first; no catalogue is asked."""

    __slots__ = ("by_language",)
    by_language: Mapping[str, str]

    def __new__(cls, by_language: Mapping[str, str]) -> "Words":
        said = {language: words for language, words in by_language.items() if words}
        self = super().__new__(cls, next(iter(said.values()), ""))
        self.by_language = said
        return self

    def into(self, language: str) -> str:
        return self.by_language.get(language, str(self))


def words_of(label: str) -> Collection[str]:
    """Everything that is said for it in any language; nothing for words of the catalogue."""
    return label.by_language.values() if isinstance(label, Words) else ()
