"""From what people write to one code, or a sentence that says which places are meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.domain.reference.entries import industries, regions
from crm.domain.reference.queries import (
    combine_region,
    industry_label,
    region_label,
    resolve_industry,
    resolve_region,
)
from crm.kernel.errors import Invalid

NAMED = [entry for entry in regions().values() if not entry.hidden]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("44", "44"),
        ("440300", "4403"),
        ("440305.0", "440305"),
        ("440305001002", "440305"),
        ("110100", "11"),
        ("440305 南山区", "440305"),
        ("广东省深圳市", "4403"),
        ("广东 深圳", "4403"),
        ("广东省/深圳市/南山区", "440305"),
        ("深圳南山", "440305"),
        ("中国广东省深圳市", "4403"),
        ("江苏昆山", "320583"),
        ("海淀", "110108"),
        ("北京市海淀区", "110108"),
        ("北京市市辖区海淀区", "110108"),
        ("北京 北京市 海淀区", "110108"),
        ("重庆市县城口县", "500229"),
        ("河南省省直辖县级行政区划济源市", "419001"),
        ("东莞", "4419"),
        ("广东省东莞市东莞市", "4419"),
        ("海南", "46"),
        ("吉林", "22"),
        ("吉林市", "2202"),
        ("内蒙古呼和浩特", "1501"),
        ("恩施州", "4228"),
        ("恩施", "4228"),
        ("新疆 伊犁哈萨克", "6540"),
        ("海南 省直辖县", "46"),
        ("上海浦东", "310115"),
        ("香港", "81"),
        ("台湾台北", "7101"),
        ("Guangdong Province", "44"),
        ("Shanxi", "14"),
        ("Shaanxi", "61"),
        ("xi'an", "6101"),
        ("Shenzhen, Guangdong, China", "4403"),
        ("Shenzhen City", "4403"),
        ("Hong Kong", "81"),
        ("Guangdong 深圳市 南山区", "440305"),
    ],
)
def test_regions_as_people_write_them(written: str, code: str) -> None:
    assert resolve_region(written) == code


@pytest.mark.parametrize("written", ["", "火星", "市辖区", "县", "999999", "990000", "4", "深圳市海淀区", "440305xyz"])
def test_what_is_no_region_gets_a_sentence(written: str) -> None:
    with pytest.raises(Invalid, match="is no province, city or county"):
        resolve_region(written)


def test_a_name_of_several_places_is_not_guessed() -> None:
    with pytest.raises(Invalid) as refused:
        resolve_region("鼓楼区")
    for place in ("江苏省 南京市 鼓楼区", "江苏省 徐州市 鼓楼区", "福建省 福州市 鼓楼区", "河南省 开封市 鼓楼区"):
        assert place in str(refused.value)
    with pytest.raises(Invalid, match="苏州市, .*宿州市"):
        resolve_region("Suzhou")


def test_three_columns_of_a_file_make_one_region() -> None:
    assert combine_region("广东", "深圳", "南山区") == "440305"
    assert combine_region("北京市", "北京市", "海淀区") == "110108"
    assert combine_region("北京市", "市辖区", "") == "11"
    assert combine_region(None, "深圳市", None) == "4403"
    assert combine_region(" ", None, "") is None
    with pytest.raises(Invalid):
        combine_region("广东省", "杭州市", None)


@given(st.sampled_from(NAMED), st.sampled_from(["zh_CN", "en"]), st.sampled_from(["", " ", "/", "-", "，"]))
def test_every_label_of_a_region_leads_back_to_it(entry, locale: str, separator: str) -> None:
    label = region_label(entry.code, locale)
    assert resolve_region(label) == entry.code
    if locale == "zh_CN":
        assert resolve_region(label.replace(" ", separator)) == entry.code


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("6513", "6513"),
        ("6513.0", "6513"),
        ("I65", "65"),
        ("i", "I"),
        ("0111", "0111"),
        ("应用软件开发", "6513"),
        ("6513 应用软件开发", "6513"),
        ("I 信息传输、软件和信息技术服务业", "I"),
        ("C-制造业", "C"),
        ("制造业", "C"),
        ("教育", "P"),
        ("房地产", "K"),
        ("造林和更新", "022"),
        ("制造业/食品制造业/方便食品制造", "143"),
        ("Real estate", "K"),
    ],
)
def test_industries_as_people_write_them(written: str, code: str) -> None:
    assert resolve_industry(written) == code


@pytest.mark.parametrize("written", ["", "99", "5", "Z", "Z99", "互联网+", "65134", "Apple"])
def test_what_is_no_industry_gets_a_sentence(written: str) -> None:
    with pytest.raises(Invalid, match="is no industry"):
        resolve_industry(written)


@given(st.sampled_from(list(industries().values())), st.sampled_from(["zh_CN", "en"]))
def test_every_label_of_an_industry_leads_back_to_it(entry, locale: str) -> None:
    assert resolve_industry(industry_label(entry.code, locale)) == entry.code


@given(st.sampled_from(list(industries().values())))
def test_the_name_of_an_industry_means_it_or_the_one_above_of_the_same_name(entry) -> None:
    meant = industries()[resolve_industry(entry.name)]
    assert meant.code in entry.path
    assert meant.name.removesuffix("业") == entry.name.removesuffix("业")


@given(st.text(st.characters(), max_size=40))
def test_any_text_is_answered_or_refused_with_a_sentence(text: str) -> None:
    for resolve, tree in ((resolve_region, regions()), (resolve_industry, industries())):
        try:
            assert resolve(text) in tree
        except Invalid as problem:
            assert problem.message % problem.params == str(problem)
