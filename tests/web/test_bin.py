"""What is deleted is out of the way with all that hangs on it, and comes back with it."""

import re

import pytest

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.people import sharing
from crm.domain.timeline import actions as timeline
from crm.infra.db import db
from crm.kernel.kinds import FieldKind
from tests.domain.fields.making import made


def page(browser, address, status=200):
    answer = browser.get(address)
    assert answer.status_code == status, address
    return re.sub(r'value="[^"]{40,}"|"X-CSRFToken": "[^"]+"', "", answer.get_data(as_text=True))


@pytest.fixture
def rich(cast):
    """A customer with a parent, a child, a follow-up, a share and a value of a field of the company's own."""
    field = made(cast.administrator.actor, FieldKind.TEXT, "Code")
    actor = cast.rep.actor
    ids = actions.create_many(actor, [{"name": "Above"}, {"name": "Middle", field.key: "M-7"}, {"name": "Below"}])
    found = {each.id: each for each in db.session.scalars(Customer.visible_to(actor))}
    above, middle, below = (found[each] for each in ids)
    actions.change(actor, middle, {"parent": above.id})
    actions.change(actor, below, {"parent": middle.id})
    timeline.add_follow_up(actor, middle, {"kind": "call", "body": "They want an offer", "next_on": None})
    sharing.share(actor, middle, cast.other_rep)
    db.session.commit()
    return middle, below


def test_restored_it_is_as_it_was_with_relations_and_timeline(as_, cast, rich):
    middle, below = rich
    at = f"/customers/{middle.id}"
    before = page(as_.rep, at)
    for words in ("They want an offer", "Above", "M-7"):
        assert words in before
    assert as_.rep.post(f"{at}/deletion").status_code == 303
    page(as_.rep, at, 404)
    page(as_.other_rep, at, 404)
    assert ">Middle<" not in page(as_.rep, "/customers/")
    assert "Middle" not in page(as_.rep, f"/customers/{below.id}").partition("</main>")[0].partition("timeline")[0]
    assert "Middle" in page(as_.rep, "/customers/bin")
    assert as_.other_rep.post(f"{at}/restoration").status_code == 409, "a share lets it be seen, nothing more"
    assert as_.rep.post(f"{at}/restoration").status_code == 303
    after = page(as_.rep, at)
    for words in ("They want an offer", "Above", "M-7", "moved this customer to the recycle bin"):
        assert words in after
    assert "Middle" in page(as_.rep, f"/customers/{below.id}")
    assert "Middle" in page(as_.other_rep, at), "whoever it was shared with sees it again"
    assert ">Middle<" in page(as_.rep, "/customers/?q=Middle")
    db.session.refresh(below)
    assert below.parent_id == middle.id


def test_an_administrator_says_how_long(as_, cast):
    assert as_.rep.get("/admin/retention").status_code == 403
    assert 'href="/admin/retention"' in page(as_.administrator, "/admin/")
    assert 'value="90"' in page(as_.administrator, "/admin/retention")
    for wrong in ("0", "", "soon", "99999", "-3"):
        assert as_.administrator.post("/admin/retention", {"bin_days": wrong}).status_code == 422, wrong
    assert as_.administrator.post("/admin/retention", {"bin_days": "30"}).status_code == 303
    assert 'value="30"' in page(as_.administrator, "/admin/retention")
    assert "After 30 days they are removed for good" in page(as_.rep, "/customers/bin")
    assert "after how many days deleted records" in page(as_.auditor, "/audit")
