"""Names of companies without legal form, region, brackets, blanks, width and way of writing."""

import pytest

from crm.domain.reference.companies import called_alike, near, taken_apart


@pytest.mark.parametrize(
    ("name", "core", "place"),
    [
        ("广东省深圳市云海计算机系统有限公司", "云海计算机系统", "4403"),
        ("雲海計算機系統（深圳）股份有限公司", "云海计算机系统", "4403"),
        ("云海 计算机 系统", "云海计算机系统", ""),
        ("云海计算机系统深圳有限公司", "云海计算机系统", "4403"),
        ("上海市浦东新区云海科技有限公司", "云海科技", "31"),
        ("昆山云海五金厂", "云海五金", "3205"),
        ("常州云海科技有限公司合肥分公司", "云海科技", "3401"),
        ("云海（中国）有限公司", "云海", ""),
        ("北京云海集团股份有限公司", "云海", "11"),
        ("长安汽车有限公司", "长安汽车", ""),
        ("深圳公司", "深圳", ""),
        ("甲公司", "甲公司", ""),
        ("Ｃａｌｄｅｒ Plastics (Nanchang) Co., Ltd.", "calder plastics", "3601"),
        ("C.A.L. China Inc", "cal", ""),
        ("Müller & Söhne GmbH", "muller sohne", ""),
    ],
)
def test_a_name_taken_apart(name, core, place):
    assert taken_apart(name) == (core, place)


def test_what_sounds_the_same_or_is_cut_short_is_nearly_the_same():
    assert called_alike("云海科技", "芸海科技") > 0.9
    assert called_alike("云海", "云海科技") > 0.8
    assert called_alike("云海贸易", "云海国际贸易") == 0.85 < called_alike("siemens", "siemens building") < 1
    assert called_alike("siemens building", "building siemens") == 1
    assert called_alike("云海科技", "云帆科技") < 0.8
    assert called_alike("云海科技", "恒通贸易") < 0.5
    assert called_alike("第一建筑工程", "第二建筑工程") == called_alike("unit 1 works", "unit 2 works") == 0


def test_a_city_is_in_its_province():
    assert near("44", "4403") == near("4403", "44") == near("4403", "4403") == 1
    assert near("4403", "4401") == near("11", "4403") == 0
