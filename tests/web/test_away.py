"""Who is away, and who leads a department."""

import datetime as dt

from crm.domain.people.models import Department
from crm.domain.people.standing_in import there_for
from crm.infra.db import db
from crm.kernel.company import company


def test_whoever_is_away_says_so_and_whoever_leads_their_department_stands_in(as_, cast):
    ada, north = as_.administrator, cast.manager.department_id
    assert ada.post(f"/admin/departments/{north}", {"name": "North", "head": "nobody at all"}).status_code == 422
    ada.post(f"/admin/departments/{north}", {"name": "North", "head": "max@example.com"})
    assert db.session.get(Department, north).head_id == cast.manager.id
    assert "Max Manager" in ada.get(f"/admin/departments/{north}").text
    assert there_for(cast.rep.id) == cast.rep.id
    until = company.today() + dt.timedelta(days=3)
    assert as_.rep.post("/account/away", {"until": "yesterday"}).status_code == 422
    assert as_.rep.post("/account/away", {"until": "2020-01-01"}).status_code == 422
    as_.rep.post("/account/away", {"until": str(until)})
    assert cast.rep.away_until == until
    assert there_for(cast.rep.id) == cast.manager.id
    assert "You are away until" in as_.rep.get("/account/away").text
    as_.rep.post("/account/away", {"until": ""})
    assert there_for(cast.rep.id) == cast.rep.id


def test_a_head_who_is_away_too_is_passed_over(as_, cast):
    north_east = db.session.get(Department, cast.rep.department_id)
    db.session.get(Department, cast.manager.department_id).head_id = cast.manager.id
    north_east.head_id = cast.rep.id
    cast.rep.away_until = company.today()
    db.session.flush()
    assert there_for(cast.rep.id) == cast.manager.id
    cast.manager.away_until = company.today()
    db.session.flush()
    assert there_for(cast.rep.id) == cast.rep.id  # nobody is there


def test_an_account_that_is_closed_stands_in_for_nobody(cast):
    cast.rep.active = False
    db.session.flush()
    assert there_for(cast.rep.id) is None  # nobody leads the department
    db.session.get(Department, cast.manager.department_id).head_id = cast.manager.id
    db.session.flush()
    assert there_for(cast.rep.id) == cast.manager.id
    cast.manager.active = False
    db.session.flush()
    assert there_for(cast.rep.id) is None
    assert there_for(0) is None
