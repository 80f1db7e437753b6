"""What search and sorting share: the searched form of a text, and its pieces by script."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from crm.kernel.text.forms import fold

# Chinese, Japanese and Korean: scripts written without blanks between words, so they are indexed by pairs.
_CJK = "\u3005\u3007\u3040-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_CJK_CHARACTER = re.compile(f"[{_CJK}]")
_PIECES = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_GAP_IN_CJK = re.compile(f"(?<=[{_CJK}])(?:(?![{_CJK}])[\\W_])+(?=[{_CJK}])")
# Not beyond: taking Japanese kana or Korean syllables apart would lose more than accents.
_ACCENTED = re.compile("[\x80-\u1fff]+")
_ACCENTS = re.compile("[\u0300-\u036f]")


def _variants() -> dict[str, str]:
    """Traditional character → the simplified one it is found by."""
    lines = Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
    return {pair[0]: pair[1] for line in lines if not line.startswith("#") for pair in line.split()}


# 騰訊 is found by 腾讯 and the other way: both sides are searched in simplified characters.
VARIANTS = _variants()
TRADITIONAL = re.compile(f"[{''.join(VARIANTS)}]")  # looking for one costs a tenth of translating
_SIMPLIFIED = str.maketrans(VARIANTS)
# What both ways of writing have, and one of them has for another as well: 餅乾 is 饼干, yet 乾坤 is no 干坤. Such a
# character is found by the other one, and is read as itself.
_EITHER = dict(zip("乾著瞭藉祇覆姪甯馀锺", "干着了借只复侄宁余钟", strict=True))
TWOFOLD = re.compile(f"[{''.join(_EITHER)}]")
_MERGED = str.maketrans(_EITHER)


def is_cjk(character: str) -> bool:
    return not character.isascii() and _CJK_CHARACTER.match(character) is not None


def search_form(text: str) -> str:
    """The text as searched: folded, in simplified characters (騰訊 → 腾讯), and Latin, Greek and Cyrillic letters
    without accents (müller → muller)."""
    folded = fold(text)
    if folded.isascii():
        return folded
    if TRADITIONAL.search(folded):
        folded = folded.translate(_SIMPLIFIED)
    return unicodedata.normalize("NFC", _ACCENTED.sub(_bare, folded)) if _ACCENTED.search(folded) else folded


def _bare(match: re.Match[str]) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFD", match[0]))


@lru_cache(maxsize=512)  # a record's name is asked for by its order, its tokens and its text
def haystack(text: str) -> str:
    """What a searched text is found in."""
    return joined(search_form(text))


def merged(form: str) -> str:
    """A searched form as its characters are compared, in what is stored and in what is asked alike."""
    return form.translate(_MERGED) if TWOFOLD.search(form) else form


def joined(text: str) -> str:
    """A searched form without what stands between two Chinese characters: 华为（中国） holds 为中, 张 伟 is 张伟."""
    return text if text.isascii() else _GAP_IN_CJK.sub("", text)


def pieces(text: str) -> Iterator[str]:
    """Runs of one kind: Chinese characters, or letters and digits of any other script."""
    return iter(_PIECES.findall(text))
