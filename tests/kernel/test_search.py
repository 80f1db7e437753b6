"""Search: the tokens of a record, the question of a person, and PostgreSQL between them."""

from collections.abc import Collection

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from crm.kernel.text import needle, query_tokens, search_text, search_tokens, tsquery, tsvector
from crm.kernel.text.script import VARIANTS

ANY_TEXT = st.text(st.characters(), max_size=60)
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=20)
TENCENT = "深圳市腾讯计算机系统（中国）有限公司"
IN_POSTGRESQL = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def found(session, query: str, without: Collection[str] = ()) -> bool:
    """As the list of customers asks it."""
    tokens = search_tokens(
        TENCENT,
        "Müller & Söhne, 010-6234 5678",
        emails=["zhang.san@tencent.com"],
        phones=["+8613800138000", "+4930901820;ext=12"],
        codes=["CUST202611210001", "91440300708461136T"],
    )
    question = tsquery(query, without)
    if question is None:
        return False
    row = {
        "vector": tsvector(tokens),
        "question": question,
        "text": search_text(TENCENT, "Müller & Söhne"),
        "needle": needle(query),
    }
    return session.scalar(
        sql("SELECT CAST(:vector AS tsvector) @@ CAST(:question AS tsquery) AND strpos(:text, :needle) > 0"), row
    )


@pytest.mark.parametrize(
    "query",
    [
        "腾讯",
        "腾",
        "腾讯计算机系统",
        "计算机系统中国",
        "司",
        "tengxun",
        "TengXun",
        "tengx",
        "shenzhenshi",
        "szstx",
        "txjsj",
        "sz",
        "muller",
        "Müller",
        "MÜLL",
        "zhang.san",
        "tencent.com",
        "138",
        "13800138000",
        "+86-138-0013-8000",
        "0086-13800138000",
        "8000",
        "8613800138000",
        "030901820",
        "+4930901820",
        "1820",
        "010-62345678",
        "01062345678",
        "CUST202611210001",
        "cust2026",
        "202611210001",
        "0001",
        "91440300708461136T",
        "136t",
    ]
    + ["腾讯 138", "138 0013 8000", "深圳 tengxun 8000", "  腾讯\u200b  ", "ｔｅｎｇｘｕｎ"],
)
def test_a_record_is_found_by(query: str, session) -> None:
    assert found(session, query)


@pytest.mark.parametrize(
    "query",
    [
        "讯腾",
        "腾讯系统",
        "计算机中国",
        "sztm",
        "tengyun",
        "139",
        "8001",
        "3800",
        "umuller",
        "'",
        "& | !",
        "",
        "腾讯 139",
    ],
)
def test_a_record_is_not_found_by(query: str, session) -> None:
    assert not found(session, query)


