"""What a company calls its types of record and its modules, wherever they are named.

A label of a type (`Customers`) is a message like any other, and here it becomes the company's word. A sentence with
the noun in it has a place for it, which nobody has to fill in: `%(customer)s` or `%(customers)s`, and `%(Customers)s`
where it begins the sentence. A module without records of its own has one name: `%(audit_log)s`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from crm.domain.naming.queries import Names, all_names
from crm.domain.registry import RECORD_TYPES
from crm.kernel.language import naming
from crm.kernel.modules import MODULES

NAMED_MODULES = {key: each for key, each in MODULES.items() if key not in RECORD_TYPES}
LABELS = frozenset(label for each in RECORD_TYPES.values() for label in (each.label, each.label_plural)) | {
    each.label for each in NAMED_MODULES.values()
}


def _place(label: str) -> str:
    return f"%({label.replace(' ', '_')})s"


_PLACES = re.compile("|".join(re.escape(_place(each)) for label in sorted(LABELS) for each in (label, label.lower())))
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
    for label, own in _said(version):
        words = own.get(language) or catalogue(language).get(label, label)
        found[label] = found[_place(label)] = words
        found[_place(label.lower())] = _within(words)
    return found


@lru_cache(16)
def _said(version: int) -> Sequence[tuple[str, Mapping[str, str]]]:
    """(label, what the company says instead by language)"""
    known, none = all_names() if version else {}, Names()
    types = [(each, known.get(key, none)) for key, each in RECORD_TYPES.items()]
    pairs = [pair for each, own in types for pair in ((each.label, own.one), (each.label_plural, own.many))]
    return pairs + [(each.label, known.get(key, none).many) for key, each in NAMED_MODULES.items()]


def _within(words: str) -> str:
    """“Clients” is “clients” in a sentence; “VIP clients” stays so."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]
