"""Templates and the outbox, as administrators see them."""

import re

import pytest

from crm.domain.customers import actions as customers
from crm.domain.mail.actions import To, post
from crm.domain.mail.made import Ready
from crm.domain.mail.models import MailRow
from crm.domain.mail_templates.models import MailTemplate
from crm.infra.db import db

ROOT = "/admin/mail-templates"
TYPED = {
    "name": "Thanks",
    "channel": "mail",
    "record_type": "customers",
    "subject_en": "Thanks, {{customer.name}}",
    "body_en": "Call {{customer.phone}}",
    "subject_zh_CN": "感谢{{customer.name}}",
    "body_zh_CN": "电话：{{customer.phone}}",
}


@pytest.fixture
def customer(cast):
    made = {"name": "<i>Acme</i>", "phone": "+8613800138000", "owner": cast.rep.id}
    customers.create(cast.rep.actor, made)
    db.session.commit()


def test_a_template_is_made_previewed_changed_and_retired(as_, cast, customer):
    boss = as_.administrator
    assert as_.rep.get(ROOT).status_code == 403
    page = boss.get(f"{ROOT}/new?record_type=opportunities").get_data(as_text=True)
    assert "{{opportunity.amount}}" in page and "{{customer.phone}}" in page and "{{owner.email}}" in page
    shown = boss.post(ROOT, TYPED | {"do": "preview", "record": "<i>Acme</i>"}).get_data(as_text=True)
    assert "Thanks, &lt;i&gt;Acme&lt;/i&gt;" in shown and "电话：138 0013 8000" in shown
    assert db.session.query(MailTemplate).filter_by(name="Thanks").count() == 0
    assert boss.post(ROOT, TYPED).status_code == 303
    row = db.session.query(MailTemplate).filter_by(name="Thanks").one()
    again = TYPED | {"name": "Thank you", "version": "1"}
    assert boss.post(f"{ROOT}/{row.id}", again).status_code == 303
    stale = boss.post(f"{ROOT}/{row.id}", again | {"name": "Other"})
    assert stale.status_code == 409 and 'value="Other"' in stale.get_data(as_text=True)
    version = re.search(r'name="version" value="(\d+)"', stale.get_data(as_text=True)).group(1)
    assert boss.post(f"{ROOT}/{row.id}", TYPED | {"name": "Thank you", "version": version}).status_code == 303
    assert boss.post(f"{ROOT}/{row.id}/retirement").status_code == 303
    assert boss.get(f"{ROOT}/{row.id}").status_code == 404
    log = boss.get("/audit").get_data(as_text=True)
    assert "retired the mail template “Thank you”" in log and "{&#34;en&#34;:&#34;Call {{customer.phone}}&#34;" in log


def test_a_preview_is_what_the_reader_would_get(as_, cast, customer):
    boss, asked = as_.administrator, TYPED | {"do": "preview", "record": "<i>Acme</i>"}
    for who in ("other_rep", "outsider"):
        page = boss.post(ROOT, asked | {"reader": getattr(cast, who).email}).get_data(as_text=True)
        assert "nothing would be sent" in page and "Thanks, &lt;" not in page
    blind = boss.post(ROOT, asked | {"reader": cast.marketer.email}).get_data(as_text=True)  # sees masked phones
    assert "138 0013 8000" not in blind and "Thanks, &lt;i&gt;Acme" in blind


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"body_en": "{{customer.nothing}}"}, "no field “customer.nothing”"),
        ({"body_en": "{{ 1 + 1 }}"}, "no place for a field"),
        ({"name": ""}, "needs a name"),
        ({"subject_zh_CN": ""}, "has a subject and a text"),
        ({"do": "preview", "record": ""}, "Choose a record"),
        ({"do": "preview", "record": "Nothing Ltd"}, "no"),
        ({"do": "preview", "record": "<i>Acme</i>", "reader": "Nobody"}, "Nobody here is called"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(as_, customer, wrong, said):
    answer = as_.administrator.post(ROOT, TYPED | wrong)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and said in page and "电话：{{customer.phone}}" in page


def test_the_outbox_shows_what_failed_and_tries_it_again(as_, cast):
    mail_id = post(cast.administrator.actor, To(cast.rep.id), Ready("Secret subject", "x"), key="a")
    mail = db.session.get(MailRow, mail_id)
    mail.state, mail.error = "failed", "550 <no>"
    db.session.commit()
    assert as_.manager.get("/admin/mail").status_code == 403
    page = as_.administrator.get("/admin/mail").get_data(as_text=True)
    assert "550 &lt;no&gt;" in page and cast.rep.name in page and "Secret subject" not in page
    assert as_.administrator.post(f"/admin/mail/{mail_id}/sending").status_code == 303
    assert db.session.get(MailRow, mail_id).state == "waiting"
    assert as_.administrator.post(f"/admin/mail/{mail_id}/sending").status_code == 409
    db.session.get(MailRow, mail_id).state = "failed"
    assert as_.administrator.post("/admin/mail/sending").status_code == 303
    assert db.session.get(MailRow, mail_id).state == "waiting"
    assert re.search(r"Waiting: 1\.", as_.administrator.get("/admin/mail").get_data(as_text=True))
