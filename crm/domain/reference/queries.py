"""Asking the reference trees: one entry, its label, entries while typing, and what is in resolve.py."""

from crm.domain.reference.entries import Entry, industries, regions
from crm.domain.reference.ranking import ranking
from crm.domain.reference.resolve import combine_region, resolve_industry, resolve_region
from crm.kernel.errors import Invalid

__all__ = [
    "combine_region",
    "find_industries",
    "find_regions",
    "industry",
    "industry_label",
    "region",
    "region_label",
    "resolve_industry",
    "resolve_region",
]


def industry(code: str) -> Entry | None:
    return industries().get(code)


def region(code: str) -> Entry | None:
    return regions().get(code)


def find_industries(text: str, limit: int = 20) -> list[Entry]:
    """Best first; an empty text offers the sections."""
    if not text.strip():
        return [entry for entry in industries().values() if entry.level == 1][:limit]
    return ranking(industries).best(text, limit)


def find_regions(text: str, limit: int = 20) -> list[Entry]:
    """Best first: what resolves as a whole (深圳南山), then what holds the words; an empty text offers provinces."""
    if not text.strip():
        return [entry for entry in regions().values() if entry.level == 1][:limit]
    try:
        meant = [regions()[resolve_region(text)]]
    except Invalid:
        meant = []
    return list(dict.fromkeys(meant + ranking(regions).best(text, limit)))[:limit]


def industry_label(code: str, locale: str = "zh_CN") -> str:
    """``6513 应用软件开发``, in English where the entry has an English name; resolves to the same code again."""
    entry = industries().get(code)
    return f"{code} {_name(entry, locale)}" if entry else code


def region_label(code: str, locale: str = "zh_CN") -> str:
    """``广东省 深圳市 南山区``, in English ``Guangdong 深圳市 南山区``; resolves to the same code again."""
    entry = regions().get(code)
    if entry is None:
        return code
    province = regions()[entry.path[0]]
    return entry.full_name.replace(province.name, _name(province, locale), 1)


def _name(entry: Entry, locale: str) -> str:
    return (entry.name_en if locale.startswith("en") else "") or entry.name
