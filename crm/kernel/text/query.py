"""The asking side of search: what a person typed, as a tsquery literal and a needle.

All words must be found. A hit of the index is exact except for CJK runs of three and more, whose pairs may stand apart;
``needle()`` gives what strpos() must then find in search_text(). Hits by pinyin, phone or code cannot be confirmed
there and need not be: each of their tokens is exact or a prefix.
"""

import re
from collections.abc import Collection
from functools import cache
from itertools import pairwise

from crm.kernel.text.pinyin import known_syllables
from crm.kernel.text.script import is_cjk, merged, pieces, search_form
from crm.kernel.text.tokens import (
    EMAIL,
    INITIALS,
    INSIDE,
    INSIDE_LEAST,
    PHONE,
    PHONE_REVERSED,
    REVERSED,
    WORD_LIMIT,
    phone_runs,
    quoted,
)

_QUERY_LIMIT = 200
_TERM_LIMIT = 40
_WORD = re.compile("[a-z]{2,40}")
_SEGMENTATIONS = 4
# Not those that fewer names have, such as 限责 and 团有: they tell one legal form from another.
_LEGAL_PAIRS = frozenset(("有限", "限公", "公司", "责任", "任公", "股份", "份有", "集团"))
_LEGAL_START = frozenset("有")  # 管理有 is on its way to 管理有限公司
_NOT_INITIALS = frozenset("iuv")


def query_tokens(text: str) -> list[str]:
    """What must be found, in the order typed: pairs of CJK characters, and words and numbers (prefixes)."""
    form = merged(search_form(text[:_QUERY_LIMIT]))
    runs = phone_runs(form)
    if runs and len(form) <= 24 and not re.search(r"[^0-9 +().\-/]", form):
        return runs[:1]
    tokens: dict[str, None] = {}
    for piece in pieces(form):
        tokens.update(dict.fromkeys(_pairs(piece) if is_cjk(piece[0]) else [piece[:WORD_LIMIT]]))
    return list(tokens)[:_TERM_LIMIT]


def tsquery(text: str, without: Collection[str] = ()) -> str | None:
    """The literal for ``:query::tsquery``; None when nothing can be searched. Takes any text.

    `without` "phone" or "email" leaves those out of the question, for whoever may not see them.
    """
    return " & ".join(_expression(token, without) for token in _telling(query_tokens(text), needle(text))) or None


def _telling(tokens: list[str], exact: str) -> list[str]:
    """Without the pairs of legal forms, which most names have: reading their long lists is what a whole name's search
    costs. Of the others, those that together cover the run: the planner takes pairs for independent, and five that
    always come together for something rare. strpos() makes exact what the rest would have."""
    if not exact:
        return tokens
    run = _pairs(exact)
    telling = [pair for pair in run if pair not in _LEGAL_PAIRS and pair[-1] not in _LEGAL_START]
    asked = {*telling[::2], *telling[-1:]}
    return [token for token in tokens if token not in run or token in asked] or tokens[:1]


def needle(text: str) -> str:
    """What strpos() must find in search_text(): the longest CJK run of three or more; empty for none."""
    if len(query_tokens(text)) >= _TERM_LIMIT:
        return ""
    form = merged(search_form(text[:_QUERY_LIMIT]))
    runs = [piece for piece in pieces(form) if is_cjk(piece[0]) and len(piece) > 2]
    return max(runs, key=len, default="")


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def _prefix(token: str) -> str:
    return quoted(token) + ":*"


def _expression(token: str, without: Collection[str]) -> str:
    if is_cjk(token[0]):
        return quoted(token) if len(token) > 1 else _prefix(token)
    if len(token) == 1:
        # As a prefix it would match most of the table.
        return quoted(token)
    choices = [_prefix(token)]
    if len(token) >= INSIDE_LEAST and not token.isdecimal():
        choices.append(_prefix(INSIDE + token))
    if token.isascii() and any(character.isdigit() for character in token):
        choices += _number_choices(token, without)
    elif _WORD.fullmatch(token):
        choices = list(dict.fromkeys(choices + pinyin_choices(token)))
    if "email" not in without and token.isascii():
        choices.append(_prefix(EMAIL + token))
    return choices[0] if len(choices) == 1 else f"({' | '.join(choices)})"


def _number_choices(token: str, without: Collection[str]) -> list[str]:
    choices = [_prefix(REVERSED + token[::-1])] if len(token) >= 4 else []
    if "phone" in without:
        return choices
    for digits in dict.fromkeys((token, token.lstrip("0"))):  # people type the 0 before an area code
        if len(digits) > 1:
            choices.append(_prefix(PHONE + digits))
        if len(digits) >= 4:
            choices.append(_prefix(PHONE_REVERSED + digits[::-1]))
    return choices


@cache
def _syllables() -> tuple[frozenset[str], frozenset[str]]:
    whole = known_syllables()
    return whole, frozenset(syllable[:length] for syllable in whole for length in range(1, len(syllable)))


def pinyin_choices(word: str) -> list[str]:
    """The ways to read a word of letters as pinyin, the last syllable perhaps incomplete; if none, as initials."""
    choices = [_joined_pairs(parts) for parts in _segmentations(word)]
    # A shorter word is a prefix of the initials as it stands, and no syllable begins with i, u or v.
    if not choices and len(word) > INITIALS and _NOT_INITIALS.isdisjoint(word):
        grams = [word[at : at + INITIALS] for at in range(len(word) - INITIALS + 1)]
        choices = [" & ".join(map(quoted, grams))]
    return [f"({choice})" if " & " in choice else choice for choice in choices]


def _joined_pairs(parts: list[str]) -> str:
    if len(parts) == 1:
        return _prefix(parts[0])
    pairs = [first + second for first, second in pairwise(parts)]
    return " & ".join([*(quoted(pair) for pair in pairs[:-1]), _prefix(pairs[-1])])


def _segmentations(word: str) -> list[list[str]]:
    """Ways to cut a word into syllables, fewest first, at most four."""
    whole, begun = _syllables()
    found: list[list[str]] = []
    open_ends: list[list[str]] = [[]]
    while open_ends and len(found) < _SEGMENTATIONS:
        longer: list[list[str]] = []
        for parts in open_ends:
            rest = word[sum(map(len, parts)) :]
            if rest in whole or rest in begun:
                found.append([*parts, rest])
            longer += [[*parts, rest[:size]] for size in range(min(6, len(rest) - 1), 0, -1) if rest[:size] in whole]
        open_ends = longer[:32]
    return found[:_SEGMENTATIONS]
