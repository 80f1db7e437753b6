"""What administrators shape around tickets."""

from sqlalchemy import select

from crm.domain.tickets.models import TicketMacro, TicketTeam, TicketTopic
from crm.infra.db import db
from tests.domain.tickets.conftest import made, service

__all__ = ["service"]
ROOT = "/admin/tickets"


def topic(label):
    return db.session.scalars(select(TicketTopic).where(TicketTopic.label["en"].astext == label)).one()


def test_only_administrators(as_, cast):
    for path in ("/types", "/categories", "/teams", "/macros", "/macros/new"):
        assert as_.manager.get(ROOT + path).status_code == 403
        assert as_.administrator.get(ROOT + path).status_code == 200


def test_a_type_is_made_renamed_retired_and_brought_back(as_, cast, service):
    db.session.commit()
    ada = as_.administrator
    ada.post(f"{ROOT}/types", {"label-en": "Praise", "label-zh_CN": "表扬", "names": "Compliment", "tone": "ok"})
    one = topic("Praise")
    assert (one.code, one.names) == ("praise", ["Compliment"])
    assert "Praise" in as_.rep.get("/tickets/new").text
    ada.post(f"{ROOT}/types/{one.id}", {"label-en": "Thanks", "label-zh_CN": "表扬", "tone": "ok", "version": 1})
    assert "Praise" in topic("Thanks").names
    ticket = made(cast.rep, type="praise")
    db.session.commit()
    ada.post(f"{ROOT}/types/{one.id}/retirement")
    assert "Thanks" not in as_.rep.get("/tickets/new").text
    assert "Thanks" in as_.rep.get(f"/tickets/{ticket.id}").text
    ada.post(f"{ROOT}/types/{one.id}/return")
    assert "Thanks" in as_.rep.get("/tickets/new").text


def test_the_last_type_stays(as_, cast):
    every = db.session.scalars(select(TicketTopic.id).where(TicketTopic.kind == "type")).all()
    answers = [as_.administrator.post(f"{ROOT}/types/{each}/retirement").status_code for each in every]
    assert answers == [303] * (len(every) - 1) + [409]


def test_categories_are_a_tree_found_by_name_and_filtered_with_what_is_below(as_, cast, service):
    db.session.commit()
    ada = as_.administrator
    ada.post(f"{ROOT}/categories", {"label-en": "Hardware", "label-zh_CN": "硬件"})
    ada.post(f"{ROOT}/categories", {"label-en": "Printer", "above": "001"})
    ada.post(f"{ROOT}/categories", {"label-en": "Software"})
    assert [topic(each).code for each in ("Hardware", "Printer", "Software")] == ["001", "001001", "002"]
    assert ada.post(f"{ROOT}/categories", {"label-en": "a/b"}).status_code == 422
    assert ada.post(f"{ROOT}/categories", {"label-en": "x", "above": "009"}).status_code == 422
    made(cast.rep, name="Smoke", category="001001")
    made(cast.rep, name="Crash", category="002")
    db.session.commit()
    page = as_.rep.get("/tickets/?category__within=Hardware").text
    assert "Smoke" in page and "Crash" not in page
    assert "Hardware / Printer" in as_.rep.get("/lookup/category?q=print").text
    ada.post(f"{ROOT}/categories/{topic('Hardware').id}/retirement")
    assert "Printer" not in as_.rep.get("/lookup/category?q=print").text


def test_a_department_gets_a_queue_and_loses_it(as_, cast):
    ada, north = as_.administrator, cast.manager.department_id
    wrong = ada.post(f"{ROOT}/teams", {"department": north, "way": "turns", "p0": "sam@example.com"})
    assert wrong.status_code == 422  # Sam works elsewhere
    assert ada.post(f"{ROOT}/teams", {"department": "", "way": "claim"}).status_code == 422
    ada.post(f"{ROOT}/teams", {"department": north, "way": "turns", "p0": "max@example.com"})
    team = db.session.scalars(select(TicketTeam)).one()
    assert (team.way, team.people) == ("turns", [cast.manager.id])
    assert made(cast.rep).owner_id == cast.manager.id
    ada.post(f"{ROOT}/teams", {"department": cast.rep.department_id, "way": "claim"})
    ada.post(f"{ROOT}/teams/{cast.rep.department_id}/first")
    assert made(cast.other_rep).department_id == cast.rep.department_id
    one = topic("Repair")
    ada.post(f"{ROOT}/types/{one.id}", {"label-en": "Repair", "team": north, "version": 1})
    assert ada.post(f"{ROOT}/teams/{north}/end").status_code == 409
    assert ada.post(f"{ROOT}/teams/{cast.rep.department_id}/end").status_code == 303


def test_macros_are_written_and_removed(as_, cast):
    ada = as_.administrator
    assert ada.post(f"{ROOT}/macros", {"name": "x", "body-en": "Hi {{nobody}}"}).status_code == 422
    assert ada.post(f"{ROOT}/macros", {"name": "x"}).status_code == 422
    ada.post(f"{ROOT}/macros", {"name": "Thanks", "body-en": "Dear {{contact}}", "public": "1", "status": "waiting"})
    one = db.session.scalars(select(TicketMacro)).one()
    assert (one.public, one.status, one.body) == (True, "waiting", {"en": "Dear {{contact}}"})
    ada.post(f"{ROOT}/macros/{one.id}", {"name": "Thanks", "body-en": "Dear {{contact}},", "version": 1})
    assert db.session.get(TicketMacro, one.id).public is False
    ada.post(f"{ROOT}/macros/{one.id}/retirement")
    assert ada.get(f"{ROOT}/macros/{one.id}").status_code == 404


def test_of_two_who_change_the_same_the_second_is_told(as_, cast):
    ada = as_.administrator
    ada.post(f"{ROOT}/categories", {"label-en": "Hardware"})
    ada.post(f"{ROOT}/macros", {"name": "Bye", "body-en": "Bye."})
    category, macro = topic("Hardware"), db.session.scalars(select(TicketMacro)).one()
    for path, theirs, ours in (
        (f"types/{topic('Repair').id}", {"label-en": "Mending"}, {"label-en": "Fixing"}),
        (f"categories/{category.id}", {"label-en": "Machines"}, {"label-en": "Devices"}),
        (f"macros/{macro.id}", {"name": "Bye", "body-en": "Farewell."}, {"name": "Bye", "body-en": "So long."}),
    ):
        assert 'name="version" value="1"' in ada.get(f"{ROOT}/{path}").text
        assert ada.post(f"{ROOT}/{path}", theirs | {"version": 1}).status_code == 303
        for seen in ({"version": 1}, {}, {"version": "x"}):
            late = ada.post(f"{ROOT}/{path}", ours | seen)
            assert late.status_code == 409 and "Somebody else has changed this" in late.text
            assert all(each in late.text for each in ours.values())
        assert 'name="version" value="2"' in late.text  # whoever saves again now has been told
        assert all(each in ada.get(f"{ROOT}/{path}").text for each in theirs.values())
        assert ada.post(f"{ROOT}/{path}", ours | {"version": 2}).status_code == 303
