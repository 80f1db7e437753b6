"""The forms of a text: stored, compared, keyed, ordered."""

import json
import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from crm.kernel.text import clean, fold, name_key, sort_key, syllables

ANY_TEXT = st.text(st.characters(), max_size=60)
PLACES = [
    "北京市",
    "上海市",
    "广州市",
    "深圳市",
    "重庆市",
    "成都市",
    "长沙市",
    "厦门市",
    "西安市",
    "南京市",
    "石家庄市",
    "乐山市",
    "浙江省",
    "内蒙古",
]
BRANDS = [
    "恒达",
    "鑫盛",
    "重行",
    "长青",
    "乐美",
    "华信",
    "银行家",
    "朝晖",
    "万和",
    "参行",
    "单宝",
    "曾氏",
    "仇记",
    "查济",
    "石合",
    "会安",
    "都督",
    "藏海",
    "调和",
    "绿洲",
]
TRADES = [
    "科技",
    "贸易",
    "银行",
    "传媒",
    "音乐文化",
    "会计师事务所",
    "长途运输",
    "重型机械",
    "车行",
    "进出口",
    "石油",
    "房地产",
    "食品",
    "投资",
    "数据",
]
FORMS = ["有限公司", "有限责任公司", "股份有限公司", "集团有限公司"]


def visible(text: str) -> str:
    """What a reader sees of a text: no blanks, controls or invisible characters."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(each for each in composed if unicodedata.category(each)[0] not in "CZ")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  两 个  ", "两 个"),
        ("\ufeff恒达\x00科技\u200b", "恒达科技"),
        ("a\r\nb\tc", "a b c"),
        ("e\u0301", "é"),
        ("\u202eabc\u202c", "abc"),
        ("lone \ud800 half", "lone  half"),
        ("👨\u200d👩\u200d👧 می\u200cخواهم ❤\ufe0f", "👨\u200d👩\u200d👧 می\u200cخواهم ❤\ufe0f"),
        ("\ufa19社 Ａ社", "\ufa19社 Ａ社"),
        ("\u3000全角空格\u3000", "全角空格"),
    ],
)
def test_clean_drops_what_cannot_be_seen_or_stored_and_nothing_else(typed: str, stored: str) -> None:
    assert clean(typed) == stored


def test_clean_keeps_lines_and_tabs_of_long_texts() -> None:
    assert clean("one\r\ntwo\rthree\u2028four\tfive\x0b\n", lines=True) == "one\ntwo\nthree\nfour\tfive"


@given(ANY_TEXT, st.booleans())
def test_cleaning_twice_changes_nothing_and_gives_storable_text(text: str, lines: bool) -> None:
    cleaned = clean(text, lines=lines)
    assert clean(cleaned, lines=lines) == cleaned
    assert "\x00" not in cleaned
    cleaned.encode()


@pytest.mark.parametrize("file", ["blns.json", "xss_250.txt", "sqli_generic.txt", "csv_injection.txt"])
def test_naughty_strings_look_the_same_after_cleaning(file: str, shared_data) -> None:
    text = (shared_data / "bad_input" / file).read_text(encoding="utf-8")
    strings = json.loads(text) if file.endswith("json") else text.split("\n")
    assert len(strings) >= 7
    for each in strings:
        assert visible(clean(each, lines=True)) == visible(each)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ　１２３", "abc 123"),
        ("Straße", "STRASSE"),
        ("  two \n lines ", "two lines"),
        ("ｶﾞｽ", "ガス"),
        ("a\u200bb", "ab"),
    ],
)
def test_fold_makes_width_case_and_blanks_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_name_key_ignores_punctuation_width_case_and_blanks_only() -> None:
    spellings = [
        "华为技术（中国）有限公司",
        "华为技术(中国) 有限公司",
        "【华为】技术·中国有限公司",
        "华为技术-中国-有限公司。",
    ]
    assert {name_key(each) for each in spellings} == {"华为技术中国有限公司"}
    assert name_key("Acme, Inc.") == name_key("ＡＣＭＥ　ＩＮＣ")
    assert name_key("恒达有限公司") != name_key("恒达股份有限公司")
    assert name_key("C+") != name_key("C")
    assert name_key("") == ""
    assert name_key("***") == "***"


@given(ANY_TEXT, st.sampled_from(list(" 　-·（）()，,.。")), st.integers(0, 60))
def test_name_key_is_blind_to_punctuation_anywhere(text: str, mark: str, at: int) -> None:
    named = "恒" + clean(text)
    at = min(at, len(named))
    if not unicodedata.combining(named[at : at + 1] or "x"):
        assert name_key(named[:at] + mark + named[at:]) == name_key(named[:at] + " " + named[at:])


def test_long_names_keep_short_and_distinct_keys() -> None:
    first, second = name_key("长" * 300), name_key("长" * 299 + "短")
    assert first != second
    assert len(first) == len(second) == 200


def test_sort_key_puts_names_in_dictionary_order() -> None:
    wanted = [
        "阿里",
        "安徽昂",
        "安徽八",
        "昂立",
        "百度",
        "Baidu",
        "北京重庆",
        "（北京）中",
        "重庆",
        "TCL",
        "腾讯",
        "张三",
        "章三",
    ]
    shuffled = random.Random(1).sample(wanted, len(wanted))
    assert sorted(shuffled, key=sort_key) == wanted


@given(ANY_TEXT)
def test_sort_key_is_bounded_for_any_text(text: str) -> None:
    key = sort_key(text * 3)
    assert len(key) <= 64
    key.encode()


def test_syllables_agree_with_pypinyin_on_company_names() -> None:
    chance = random.Random(7)
    names = ["".join(map(chance.choice, (PLACES, BRANDS, BRANDS, TRADES, FORMS))) for _ in range(2000)]
    pairs = [pair for name in names for pair in zip(syllables(name), lazy_pinyin(name), strict=True)]
    assert sum(ours == theirs for ours, theirs in pairs) / len(pairs) >= 0.995


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("重庆银行", "chong qing yin hang"),
        ("朝阳区", "chao yang qu"),
        ("乐清", "yue qing"),
        ("绿城", "lv cheng"),
        ("TCL", "T C L"),
    ],
)
def test_syllables_read_names_as_people_do(name: str, read: str) -> None:
    assert " ".join(syllables(name)) == read
