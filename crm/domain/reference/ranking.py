"""Offering entries while somebody types: by code, name, pinyin or initials, best first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from crm.domain.reference.entries import Entry
from crm.kernel.text import fold, search_form, syllables

_WORDS = 6


@dataclass(frozen=True, slots=True)
class _Spelt:
    code: str
    name: str
    name_en: str
    pinyin: str
    initials: str

    def everything(self) -> str:
        return "\n".join((self.code, self.name, self.name_en, self.pinyin, self.initials))


# Tried in this order for a word; the place of the first that holds is the rank.
_MATCHES: tuple[Callable[[str, _Spelt], bool], ...] = (
    lambda word, entry: word in (entry.code, entry.name, entry.name_en),
    lambda word, entry: entry.name.startswith(word) or entry.name_en.startswith(word),
    lambda word, entry: entry.code.startswith(word),
    lambda word, entry: word in entry.name or word in entry.name_en,
    lambda word, entry: entry.pinyin.startswith(word),
    lambda word, entry: len(word) > 1 and entry.initials.startswith(word),
    lambda word, entry: len(word) > 2 and word in entry.pinyin,
    lambda word, entry: len(word) > 1 and word in entry.initials,
)


class Ranking:
    """Prepared once: a search looks into each entry's text once, and closer only if that holds the words."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self._entries = entries
        self._spelt = {code: _spell(entry) for code, entry in entries.items()}
        texts = {code: spelt.everything() for code, spelt in self._spelt.items()}
        self._texts = [
            (entry, "\n".join(texts[code] for code in entry.path)) for entry in entries.values() if not entry.hidden
        ]

    def best(self, text: str, limit: int) -> list[Entry]:
        """Entries in which every word is found, in the entry or above it, one of them at least in the entry itself."""
        words = search_form(text).split()[:_WORDS]
        found: list[tuple[int, int, str]] = []
        for entry, texts in self._texts:
            if all(word in texts for word in words):
                rank = self._rank(entry, words)
                if rank is not None:
                    found.append((rank, entry.level, entry.code))
        return [self._entries[code] for _, _, code in sorted(found)[:limit]]

    def _rank(self, entry: Entry, words: Sequence[str]) -> int | None:
        ranks = []
        for word in words:
            own = _match(word, self._spelt[entry.code])
            if own is not None:
                ranks.append(own)
            elif all(_match(word, self._spelt[code]) is None for code in entry.path[:-1]):
                return None
        return min(ranks, default=None)


def _spell(entry: Entry) -> _Spelt:
    name = search_form(entry.name)
    read = [syllable for syllable in syllables(name) if syllable.isalpha()]
    initials = "".join(syllable[0] for syllable in read)
    return _Spelt(entry.code.lower(), name, fold(entry.name_en), "".join(read), initials)


def _match(word: str, spelt: _Spelt) -> int | None:
    return next((rank for rank, matches in enumerate(_MATCHES) if matches(word, spelt)), None)


@cache
def ranking(tree: Callable[[], Mapping[str, Entry]]) -> Ranking:
    return Ranking(tree())
