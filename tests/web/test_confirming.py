"""A change of a sensitive field takes effect when a second person has confirmed it, whoever makes it and wherever."""

import io
import re
from html import unescape

import pytest
from sqlalchemy import select, update

from crm.domain.confirming.models import PendingChange, State
from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.fields import actions as fields
from crm.domain.fields import rotation
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import give_roles
from crm.domain.people.queries import ready_made
from crm.infra import vault
from crm.infra.db import db
from crm.jobs import bulk as bulk_jobs
from crm.jobs.fields import encrypt_anew
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.kinds import FieldKind
from crm.kernel.sealed import opened
from tests.domain.fields.making import made


def mark(key, sensitive=True):
    field = CUSTOMER.by_key()[key]
    fields.change_standard(SYSTEM, "customers", field, label={}, hidden=False, required=False, sensitive=sensitive)
    db.session.commit()


@pytest.fixture
def one(cast):
    for key in ("level", "phone", "competitor"):
        mark(key)
    made_ = actions.create(cast.rep.actor, {"name": "Acme", "level": "b", "competitor": "Rival"})
    db.session.commit()
    return made_


def customer(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, id_, populate_existing=True)


def waiting(state=State.ASKED):
    statement = select(PendingChange).where(PendingChange.state == state).order_by(PendingChange.id)
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()