@given(CHINESE, st.data())
def test_every_part_of_a_name_of_two_characters_or_more_is_indexed(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    part = name[start : data.draw(st.integers(start + 2, len(name)))]
    assert set(query_tokens(part)) <= set(search_tokens(name))
    assert needle(part) in search_text(name)


@given(st.text("深圳市 腾讯（），、·", min_size=1, max_size=20), st.data())
def test_blanks_and_brackets_inside_a_name_hide_no_part_of_it(name: str, data: st.DataObject) -> None:
    letters = "".join(each for each in name if each.isalpha())
    start = data.draw(st.integers(0, len(letters)))
    part = letters[start : start + 4]
    if len(part) >= 2:
        assert set(query_tokens(part)) <= set(search_tokens(name))
        assert needle(part) in search_text(name)


@IN_POSTGRESQL
@given(st.lists(ANY_TEXT, min_size=1, max_size=25))
def test_postgresql_takes_the_literals_of_any_text(session, texts: list[str]) -> None:
    vectors = [tsvector(search_tokens(each, each[::-1], phones=[each], codes=[each])) for each in texts]
    literal = [tsvector([each.replace("\x00", "")]) for each in texts if each.isprintable() and each.strip()]
    questions = [question for each in texts if (question := tsquery(each))]
    statement = sql(
        "SELECT (SELECT count(v::tsvector) FROM unnest(CAST(:vectors AS text[])) v),"
        " (SELECT count(q::tsquery) FROM unnest(CAST(:questions AS text[])) q)"
    )
    row = session.execute(statement, {"vectors": vectors + literal, "questions": questions}).one()
    assert tuple(row) == (len(vectors) + len(literal), len(questions))


@IN_POSTGRESQL
@given(st.lists(ANY_TEXT, min_size=1, max_size=10))
def test_a_record_is_found_by_its_own_name(session, names: list[str]) -> None:
    for name in names:
        if question := tsquery(name[:40]):
            row = {"vector": tsvector(search_tokens(name)), "question": question}
            assert session.scalar(sql("SELECT CAST(:vector AS tsvector) @@ CAST(:question AS tsquery)"), row), (
                name,
                question,
            )


@given(ANY_TEXT, ANY_TEXT)
def test_tokens_are_bounded_for_any_text(name: str, text: str) -> None:
    tokens = search_tokens(name * 200, text * 500)
    assert len(tokens) <= 8192
    assert all(len(token.encode()) <= 256 for token in tokens)
    assert len(tsquery(name * 50) or "") < 20_000


MICROSOFT = "Microsoft (China) Co., Ltd. Größenwahn K9office"


@pytest.mark.parametrize("query", ["soft", "Soft", "icro", "microsoft", "oft", "ssen wahn", "soft 9office", "ltd soft"])
def test_a_name_is_found_inside_its_words(query: str, session) -> None:
    vector, question = tsvector(search_tokens(MICROSOFT)), tsquery(query)
    assert session.scalar(sql("SELECT CAST(:v AS tsvector) @@ CAST(:q AS tsquery)"), {"v": vector, "q": question})


@pytest.mark.parametrize("query", ["ft", "sotf", "crossoft", "hinese"])
def test_what_is_not_inside_a_word_is_not_found(query: str, session) -> None:
    vector, question = tsvector(search_tokens(MICROSOFT)), tsquery(query)
    assert not session.scalar(sql("SELECT CAST(:v AS tsvector) @@ CAST(:q AS tsquery)"), {"v": vector, "q": question})


def test_long_texts_are_not_searched_inside_their_words() -> None:
    assert [token for token in search_tokens("", "Microsoft") if "soft" in token] == ["microsoft"]


@pytest.mark.parametrize("query", ["13800138000", "138", "8000", "008000", "+8613800138000", "8613800138000"])
def test_whoever_may_not_see_phones_cannot_guess_one(session, query: str) -> None:
    assert found(session, query) or query == "008000"
    assert not found(session, query, without={"phone"})


@pytest.mark.parametrize("query", ["zhang", "zhang.san@tencent.com", "tencent"])
def test_whoever_may_not_see_addresses_cannot_guess_one(session, query: str) -> None:
    assert found(session, query)
    assert not found(session, query, without={"email"})


def test_who_may_see_neither_still_finds_by_name_and_number(session) -> None:
    for query in ("腾讯", "tengxun", "muller", "cust202611210001", "0001"):
        assert found(session, query, without={"email", "phone"})


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("華東科技", "深圳华东科技有限公司"),
        ("华东科技", "深圳華東科技有限公司"),
        ("華东", "华東"),
        ("huadong", "華東科技"),
        ("hdkj", "華東科技"),
        ("qiankun", "乾坤科技"),
        ("台灣", "臺湾"),
        ("饼干", "餅乾大王"),
        ("餅乾", "饼干大王"),
        ("干果行", "乾果行"),
        ("乾坤", "乾坤科技"),
        ("著名品", "着名品"),
        ("答复", "答覆"),
    ],
)
def test_traditional_and_simplified_characters_find_each_other(typed: str, name: str, session) -> None:
    row = {"vector": tsvector(search_tokens(name)), "question": tsquery(typed), "needle": needle(typed)}
    row["text"] = search_text(name)
    statement = sql("SELECT CAST(:vector AS tsvector) @@ CAST(:question AS tsquery) AND strpos(:text, :needle) > 0")
    assert session.scalar(statement, row)


def test_what_a_character_is_found_by_is_found_by_itself() -> None:
    assert len(VARIANTS) > 2900
    assert not VARIANTS.keys() & set(VARIANTS.values())


def test_a_whole_name_is_found_without_asking_for_its_legal_form() -> None:
    assert "公司" not in (tsquery("深圳市腾讯计算机系统有限公司") or "")
    assert tsquery("有限公司") == "'有限'", "One pair finds; strpos() makes exact."
    assert tsquery("管理有") == "'管理'"
    assert "公司" in (tsquery("公司") or "")


def test_a_legal_form_must_still_stand_where_it_was_typed(session) -> None:
    assert found(session, "中国有限公司")
    assert not found(session, "系统有限公司")
