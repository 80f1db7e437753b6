"""Names of companies, taken apart: what a company is called by, and where it says to be.

广东省深圳市腾讯计算机系统有限公司, 騰訊計算機系統（深圳）股份有限公司 and 腾讯计算机系统 are called alike; so are
云海（上海）科技 and 云海（北京）科技, but they say that they are two.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from crm.domain.reference.entries import PSEUDO, regions
from crm.domain.reference.spellings import latin_key, latin_spellings, short_name
from crm.kernel.likeness import worded_alike
from crm.kernel.text import search_form, syllables

_BRACKETS = re.compile(r"[(\[【〔<《]([^()\[\]【】〔〕<>《》]*)[)\]】〕>》]")
_BETWEEN = re.compile(r"[\W_]+")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_LEGAL = re.compile(
    "(?:集团)?(?:控股)?(?:股份|控股)?(?:有限)?(?:责任)?(?:总|集团)?公司$|(?:控股)?集团$|(?:有限|普通)合伙(?:企业)?$|控股$|经营部$|工厂$|厂$"
)
_BRANCH = re.compile("^(.{4,}公司)(.{2,12}?)(?:第.)?分公司$")
_LEGAL_FORMS = """
    ltd limited co inc incorporated llc llp lp gmbh ag kg se corp corporation company plc sa sas sarl srl spa bv nv oy
    ab as aps pte pty group holding holdings
"""
_LEGAL_WORDS = frozenset(_LEGAL_FORMS.split())
_ANYWHERE = frozenset({"中国", "china", "prc", "cn"})
_NUMBERS = re.compile("[0-9]+|第?[一二三四五六七八九十]+(?=[建局厂公分号])|(?<=第)[一二三四五六七八九十]+")
_LONGEST = 12  # characters of a region's name that are looked for
_BEGUN = 4  # letters that many words begin with
_LEAST = 2  # characters that must be left of a name
_SAME_SOUND, _SHORTENED = 0.95, 0.85


class CompanyName(NamedTuple):
    """`core` has neither legal form nor region, brackets or blanks; words of Latin letters are parted by one blank.

    `place` is the code of a province (2 digits) or a city (4); empty where the name says none.
    """

    core: str
    place: str


def taken_apart(name: str) -> CompanyName:
    form = search_form(name)
    form, place = _without_brackets(form)
    core, said = _chinese(form) if _CHINESE.search(form) else _latin(form)
    return CompanyName(core, said or place)


def called_alike(one: str, other: str) -> float:
    """Of two cores: a slip of the pen tells little less than the same, a character of the same sound hardly less, and a
    name that only begins like the other may be a short one for it. Numbers tell apart: there is a first and a second
    building company."""
    if _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return 0.0
    alike = Levenshtein.normalized_similarity(one, other)
    if " " in one or " " in other:
        alike = max(alike, worded_alike(one, other))
    short, long = sorted((one, other), key=len)
    if _shortened(short, long):
        alike = max(alike, _SHORTENED)
    if not short.isascii() and len(short) == len(long) and sounds(one) == sounds(other):
        alike = max(alike, _SAME_SOUND)
    return alike


def _shortened(short: str, long: str) -> bool:
    """云海 for 云海科技; 云海贸易 for 云海国际贸易: it begins so, and what is left out is left out."""
    if short.isascii():
        return len(short) > _BEGUN and long.startswith(short)
    rest = iter(long)
    return len(short) >= _LEAST and long.startswith(short[:_LEAST]) and all(each in rest for each in short)


def sounds(core: str) -> str:
    return "".join(syllables(core))


def near(one: str, other: str) -> float:
    """Of two places: a province and a city in it may be the same place."""
    return 1.0 if one.startswith(other) or other.startswith(one) else 0.0


def _without_brackets(form: str) -> tuple[str, str]:
    place = ""
    for inner in _BRACKETS.findall(form):
        said = _BETWEEN.sub("", inner)
        if said in _ANYWHERE or (found := _place(said)):
            place = place if said in _ANYWHERE else found
            form = form.replace(inner, " ", 1)
    return form, place


def _chinese(form: str) -> tuple[str, str]:
    text = _BETWEEN.sub("", form)
    place = ""
    if branch := _BRANCH.match(text):
        text, place = branch[1], _regions().get(branch[2], "")
    text = _legal_form_off(text)
    text, said = _begun(text)
    if not said:
        text, said = _ended(text)
    return text, place or said


def _legal_form_off(text: str) -> str:
    while len(short := _LEGAL.sub("", text)) >= _LEAST and short != text:
        text = short
    return text


def _begun(text: str) -> tuple[str, str]:
    """Without the regions it begins with."""
    known, place = _regions(), ""
    while True:
        for length in range(min(_LONGEST, len(text) - _LEAST), 1, -1):
            if (found := known.get(text[:length])) is not None:
                text, place = text[length:], found if len(found) >= len(place) else place
                break
        else:
            return text, place


def _ended(text: str) -> tuple[str, str]:
    """云海科技深圳: without the region it ends with."""
    for length in range(min(_LONGEST, len(text) - 2 * _LEAST), 1, -1):
        if (found := _regions().get(text[-length:])) is not None:
            return _legal_form_off(text[:-length]), found
    return text, ""


def _latin(form: str) -> tuple[str, str]:
    words = _BETWEEN.sub(" ", form.replace("'", "").replace(".", "")).split()
    place = ""
    while len(words) > 1:
        if words[-1] in _LEGAL_WORDS or words[-1] in _ANYWHERE:
            words.pop()
        elif found := _place(words[-1]):
            place = place or found
            words.pop()
        else:
            break
    return " ".join(words), place


def _place(words: str) -> str:
    if words.isascii():
        codes = latin_spellings().get(latin_key(words), ()) if len(words) > 3 else ()
        return codes[0][:4] if len(codes) == 1 else ""
    return _regions().get(words, "")


@cache
def _regions() -> Mapping[str, str]:
    """How provinces, cities and counties are written → the code of the province or city. Of counties that are no cities
    only the whole name counts: 长安 is a make of cars, 朝阳 one of tyres."""
    found: dict[str, str] = {}
    for entry in sorted(regions().values(), key=lambda each: each.level):
        if entry.name in PSEUDO or entry.hidden:
            continue
        spelt = [entry.name]
        if entry.level < 3 or entry.name.endswith("市"):
            spelt.append(short_name(entry.name))
        for each in spelt:
            if len(each) >= _LEAST:
                found.setdefault(each, entry.code[:4] if entry.code[:2] not in _MUNICIPAL else entry.code[:2])
    return found


_MUNICIPAL = frozenset({"11", "12", "31", "50"})
