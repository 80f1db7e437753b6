"""What is offered while somebody types."""

import pytest

from crm.domain.reference.queries import find_industries, find_regions, industry_label, region_label


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("软件", "65 软件和信息技术服务业"),
        ("軟件", "65 软件和信息技术服务业"),
        ("ruanjian", "65 软件和信息技术服务业"),
        ("rjkf", "651 软件开发"),
        ("651", "651 软件开发"),
        ("manu", "C 制造业"),
        ("i", "I 信息传输、软件和信息技术服务业"),
        ("制造 机器人", "3491 工业机器人制造"),
    ],
)
def test_industries_are_offered_best_first(typed: str, first: str) -> None:
    assert industry_label(find_industries(typed)[0].code) == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("深圳南山", "广东省 深圳市 南山区"),
        ("深圳 ns", "广东省 深圳市 南山区"),
        ("bj chaoyang", "北京市 朝阳区"),
        ("朝阳", "辽宁省 朝阳市"),
        ("shenzhen", "广东省 深圳市"),
        ("4403", "广东省 深圳市"),
        ("guangdong", "广东省"),
        ("hong k", "香港特别行政区"),
    ],
)
def test_regions_are_offered_best_first(typed: str, first: str) -> None:
    assert region_label(find_regions(typed)[0].code) == first


def test_no_more_than_asked_and_nothing_nobody_names() -> None:
    assert len(find_regions("shi", 7)) == 7
    assert len(find_industries("制造", 3)) == 3
    assert find_regions("市辖区") == []
    assert find_industries("qqqq") == find_regions("qqqq") == []


def test_typing_nothing_offers_the_top() -> None:
    assert [entry.level for entry in find_industries("")] == [1] * 20
    assert {entry.level for entry in find_regions(" ", 50)} == {1}
    assert len(find_regions(" ", 50)) == 34
