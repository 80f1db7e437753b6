"""A list taken away as a file: what it holds, who may, how much, and what is refused with a sentence."""

import datetime as dt
import io
import re

import pytest
from sqlalchemy import select, update

from crm.domain.customers.record_type import CUSTOMER
from crm.domain.exports import actions, rows
from crm.domain.exports.models import Export
from crm.domain.notifications.models import Notification
from crm.domain.people import granting, structure
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.registry import RECORD_TYPES
from crm.domain.tags.shaping import TagDraft
from crm.domain.tags.shaping import change as change_tag
from crm.domain.tags.shaping import make as make_tag
from crm.infra import clock
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs import base
from crm.jobs import exports as jobs
from crm.kernel.access import FieldRight, Reach, unscoped
from crm.kernel.asking import Query
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.modules import ModuleSwitch
from crm.kernel.permissions import Permission
from crm.kernel.shape import reshaped
from tests.domain.fields.making import made
from tests.web.exporting import (
    everything,
    exported,
    fetched,
    newest,
    objects,
    place_of,
    sentence_of,
    sheet,
    table,
    wish,
)

PHONE = "+8613800138765"


@pytest.fixture
def three(cast):
    """Sam's, Mia's and nobody's."""
    wanted = [
        {"name": "=Acme()", "owner": cast.rep.id, "level": "a", "phone": PHONE, "remarks": "one\ntwo"},
        {"name": "Beta", "owner": cast.rep.id, "level": "b", "tags": ["x", "y"]},
        {"name": "Gamma", "owner": cast.other_rep.id, "level": "a"},
    ]
    ids = CUSTOMER.verbs.create_many(cast.administrator.actor, wanted)
    db.session.commit()
    return ids


@pytest.fixture
def role(cast):
    """Given to the outsider; `may(reach, fields, limits)` says what it allows."""
    one = granting.create_role(SYSTEM, name="Taker")
    granting.give_roles(SYSTEM, cast.outsider, [one])

    def may(reach=None, fields=None, limits=None):
        granting.change_role(
            SYSTEM, one, name="", reach=everything() if reach is None else reach, fields=fields or {}, limits=limits
        )
        db.session.commit()

    may()
    return may


def events(name):
    return db.session.scalars(select(Event).where(Event.name == name).order_by(Event.id)).all()


def waits(monkeypatch):
    """What is short becomes a worker's too."""
    monkeypatch.setattr(actions, "AT_ONCE", 0)


def test_tags_leave_by_what_they_are_called_now(as_, cast):
    tag = make_tag(cast.administrator.actor, TagDraft({"en": "Old name"}))
    RECORD_TYPES["customers"].verbs.create_many(cast.rep.actor, [{"name": "Tagged", "tags": [tag.key, "free"]}])
    change_tag(cast.administrator.actor, tag, TagDraft({"en": "High potential"}))
    db.session.commit()
    for format_, said in (("csv", "High potential, free"), ("jsonl", '["High potential","free"]')):
        asked = {"list": "q=Tagged", "field": ["name", "tags"], "names": "labels", "format": format_}
        place = as_.administrator.post("/exports/customers", asked).location.partition("?")[0]
        assert said in as_.administrator.get(f"{place}/file").get_data(as_text=True)


def test_a_short_list_is_there_at_once_as_the_list_shows_it(as_, cast, three):
    answer = wish(as_.administrator, listed="level__is=a&sort=name", fields=["phone", "name", "level"])
    assert answer.status_code == 303 and answer.location.endswith("?now=1")
    assert f'content="0; url={place_of(answer)}/file"' in as_.administrator.get(answer.location).get_data(as_text=True)
    file = as_.administrator.get(f"{place_of(answer)}/file")
    assert re.fullmatch(r"attachment; filename=customers-\d{4}-\d\d-\d\d-\d+\.csv", file.headers["Content-Disposition"])
    assert file.data.startswith(b"\xef\xbb\xbf")
    heading, found, last = table(file.data)
    assert heading == ["Phone", "Full name", "Level"]
    assert found == [["138 0013 8765", "'=Acme()", "A – key"], ["", "Gamma", "A – key"]]
    assert re.fullmatch(
        rf"※ Customers, exported by Ada Admin on .*: 2 of 2 where Level is A – key \(crm-export {newest().id}\)", last
    )


