"""The language of whoever reads the answer, for words that come from the database rather than from a catalogue."""

from collections.abc import Collection, Mapping
from contextvars import ContextVar

reading: ContextVar[str] = ContextVar("reading", default="en")
# The version of the shape whose names of types are read; whoever is nobody yet reads the delivered ones.
naming: ContextVar[int] = ContextVar("naming", default=0)


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


class Filled(str):
    """A sentence of the catalogue with its places filled, for a label: it is translated first, then filled."""

    __slots__ = ("params",)
    params: Mapping[str, str]

    def __new__(cls, sentence: str, **params: str) -> "Filled":
        self = super().__new__(cls, sentence)
        self.params = params
        return self


def words_of(label: str) -> Collection[str]:
    """Everything that is said for it in any language; nothing for words of the catalogue."""
    return label.by_language.values() if isinstance(label, Words) else ()


def said(label: str) -> dict[str, str]:
    """As it is kept; nothing for words of the catalogue."""
    return dict(label.by_language) if isinstance(label, Words) else {}


def words_in(by_language: Mapping[str, str]) -> str:
    """The other way round: what an administrator said in any language, or nothing."""
    return Words(by_language) if any(by_language.values()) else ""
