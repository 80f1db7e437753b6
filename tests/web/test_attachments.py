"""Follow-ups with files, and whom they tell: the composer, the downloads, who gets them."""

import io

import pytest
from sqlalchemy import func, select

from crm.domain.attachments.models import Attachment
from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db

PDF = b"%PDF-1.7 <script>alert(1)</script>"
SAID = {"kind": "call", "body": "Talked about the offer"}


def files(*named, content=PDF):
    return {"files": [(io.BytesIO(content), name) for name in named]}


@pytest.fixture
def acme(cast):
    id_ = customers.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    return f"/customers/{id_}"


def count(entity):
    return db.session.scalar(select(func.count()).select_from(entity))


def address(acme):
    return f"{acme}/attachments/{db.session.scalars(select(Attachment.id)).first()}"


def test_a_file_is_a_download_for_whoever_sees_the_record(as_, acme):
    as_.rep.post(f"{acme}/follow-ups", SAID | files("报价 1.pdf"))
    assert f'href="{address(acme)}"' in as_.agent.get(acme).get_data(as_text=True)
    for who in (as_.rep, as_.agent, as_.manager):
        answer = who.get(address(acme))
        assert (answer.status_code, answer.data) == (200, PDF)
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "%E6%8A%A5%E4%BB%B7%201.pdf" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/pdf"
    assert as_.other_rep.get(address(acme)).status_code == as_.outsider.get(address(acme)).status_code == 404
    assert "/sign-in" in as_.stranger.get(address(acme)).location


def test_one_record_does_not_open_the_files_of_another(as_, cast, acme):
    as_.rep.post(f"{acme}/follow-ups", SAID | files("a.pdf"))
    hers = customers.create(cast.other_rep.actor, {"name": "Hers"})
    db.session.commit()
    other = address(acme).replace(acme, f"/customers/{hers}")
    assert as_.other_rep.get(other).status_code == 404
    assert as_.other_rep.post(f"{other}/deletion").status_code == 404


def test_a_contacts_file_stands_on_the_customers_timeline_under_the_contacts_address(as_, cast, acme):
    values = {"name": "Ida", "customer": int(acme.rpartition("/")[2])}
    ida = f"/contacts/{contacts.create(cast.rep.actor, values)}"
    db.session.commit()
    as_.rep.post(f"{ida}/follow-ups", SAID | files("a.pdf"))
    assert f'href="{address(ida)}"' in as_.rep.get(acme).get_data(as_text=True)
    assert as_.rep.get(address(ida)).status_code == 200


def test_the_same_form_sent_twice_is_one_follow_up_with_one_file(as_, acme):
    form = SAID | {"idempotency_key": "once"}
    for _ in range(2):
        assert as_.rep.post(f"{acme}/follow-ups", form | files("a.pdf")).status_code == 303
    assert (count(FollowUp), count(Attachment)) == (1, 1)
    as_.rep.post(f"{acme}/follow-ups", form | files("a.pdf", content=PDF + b"2"))
    assert (count(FollowUp), count(Attachment)) == (2, 2)


def test_what_is_refused_keeps_the_words_and_says_to_choose_the_files_again(as_, acme):
    for name, content in (("a.exe", b"MZ"), ("a.pdf", b"MZ")):
        sent = SAID | {"result": "They liked it"} | files(name, content=content)
        answer = as_.rep.post(f"{acme}/follow-ups", sent, htmx="form#composer")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422 and name in page and "Choose the files again" in page
        assert 'value="They liked it"' in page and "hx-preserve" not in page
    answer = as_.rep.post(f"{acme}/follow-ups", SAID | {"body": ""} | files("a.pdf"), htmx="form#composer")
    assert "hx-preserve" in answer.get_data(as_text=True)  # nothing wrong with them: with the script they stay chosen
    assert (count(FollowUp), count(Attachment)) == (0, 0)


def test_only_its_author_removes_a_file(as_, acme):
    as_.rep.post(f"{acme}/follow-ups", SAID | files("a.pdf"))
    there = address(acme)
    assert as_.manager.post(f"{there}/deletion").status_code == 409
    assert as_.rep.post(f"{there}/deletion").status_code == 303
    assert as_.rep.get(there).status_code == 404
    page = as_.rep.get(acme).get_data(as_text=True)
    assert "removed the file “a.pdf” from a follow-up" in page


def test_colleagues_are_told_if_they_may_see_and_named_if_not(as_, cast, acme):
    sent = SAID | {"tell": "Max Manager, mia@example.com", "present": "陈经理，Ida"}
    answer = as_.rep.post(f"{acme}/follow-ups", sent, htmx="form#composer")
    page = answer.get_data(as_text=True)
    assert "Not told, since they may not see this customer: Mia Rep." in page
    assert "Told: Max Manager" in page and "There: 陈经理, Ida" in page
    told = as_.manager.get("/notifications/").get_data(as_text=True)
    assert "Sam 王 points a follow-up out to you: Acme" in told
    assert "Acme" not in as_.other_rep.get("/notifications/").get_data(as_text=True)
    answer = as_.rep.post(f"{acme}/follow-ups", SAID | {"tell": "Nobody"}, htmx="form#composer")
    assert answer.status_code == 422 and "Nobody here is called" in answer.get_data(as_text=True)


def test_when_it_happened_can_be_said_and_changed(as_, acme):
    as_.rep.post(f"{acme}/follow-ups", SAID | {"happened_at": "2026-01-02T15:30"})
    one = db.session.scalars(select(FollowUp)).one()
    assert one.happened_at.isoformat() == "2026-01-02T07:30:00+00:00"
    url = f"{acme}/follow-ups/{one.id}"
    assert 'value="2026-01-02T15:30"' in as_.rep.get(f"{url}/edit").get_data(as_text=True)
    as_.rep.post(url, SAID | {"happened_at": "2026-01-03T15:30", "present": "Ida"})
    db.session.refresh(one)
    assert (one.happened_at.day, one.present) == (3, ["Ida"])
    assert as_.rep.post(url, SAID | {"happened_at": "2999-01-03T15:30"}).status_code == 422


def test_names_are_offered_while_typing(as_, cast, acme):
    contacts.create(cast.rep.actor, {"name": "Maximilian"})
    db.session.commit()
    assert "max@example.com" in as_.rep.get("/lookup/people?q=max").get_data(as_text=True)
    present = as_.rep.get("/lookup/present?q=Max").get_data(as_text=True)
    assert "Maximilian" in present and "Max Manager" in present and "@" not in present
    assert "Maximilian" not in as_.other_rep.get("/lookup/present?q=Max").get_data(as_text=True)
