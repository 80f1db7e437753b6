"""A hidden field does not exist, a masked one shows its shape: on every surface, and no question gives it away."""

import pytest

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.errors import RuleBroken
from crm.kernel.permissions import Permission

PHONE, EMAIL, ADDRESS = "+8613800138765", "leise@geheim.example", "Stillgasse 9"
HIDDEN = ("138 0013 8765", "13800138765", "0013", "leise@", "Stillgasse", 'geheim.example" ')


@pytest.fixture
def customer(cast):
    customer_id = actions.create(
        cast.rep.actor,
        {"name": "Nachtigall 密语", "phone": PHONE, "email": EMAIL, "address": ADDRESS, "source": "referral"},
    )
    one = db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == customer_id)).one()
    actions.change(cast.rep.actor, one, {"phone": "+8613800138766", "email": "leise2@geheim.example"})
    actions.change(cast.rep.actor, one, {"phone": PHONE, "email": EMAIL, "address": "Stillgasse 10"})
    db.session.commit()
    return one


def page(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def surfaces(customer):
    at = f"/customers/{customer.id}"
    sections = [f"{at}/sections/{key}" for key in ("identity", "reach", "belonging")]
    return ["/customers/", "/customers/?cols=phone&cols=email&cols=address", at, f"{at}/timeline", *sections]


def test_the_rep_sees_them_everywhere(as_, customer):
    whole = "".join(page(as_.rep, each) for each in surfaces(customer)[:4])
    assert all(each in whole for each in ("138 0013 8765", EMAIL, ADDRESS, "Stillgasse 10"))


def test_marketing_sees_the_source_and_neither_phone_nor_address(as_, customer):
    for address in surfaces(customer):
        answer = as_.marketer.get(address)
        assert answer.status_code in (200, 404), address
        words = answer.get_data(as_text=True)
        assert not [each for each in HIDDEN if each in words], address
    whole = page(as_.marketer, f"/customers/{customer.id}")
    assert "Referral" in whole
    assert "l****@geheim.example" in whole
    assert "mailto:" not in whole
    assert "Phone" not in whole
    assert "l****@geheim.example" in page(as_.marketer, "/customers/?cols=email")


@pytest.mark.parametrize(
    "asked",
    ["phone__is=13800138765", "phone__filled=1", "email__is=leise@geheim.example", "email__contains=leise"]
    + ["address__contains=Still", "sort=email", "sort=phone", "email__filled=1"],
)
def test_no_filter_and_no_order_gives_it_away(as_, customer, asked):
    words = page(as_.marketer, f"/customers/?{asked}")
    assert "message--bad" in words or "There is no field" in words or "cannot be" in words, "It says that it cannot."
    assert page(as_.rep, f"/customers/?{asked}")


@pytest.mark.parametrize("text", ["8765", "13800138765", "leise", "leise@geheim.example", "geheim"])
def test_no_search_gives_it_away(as_, customer, text):
    assert "Nachtigall" in page(as_.rep, f"/customers/?q={text}"), "whoever may read it finds it"
    assert "Nachtigall" not in page(as_.marketer, f"/customers/?q={text}")
    assert "Nachtigall" not in as_.marketer.get(f"/lookup/parent?q={text}").get_data(as_text=True)
    assert "Nachtigall" in page(as_.rep, f"/search/?q={text}")
    assert "Nachtigall" not in page(as_.marketer, f"/search/?q={text}")
    assert "Nachtigall" in page(as_.marketer, "/customers/?q=Nachti")


@pytest.fixture
def masked_for_reps(cast):
    """Reps see and change customers, know the shape of phones, and cannot see addresses."""
    granting.change_role(
        SYSTEM,
        ready_made("sales_rep"),
        name="",
        reach={each: Reach.OWN for each in Permission if each.type in ("customers", "imports")},
        fields={"customers": {"phone": FieldRight.MASKED, "address": FieldRight.HIDDEN, "source": FieldRight.READ}},
    )
    db.session.commit()


def test_a_form_offers_only_what_may_be_written(as_, customer, masked_for_reps):
    form = page(as_.rep, f"/customers/{customer.id}/sections/reach/edit")
    assert 'name="email"' in form
    assert 'name="phone"' not in form
    assert 'name="address"' not in form
    assert "0013" not in form
    new = page(as_.rep, "/customers/new")
    assert 'name="name"' in new
    assert 'name="phone"' not in new


def test_what_is_posted_all_the_same_is_not_written(as_, customer, masked_for_reps):
    as_.rep.post(
        f"/customers/{customer.id}/sections/reach",
        {"phone": "13900139000", "address": "Elsewhere 1", "email": "new@geheim.example", "before-email": EMAIL},
    )
    db.session.refresh(customer)
    assert (customer.phone, customer.address, customer.email) == (PHONE, "Stillgasse 10", "new@geheim.example")


def test_the_verbs_refuse_it_too(cast, customer, masked_for_reps):
    for values in ({"phone": "+8613900139000"}, {"address": "Elsewhere"}, {"source": "event"}):
        with pytest.raises(RuleBroken, match="may not fill in"):
            actions.change(cast.rep.actor, customer, values)
        with pytest.raises(RuleBroken, match="may not fill in"):
            actions.create(cast.rep.actor, {"name": "New"} | values)
        with pytest.raises(RuleBroken, match="may not fill in"):
            actions.change_many(cast.rep.actor, [(customer.id, values)])


def test_an_import_offers_and_fills_no_field_that_may_not_be_written(as_, masked_for_reps):
    import io

    from crm.jobs.imports import sweep

    file = (io.BytesIO("公司名称,电话,邮箱\nAcme,13800138765,a@example.com\n".encode()), "a.csv")
    place = as_.rep.post("/imports/", {"file": file}).location
    sweep()
    mapping = page(as_.rep, f"{place}/mapping")
    assert 'value="email"' in mapping
    assert 'value="phone"' not in mapping
    refused = as_.rep.post(f"{place}/mapping", {"column-0": "name", "column-1": "phone"})
    assert refused.status_code == 422
    assert "Phone" in refused.get_data(as_text=True)
