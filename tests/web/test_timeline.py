import pytest

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.timeline import actions as timeline_actions
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.kernel.errors import RuleBroken

FORM = {
    "kind": "visit",
    "body": "Showed the demo <b>live</b>",
    "result": "Liked it",
    "next_step": "Send offer",
    "next_on": "2031-02-03",
}


@pytest.fixture
def acme(cast):
    id_ = actions.create(cast.rep.actor, {"name": "Acme"})
    db.session.commit()
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


def follow_ups():
    return db.session.query(FollowUp).order_by(FollowUp.id).all()


def test_a_follow_up_is_written_and_shown_newest_first(as_, acme):
    as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM)
    as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM | {"body": "Second", "next_on": ""})
    page = as_.rep.get(f"/customers/{acme.id}").get_data(as_text=True)
    assert (
        page.index("Second")
        < page.index("Showed the demo &lt;b&gt;live&lt;/b&gt;")
        < page.index("created this customer")
    )
    assert "Liked it" in page and "Send offer" in page
    assert acme.last_follow_up_at is not None
    assert acme.next_follow_up_on.isoformat() == "2031-02-03"


def test_in_place_the_timeline_comes_back_alone(as_, acme):
    answer = as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM, htmx="form#composer")
    words = answer.get_data(as_text=True)
    assert "<html" not in words
    assert "Showed the demo" in words and "The follow-up is saved." in words


def test_an_empty_follow_up_is_refused_in_place(as_, acme):
    answer = as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM | {"body": " "}, htmx="form#composer")
    assert (answer.status_code, follow_ups()) == (422, [])
    assert "Liked it" in answer.get_data(as_text=True)


def test_own_follow_ups_are_edited_and_deleted(as_, acme):
    as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM)
    (one,) = follow_ups()
    url = f"/customers/{acme.id}/follow-ups/{one.id}"
    assert as_.rep.get(f"{url}/edit").status_code == 200
    as_.rep.post(url, FORM | {"result": "Loved it"})
    page = as_.rep.get(f"/customers/{acme.id}").get_data(as_text=True)
    assert "Loved it" in page and "changed a follow-up" in page
    as_.rep.post(f"{url}/deletion")
    page = as_.rep.get(f"/customers/{acme.id}").get_data(as_text=True)
    assert "Showed the demo" not in page and "deleted a follow-up" in page
    assert (acme.last_follow_up_at, acme.next_follow_up_on) == (None, None)


def test_nobody_changes_what_another_wrote(as_, acme, cast):
    as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM)
    (one,) = follow_ups()
    assert as_.administrator.post(f"/customers/{acme.id}/follow-ups/{one.id}", FORM).status_code in (303, 409)
    answer = as_.administrator.post(f"/customers/{acme.id}/follow-ups/{one.id}", FORM | {"result": "Mine"})
    assert answer.status_code == 409
    assert as_.administrator.post(f"/customers/{acme.id}/follow-ups/{one.id}/deletion").status_code == 409
    with pytest.raises(RuleBroken):
        timeline_actions.delete_follow_up(cast.administrator.actor, acme, one)
    assert follow_ups()[0].result == "Liked it"


def test_a_follow_up_is_reached_only_through_its_own_customer(as_, acme, cast):
    as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM)
    (one,) = follow_ups()
    other = actions.create(cast.rep.actor, {"name": "Other"})
    db.session.commit()
    assert as_.rep.get(f"/customers/{other}/follow-ups/{one.id}/edit").status_code == 404


def test_a_long_timeline_is_paged_and_every_entry_comes_once(as_, acme):
    for n in range(45):
        as_.rep.post(f"/customers/{acme.id}/follow-ups", FORM | {"body": f"entry-{n:02d}", "next_on": ""})
    seen, url = [], f"/customers/{acme.id}"
    while url:
        page = as_.rep.get(url).get_data(as_text=True)
        seen += [n for n in range(45) if f"entry-{n:02d}" in page]
        link = page.partition('id="timeline-older"><a class="btn" href="')[2].partition('"')[0]
        url = link.replace("&amp;", "&")
    assert seen == sorted(set(seen), key=seen.index) and sorted(seen) == list(range(45))


def test_an_unsaved_follow_up_is_there_on_the_next_device_and_nobody_elses(as_, acme):
    url = f"/customers/{acme.id}/follow-ups"
    as_.rep.post(f"{url}/draft", FORM | {"body": "half a sent"}, htmx="span")
    assert "half a sent" in as_.rep.get(f"/customers/{acme.id}").get_data(as_text=True)
    assert "half a sent" not in as_.administrator.get(f"/customers/{acme.id}").get_data(as_text=True)
    assert as_.other_rep.post(f"{url}/draft", FORM).status_code == 404
    as_.rep.post(url, FORM | {"body": "Half a sentence, finished"})
    assert "half a sent" not in as_.rep.get(f"/customers/{acme.id}").get_data(as_text=True)
