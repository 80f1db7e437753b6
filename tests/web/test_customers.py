import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.events import Event

FORM = {
    "name": "上海启明软件有限公司",
    "type": "company",
    "phone": "138 0013 8000",
    "email": "Li@Example.com",
    "idempotency_key": "k1",
}


def stored():
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(Customer).order_by(Customer.id)).all()


@pytest.fixture
def acme(cast):
    id_ = actions.create(cast.rep.actor, {"name": "Acme", "level": "a"})
    db.session.commit()
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


def test_a_new_customer_is_saved_and_shown(as_):
    answer = as_.rep.post("/customers/", FORM)
    assert answer.status_code == 303
    (customer,) = stored()
    page = as_.rep.get(answer.location).get_data(as_text=True)
    assert customer.number in page
    assert "上海启明软件有限公司" in page
    assert (customer.phone, customer.phone_original, customer.email) == (
        "+8613800138000",
        "138 0013 8000",
        "Li@example.com",
    )
    assert "138 0013 8000" in page
    assert "created this customer" in page


def test_the_same_form_sent_twice_makes_one(as_):
    answers = [as_.rep.post("/customers/", FORM) for _ in range(2)]
    assert len(stored()) == 1
    assert answers[0].location == answers[1].location
    assert answers[1].headers["Idempotent-Replay"] == "true"


def test_another_form_with_a_worn_key_is_another_request(as_):
    as_.rep.post("/customers/", FORM)
    as_.rep.post("/customers/", FORM | {"name": "Another", "anyway": "1"})
    assert [each.name for each in stored()] == ["上海启明软件有限公司", "Another"]


def test_a_bad_form_keeps_what_was_typed_and_says_what_is_wrong(as_):
    answer = as_.rep.post("/customers/", FORM | {"name": " ", "phone": "12", "remarks": "keep me"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert stored() == []
    assert "This is required." in page
    assert 'value="12"' in page
    assert "keep me" in page


def test_a_section_is_edited_in_place(as_, acme):
    url = f"/customers/{acme.id}/sections/basics"
    form = {
        "name": "Acme 2",
        "type": "company",
        "level": "b",
        "before-name": "Acme",
        "before-level": "a",
        "before-type": "company",
    }
    answer = as_.rep.post(url, form, htmx="section#section-basics")
    assert answer.status_code == 200
    assert "<html" not in answer.get_data(as_text=True)
    (customer,) = stored()
    assert (customer.name, customer.level, customer.version) == ("Acme 2", "b", 2)
    event = db.session.scalars(select(Event).filter_by(name="customer.changed")).one()
    assert event.payload["changes"] == {"name": ["Acme", "Acme 2"], "level": ["a", "b"]}


def test_two_people_editing_different_fields_both_keep_theirs(as_, acme):
    url = f"/customers/{acme.id}/sections/basics"
    before = {"before-name": "Acme", "before-level": "a", "before-type": "company"}
    as_.administrator.post(url, before | {"name": "Acme", "type": "company", "level": "c"})
    as_.rep.post(url, before | {"name": "Acme 2", "type": "company", "level": "a"})
    (customer,) = stored()
    assert (customer.name, customer.level) == ("Acme 2", "c")


def test_two_people_editing_the_same_field_see_both(as_, acme):
    url = f"/customers/{acme.id}/sections/basics"
    before = {"before-name": "Acme", "before-level": "a", "before-type": "company"}
    as_.administrator.post(url, before | {"name": "Ada's", "type": "company", "level": "a"})
    answer = as_.rep.post(url, before | {"name": "Sam's", "type": "company", "level": "a"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Ada&#39;s" in page and "Sam&#39;s" in page
    assert stored()[0].name == "Ada's"


def test_a_rep_cannot_give_customers_away(as_, acme, cast):
    as_.rep.post(
        f"/customers/{acme.id}/sections/belonging", {"owner": f"{cast.other_rep.name} ({cast.other_rep.email})"}
    )
    assert stored()[0].owner_id == cast.rep.id
    as_.administrator.post(
        f"/customers/{acme.id}/sections/belonging", {"owner": f"{cast.other_rep.name} ({cast.other_rep.email})"}
    )
    assert (stored()[0].owner_id, stored()[0].department_id) == (cast.other_rep.id, cast.other_rep.department_id)


def test_deleted_is_in_the_bin_and_comes_back(as_, acme):
    as_.rep.post(f"/customers/{acme.id}/deletion")
    assert as_.rep.get(f"/customers/{acme.id}").status_code == 404
    assert "Acme" in as_.rep.get("/customers/bin").get_data(as_text=True)
    as_.rep.post(f"/customers/{acme.id}/restoration")
    assert as_.rep.get(f"/customers/{acme.id}").status_code == 200


@pytest.mark.parametrize("who", ["other_rep", "outsider"])
def test_someone_elses_customer_does_not_exist(as_, acme, who):
    browser = getattr(as_, who)
    paths = ["", "/sections/basics", "/sections/basics/edit", "/timeline"]
    assert [browser.get(f"/customers/{acme.id}{path}").status_code for path in paths] == [404] * 4
    posts = ["/sections/basics", "/deletion", "/follow-ups", "/restoration"]
    assert [browser.post(f"/customers/{acme.id}{path}", {"name": "x"}).status_code for path in posts] == [404] * 4
    assert "Acme" not in browser.get("/customers/?q=Acm").get_data(as_text=True)
    assert "Acme" not in browser.get("/lookup/parent?q=Acm").get_data(as_text=True)


def test_the_list_searches_filters_and_sorts(as_, acme, cast):
    actions.create_many(cast.rep.actor, [{"name": "北京智远科技", "level": "b"}, {"name": "Zeta GmbH"}])
    db.session.commit()
    found = as_.rep.get("/customers/?q=科技").get_data(as_text=True)
    assert "北京智远科技" in found and "Acme" not in found
    found = as_.rep.get("/customers/?level__is=a").get_data(as_text=True)
    assert "Acme" in found and "Zeta" not in found
    part = as_.rep.get("/customers/?sort=-name", headers={"HX-Request": "true", "HX-Target": "section#list-results"})
    words = part.get_data(as_text=True)
    assert "<html" not in words
    assert words.index("Zeta") < words.index("Acme")


def test_an_address_that_makes_no_sense_still_shows_the_list(as_, acme):
    answer = as_.rep.get("/customers/?nothing__is=1")
    assert answer.status_code == 200
    assert "Acme" in answer.get_data(as_text=True)
    assert as_.rep.get("/customers/?after=eyJhIjogMX0=").status_code == 200
