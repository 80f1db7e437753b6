"""The forms of a text: what is stored, what is compared, what finds duplicates."""

import re
import unicodedata
from hashlib import blake2s

# Dropped by clean(): NUL and the other controls, lone surrogates and noncharacters (PostgreSQL or XLSX cannot hold
# them), and invisible characters that only serve to deceive or to make equal texts differ: zero-width space, word
# joiner, byte order mark, soft hyphen, bidirectional controls, annotation marks, invisible operators.
# Kept, because dropping them changes what is seen: zero-width joiner and non-joiner (emoji families, Persian, Indic
# scripts), variation selectors, tag characters (flags), the Mongolian vowel separator.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u206a-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[\t\n]")
# The standard makes these equal to ordinary ideographs, but fonts draw some differently and people insist on theirs.
_COMPATIBILITY_IDEOGRAPHS = re.compile("([\uf900-\ufaff\U0002f800-\U0002fa1f]+)")
_JOINERS = re.compile("[\u200c\u200d\ufe0e\ufe0f]")
_NAME_KEY_LIMIT = 200


def clean(text: str, *, lines: bool = False) -> str:
    """The text as stored: outer blanks and invisible characters dropped, composed (NFC), otherwise unchanged.

    Line ends become ``\\n`` and with tabs are kept when ``lines``, else each becomes one blank.
    """
    if text.isprintable():  # so there is nothing in it to drop
        return text.strip() if text.isascii() else _composed(text).strip()
    text = _DROPPED.sub("", _LINE_ENDS.sub("\n", text))
    if not lines:
        text = _BLANKS.sub(" ", text)
    return _composed(text).strip()


def _composed(text: str) -> str:
    if unicodedata.is_normalized("NFC", text):
        return text
    parts = _COMPATIBILITY_IDEOGRAPHS.split(text)
    return "".join(part if odd % 2 else unicodedata.normalize("NFC", part) for odd, part in enumerate(parts))


def fold(text: str) -> str:
    """The text as compared: half width (NFKC), caseless, invisible characters dropped, single blanks, no outer ones."""
    if text.isprintable():
        if text.isascii():
            return " ".join(text.lower().split())
        text = _JOINERS.sub("", text)
    else:
        text = _JOINERS.sub("", _DROPPED.sub("", _LINE_ENDS.sub(" ", text)))
    # Twice, because folding the case of a few letters makes forms that compose further.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if not folded.isprintable():
        folded = _DROPPED.sub("", folded)
    return " ".join(folded.casefold().split())


class _WithoutPunctuation(dict[int, int | None]):
    """A translation table that learns: letters, marks, numbers and ``+`` stay; punctuation, symbols and blanks go."""

    def __missing__(self, code: int) -> int | None:
        kept = code if unicodedata.category(chr(code))[0] in "LMN" or code == ord("+") else None
        if len(self) < 50_000:
            self[code] = kept
        return kept


_without_punctuation = _WithoutPunctuation()


def name_key(name: str) -> str:
    """The key under which two names are the same but for width, case, punctuation and blanks.

    Legal forms stay: 甲有限公司 and 甲股份有限公司 are two companies. A name of symbols only is its own folded form; a
    very long one ends in a digest, so that the key fits an index and still tells names apart. Empty for empty.
    """
    folded = fold(name)
    key = folded.translate(_without_punctuation) or folded
    if len(key) > _NAME_KEY_LIMIT:
        digest = blake2s(key.encode(), digest_size=10).hexdigest()
        key = key[: _NAME_KEY_LIMIT - len(digest)] + digest
    return key
