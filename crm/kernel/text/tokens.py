"""The index side of search: the tokens of a record, as a tsvector literal.

| token | from | found by |
|---|---|---|
| ``腾讯`` | every pair of neighbouring CJK characters | two or more characters: all their pairs |
| ``司`` | the last character of a CJK run | one character, as prefix of a pair or as itself |
| ``tencent`` | words of letters and digits, without accents | a prefix of the word |
| ``^soft`` | what is left of a word of the name, from its second letter on | three letters or more inside a word |
| ``tengxun`` ``xun`` | pairs of syllables of the name, and its last syllable | pinyin, the last syllable incomplete |
| ``sztx`` ``tx`` | every four initials of the name, and its ends | initials, two or more |
| ``#13800138000`` | national digits of a phone | its beginning |
| ``$0008310083168`` | phone (E.164), reversed | its last four or more |
| ``@lilei`` | words of an e-mail address | a prefix of the word |
| ``cust202611210001`` | a code | its beginning |
| ``~1000112116202`` | a code, reversed | its last four or more |

What leads to a person bears a mark of its own (# $ @): who may not see phones or addresses searches without them,
and cannot guess one by searching (`without` of tsquery).

Legal forms (有限公司 …) get no pinyin: nobody looks for them so, and they would be a third of the index. Inside words
(``soft`` in microsoft) only the name is found: of long texts these tokens would be most of the index.
"""

import re
from collections.abc import Iterable, Sequence
from operator import add

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from crm.kernel.text.pinyin import syllables
from crm.kernel.text.script import haystack, is_cjk, merged, pieces, search_form

WORD_LIMIT = 64
TEXT_LIMIT = 4_000
TOKEN_LIMIT = 8_192
REVERSED = "~"
PHONE, PHONE_REVERSED, EMAIL = "#", "$", "@"
INITIALS = 4
INSIDE, INSIDE_LEAST, INSIDE_LIMIT = "^", 3, 24
_LEGAL_FORM = re.compile("(?:集团)?(?:股份)?(?:有限)?(?:责任)?公司$")
_DIGITS = re.compile("[0-9]+")
_PHONE = re.compile(r"[+(]*[0-9](?:[ ().\-/]{0,2}[0-9]){6,19}")


def search_tokens(
    name: str,
    *texts: str | None,
    phones: Iterable[str | None] = (),
    emails: Iterable[str | None] = (),
    codes: Iterable[str | None] = (),
) -> list[str]:
    """Distinct tokens of a record: its name (also by pinyin), further texts, phones (E.164), e-mail, codes (numbers).

    Texts count up to 4,000 characters each; the whole is bounded, so that the column stays far below its megabyte.
    """
    tokens: list[str] = []
    name = _haystack(name)
    for text in (name, *(_haystack(text) for text in texts if text)):
        for piece in pieces(merged(text)):
            tokens += _cjk_tokens(piece) if is_cjk(piece[0]) else word_tokens(piece)
        tokens += phone_runs(text)
    tokens += _pinyin_tokens(name)
    for phone in phones:
        tokens += _phone_tokens(phone or "")
    for email in emails:
        tokens += [EMAIL + word for piece in pieces(_haystack(email or "")) for word in word_tokens(piece)]
    for code in codes:
        tokens += _code_tokens(code or "")
    tokens += inside_tokens(name)
    return list(dict.fromkeys(tokens))[:TOKEN_LIMIT]


def search_text(name: str, *texts: str | None) -> str:
    """The haystack in which ``strpos(…, needle(query))`` confirms a hit: the same texts search_tokens() was given."""
    return "\n".join(merged(_haystack(text)) for text in (name, *texts) if text)


def tsvector(tokens: Sequence[str]) -> str:
    """A literal for a tsvector column, in INSERT and COPY alike: quoted, without positions. Never refused."""
    plain = "".join(tokens)
    if "'" in plain or "\\" in plain:
        return " ".join(quoted(token) for token in tokens if token)
    return "'" + "' '".join(filter(None, tokens)) + "'" if plain else ""


def quoted(token: str) -> str:
    """One lexeme of a tsvector or tsquery literal."""
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def phone_runs(text: str) -> list[str]:
    """The digits of what is written like a phone: ``138-0013 8000``; at least 10, or 7 when no blank is between."""
    found = []
    for match in _PHONE.finditer(text):
        digits = "".join(_DIGITS.findall(match[0]))
        if digits != match[0] and (len(digits) >= 10 or " " not in match[0]):
            found.append(digits)
    return found


def word_tokens(word: str) -> list[str]:
    return [word[:WORD_LIMIT]]


def inside_tokens(name: str) -> list[str]:
    """What is found inside the words of a searched form: every end of them that has three letters or more."""
    return [
        INSIDE + word[at:WORD_LIMIT]
        for word in pieces(merged(name))
        if len(word) > INSIDE_LEAST and not is_cjk(word[0]) and not word.isdecimal()
        for at in range(1, min(len(word) - INSIDE_LEAST, INSIDE_LIMIT) + 1)
    ]


def _haystack(text: str) -> str:
    return haystack(text[:TEXT_LIMIT])


def _cjk_tokens(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))]


def _pinyin_tokens(name: str) -> list[str]:
    tokens: list[str] = []
    for run in pieces(name):
        if is_cjk(run[0]):
            read = syllables(_LEGAL_FORM.sub("", run) or run)
            tokens += map(add, read, (*read[1:], ""))
            initials = "".join([syllable[0] for syllable in read])
            tokens += [initials[at : at + INITIALS] for at in range(len(initials) - 1)]
    return tokens


def _phone_tokens(phone: str) -> list[str]:
    digits = phone.partition(";")[0].removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):  # not as parse_phone writes it
        digits = "".join(_DIGITS.findall(digits))
    if not digits:
        return []
    national = national_digits(digits) if phone.startswith("+") else digits
    return [PHONE + national, PHONE_REVERSED + digits[::-1]]


_COUNTRY_CODES = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


def national_digits(digits: str) -> str:
    """E.164 digits without the country code."""
    for length in (2, 1, 3):
        if digits[:length] in _COUNTRY_CODES:
            return digits[length:]
    return digits


def _code_tokens(code: str) -> list[str]:
    words = list(pieces(search_form(code[:WORD_LIMIT])))
    return words + [REVERSED + "".join(words)[::-1]] if words else []
