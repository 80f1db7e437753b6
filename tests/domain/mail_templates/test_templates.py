"""Templates: places and nothing else, through the eyes of whoever reads, escaped, in both languages."""

import pytest

from crm.domain.customers import actions as customers
from crm.domain.mail.actions import To
from crm.domain.mail.models import MailRow
from crm.domain.mail_templates import actions
from crm.domain.mail_templates.actions import post_from, save
from crm.domain.opportunities import actions as opportunities
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.events import Event
from crm.kernel.permissions import Permission
from crm.web.letters import compose
from crm.web.outgoing import Withheld, outgoing

PHONE = "+8613800138000"


def draft(body, subject="{{customer.name}}", record_type="customers"):
    given = {"name": "Letter", "channel": "mail", "record_type": record_type}
    return given | {"subject": {"en": subject}, "body": {"en": body}}


@pytest.fixture
def customer(cast):
    return customers.create(
        cast.rep.actor, {"name": "<b>Acme</b> & Söhne", "phone": PHONE, "type": "company", "owner": cast.rep.id}
    )


def test_places_are_filled_escaped_in_html_and_plain_in_text(cast, customer):
    body = "Dear {{customer.name}},\n\ncall {{ customer.phone }}.\n{{owner.name}} <{{owner.email}}>\n{{link}}"
    row = save(cast.administrator.actor, None, draft(body))
    letter = compose(row, "customers", customer, cast.rep.actor, "en")
    assert letter.subject == "<b>Acme</b> & Söhne" and "138 0013 8000" in letter.text
    assert f"{cast.rep.name} <{cast.rep.email}>" in letter.text and letter.unseen == []
    assert "Dear &lt;b&gt;Acme&lt;/b&gt; &amp; Söhne" in letter.html and "<b>Acme" not in letter.html
    assert f'<a href="http://127.0.0.1:8000/customers/{customer}">' in letter.html


def test_each_language_has_its_words_and_values_follow(cast, customer):
    both = {"en": "Type {{customer.type}}", "zh_CN": "类型{{customer.type}}"}
    row = save(cast.administrator.actor, None, draft("") | {"body": both, "subject": {"en": "S", "zh_CN": "标题"}})
    english, chinese = (compose(row, "customers", customer, cast.rep.actor, each) for each in ("en", "zh_CN"))
    assert english.text.startswith("Type ") and chinese.text.startswith("类型") and chinese.subject == "标题"
    assert english.text.removeprefix("Type ") != chinese.text.removeprefix("类型")
    only = save(cast.administrator.actor, None, draft("Only {{today}}"))
    assert compose(only, "customers", customer, cast.rep.actor, "zh_CN").text.startswith("Only 20")


@pytest.mark.parametrize(
    "body", ["{{customer.nothing}}", "{{ 7*7 }}", "{{customer.__class__}}", "{{", "a }} b", "{{customer.name.upper}}"]
)
def test_what_is_no_place_is_refused_and_named(cast, body):
    with pytest.raises(Invalid) as refused:
        save(cast.administrator.actor, None, draft(body))
    assert refused.value.params["key"] == "body_en" and "{" in str(refused.value) or "list below" in str(refused.value)


def test_nothing_in_a_template_is_run(cast, customer):
    row = save(cast.administrator.actor, None, draft("{% if 1 %}{# x #}${7*7} %(a)s {{customer.name}}"))
    letter = compose(row, "customers", customer, cast.rep.actor, "en")
    assert letter.text.startswith("{% if 1 %}{# x #}${7*7} %(a)s <b>Acme")


def test_it_is_made_through_the_readers_eyes(cast, customer):
    deal = opportunities.create(cast.rep.actor, {"name": "Deal", "customer": customer, "owner": cast.rep.id})
    row = save(
        cast.administrator.actor, None, draft("{{opportunity.name}}|{{customer.phone}}", record_type="opportunities")
    )
    assert compose(row, "opportunities", deal, cast.rep.actor, "en").text == "Deal|138 0013 8000"
    assert compose(row, "opportunities", deal, cast.other_rep.actor, "en") is None
    right = {"customers": {"phone": FieldRight.MASKED}}
    reach = {Permission(key): Reach[value] for key, value in ready_made("sales_rep").reach.items()}
    granting.change_role(SYSTEM, ready_made("sales_rep"), name="", reach=reach, fields=right)
    db.session.commit()
    assert compose(row, "opportunities", deal, cast.rep.actor, "en").text == "Deal|138****8000"
    granting.change_role(
        SYSTEM, ready_made("sales_rep"), name="", reach=reach, fields={"customers": {"phone": FieldRight.HIDDEN}}
    )
    db.session.commit()
    hidden = compose(row, "opportunities", deal, cast.rep.actor, "en")
    assert (hidden.text, hidden.unseen) == ("Deal|", ["customer.phone"])
    customers.change(cast.administrator.actor, _one(customer, cast), {"owner": cast.other_rep.id})
    db.session.commit()
    other = compose(row, "opportunities", deal, cast.rep.actor, "en")
    assert (other.text, other.unseen) == ("Deal|", ["customer.name", "customer.phone"])


def _one(customer_id, cast):
    from crm.domain.customers.models import Customer

    return db.session.scalars(Customer.visible_to(cast.administrator.actor).where(Customer.id == customer_id)).one()


def test_a_mail_is_made_when_it_is_sent_and_posted_once(cast, customer):
    boss = cast.administrator.actor
    row = save(boss, None, draft("Of {{customer.name}}", subject="{{receiver.name}}"))
    to = To(cast.rep.id)
    mail_id = post_from(boss, row, "customers", customer, to, key="a")
    assert mail_id and post_from(boss, row, "customers", customer, to, key="a") is None
    mail = outgoing(db.session.get(MailRow, mail_id))
    assert (mail.to, mail.subject, mail.text) == ("Sam 王 <sam@example.com>", "Sam 王", "Of <b>Acme</b> & Söhne")
    theirs = post_from(boss, "introduction", "customers", customer, To(address="cust@example.com"), key="b")
    assert "Acme" in outgoing(db.session.get(MailRow, theirs)).text
    customers.change(boss, _one(customer, cast), {"owner": cast.other_rep.id})
    db.session.commit()
    assert isinstance(outgoing(db.session.get(MailRow, mail_id)), Withheld)
    with pytest.raises(Invalid):
        post_from(boss, row, "customers", customer, To(address="no address"), key="c")
    with pytest.raises(Invalid):
        post_from(boss, "introduction", "opportunities", 1, to, key="d")


def test_changes_are_told_in_the_log_and_nobody_overwrites_anothers(cast):
    boss = cast.administrator.actor
    row = save(boss, None, draft("One"))
    save(boss, row, draft("Two"), seen=1)
    with pytest.raises(Conflict):
        save(boss, row, draft("Three"), seen=1)
    told = db.session.query(Event).filter_by(name="mail_template.changed", subject_id=row.id).order_by(Event.id)
    assert [each.payload["changes"]["body"] for each in told] == [[None, {"en": "One"}], [{"en": "One"}, {"en": "Two"}]]
    actions.retire(boss, row)
    with pytest.raises(RuleBroken):
        post_from(boss, row, "customers", 1, To(cast.rep.id), key="e")