def test_keys_gb18030_and_json_lines(as_, three):
    asked = {"listed": "sort=name", "fields": ["name", "level", "tags", "remarks", "owner"], "names": "keys"}
    heading, found, _ = table(exported(as_.administrator, form="csv_gb", **asked), "gb18030")
    assert heading == ["name", "level", "tags", "remarks", "owner"]
    assert found[0] == ["'=Acme()", "a", "", "one\ntwo", "Sam 王 (sam@example.com)"]
    found, last = objects(exported(as_.administrator, form="jsonl", **asked))
    assert found[1] == {
        "name": "Beta",
        "level": "b",
        "tags": ["x", "y"],
        "remarks": None,
        "owner": "Sam 王 (sam@example.com)",
    }
    assert "exported by Ada Admin" in last


def test_a_workbook_has_typed_cells(as_, cast, three):
    cells = sheet(exported(as_.administrator, form="xlsx", fields=["name", "created", "order_count"]))
    assert cells.freeze_panes == "A2" and cells["B2"].is_date
    assert isinstance(cells["B2"].value, dt.datetime)
    assert cells.column_dimensions["A"].width > 12


def test_the_page_begins_as_the_list_is_and_rearranges_without_writing_anything(as_, three):
    address = "/exports/customers/new?list=level__is%3Da%26cols%3Dphone%2Clevel"
    words = as_.administrator.get(address).get_data(as_text=True)
    assert "Level is A" in words and "2 records" in sentence_of(as_.administrator.get(address))
    checked = re.findall(r'name="field" value="(\w+)" checked', words)
    assert checked == ["name", "phone", "level"]
    moved = wish(as_.administrator, fields=checked, move="up:level")
    assert moved.status_code == 200 and newest() is None
    assert re.findall(r'name="field" value="(\w+)" checked', moved.get_data(as_text=True)) == ["name", "level", "phone"]
    assert re.search(r'value="up:level"[^>]*autofocus', moved.get_data(as_text=True))
    every = wish(as_.administrator, fields=checked, move="all").get_data(as_text=True)
    assert len(re.findall(r'name="field" value="(\w+)" checked', every)) == len(CUSTOMER.list.fields)
    down = wish(as_.administrator, fields=checked, move="down:name").get_data(as_text=True)
    assert re.findall(r'name="field" value="(\w+)" checked', down) == ["phone", "name", "level"]
    only = wish(as_.administrator, fields=checked, move="none").get_data(as_text=True)
    assert re.findall(r'name="field" value="(\w+)" checked', only) == ["name"]


def test_every_list_leads_to_its_export_and_only_for_whoever_may(as_, three):
    words = as_.administrator.get("/customers/?level__is=a&cols=phone").get_data(as_text=True)
    assert 'href="/exports/customers/new?list=level__is%3Da%26cols%3Dphone"' in words
    assert 'href="/exports/"' in words
    words = as_.rep.get("/customers/").get_data(as_text=True)
    assert "/exports/" not in words
    assert as_.rep.get("/exports/customers/new").status_code == 403
    assert wish(as_.rep).status_code == 403
    assert as_.administrator.get("/exports/nothing/new").status_code == 404


