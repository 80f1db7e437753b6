"""Pinyin, fast: one reading for every character, corrected by the phrases that read it otherwise.

pypinyin cuts every text into words first (100 µs a name). Of its 47,000 phrases only some 3,400 read a character other
than by default (银行 hang, 重庆 chong), so only those are looked for, and only where such a character occurs: 5 µs.
"""

import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from crm.kernel.text.script import haystack

_SORT_KEY_LIMIT = 64
# What pypinyin reads otherwise than people do in names of companies and places.
_READ_ALONE = {"长": "chang"}
_READ_TOGETHER = {
    "朝阳": "chao yang", "六合区": "lu he qu", "单县": "shan xian", "乐陵": "lao ling", "洪洞": "hong tong",
    "浚县": "xun xian", "大城县": "dai cheng xian", "会稽": "kuai ji", "涡阳": "guo yang", "漯河": "luo he",
    "郫都": "pi du", "筠连": "jun lian", "荥经": "ying jing", "什邡": "shi fang", "栎阳": "yue yang",
    "繁峙": "fan shi", "克孜勒苏": "ke zi le su", "茶行": "cha hang",
}  # fmt: skip
_VOWELS = frozenset("aeiouv")


class _Readings(NamedTuple):
    by_character: dict[str, str]
    varying: frozenset[str]
    phrases: dict[str, list[tuple[str, list[str]]]]
    """First two characters → phrases with their readings, longest first."""


@cache
def _plain(syllable: str) -> str:
    decomposed = unicodedata.normalize("NFD", syllable).replace("u\u0308", "v")
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _readings() -> _Readings:
    # Imported here: the dictionaries take 0.2 s and 30 MB, and a process that never names anything needs neither.
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    by_character = {chr(code): _plain(readings.partition(",")[0]) for code, readings in PINYIN_DICT.items()}
    by_character |= _READ_ALONE
    known = {phrase: [_plain(readings[0]) for readings in PHRASES_DICT[phrase]] for phrase in PHRASES_DICT}
    known |= {phrase: syllables.split() for phrase, syllables in _READ_TOGETHER.items()}
    varying: set[str] = set()
    phrases: dict[str, list[tuple[str, list[str]]]] = {}
    for phrase, syllables in sorted(known.items(), key=lambda item: -len(item[0])):
        pairs = list(zip(phrase, syllables, strict=False))
        other = {character for character, syllable in pairs if by_character.get(character) != syllable}
        if other and len(syllables) == len(phrase):
            varying |= other
            phrases.setdefault(phrase[:2], []).append((phrase, syllables))
    return _Readings(by_character, frozenset(varying), phrases)


@lru_cache(maxsize=2048)
def syllables(text: str) -> tuple[str, ...]:
    """One toneless syllable for each character (ü is v); a character without a reading stands for itself."""
    by_character, varying, phrases = _readings()
    found = [by_character.get(character, character) for character in text]
    if varying.isdisjoint(text):
        return tuple(found)
    read = 0
    for at in [at for at in range(len(text) - 1) if text[at : at + 2] in phrases]:  # nearly always none
        for phrase, readings in phrases[text[at : at + 2]] if at >= read else ():
            if text.startswith(phrase, at):
                read = at + len(phrase)
                found[at:read] = readings
                break
    return tuple(found)


@cache
def known_syllables() -> frozenset[str]:
    """Every syllable some character is read with, those without a vowel (ng, hm) left out."""
    spelt = {syllable for syllable in _readings().by_character.values() if syllable.isascii()}
    return frozenset(syllable for syllable in spelt if not _VOWELS.isdisjoint(syllable))


def sort_key(name: str) -> str:
    """The key that puts names in dictionary order by code points: Chinese by pinyin, then by character; Latin folded.

    Each Chinese character becomes its syllable, a blank and itself, so that 安 (an) stands before 昂 (ang) and equal
    syllables keep equal characters together; Latin names fall between them by letter. At most 64 characters.
    """
    text = haystack(name)
    start = next((at for at, character in enumerate(text) if character.isalnum()), 0)
    text = text[start : start + _SORT_KEY_LIMIT]
    if text.isascii():
        return text
    parts = zip(text, syllables(text), strict=True)
    key = "".join([f"{syllable} {character}" if syllable != character else character for character, syllable in parts])
    return key[:_SORT_KEY_LIMIT]
