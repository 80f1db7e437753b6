"""How people write a region: every spelling, as the key name_key() makes of it, and the codes it may mean.

广东省深圳市南山区, 广东 深圳 南山, 深圳南山区, 江苏昆山, 北京市市辖区海淀区, 北京北京海淀; Shenzhen Guangdong.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product

from crm.domain.reference.entries import PSEUDO, Entry, regions
from crm.kernel.text import fold, name_key, syllables

Codes = tuple[str, ...]
_PEOPLES = (
    "土家族|布依族|哈尼族|景颇族|傈僳族|朝鲜族|蒙古族|蒙古|哈萨克族|哈萨克|柯尔克孜|塔吉克|锡伯|维吾尔|拉祜族|布朗族|纳西族|"
    "普米族|仡佬族|仫佬族|毛南族|达斡尔族|独龙族|保安族|东乡族|裕固族|撒拉族|各族|[壮回苗藏羌彝侗傣白瑶畲水佤黎满怒土]族"
)
_AUTONOMOUS = re.compile(f"(.{{2,}}?)(?:{_PEOPLES})*自治[区州县旗]")
_RULES_ITSELF = re.compile("自治([州县旗])$")
_OF_A_KIND = re.compile(r"(.{2,}?)(?:特别行政区|地区|林区|新区|[省市县区盟旗])")
_SHORT = {"内蒙古自治区": "内蒙古"}
_KIND_IN_ENGLISH = re.compile(
    r"\b(?:province|municipality|city|prefecture|autonomous region|sar|p\.? ?r\.? ?china|china)\b"
)


def short_name(name: str) -> str:
    """深圳市 → 深圳, 恩施土家族苗族自治州 → 恩施; a name of one character besides its kind stays: 城区."""
    found = _AUTONOMOUS.fullmatch(name) or _OF_A_KIND.fullmatch(name)
    return _SHORT.get(name) or (found[1] if found else name)


@cache
def spellings() -> Mapping[str, Codes]:
    """Chinese keys → codes of the highest level they may mean: 海南 is the province, not the prefecture in 青海."""
    return _highest((key, entry) for entry in regions().values() for key in _keys(entry))


@cache
def latin_spellings() -> Mapping[str, Codes]:
    """English and pinyin keys of provinces and cities, alone or with the province before or after them."""
    cities = (entry for entry in regions().values() if entry.level < 3 or entry.name.endswith("市"))
    return _highest((key, entry) for entry in cities if not entry.hidden for key in _latin_keys(entry))


def latin_key(text: str) -> str:
    """``Shenzhen City, Guangdong Province`` → ``shenzhenguangdong``."""
    return name_key(_KIND_IN_ENGLISH.sub(" ", fold(text)))


@cache
def latin_names(entry: Entry) -> tuple[str, ...]:
    """English and pinyin; but Shanxi is 山西 alone, though 陕西 is read alike."""
    english, pinyin = name_key(entry.name_en), "".join(syllables(short_name(entry.name)))
    return tuple(filter(None, (english, "" if pinyin in _english_names() else pinyin)))


@cache
def _english_names() -> frozenset[str]:
    return frozenset(name_key(entry.name_en) for entry in regions().values() if entry.name_en)


def _highest(found: Iterator[tuple[str, Entry]]) -> Mapping[str, Codes]:
    meant: dict[str, dict[str, int]] = {}
    for key, entry in found:
        meant.setdefault(key, {})[entry.stands_for] = len(entry.stands_for)
    return {
        key: tuple(code for code, level in codes.items() if level == min(codes.values()))
        for key, codes in meant.items()
    }


def _keys(entry: Entry) -> Iterator[str]:
    *above, own = (regions()[code] for code in entry.path)
    if own.name in PSEUDO:
        yield "".join(each.name for each in (*above, own))
        return
    for parts in product(*(("", *_spelt(each)) for each in above), _spelt(own)):
        yield "".join(parts)


def _spelt(entry: Entry) -> tuple[str, ...]:
    if not entry.hidden:
        short = short_name(entry.name)
        spelt = [entry.name, short]
        if found := _RULES_ITSELF.search(entry.name):  # 伊犁哈萨克, 凉山州
            spelt += [entry.name[: found.start()], short + found[1]]
        return tuple(dict.fromkeys(spelt))
    # 北京市市辖区海淀区 as the bureau writes it, 北京市北京市海淀区 as forms with three boxes make it.
    return (entry.name, *_spelt(regions()[entry.stands_for]))


def _latin_keys(entry: Entry) -> Iterator[str]:
    own = latin_names(entry)
    yield from own
    for province, name in product(latin_names(regions()[entry.path[0]]) if entry.level > 1 else (), own):
        yield province + name
        yield name + province