def test_only_a_period(as_, cast, three):
    day = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    with unscoped("a test turns the clock back"):
        db.session.execute(update(CUSTOMER.entity).where(CUSTOMER.entity.id == three[0]).values(created_at=day))
    db.session.commit()
    asked = {"period": "created", "since": "2026-03-01", "until": "2026-03-31"}
    _, found, last = table(exported(as_.administrator, **asked))
    assert found == [["'=Acme()"]]
    assert "Created is on or after 2026-03-01 and Created is on or before 2026-03-31" in last
    refused = wish(as_.administrator, since="2026-03-01")
    assert refused.status_code == 422 and "Say which day the period is about" in sentence_of(refused)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"fields": ["name", "salary"]}, "no field called “salary”"),
        ({"fields": []}, "Choose at least one field"),
        ({"form": "pdf"}, "Choose one of the kinds of file"),
        ({"names": "numbers"}, "Choose one of the kinds of file"),
        ({"listed": "salary__is=1"}, "no field called “salary”"),
        ({"listed": "name__during=ever"}, "cannot be filtered by “Full name” in that way"),
        ({"listed": "sort=remarks"}, "cannot be sorted by “Remarks”"),
        ({"period": "created", "since": "soon"}, "is not a date"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence_and_nothing_is_kept(as_, three, wrong, said):
    answer = wish(as_.administrator, **wrong)
    assert answer.status_code == 422 and said in sentence_of(answer)
    assert newest() is None


def test_the_reach_of_exporting_narrows_what_is_seen(as_, cast, role, three):
    own = everything() | {Permission.CUSTOMERS_EXPORT: Reach.OWN}
    role(own)
    _, found, last = table(exported(as_.outsider))
    assert found == [] and ": 0 of 3" in last
    CUSTOMER.verbs.create_many(cast.outsider.actor, [{"name": "Hers"}])
    db.session.commit()
    _, found, last = table(exported(as_.outsider))
    assert found == [["Hers"]] and ": 1 of 4" in last
    north = structure.create_department(SYSTEM, name="Far north")
    db.session.flush()
    db.session.get(Person, cast.outsider.id).department_id = north.id
    role(everything() | {Permission.CUSTOMERS_EXPORT: Reach.DEPARTMENT})
    (two,) = CUSTOMER.verbs.create_many(cast.outsider.actor, [{"name": "Theirs"}])
    db.session.commit()
    _, found, _ = table(exported(as_.outsider, listed="sort=name"))
    assert found == [["Hers"], ["Theirs"]], "what is one's own, wherever it was made, and the department's"


def test_a_masked_field_is_exported_masked_and_a_hidden_one_is_refused(as_, cast, role, three):
    field = made(cast.administrator.actor, FieldKind.ENCRYPTED)
    CUSTOMER.verbs.create_many(cast.administrator.actor, [{"name": "Sealed", field.key: _sealed(field, "Geheim")}])
    role(fields={"customers": {"phone": FieldRight.MASKED, "email": FieldRight.HIDDEN}})
    asked = {"listed": "sort=name", "fields": ["name", "phone", field.key]}
    _, found, _ = table(exported(as_.outsider, **asked))
    assert found[0][1] == "138****8765" and found[-1][2] == "Geheim"
    assert 'value="email"' not in as_.outsider.get("/exports/customers/new").get_data(as_text=True)
    refused = wish(as_.outsider, fields=["name", "email"])
    assert refused.status_code == 422 and "no field called “email”" in sentence_of(refused)
    refused = wish(as_.outsider, listed="phone__is=13800138765")
    assert refused.status_code == 422 and "cannot be filtered by “Phone”" in sentence_of(refused)
    role(fields={"customers": {field.key: FieldRight.MASKED, "owner": FieldRight.MASKED}})
    found, _ = objects(exported(as_.outsider, form="jsonl", **asked | {"fields": ["name", field.key, "owner"]}))
    assert found[-1][field.label["en"]] == "••••" and found[0]["Owner"] == "S****"


def _sealed(field, text):
    from crm.kernel.sealed import seal

    return seal(f"customers.{field.key}", text)


def test_rights_are_asked_anew_when_a_worker_writes_it(as_, role, three, monkeypatch):
    waits(monkeypatch)
    place = place_of(wish(as_.outsider, listed="sort=name", fields=["name", "email", "phone"]))
    role(fields={"customers": {"email": FieldRight.HIDDEN, "phone": FieldRight.MASKED}})
    assert jobs.write_waiting() == 1
    heading, found, _ = table(fetched(as_.outsider, place))
    assert heading == ["Full name", "Phone"] and found[0][1] == "138****8765"
    place = place_of(wish(as_.outsider, listed="level__is=a"))
    role(fields={"customers": {"level": FieldRight.HIDDEN}})
    assert jobs.write_waiting() == 1
    words = as_.outsider.get(place).get_data(as_text=True)
    assert "There is no field called “level”" in words, "rather nothing than more than was asked for"
    place = place_of(wish(as_.outsider))
    role(everything("customers"))
    assert jobs.write_waiting() == 1
    assert newest().storage_key is None
    assert "You may not export these records" in sentence_of(as_.outsider.get(place))
    told = db.session.scalars(select(Notification.kind).order_by(Notification.id)).all()
    assert told == ["exported", "not_exported", "not_exported"]
    assert "Your export stopped: customers-" in sentence_of(as_.outsider.get("/notifications/"))


@pytest.mark.parametrize(
    "less",
    [
        {"reach": "none"},
        {"reach": "own"},
        {"fields": {"customers": {"phone": FieldRight.MASKED}}},
        {"fields": {"customers": {"phone": FieldRight.HIDDEN}}},
    ],
    ids=["no right", "less reach", "masked", "hidden"],
)
def test_rights_are_asked_anew_when_it_is_fetched(as_, role, three, less):
    place = place_of(wish(as_.outsider, fields=["name", "phone"]))
    fetched(as_.outsider, place)
    reach = {"none": everything("customers"), "own": everything() | {Permission.CUSTOMERS_READ: Reach.OWN}}
    role(reach.get(less.get("reach")), less.get("fields"))
    refused = as_.outsider.get(f"{place}/file")
    assert refused.status_code == 409
    assert "may see less than it holds" in sentence_of(refused) or "may not export" in sentence_of(refused)
    assert "Save the file" not in as_.outsider.get(place).get_data(as_text=True)
    role()
    fetched(as_.outsider, place)


def test_nobody_else_has_it_not_even_through_ones_eyes(app, as_, cast, three):
    place = place_of(wish(as_.administrator))
    for who in (as_.manager, as_.auditor):
        for further in ("", "/file", "/progress", "/stream"):
            assert who.get(place + further).status_code == 404
    manager = place_of(wish(as_.manager))
    as_.administrator.post(f"/admin/people/{cast.manager.id}/viewing")
    assert as_.administrator.get(f"{manager}/file").status_code in (403, 404)


def test_limits_of_roles(as_, cast, role, three, monkeypatch):
    role(limits={"export_rows": 2, "exports_a_day": 2})
    page = sentence_of(as_.outsider.get("/exports/customers/new"))
    assert "allow 2 rows in one export" in page and "allow 2 exports a day" in page
    refused = wish(as_.outsider)
    assert refused.status_code == 422 and "allow 2 rows in one export, and these are more" in sentence_of(refused)
    exported(as_.outsider, listed="level__is=a")
    waits(monkeypatch)
    place = place_of(wish(as_.outsider, listed="level__is=a"))
    CUSTOMER.verbs.create_many(cast.administrator.actor, [{"name": "One more", "level": "a"}])
    db.session.commit()
    assert jobs.write_waiting() == 1
    assert "and these are more" in sentence_of(as_.outsider.get(place)), "asked again when it is written"
    refused = wish(as_.outsider, listed="level__is=b")
    assert refused.status_code == 422 and "2 exports a day, and today there were as many" in sentence_of(refused)
    db.session.execute(update(Export).values(created_at=clock.now() - dt.timedelta(days=2)))
    db.session.commit()
    assert wish(as_.outsider, listed="level__is=b").status_code == 303
    generous = granting.create_role(SYSTEM, name="Generous")
    granting.change_role(
        SYSTEM, generous, name="", reach={Permission.CUSTOMERS_EXPORT: Reach.ALL}, fields={}, limits={"export_rows": 9}
    )
    silent = granting.create_role(SYSTEM, name="Without exports, so without a say")
    granting.give_roles(SYSTEM, cast.outsider, [_role("Taker"), generous, silent])
    db.session.commit()
    assert wish(as_.outsider).status_code == 303, "the most generous of several counts"


def _role(name):
    from crm.domain.people.models import Role

    return db.session.scalars(select(Role).filter_by(name=name)).one()


def test_administrators_set_limits_on_the_page_of_a_role(as_, cast, role):
    one = _role("Taker")
    page = as_.administrator.get(f"/admin/roles/{one.id}").get_data(as_text=True)
    assert 'name="limit-export_rows"' in page and 'name="limit-exports_a_day"' in page
    as_.administrator.post(f"/admin/roles/{one.id}", {"limit-export_rows": "5000", "limit-exports_a_day": ""})
    assert db.session.get(type(one), one.id, populate_existing=True).limits == {"export_rows": 5000}
    (told,) = [each.payload["changes"] for each in events("role.changed") if "limits" in each.payload["changes"]]
    assert told["limits"] == [{}, {"export_rows": 5000}]
    refused = as_.administrator.post(f"/admin/roles/{one.id}", {"limit-export_rows": "many"})
    assert refused.status_code == 422 and "“many” is no limit" in sentence_of(refused)
    as_.administrator.post(f"/admin/roles/{one.id}", {"limit-export_rows": ""})
    assert db.session.get(type(one), one.id, populate_existing=True).limits == {}


def test_every_export_is_in_the_log_with_who_what_and_why(as_, cast, three, monkeypatch):
    wish(as_.administrator, listed="level__is=a", fields=["name", "phone"], reason="For the fair")
    waits(monkeypatch)
    wish(as_.administrator, fields=["name"], form="xlsx")
    jobs.write_waiting()
    first, second = events("export.written")
    assert (first.actor_id, first.subject_type, first.reason) == (cast.administrator.id, "exports", "For the fair")
    assert {key: first.payload[key] for key in ("record_type", "columns", "conditions", "asked", "format", "rows")} == {
        "record_type": "customers",
        "columns": ["name", "phone"],
        "conditions": ["level__is=a"],
        "asked": ["Level is A – key"],
        "format": "csv",
        "rows": 2,
    }
    assert second.payload["rows"] == 3 and len(events("export.asked")) == 1
    words = sentence_of(as_.auditor.get("/audit?type=exports"))
    assert "took 2 records away as a file (csv)" in words and "For the fair" in words and "name, phone" in words
    assert "Level is A – key" in words


def test_what_is_looked_for_in_encrypted_fields_stays_sealed(as_, cast, three):
    field = made(cast.administrator.actor, FieldKind.ENCRYPTED)
    CUSTOMER.verbs.create_many(cast.administrator.actor, [{"name": "Sealed", field.key: _sealed(field, "Geheim")}])
    db.session.commit()
    _, found, last = table(exported(as_.administrator, listed=f"{field.key}__exactly=Geheim"))
    assert found == [["Sealed"]] and "is exactly Geheim" in last
    assert events("export.written")[-1].payload["asked"] == ["Own field is exactly ••••"]
    assert "Geheim" not in str(newest().asked) and "Geheim" not in str(events("export.written")[-1].payload)


def test_a_long_one_is_a_workers_with_progress_and_a_notice(as_, cast, three, monkeypatch):
    waits(monkeypatch)
    place = place_of(wish(as_.administrator, form="xlsx"))
    page = as_.administrator.get(place).get_data(as_text=True)
    assert "Waiting for its turn" in page and f'hx-sse:connect="{place}/stream"' in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page
    assert 'hx-trigger="every 2s"' in as_.administrator.get(f"{place}/progress").get_data(as_text=True)
    assert as_.administrator.get(f"{place}/file").status_code == 404
    assert jobs.write_waiting() == 1 and jobs.write_waiting() == 0
    page = as_.administrator.get(place).get_data(as_text=True)
    assert "Save the file" in page and ">3<" in page
    told = as_.administrator.get("/notifications/").get_data(as_text=True)
    assert "Your export is ready: customers-" in told and f'href="{place}"' in told
    assert "Your export" not in as_.manager.get("/notifications/").get_data(as_text=True)
    listed = as_.administrator.get("/exports/").get_data(as_text=True)
    assert newest().filename in listed and "ready" in listed


def test_rows_are_read_a_batch_at_a_time(cast, three, monkeypatch):
    monkeypatch.setattr(rows, "BATCH", 2)
    type_ = CUSTOMER.open_to(cast.administrator.actor)
    found = rows.batches(cast.administrator.actor, type_, rows.Asked(Query(sort="name")), [type_.main])
    assert [[row.name for row in batch] for batch in found] == [["=Acme()", "Beta"], ["Gamma"]]


def test_empty_ones_come_last_whichever_way_it_is_sorted(as_, three):
    day = {"next_follow_up_on": dt.date(2026, 3, 1)}
    with unscoped("a test plans a call"):
        db.session.execute(update(CUSTOMER.entity).where(CUSTOMER.entity.id == three[1]).values(day))
    for sort in ("next_follow_up", "-next_follow_up"):
        _, found, _ = table(exported(as_.administrator, listed=f"sort={sort}"))
        assert found[0] == ["Beta"], sort


def test_a_form_sent_twice_is_one_export(as_, three):
    places = {place_of(wish(as_.administrator, idempotency_key="k" * 20)) for _ in range(2)}
    assert len(places) == 1 and len(events("export.written")) == 1


def test_files_are_forgotten_after_a_week_and_the_account_of_them_stays(app, as_, three):
    place = place_of(wish(as_.administrator))
    key = newest().storage_key
    jobs.forget()
    assert storage_for(app.config["SETTINGS"]).exists(key)
    db.session.execute(update(Export).values(finished_at=clock.now() - actions.KEPT - dt.timedelta(minutes=1)))
    db.session.commit()
    jobs.forget()
    assert not storage_for(app.config["SETTINGS"]).exists(key)
    assert as_.administrator.get(f"{place}/file").status_code == 404
    assert "not kept any more" in sentence_of(as_.administrator.get(place))
    assert "forgotten" in as_.administrator.get("/exports/").get_data(as_text=True)


def test_one_that_gets_nowhere_ends_with_a_sentence(as_, three, monkeypatch):
    waits(monkeypatch)
    place = place_of(wish(as_.administrator))
    newest().attempts = actions.ATTEMPTS
    db.session.commit()
    assert jobs.write_waiting() == 1
    assert "It was tried 4 times" in sentence_of(as_.administrator.get(place))
    assert events("export.stopped")[0].actor_id == newest().owner_id


def test_a_worker_that_is_asked_to_end_has_not_tried(as_, three, monkeypatch):
    waits(monkeypatch)
    place = place_of(wish(as_.administrator))
    id_ = newest().id
    base.request_stop()  # a restart, in the middle of the file
    try:
        assert jobs._write(id_) is False
    finally:
        base._asked_to_stop.clear()
    one = db.session.get(Export, id_, populate_existing=True)
    assert (one.attempts, one.draft_key, one.finished_at) == (0, None, None)
    assert jobs.write_waiting() == 1
    assert newest().attempts == 1 and fetched(as_.administrator, place)


def test_what_a_worker_had_stored_before_it_died_is_gone_with_the_next_attempt(app, as_, three, monkeypatch):
    waits(monkeypatch)
    wish(as_.administrator)
    storage, one = storage_for(app.config["SETTINGS"]), newest()
    actions.taken_up(one)
    left = one.draft_key
    storage.put(io.BytesIO(b"whole, and nobody was told"), key=left)
    db.session.commit()
    assert jobs.write_waiting() == 1
    one = newest()
    assert not storage.exists(left) and storage.exists(one.storage_key) and one.draft_key is None


def test_a_closed_account_is_given_nothing(as_, cast, role, three, monkeypatch):
    waits(monkeypatch)
    wish(as_.outsider)
    db.session.get(Person, cast.outsider.id).active = False
    db.session.commit()
    assert jobs.write_waiting() == 1
    assert newest().problem["message"] == "The account it runs for was switched off." and newest().storage_key is None


def test_switched_off_it_is_gone(as_, cast, three, monkeypatch):
    waits(monkeypatch)
    place = place_of(wish(as_.administrator))
    db.session.add(ModuleSwitch(key="exports", everyone=False, departments=[]))
    reshaped()
    db.session.commit()
    assert jobs.write_waiting() == 1 and newest().storage_key is None
    for address in ("/exports/", "/exports/customers/new", place):
        assert as_.administrator.get(address).status_code == 404
    assert "/exports/" not in as_.administrator.get("/customers/").get_data(as_text=True)


def test_the_same_name_twice_is_told_apart_by_the_key(as_, cast, three):
    first, second = (made(cast.administrator.actor, FieldKind.TEXT, label) for label in ("Twin", "Twins"))
    from crm.domain.fields.models import FieldDefinition

    db.session.execute(update(FieldDefinition).where(FieldDefinition.id == second.id).values(label={"en": "Twin"}))
    reshaped()
    db.session.commit()
    heading, _, _ = table(exported(as_.administrator, fields=["name", first.key, second.key]))
    assert heading == ["Full name", "Twin", second.key]


def test_choices_that_would_not_be_read_back_have_their_keys(as_, cast, three):
    from crm.domain.fields.models import FieldDefinition

    field = made(cast.administrator.actor, FieldKind.MULTI_CHOICE)
    CUSTOMER.verbs.create_many(cast.administrator.actor, [{"name": "Chosen", field.key: ["gold", "silver", "tin"]}])
    choices = [
        {"key": "gold", "label": {"en": "Gold"}},
        {"key": "silver", "label": {"en": "Silver, plated"}},
        {"key": "tin", "label": {"en": "Zinn"}, "retired": True},
    ]
    db.session.execute(update(FieldDefinition).where(FieldDefinition.id == field.id).values(choices=choices))
    reshaped()
    db.session.commit()
    _, found, _ = table(exported(as_.administrator, listed="name__is=Chosen", fields=[field.key]))
    assert found == [["Gold, silver, tin"]]


def test_a_list_is_exported_regularly_and_by_nobody_else(as_, cast):
    form = {"list": "", "names": "labels", "format": "csv", "field": ["name"], "every": "week", "on": "week:2"}
    wrong = as_.manager.post("/exports/customers", form | {"hour": "7", "kept": "7", "regular_name": ""})
    assert wrong.status_code == 422 and '<option value="week" selected' in wrong.get_data(as_text=True)
    sent = form | {"hour": "7", "kept": "7", "regular_name": "Wednesday"}
    assert as_.manager.post("/exports/customers", sent).status_code == 303
    page = as_.manager.get("/exports/").get_data(as_text=True)
    assert "Wednesday" in page and "Every week, Wednesday, 07:00" in page
    place = re.search(r'action="(/exports/regular/\d+)/run"', page)[1]
    for address in ("run", "pause", "removal"):
        assert as_.administrator.post(f"{place}/{address}").status_code == 404
    assert as_.manager.post(f"{place}/pause", {"paused": "1"}).status_code == 303
    assert "paused" in as_.manager.get("/exports/").get_data(as_text=True)
    assert as_.manager.post(f"{place}/run").status_code == 303
    assert as_.manager.post(f"{place}/removal").status_code == 303
    assert "Every week, Wednesday" not in as_.manager.get("/exports/").get_data(as_text=True)
