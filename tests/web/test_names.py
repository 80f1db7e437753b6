"""Types of record called as the company calls them, in each language, wherever they are named."""

import pytest
from sqlalchemy import func, select

from crm.domain.customers import actions as customers
from crm.domain.naming.queries import name_of
from crm.infra.db import db
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.modules import MODULES
from crm.web.i18n import catalogue
from crm.web.nouns import named
from tests.web.test_custom_fields import page

NAMES = {"one-en": "Client", "many-en": "Clients", "one-zh_CN": "会员", "many-zh_CN": "会员"}


@pytest.fixture
def renamed(as_):
    assert as_.administrator.post("/admin/names/customers", NAMES).status_code == 303


def test_only_an_administrator_gets_there(as_):
    assert as_.rep.get("/admin/names").status_code == 403
    assert as_.rep.post("/admin/names/customers", NAMES).status_code == 403
    assert as_.administrator.get("/admin/names").status_code == 200
    assert as_.administrator.post("/admin/names/ships", NAMES).status_code == 404


def test_menu_titles_crumbs_and_sentences_say_it_at_once(as_, cast, renamed):
    (one,) = customers.create_many(cast.rep.actor, [{"name": "Nachtigall"}])
    db.session.commit()
    for address, said in {
        "/customers/": ("<title>Clients", "New client", "Clients"),
        "/customers/new": ("New client", "Save client", ">Clients</a>"),
        f"/customers/{one}": ("created this client", "Delete client"),
        "/customers/?q=nobody": ("No client fits", "Show all clients"),
        "/imports/new": ("Import clients", "One row for each client"),
    }.items():
        words = page(as_.rep, address)
        assert all(each in words for each in said), address
        assert "ustomer " not in words and "ustomers<" not in words, address
    for address in ("/admin/fields", "/admin/modules", "/admin/roles/3", "/admin/layouts", "/audit"):
        words = page(as_.administrator, address)
        assert "Client" in words and ">Customer" not in words, address


def test_a_form_that_was_drawn_before_is_drawn_with_the_new_words(as_):
    for names, said in (({}, "one of the customers."), (NAMES, "one of the clients."), ({}, "one of the customers.")):
        as_.administrator.post("/admin/names/customers", names)
        assert said in page(as_.rep, "/customers/new")


def test_in_the_other_language_too(as_, renamed):
    as_.rep.client.set_cookie("language", "zh_CN")
    words = page(as_.rep, "/customers/")
    assert "<title>会员" in words and "新建会员" in words
    assert "新建客户" not in words


def test_a_language_nothing_is_said_in_has_the_delivered_words(as_):
    as_.administrator.post("/admin/names/customers", {"one-zh_CN": "会员", "many-zh_CN": "会员"})
    assert "New customer" in page(as_.rep, "/customers/")
    as_.administrator.post("/admin/names/customers", {})
    as_.rep.client.set_cookie("language", "zh_CN")
    assert "新建客户" in page(as_.rep, "/customers/")


@pytest.mark.parametrize(
    ("but", "words"),
    [
        ({"many-en": " "}, "what one record is called and what several are called"),
        ({"one-en": "x" * 41}, "at most 40"),
        ({"one-en": "100 % sure"}, "no percent sign"),
    ],
)
def test_what_cannot_be_is_said_and_stays_in_the_form(as_, but, words):
    answer = as_.administrator.post("/admin/names/customers", NAMES | but)
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)
    assert 'value="会员"' in answer.get_data(as_text=True)
    assert name_of("customers") is None


def test_a_name_is_words_and_never_markup(as_):
    as_.administrator.post("/admin/names/customers", NAMES | {"one-en": "<b>Client</b>"})
    words = page(as_.rep, "/customers/")
    assert "<b>client" not in words.lower() and "&lt;b&gt;Client" in words
    assert "&amp;lt;" not in words


def test_it_is_in_the_log_with_before_and_after(as_, renamed):
    words = page(as_.auditor, "/audit")
    assert "changed what the records of the type “Clients” are called" in words and "Clients" in words


@pytest.mark.parametrize(("word", "within"), [("Client", "client"), ("VIP", "VIP"), ("客户", "客户")])
def test_within_a_sentence_a_name_is_no_title(app, as_, word, within):
    as_.administrator.post("/admin/names/customers", NAMES | {"one-en": word})
    assert f"New {within}<" in page(as_.rep, "/customers/")


