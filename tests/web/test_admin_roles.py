"""Roles are made and changed in the browser by forms alone, and what they say is obeyed with the next request."""

import re

import pytest
from sqlalchemy import select

from crm.domain.customers import actions
from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Role
from crm.domain.people.queries import ready_made
from crm.domain.people.roles import ADMINISTRATOR
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission

P = Permission


def words(answer):
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def as_shown(page):
    """What a browser would send if nothing were changed."""
    form = {}
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', page, re.S):
        form[name] = re.search(r'value="([^"]*)" selected', inside).group(1)
    form["special"] = re.findall(r'name="special" value="([^"]+)" checked', page)
    form["name"] = re.search(r'name="name"[^>]* value="([^"]*)"', page).group(1)
    return form


def test_the_editor_says_what_the_role_says(as_, cast):
    for key in ("sales_rep", "marketing", "auditor", "everyone"):
        role = ready_made(key)
        before = (role.name, role.reach, role.fields)
        form = as_shown(words(as_.administrator.get(f"/admin/roles/{role.id}")))
        assert as_.administrator.post(f"/admin/roles/{role.id}", form).status_code == 303
        assert (role.name, role.reach, role.fields) == before, "saved as shown, nothing changes"
    assert not db.session.scalars(select(Event).filter_by(name="role.changed")).all()


def test_a_change_is_obeyed_with_the_next_request(as_, cast):
    customer = actions.create(cast.rep.actor, {"name": "Seen", "phone": "+8613800138765"})
    db.session.commit()
    assert as_.other_rep.get(f"/customers/{customer}").status_code == 404
    role = ready_made("sales_rep")
    form = as_shown(words(as_.administrator.get(f"/admin/roles/{role.id}")))
    form |= {"reach-customers:read": "ALL", "reach-customers:delete": "NONE", "field-customers-phone": "HIDDEN"}
    form |= {"special": [P.SYSTEM_AUDIT.value], "name": "Seller"}
    assert as_.administrator.post(f"/admin/roles/{role.id}", form).status_code == 303
    page = words(as_.other_rep.get(f"/customers/{customer}"))
    assert "8765" not in page
    assert as_.other_rep.get("/customers/bin").status_code == 403
    actor = cast.other_rep.actor
    assert (actor.may(P.SYSTEM_AUDIT), actor.right_to("customers", "phone")) == (True, FieldRight.HIDDEN)
    assert role.name == "Seller"


def test_what_a_record_is_known_by_is_not_offered(as_, cast):
    role = ready_made("sales_rep")
    page = words(as_.administrator.get(f"/admin/roles/{role.id}"))
    assert "field-customers-phone" in page
    assert "field-customers-name" not in page
    as_.administrator.post(f"/admin/roles/{role.id}", {"name": "x", "field-customers-name": "HIDDEN"})
    assert role.fields == {}


def test_a_field_of_ones_own_is_offered_whatever_the_reader_is_kept_from(as_, cast):
    """Also to somebody who administers and may not see the field themselves."""
    made = fields.make(SYSTEM, "customers", Draft({"en": "Shoe size"}, FieldKind.TEXT, "basics"))
    role = ready_made("sales_rep")
    granting.change_role(
        SYSTEM,
        role,
        name="",
        reach={P.CUSTOMERS_READ: Reach.OWN, P.SYSTEM_ADMINISTER: Reach.ALL},
        fields={"customers": {"phone": FieldRight.HIDDEN}},
    )
    db.session.commit()
    page = words(as_.rep.get(f"/admin/roles/{role.id}"))
    assert "Shoe size" in page
    form = as_shown(page)
    assert form["field-customers-phone"] == "HIDDEN"
    as_.rep.post(f"/admin/roles/{role.id}", form | {f"field-customers-{made.key}": "MASKED"})
    assert role.fields == {"customers": {"phone": "HIDDEN", made.key: "MASKED"}}


def test_what_the_form_does_not_mention_stays(as_, cast):
    """A field or an action that came to be while the form was open."""
    role = ready_made("marketing")
    before = (role.reach, role.fields)
    as_.administrator.post(f"/admin/roles/{role.id}", {"name": "Marketing"})
    assert (role.reach, role.fields) == before


def test_a_role_begins_as_a_copy(as_, cast):
    like = ready_made("marketing")
    answer = as_.administrator.post("/admin/roles", {"name": "Fairs", "like": like.id})
    made = db.session.scalars(select(Role).where(Role.name == "Fairs")).one()
    assert answer.location == f"/admin/roles/{made.id}"
    assert (made.reach, made.fields, made.key) == (like.reach, like.fields, None)
    assert as_.administrator.post("/admin/roles", {"name": " "}).status_code == 422
    assert as_.administrator.post("/admin/roles", {"name": "x" * 101}).status_code == 422


def test_a_retired_role_gives_nothing_until_it_is_brought_back(as_, cast):
    role = ready_made("sales_rep")
    assert as_.rep.get("/customers/").status_code == 200
    as_.administrator.post(f"/admin/roles/{role.id}/retirement")
    assert as_.rep.get("/customers/").status_code == 403
    assert as_.administrator.get(f"/admin/roles/{role.id}").status_code == 200
    as_.administrator.post(f"/admin/roles/{role.id}/restoration")
    assert as_.rep.get("/customers/").status_code == 200


@pytest.mark.parametrize("key", [ADMINISTRATOR, "everyone"])
def test_some_roles_cannot_be_retired(as_, cast, key):
    role = ready_made(key)
    assert as_.administrator.post(f"/admin/roles/{role.id}/retirement").status_code == 409
    assert role.retired_at is None


def test_the_administrators_own_is_shown_and_cannot_be_changed(as_, cast):
    role = ready_made(ADMINISTRATOR)
    page = words(as_.administrator.get(f"/admin/roles/{role.id}"))
    assert "<fieldset" in page and " disabled>" in page
    assert "Save role" not in page
    answer = as_.administrator.post(f"/admin/roles/{role.id}", as_shown(page) | {"reach-customers:read": "NONE"})
    assert answer.status_code == 409
    assert cast.administrator.actor.reach_of(P.CUSTOMERS_READ) is Reach.ALL


def test_effective_rights_say_what_results_and_from_where(as_, cast):
    granting.give_roles(SYSTEM, cast.marketer, [ready_made("marketing"), ready_made("sales_rep")])
    db.session.commit()
    page = re.sub(r"\s+", " ", words(as_.administrator.get(f"/admin/people/{cast.marketer.id}/rights")))
    see = re.search(r'<td class="strong">See</td> <td class="side">([^<]*)</td> <td>(.*?)</td>', page)
    assert (see.group(1), see.group(2)) == ("all", "Sales rep: own<br>Marketing: all")
    assert ">hidden<" not in page, "the rep's role opens what marketing hides"
    granting.give_roles(SYSTEM, cast.marketer, [ready_made("marketing")])
    db.session.commit()
    page = re.sub(r"\s+", " ", words(as_.administrator.get(f"/admin/people/{cast.marketer.id}/rights")))
    phone = '<td class="strong">Phone</td> <td class="side">hidden</td> <td>Marketing: hidden</td>'
    assert phone in page
    assert "Read the audit log" in words(as_.administrator.get(f"/admin/people/{cast.auditor.id}/rights"))
