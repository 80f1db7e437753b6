"""From what people write to the code of an industry or a region; forms and imports ask the same functions.

A dictionary look-up each: 100,000 rows of an import cost a fraction of a second and no query.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache

from crm.domain.reference.entries import Entry, industries, regions
from crm.domain.reference.spellings import latin_key, latin_names, latin_spellings, spellings
from crm.kernel.errors import Invalid
from crm.kernel.text import N_, fold, name_key

_SHOWN = 60
_LISTED = 4
_LEVEL_SEPARATOR = re.compile(r"\s*(?:->|[/>→|\\])\s*")
_INDUSTRY_CODE = re.compile(r"(?:([a-t])(?![a-z0-9])|[a-t]?([0-9]{2,4})(?:\.0+)?(?![0-9a-z.]))[\s:.\-—_、]*")
_REGION_CODE = re.compile(r"([0-9]{2,12})(?:\.0+)?(?![0-9a-z.])[\s:\-_]*")
_SAYS_NOTHING = re.compile("^(?:中华人民共和国|中国)(?=.)|(?:省|自治区)直辖县(?:级行政区划|级行政单位|级)?")
_NO_INDUSTRY = N_("“%(value)s” is no industry of GB/T 4754-2017: write its code or its name.")
_SEVERAL_INDUSTRIES = N_("More than one industry is called “%(value)s”: %(known)s. Write the code.")
_NO_REGION = N_("“%(value)s” is no province, city or county: write its name or its code.")
_SEVERAL_REGIONS = N_("More than one place is called “%(value)s”: %(known)s. Write the province and city too.")


@lru_cache(maxsize=8192)
def resolve_industry(text: str) -> str:
    """The code meant by a code (``6513``, ``I65``), a name, both, or a path of names; raises Invalid."""
    written = fold(text)
    coded = _INDUSTRY_CODE.match(written)
    code = (coded[1] or coded[2]).upper() if coded else ""
    if code in industries():
        return code
    *above, name = _LEVEL_SEPARATOR.split(written)
    codes = _industry_spellings().get(name_key(name), ())
    if len(codes) > 1:
        codes = tuple(code for code in codes if _stands_under(industries()[code], above))
    return _only(codes, text, industries(), (_NO_INDUSTRY, _SEVERAL_INDUSTRIES))


@lru_cache(maxsize=8192)
def resolve_region(text: str) -> str:
    """The code meant by a code (2 to 12 digits), a name, both, or a path with or without 省, 市, 县; raises Invalid."""
    coded = _REGION_CODE.match(fold(text))
    if coded and (code := _region_code(coded[1])):
        return code
    key = _SAYS_NOTHING.sub("", name_key(text))
    codes = (
        spellings().get(key)
        or spellings().get(_without_english_province(key))
        or latin_spellings().get(latin_key(text))
    )
    return _only(codes or (), text, regions(), (_NO_REGION, _SEVERAL_REGIONS))


def combine_region(province: str | None, city: str | None, county: str | None) -> str | None:
    """The code for three columns of a file, any of them empty; None when all are. Raises Invalid as resolve_region."""
    written = " ".join(part.strip() for part in (province, city, county) if part and part.strip())
    return resolve_region(written) if written else None


def _only(codes: tuple[str, ...], text: str, known: Mapping[str, Entry], messages: tuple[str, str]) -> str:
    if len(codes) == 1:
        return codes[0]
    value = text.strip()[:_SHOWN]
    if not codes:
        raise Invalid(messages[0], value=value)
    names = [f"{code} {known[code].full_name}" for code in codes[:_LISTED]]
    raise Invalid(messages[1], value=value, known=", ".join([*names, "…"] if len(codes) > _LISTED else names))


@cache
def _industry_spellings() -> Mapping[str, tuple[str, ...]]:
    """Names, English names, and names without 业. Where a level repeats the name of the one above, the upper one."""
    found: dict[str, list[str]] = {}
    for entry in industries().values():
        for name in dict.fromkeys((entry.name, entry.name_en, entry.name.removesuffix("业"))):
            codes = found.setdefault(name_key(name), []) if name else []
            if not set(codes).intersection(entry.path):
                codes.append(entry.code)
    return {key: tuple(codes) for key, codes in found.items()}


def _stands_under(entry: Entry, above: Iterable[str]) -> bool:
    names = {name_key(industries()[code].name) for code in entry.path}
    return all(name_key(name) in names for name in above)


def _region_code(digits: str) -> str | None:
    """440305, 440305001002 (a village), 440300 and 440000 (as the bureau fills up) → the region of the tree."""
    for size in (6, 4, 2):
        rest = digits[size:6]
        if len(digits) >= size and not rest.strip("0") and (entry := regions().get(digits[:size])):
            return entry.stands_for
    return None


@cache
def _english_provinces() -> Mapping[str, str]:
    return {name: entry.name for entry in regions().values() if entry.level == 1 for name in latin_names(entry)}


def _without_english_province(key: str) -> str:
    """guangdong深圳市 → 广东省深圳市: the label of an English page."""
    latin = re.match("[a-z]+", key)
    return _english_provinces().get(latin[0].removesuffix("province"), "") + key[latin.end() :] if latin else key