def test_outside_of_a_request_the_delivered_words_are_said(app):
    said = named("en", "New %(customer)s", "New %(customer)s", catalogue)
    assert said == "New customer"


def test_a_refusal_names_the_type_too(as_, renamed):
    answer = as_.rep.post("/customers/", {"name": "One", "type": "company", "parent": "Nobody knows it"})
    assert "There is no client called “Nobody knows it”." in answer.get_data(as_text=True)


def test_without_a_reader_a_refusal_says_the_delivered_word():
    assert str(Invalid("There is no %(customer)s called “%(name)s”.", name="x")) == "There is no customer called “x”."
    assert str(RuleBroken("All %(customers)s, 100 of 100")) == "All customers, 100 of 100"


MODULE_NAMES = {
    "imports": {"many-en": "Uploads", "many-zh_CN": "上传"},
    "bulk": {"many-en": "Mass updates", "many-zh_CN": "批量更新"},
    "audit": {"many-en": "Journal", "many-zh_CN": "日记"},
}


@pytest.fixture
def modules_renamed(as_):
    for key, names in MODULE_NAMES.items():
        assert as_.administrator.post(f"/admin/names/{key}", names).status_code == 303


def test_every_module_can_be_renamed_whether_it_has_records_or_not(as_):
    words = page(as_.administrator, "/admin/names")
    assert all(f'action="/admin/names/{key}"' in words for key in MODULES)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_module_without_records_is_called_so_in_menus_titles_crumbs_and_where_it_is_switched(
    as_, modules_renamed, language
):
    for browser in (as_.administrator, as_.auditor):
        browser.client.set_cookie("language", language)
    names = {key: each[f"many-{language}"] for key, each in MODULE_NAMES.items()}
    menu = page(as_.administrator, "/customers/")
    assert all(f">{each}</" in menu for each in names.values())
    assert f"<title>{names['imports']}" in page(as_.administrator, "/imports/")
    assert f">{names['imports']}</a>" in page(as_.administrator, "/imports/new")
    assert f"<title>{names['bulk']}" in page(as_.administrator, "/bulk/")
    assert f"<title>{names['audit']}" in page(as_.auditor, "/audit")
    assert f">{names['audit']}</a>" in page(as_.auditor, "/audit/verification")
    switches = page(as_.administrator, "/admin/modules")
    assert all(each in switches for each in names.values())
    everywhere = menu + switches + page(as_.auditor, "/audit/verification")
    delivered = [catalogue(language).get(each, each) for each in ("Changes of many records", "Audit log")]
    assert not [each for each in delivered if f">{each}<" in everywhere]


def test_the_name_of_a_module_is_in_sentences_too(as_, modules_renamed):
    role = page(as_.administrator, "/admin/roles/3")
    assert "Read the journal" in role and "the journal keeps it" in role
    as_.administrator.post("/admin/modules/imports", {"where": "nobody"})
    assert "“Uploads” is switched." in page(as_.administrator, "/admin/modules")


def test_a_module_is_named_by_administrators_alone_and_not_anyhow(as_):
    assert as_.rep.post("/admin/names/audit", MODULE_NAMES["audit"]).status_code == 403
    answer = as_.administrator.post("/admin/names/audit", MODULE_NAMES["audit"] | {"many-en": "100 %"})
    words = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "no percent sign" in words and 'value="日记"' in words
    assert 'href="#audit-en"' in words and 'id="audit-en"' in words
    assert name_of("audit") is None


def test_the_name_of_a_module_is_in_the_log_and_can_be_taken_back(as_, modules_renamed):
    words = page(as_.auditor, "/audit")
    assert "changed what the module “Journal” is called" in words and "Journal" in words
    as_.administrator.post("/admin/names/audit", {})
    assert "<title>Audit log" in page(as_.auditor, "/audit")


def test_naming_a_module_as_it_is_named_leaves_no_line(as_, modules_renamed):
    as_.administrator.post("/admin/names/audit", MODULE_NAMES["audit"])
    named_ = select(func.count()).select_from(Event).where(Event.name == "module.named")
    assert db.session.scalar(named_) == len(MODULE_NAMES)