def words(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


BASICS = {"name": "Acme", "type": "company"}
BELONGING = {"competitor": "Rival"}


def ask(browser, id_, **values):
    return browser.post(f"/customers/{id_}/sections/basics", BASICS | values)


def test_what_is_sensitive_waits_and_the_rest_is_saved_at_once(as_, one):
    assert customer(one).level == "b", "a new record has its values at once"
    assert ask(as_.rep, one, name="Beta", level="a").status_code == 303
    assert (customer(one).name, customer(one).level) == ("Beta", "b")
    page = words(as_.rep.get(f"/customers/{one}"))
    assert "Kept for confirmation by a second person: Level" in page
    assert re.search(r"<b>Level</b>: <del>B[^<]*</del>.*?<ins>A[^<]*</ins>", page)
    assert "Asked for by Sam 王" in page
    assert "asked for a change that a second person must confirm" in page
    assert '/confirmation"' not in page, "nobody confirms for himself"
    assert "/withdrawal" in page


def test_the_part_of_the_page_tells_it_too(as_, one):
    form = BASICS | {"level": "a"}
    part = words(as_.rep.post(f"/customers/{one}/sections/basics", form, htmx="section#section-basics"))
    assert "Kept for confirmation" in part
    assert re.search(r'id="waiting" hx-swap-oob="true">\s*<section', part)


def test_a_manager_confirms_it_from_the_list(as_, cast, one):
    ask(as_.rep, one, level="a")
    (pending,) = waiting()
    page = words(as_.manager.get("/confirmations"))
    assert "Acme" in page
    assert 'href="/confirmations"' in page, "it stands in the menu"
    place = as_.manager.post(f"/confirmations/{pending.id}/confirmation", {"back": "list"}).location
    assert place == "/confirmations"
    assert customer(one).level == "a"
    assert [(each.decided_by_id, each.after) for each in waiting(State.CONFIRMED)] == [(cast.manager.id, None)]
    assert "confirmed a change that Sam 王 had asked for" in words(as_.rep.get(f"/customers/{one}/timeline"))
    assert "confirmed a change that Sam 王 had asked for" in words(as_.auditor.get("/audit"))
    again = as_.administrator.post(f"/confirmations/{pending.id}/confirmation")
    assert again.location == f"/customers/{one}"
    assert "does not wait any more" in words(as_.administrator.get(again.location))


@pytest.mark.parametrize("who", ["rep", "other_rep", "agent", "marketer", "auditor", "outsider"])
def test_nobody_else_decides(as_, cast, one, who):
    ask(as_.rep, one, level="a")
    (pending,) = waiting()
    for what in ("confirmation", "refusal"):
        assert getattr(as_, who).post(f"/confirmations/{pending.id}/{what}").status_code in (403, 404)
    if who != "rep":
        assert getattr(as_, who).post(f"/confirmations/{pending.id}/withdrawal").status_code in (403, 404, 409)
    assert (customer(one).level, len(waiting())) == ("b", 1)


def test_not_even_somebody_with_the_right_confirms_for_himself(as_, cast, one):
    ask(as_.manager, one, level="a")
    (pending,) = waiting()
    answer = as_.manager.post(f"/confirmations/{pending.id}/confirmation")
    assert "A second person decides" in words(answer, 422)
    assert as_.manager.post(f"/confirmations/{pending.id}/refusal").status_code == 409
    assert as_.administrator.post(f"/confirmations/{pending.id}/confirmation").status_code == 303
    assert customer(one).level == "a"


def test_refused_with_a_reason_and_withdrawn(as_, one):
    ask(as_.rep, one, level="a")
    as_.manager.post(f"/confirmations/{waiting()[0].id}/refusal", {"reason": "Not yet."})
    page = words(as_.rep.get(f"/customers/{one}/timeline"))
    assert "refused a change that Sam 王 had asked for. Not yet." in page
    ask(as_.rep, one, level="c")
    as_.rep.post(f"/confirmations/{waiting()[0].id}/withdrawal")
    assert "withdrew a change" in words(as_.rep.get(f"/customers/{one}/timeline"))
    assert (customer(one).level, waiting()) == ("b", [])


def test_asking_again_asks_for_something_else_and_for_what_is_there_for_nothing(as_, one):
    ask(as_.rep, one, level="a")
    ask(as_.rep, one, level="c")
    assert [each.after for each in waiting()] == ["c"]
    ask(as_.administrator, one, level="a")
    assert [each.after for each in waiting()] == ["c", "a"], "another person's wish is another wish"
    ask(as_.rep, one, level="b")
    assert [each.after for each in waiting()] == ["a"]


def test_changed_meanwhile_both_are_shown_before_it_is_confirmed(as_, one):
    ask(as_.rep, one, level="a")
    ask(as_.manager, one, level="c")
    first, second = waiting()
    as_.manager.post(f"/confirmations/{first.id}/confirmation")
    page = words(as_.administrator.post(f"/confirmations/{second.id}/confirmation"), 409)
    assert "look at both" in page
    seen = re.search(r'name="seen" value="(\d+)"', page).group(1)
    customer(one).version += 1
    db.session.commit()
    again = as_.administrator.post(f"/confirmations/{second.id}/confirmation", {"seen": seen})
    assert again.status_code == 409, "changed once more"
    seen = re.search(r'name="seen" value="(\d+)"', words(again, 409)).group(1)
    assert as_.administrator.post(f"/confirmations/{second.id}/confirmation", {"seen": seen}).status_code == 303
    assert customer(one).level == "c"


def test_what_cannot_be_any_more_is_said_when_it_is_confirmed(as_, cast, one):
    field = made(cast.administrator.actor, FieldKind.TEXT, is_unique=True, sensitive=True)
    as_.rep.post(f"/customers/{one}/sections/belonging", BELONGING | {field.key: "42"})
    (pending,) = waiting()
    actions.create(cast.other_rep.actor, {"name": "Other", field.key: "42"})
    db.session.commit()
    assert "in another record already" in words(as_.manager.post(f"/confirmations/{pending.id}/confirmation"), 422)
    assert len(waiting()) == 1


def test_values_are_told_by_the_readers_right_to_the_field(as_, cast, one):
    as_.rep.post(f"/customers/{one}/sections/reach", {"phone": "13800138765"})
    (pending,) = waiting()
    assert "138 0013 8765" in words(as_.manager.get("/confirmations"))
    assert "138 0013 8765" in words(as_.agent.get(f"/customers/{one}"))
    assert "8765" not in words(as_.marketer.get(f"/customers/{one}"))
    assert as_.marketer.get(f"/confirmations/{pending.id}").status_code == 404
    assert as_.other_rep.get(f"/confirmations/{pending.id}").status_code == 404
    give_roles(SYSTEM, cast.other_rep, [ready_made("sales_manager")])
    db.session.commit()
    page = words(as_.other_rep.get("/confirmations"))
    assert "Nothing waits" in page, "of a record that is not theirs"
    as_.manager.post(f"/confirmations/{pending.id}/confirmation")
    assert (customer(one).phone, customer(one).phone_original) == ("+8613800138765", "13800138765")


def test_an_import_leaves_it_waiting_and_its_report_counts(as_, one):
    rows = "name,Level,Competitor,Source\nAcme,A,Rival,\nNew,C,,\n"
    place = as_.rep.post("/imports/", {"file": (io.BytesIO(rows.encode()), "a.csv")}).location
    sweep()
    as_.rep.post(f"{place}/mapping", {"column-0": "name", "column-1": "level", "column-2": "competitor"})
    sweep()
    as_.rep.post(f"{place}/run", {"duplicates": "update"})
    sweep()
    assert customer(one).level == "b"
    assert [(each.field, each.before, each.after) for each in waiting()] == [("level", "b", "a")]
    assert "1 changes of sensitive fields wait" in words(as_.rep.get(f"{place}/report"))
    with unscoped("a test looks at everything"):
        assert db.session.scalar(select(Customer.level).where(Customer.name == "New")) == "c"


def test_a_change_of_many_records_accounts_for_what_waits_and_takes_it_back(as_, cast, one):
    actions.create(cast.rep.actor, {"name": "Second", "level": "a"})
    db.session.commit()
    place = as_.rep.post("/bulk/customers", {"all": "1", "what": "edit:level", "level": "a"}).location
    bulk_jobs.sweep()
    assert "waiting for confirmation" in words(as_.rep.get(place))
    assert "Acme" in words(as_.rep.get(f"{place}/records/waiting"))
    assert (customer(one).level, len(waiting())) == ("b", 1)
    as_.rep.post(f"{place}/undoing")
    bulk_jobs.sweep()
    assert waiting() == []


def test_an_encrypted_value_waits_encrypted_and_gets_a_new_key(as_, cast, one):
    field = made(cast.administrator.actor, FieldKind.ENCRYPTED, sensitive=True)
    as_.rep.post(f"/customers/{one}/sections/belonging", BELONGING | {field.key: "Xq7-geheim"})
    (pending,) = waiting()
    assert opened("customers.x_own_field", pending.after) == "Xq7-geheim"
    assert "Xq7-geheim" in words(as_.manager.get("/confirmations"))
    path = vault._vault.path
    kept = path.read_text()
    try:
        new = vault.add_key()
        rotation.start(SYSTEM)
        db.session.commit()
        encrypt_anew()
        assert waiting()[0].after.startswith(new.id)
        as_.manager.post(f"/confirmations/{pending.id}/confirmation")
        assert opened("customers.x_own_field", customer(one).custom[field.key]) == "Xq7-geheim"
    finally:
        path.write_text(kept)
        vault._vault.read_at = (0, 0)


def test_a_field_is_made_sensitive_in_the_browser_and_stays_so_while_anything_waits(as_, cast, one):
    address = "/admin/fields/of/customers/standard/level"
    assert re.search(r'name="sensitive"[^>]*checked', words(as_.administrator.get(address)))
    ask(as_.rep, one, level="a")
    refused = as_.administrator.post(address, {"label-en": "", "label-zh_CN": ""})
    assert "1 changes of this field wait" in words(refused, 422)
    as_.rep.post(f"/confirmations/{waiting()[0].id}/withdrawal")
    assert as_.administrator.post(address, {"label-en": "", "label-zh_CN": ""}).status_code == 303
    ask(as_.rep, one, level="a")
    assert customer(one).level == "a"
    form = {"kind": "text", "section": "basics", "label-en": "Bank", "label-zh_CN": "", "sensitive": "1"}
    assert as_.administrator.post("/admin/fields/of/customers", form).status_code == 303
    assert "when a second person has confirmed it" in words(as_.rep.get("/customers/new"))


def test_without_sensitive_fields_the_menu_has_no_place_for_it(as_, cast):
    assert 'href="/confirmations"' not in words(as_.administrator.get("/customers/"))
    assert "Nothing waits" in words(as_.administrator.get("/confirmations"))


def test_a_cell_of_the_list_tells_that_it_waits(as_, one):
    answer = as_.rep.post(f"/cells/customers/{one}/level", {"level": "a"}, htmx="x")
    assert "Kept for confirmation by a second person: Level" in words(answer)
    assert (customer(one).level, len(waiting())) == ("b", 1)
    assert as_.rep.post(f"/cells/customers/{one}/level", {"level": "c"}).status_code == 303
    assert "Kept for confirmation" in words(as_.rep.get("/customers/"))


def test_what_a_link_leads_to_is_not_taken_for_nothing(as_, cast, one):
    """A parent that whoever confirms may not see is said to be something; one that is gone by then, to be gone."""
    mark("parent")
    hers = actions.create(cast.other_rep.actor, {"name": "Hers"})
    db.session.add(PendingChange(subject_type="customers", subject_id=one, field="parent", after=hers))
    db.session.commit()
    (pending,) = waiting()
    page = words(as_.manager.get("/confirmations"))
    assert "something you cannot see" in page
    assert "Hers" not in page
    db.session.execute(update(PendingChange).values(after=10**9))
    db.session.commit()
    page = words(as_.manager.post(f"/confirmations/{pending.id}/confirmation"), 422)
    assert "something it refers to was removed" in page
    assert len(waiting()) == 1
