"""Values that are encrypted from the moment they are read from a form or a file until they are shown.

Parsing a field of the kind ENCRYPTED gives a `Sealed`, and only `opened` makes words of it again. Whatever lies in
between, from staged imports to images for taking back, holds what nobody can read without the instance's keys.
"""

import re
from collections.abc import Mapping

from crm.infra import vault
from crm.infra.vault import KeyMissing, Unreadable
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, fold

_Filters = tuple[tuple[str, str, str], ...]
DOTS = "••••"  # stands for such a value wherever it is not shown
_SEALED = re.compile(r"[0-9a-f]{8}\.[\w-]{22}\.[\w-]{38,}")
_MISSING = N_("This value cannot be read: the key it was encrypted with is missing.")
_SPOILT = N_("This value cannot be read: it was changed outside the program.")


class Sealed(str):
    """A sealed text as `crm/infra/vault.py` describes it."""

    __slots__ = ()

    @property
    def mark(self) -> str:
        return self.split(".")[1] if self.count(".") == 2 else self


def seal(place: str, text: str) -> Sealed:
    return Sealed(vault.seal(place, text, fold(text)))


def opened(place: str, sealed: str) -> str:
    """Raises Invalid with a sentence where it cannot be read."""
    try:
        return vault.unseal(place, sealed)
    except KeyMissing as error:
        raise Invalid(_MISSING) from error
    except Unreadable as error:
        raise Invalid(_SPOILT) from error


def marks(place: str, text: str) -> list[str]:
    """What a stored value begins with behind its key, if it is this text."""
    return vault.marks(place, fold(text))


def alike(place: str, one: str | None, other: str | None) -> bool:
    """Whether both are the same text to the letter, whatever key each is sealed with."""
    if one is None or other is None or one == other:
        return one == other
    try:
        return opened(place, one) == opened(place, other)
    except Invalid:
        return False


def is_sealed(text: str) -> bool:
    """Whether it looks like something sealed."""
    return _SEALED.fullmatch(text) is not None


# What somebody looks for stands in an address, which browsers, proxies and saved views keep: sealed as well, in a
# place of its own, so that nobody reads a stored value by looking for it.


def seal_asked(place: str, text: str) -> str:
    return text if is_sealed(text) else str(seal(place + "?", text))


def seal_filters(places: Mapping[str, str], filters: _Filters) -> _Filters:
    """`places` by key of field."""
    return tuple(
        (key, how, seal_asked(places[key], value) if how == "exactly" and key in places else value)
        for key, how, value in filters
    )


def opened_asked(place: str, asked: str) -> str:
    return opened(place + "?", asked) if is_sealed(asked) else asked
