"""What a company calls its types of record, wherever they are named.

A label of a type (`Customers`) is a message like any other, and here it becomes the company's word. A sentence with
the noun in it has a place for it, which nobody has to fill in: `%(customer)s` or `%(customers)s`, and `%(Customers)s`
where it begins the sentence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import NOBODY
from crm.kernel.language import naming
from crm.kernel.shaping import shape_of

LABELS = frozenset(label for each in RECORD_TYPES.values() for label in (each.label, each.label_plural))
_PLACES = re.compile("|".join(rf"%\({place}\)s" for label in sorted(LABELS) for place in (label, label.lower())))
Catalogue = Callable[[str], Mapping[str, str]]


def named(language: str, message: str, told: str, catalogue: Catalogue, safe: Callable[[str], str] = str) -> str:
    """`told`, the message in the language, with the company's nouns."""
    if message in LABELS:
        return safe(_nouns(naming.get(), language, catalogue)[message])
    if "%(" not in told or not (places := _PLACES.findall(told)):
        return told
    nouns = _nouns(naming.get(), language, catalogue)
    for place in places:
        told = told.replace(place, safe(nouns[place]))
    return told


@lru_cache(64)
def _nouns(version: int, language: str, catalogue: Catalogue) -> Mapping[str, str]:
    """By label as a title, by place as within a sentence."""
    found: dict[str, str] = {}
    for each in RECORD_TYPES.values():
        names, known = shape_of(replace(NOBODY, shape=version), each.key).names, catalogue(language)
        for label, own in ((each.label, names.one), (each.label_plural, names.many)):
            words = own.get(language) or known.get(label, label)
            found[label] = found[f"%({label})s"] = words
            found[f"%({label.lower()})s"] = _within(words)
    return found


def _within(words: str) -> str:
    """“Clients” is “clients” in a sentence; “VIP clients” stays so."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
