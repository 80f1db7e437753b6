import argon2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.domain.people import passwords
from crm.domain.people.passwords import LONGEST, check_password_rules, hash_password, needs_rehash, verify
from crm.kernel.errors import Invalid

GOOD = "correct horse, 电池 staple"


@pytest.fixture(scope="module")
def hash():
    return hash_password(GOOD)


def test_it_is_argon2id_at_the_cost_decided(hash):
    assert hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_fits_and_others_do_not(hash):
    assert verify(hash, GOOD)
    assert not any(verify(hash, other) for other in ("", GOOD + " ", GOOD.upper(), GOOD[:-1], hash, "\0", "\ud800"))


def test_the_same_password_is_never_stored_the_same(hash):
    assert hash_password(GOOD) != hash


@pytest.mark.parametrize(
    "password", ["x" * LONGEST, "密码" * 100, "\ud800" * 10, "a\0bcdefghij", " leading and trailing "]
)
def test_any_text_can_be_a_password(password):
    assert verify(hash_password(password), password)


def test_keyboards_that_write_the_same_differently_agree():
    assert verify(hash_password("Ｐａｓｓ词词词词 é"), "Pass词词词词 e\u0301")


def test_nobody_s_password_is_never_right():
    assert not any(verify(None, password) for password in ("", GOOD, "x" * 1_000_000))


def test_asking_for_nobody_costs_the_same_work(hash):
    nobody, somebody = map(argon2.extract_parameters, (passwords._NOBODY, hash))
    assert nobody == somebody
    with pytest.raises(argon2.exceptions.VerifyMismatchError):  # and not: a hash that cannot be read, which is quick
        argon2.PasswordHasher().verify(passwords._NOBODY, GOOD)


@pytest.mark.parametrize("stored", ["", "!", "x" * 60, "$2b$12$abcdefghijklmnopqrstuv"])
def test_what_is_no_hash_fits_nothing(stored):
    assert not verify(stored, GOOD)


def test_a_hash_of_other_costs_still_fits_and_wants_renewal(hash):
    old = argon2.PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    assert verify(old, GOOD)
    assert needs_rehash(old)
    assert not needs_rehash(hash)


def refusal(password, email="wang.xiaoming@acme-trading.cn", name="王小明"):
    with pytest.raises(Invalid) as caught:
        check_password_rules(password, email=email, name=name)
    return str(caught.value)


@pytest.mark.parametrize("password", ["", "123456789", "Tr0ub4dor", "密码密码密码密码密"])
def test_a_short_one_is_refused_with_the_number_that_is_needed(password):
    assert refusal(password) == "A password needs at least 12 characters."


def test_an_endless_one_is_refused():
    assert refusal("xy" * LONGEST) == f"A password may have at most {LONGEST} characters."


@pytest.mark.parametrize(
    "password",
    [
        *(
            "wang.xiaoming@acme-trading.cn",
            "WANG.XIAOMING@ACME-TRADING.CN",
            "wang.xiaoming",
            "WangXiaoming",
            "Wang Xiaoming",
        ),
        *(
            "wangxiaoming1990",
            "2024wangxiaoming",
            "wang_xiaoming!",
            "xiaoming1990",
            "ｗａｎｇｘｉａｏｍｉｎｇ",
            "trading20242",
        ),
    ],
)
def test_one_s_own_name_and_address_are_refused(password):
    assert "own name" in refusal(password)


@pytest.mark.parametrize(
    "password", ["Christopher Montgomery", "montgomerychristopher", "Montgomery1!", "christopher-99"]
)
def test_a_name_is_refused_in_either_order_and_in_part(password):
    assert "own name" in refusal(password, email="cm@x.org", name="Christopher Montgomery")


@pytest.mark.parametrize("password", ["王小明王小明王小明王小明", "wangxiaoming"])
def test_a_chinese_name_is_known_by_its_pinyin(password):
    assert refusal(password, email="cfo@acme.cn")


@pytest.mark.parametrize(
    "password",
    [
        *(
            "password1234",
            "Password123!",
            "P@ssw0rd2024",
            "p@$$w0rd1234",
            "$unshine2024",
            "pass-word-123",
            "  PASSWORD123  ",
        ),
        *(
            "123456789012",
            "1234567890123",
            "098765432109",
            "9876543210987",
            "111111111111",
            "5201314520!!",
            "woaini1314520",
            "1qaz2wsx3edc",
        ),
        *(
            "qwertyuiopas",
            "lkjhgfdsapoiuytrewq",
            "qwertyuiopasdf",
            "abcdefghijklm",
            "asdfghjkl123",
            "zxcvbnm!!!!!",
            "qwerty123456789",
        ),
        *(
            "abcabcabcabc",
            "passwordpassword",
            "哈哈哈哈哈哈哈哈哈哈哈哈",
            "admin1234567",
            "!!!admin!!!!",
            "ｐａｓｓｗｏｒｄ１２３４",
            "i love you!!",
        ),
    ],
)
def test_what_everybody_chooses_is_refused(password):
    assert "first that are tried" in refusal(password)


@pytest.mark.parametrize(
    "password",
    [
        *(
            GOOD,
            "apple tiger river piano",
            "summer!2847561930",
            "Gx7#vPq2LmRw",
            "床前明月光疑是地上霜举头",
            "kP0-3jd8Ws_xQz1a",
            "948173056274",
        ),
        *("my dog eats 3 pies", "x" * 5 + "q7Tz!w4"),
    ],
)
def test_a_good_one_passes(password):
    check_password_rules(password, email="wang.xiaoming@acme-trading.cn", name="王小明")


def test_without_a_name_or_address_the_other_rules_hold():
    check_password_rules(GOOD, email="", name="")
    assert refusal("password1234", email="", name="")


def test_the_list_is_about_a_thousand_words_in_lower_case():
    common = passwords._common()
    assert 1000 <= len(common) <= 1500
    assert all(word == word.lower() for word in common)


def test_a_refusal_never_repeats_the_password():
    for password in ("password1234", "wangxiaoming", "short"):
        assert password not in refusal(password)


@settings(max_examples=200)
@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_every_text_ends_in_acceptance_or_a_sentence(password, email, name):
    try:
        check_password_rules(password, email=email, name=name)
    except Invalid as problem:
        assert str(problem).endswith(".")
