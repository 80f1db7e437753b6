"""What is somebody else's does not exist: every address of the program, by everybody it does not belong to.

The addresses come from `app.url_map`, so a new route is tried without being listed here. Only a new kind of thing in an
address (`<int:order_id>`) must be told: which one belongs to the rep.
"""

import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from crm.domain.access.models import AccessRequest
from crm.domain.attachments.actions import Limits, Upload, attach, check
from crm.domain.attachments.models import Attachment
from crm.domain.automation.models import AutomationDigest
from crm.domain.bulk import actions as bulk
from crm.domain.bulk.deeds import DEEDS
from crm.domain.confirming.models import PendingChange
from crm.domain.customers import actions
from crm.domain.customers.matching import match_key, matches
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.duplicates.merging import merge
from crm.domain.goals.actions import Wanted, set_goal
from crm.domain.imports.models import Import
from crm.domain.imports.template import ImportTemplate
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.models import Notification
from crm.domain.people.roles import READY_MADE
from crm.domain.registry import RECORD_TYPES
from crm.domain.reports import actions as reports
from crm.domain.reports.asking import Question
from crm.domain.sampling.models import ImportSampleRow
from crm.domain.saved_views import actions as views
from crm.domain.timeline import actions as timeline
from crm.domain.timeline.models import FollowUp
from crm.domain.undoing.models import ImportUndo
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs.bulk import sweep as sweep_changes
from crm.jobs.imports import sweep
from crm.jobs.undoing import sweep as sweep_undos
from crm.kernel.access import Reach, unscoped
from crm.kernel.asking import Query
from crm.web import streams
from crm.web.blueprint import PUBLIC
from tests.cast import sign_in
from tests.databases import long_ids

NAME = "密语 Nachtigall Geheimwort"
SECRETS = ("Geheimwort", "Verschwiegenheit", "138 0013 8765", "13800138765", "+8613800138765", "leise@", "Stillgasse")
PARTS = ("密语", "Nachti", "8765", "leise")  # of what is secret: found by who may see it
VALUES = {
    "name": NAME,
    "phone": "+8613800138765",
    "email": "leise@geheim.example",
    "address": "Stillgasse 9",
    "remarks": "Verschwiegenheit",
}
FILE = "公司名称,电话,备注\nGeheimwort Nachtigall 贸易,13800138765,Verschwiegenheit\nGeheimwort bad,12,\n"
FOREIGN = ("other_rep", "outsider")
ALIKE = ("access.record", "access.ask_record")  # answer the same whether there is such a record or not: test_access.py
COMMON = {  # what everybody who sells sees, whoever keeps it
    key for key, each in RECORD_TYPES.items() if READY_MADE["sales_rep"].reach.get(each.may_read) is Reach.ALL
}


@pytest.fixture
def secret(app, as_, cast):
    """What the rep has: address part → value. Everything others must not see."""
    long_ids(app.config["SETTINGS"])
    kept, binned = actions.create_many(cast.rep.actor, [VALUES, VALUES])
    others = {key: _made(cast.rep.actor, type_) for key, type_ in RECORD_TYPES.items() if key != "customers"}
    customers = {each.id: each for each in db.session.scalars(Customer.visible_to(cast.rep.actor))}
    words = timeline.add_follow_up(cast.rep.actor, customers[kept], {"kind": "call", "body": "Verschwiegenheit"})
    timeline.add_follow_up(cast.rep.actor, customers[binned], {"kind": "call", "body": "Verschwiegenheit"})
    actions.delete(cast.rep.actor, customers[binned])
    db.session.commit()
    place = as_.rep.post("/imports/", {"file": (io.BytesIO(FILE.encode()), "Geheimwort.csv")}).location
    sweep()
    columns = {"column-0": "name", "column-1": "phone", "column-2": "remarks"}
    as_.rep.post(f"{place}/mapping", columns | {"template_name": "Geheimwort"})
    sweep()
    as_.rep.post(f"{place}/rehearsal", {"duplicates": "create"})
    sweep()
    as_.rep.post(f"{place}/run", {"duplicates": "create"})
    sweep()
    sampled = as_.rep.post(f"/samples/of/{place.rpartition('/')[2]}", {"size": "1"}).location
    as_.rep.post(f"{place}/undo/preview")
    sweep_undos()
    many = bulk.start(cast.rep.actor, CUSTOMER, DEEDS["edit"], asked=[kept], values={"competitor": "Stillgasse"})
    db.session.commit()
    sweep_changes()
    waiting = PendingChange(
        subject_type="customers", subject_id=kept, field="address", after="Stillgasse 10", asked_by_id=cast.rep.id
    )
    db.session.add(waiting)
    file = check([Upload("Geheimwort.txt", io.BytesIO(b"Verschwiegenheit"), 16)], Limits(100, frozenset({"txt"})))
    storage = storage_for(app.config["SETTINGS"])
    attach(cast.rep.actor, words, file, storage)
    notify(Kind.DUE, [News(cast.rep.id, "customers", kept)])
    db.session.commit()
    given_up = actions.create(cast.rep.actor, VALUES)
    with unscoped("a test looks at everything"):
        two = [db.session.get(Customer, each) for each in (kept, given_up)]
    merged = merge(cast.rep.actor, CUSTOMER, *two)
    asked = AccessRequest(subject_type="customers", subject_id=kept, person_id=cast.agent.id)
    db.session.add(asked)
    db.session.commit()
    goal = set_goal(
        cast.administrator.actor,
        Wanted("new_customers", "month", dt.date(2026, 5, 1), Decimal(3), person_id=cast.rep.id),
    )
    digest = AutomationDigest(
        source=f"imports:{kept}", person_id=cast.rep.id, record_type="customers", counts={"new": 3}
    )
    db.session.add(digest)
    view = views.save(cast.rep.actor, CUSTOMER, name="Geheimwort", query=Query(search="Stillgasse"))
    report = reports.save(cast.rep.actor, Question("customers"), name="Geheimwort", description="Stillgasse")
    db.session.flush()
    file_id, news_id = (db.session.scalar(select(func.max(each.id))) for each in (Attachment, Notification))
    return {
        "attachment_id": file_id,
        "notification_id": news_id,
        "bulk_id": many.id,
        "import_template_id": db.session.scalar(select(func.max(ImportTemplate.id))),
        "sample_id": int(sampled.rpartition("/")[2]),
        "line": db.session.scalar(select(func.max(ImportSampleRow.line))),
        "undo_id": db.session.scalar(select(func.max(ImportUndo.id))),
        "pending_id": waiting.id,
        "view_id": view.id,
        "report_id": report.id,
        "merge_id": merged.id,
        "request_id": asked.id,
        "goal_id": goal.id,
        "digest_id": digest.id,
        "customer_id": kept,
        "follow_up_id": words.id,
        "import_id": int(place.rpartition("/")[2]),
        "binned": binned,
        "records": others | {"customers": [kept, binned, given_up]},
    }


def _made(actor, type_):
    """One that is there and one in the bin, with all of the secret values that the type has a field for."""
    values = {key: value for key, value in VALUES.items() if key in type_.by_key()}
    if type_.key in COMMON:
        values["name"] = "Known to all"
    ids = type_.verbs.create_many(actor, [values, values])
    with unscoped("a test looks at everything"):
        kept, binned = (db.session.get(type_.entity, each) for each in ids)
    if type_.key not in COMMON:
        timeline.add_follow_up(actor, kept, {"kind": "call", "body": "Verschwiegenheit"})
    type_.verbs.delete(actor, binned)
    return ids


@pytest.fixture
def numbers(secret):
    with unscoped("a test looks at everything"):
        return tuple(
            each
            for key, type_ in RECORD_TYPES.items()
            if key not in COMMON
            for each in db.session.scalars(select(type_.entity.number))
        )


@pytest.fixture
def filled(app, cast, secret, monkeypatch):
    """(rule, method, address) of everything the program answers, with the rep's own things in it; progress that is
    told for a minute is told once."""
    monkeypatch.setattr(streams, "LIFETIME", 0.0)
    known = {name: [value] for name, value in secret.items()}
    known |= {"kind": ["all", "created", "failed"]}
    known |= {"share_id": [1], "line_id": [1], "contact_id": [secret["records"]["contacts"][0]]}
    known |= {"pipeline_id": [1], "stage_id": [1]}
    known |= {"suffix": ["csv", "xlsx"], "module": ["customers"], "key": ["customers", "imports"]}
    known |= {"token": ["not-one-there-is"]}
    known |= {"person_id": [cast.rep.id], "department_id": [cast.rep.department_id], "role_id": [1]}
    known |= {"field": [each.key for each in CUSTOMER.fields if each.source is not None]}
    known |= {"definition_id": [1], "standard": ["level"], "layout_id": [1], "export_id": [1], "token_id": [1]}
    known |= {"rule_id": [1], "run_id": [1], "version": [1], "endpoint_id": [1], "delivery_id": [1]}
    known |= {"score_rule_id": [1], "assignment_rule_id": [1], "tag_id": [1]}
    known |= {"sla_policy_id": [1], "business_calendar_id": [1]}
    known |= {"ticket_macro_id": [1], "ticket_topic_id": [1]}
    known |= {"form_id": [1], "entry_id": [1], "form_key": ["none-there-is"], "reference": ["ABCD-2345"]}
    known |= {"template_id": [1], "mail_id": [1]}
    known |= {"regular_export_id": [1], "report_mailing_id": [1], "tile_key": ["levels", "won"]}
    known |= {"session_id": [1], "feedback_id": [1], "job_id": [1]}
    known |= {"at": [0], "field_key": ["name", "phone"], "change": ["phone", "spaces"]}
    known |= {"ticket_topic_id": [1], "ticket_macro_id": [1], "which": ["types", "categories"]}
    known |= {"month_key": [202611]}
    known |= {"type_key": ["customers"], "outcome": ["changed", "denied", "not_reached", "removed"]}
    found = []
    for rule in app.url_map.iter_rules():
        area = rule.endpoint.partition(".")[0]
        if area.startswith("api") and area != "api_keys":
            continue  # which no cookie opens: see test_api.py and the matrices
        known["record_id"] = secret["records"].get(area, secret["records"]["customers"])
        known["section"] = [each.key for each in RECORD_TYPES.get(area, CUSTOMER).sections]
        missing = rule.arguments - known.keys()
        assert not missing, f"{rule} has {missing}: say in this file which of them belong to the rep"
        for values in _all_of({name: known[name] for name in rule.arguments}):
            _, address = rule.build(values, append_unknown=False)
            found += [(rule, method, address) for method in sorted(rule.methods & {"GET", "POST", "PUT", "DELETE"})]
    assert len(found) > 50
    return found


def _all_of(choices):
    if not choices:
        return [{}]
    name, *_ = choices
    rest = {key: each for key, each in choices.items() if key != name}
    return [{name: value} | more for value in choices[name] for more in _all_of(rest)]


def ask(app, who, method, address, more_data=None, **more):
    """In a browser of its own, as some of these sign out or change passwords."""
    client = app.test_client()
    if who is not None:
        sign_in(client, who)
    app.config["WTF_CSRF_ENABLED"] = False  # as if each form had been opened before
    data = {"name": "x", "body": "y", "kind": "call", "type": "company", "parent": "Nachtigall", "q": "密语"}
    try:
        return client.open(address, method=method, data=data | (more_data or {}) if method == "POST" else None, **more)
    finally:
        app.config["WTF_CSRF_ENABLED"] = True


def told(answer):
    words = answer.get_data(as_text=True) + str(answer.headers)
    db.session.rollback()  # what a stream has told was read here, in a transaction for reading only
    return words


def leaks(answer, numbers):
    words = told(answer)
    plain = re.sub(r"\D", "", words)
    found = [each for each in (*SECRETS, *numbers) if each in words]
    return found + [each for each in ("13800138765",) if each in plain]


def test_the_rep_sees_what_is_looked_for_here(app, cast, secret, numbers):
    page = ask(app, cast.rep, "GET", f"/customers/{secret['customer_id']}")
    assert set(leaks(page, numbers)) >= {"Geheimwort", "Verschwiegenheit", "138 0013 8765", "leise@", "Stillgasse"}
    for address in ("/customers/", "/customers/bin", "/imports/"):
        assert "Geheimwort" in leaks(ask(app, cast.rep, "GET", address), numbers)
    for part in PARTS:
        assert "Geheimwort" in leaks(ask(app, cast.rep, "GET", f"/customers/?q={part}"), numbers), part
        assert "Geheimwort" in leaks(ask(app, cast.rep, "GET", f"/search/?q={part}"), numbers), part
    assert "Geheimwort" in leaks(ask(app, cast.rep, "GET", "/lookup/parent?q=Nachti"), numbers)
    rows = ask(app, cast.rep, "GET", f"/imports/{secret['import_id']}/rows/all")
    assert "Verschwiegenheit" in leaks(rows, numbers)


@pytest.mark.parametrize("who", FOREIGN)
@pytest.mark.parametrize(
    "part", [{}, {"HX-Request": "true", "HX-Target": "section#list-results"}], ids=["page", "part"]
)
def test_what_belongs_to_the_rep_is_not_there_for_others(app, cast, secret, numbers, filled, who, part):
    person, wrong = getattr(cast, who), []
    for rule, method, address in filled:
        answer = ask(app, person, method, address, headers=part)
        his = rule.endpoint.partition(".")[0] not in COMMON and rule.arguments & (secret.keys() | {"record_id"})
        his = his and rule.endpoint not in ALIKE
        needs = app.view_functions[rule.endpoint].needs
        refused = answer.status_code == 403 and not person.actor.may(needs)
        if his and answer.status_code != 404 and not refused:
            wrong.append(f"{method} {address} answers {answer.status_code}, not 404")
        if answer.status_code >= 500:
            wrong.append(f"{method} {address} answers {answer.status_code}")
        wrong += [f"{method} {address} tells {each}" for each in leaks(answer, numbers)]
    assert not wrong, "\n".join(wrong)
    _untouched(secret)


@pytest.mark.parametrize(
    "part", [{}, {"HX-Request": "true", "HX-Target": "section#list-results"}], ids=["page", "part"]
)
def test_strangers_are_led_to_the_sign_in_page(app, secret, numbers, filled, part):
    wrong = []
    for rule, method, address in filled:
        answer = ask(app, None, method, address, headers=part)
        public = app.view_functions[rule.endpoint].needs == PUBLIC
        led = answer.status_code == 401 if part else (answer.location or "").startswith("/sign-in")
        if not public and not led:
            wrong.append(f"{method} {address} answers {answer.status_code} to a stranger")
        wrong += [f"{method} {address} tells {each}" for each in leaks(answer, numbers)]
    assert not wrong, "\n".join(wrong)
    _untouched(secret)


def _untouched(secret):
    db.session.expire_all()
    with unscoped("a test looks at everything"):
        mine, binned = (db.session.get(Customer, secret[each]) for each in ("customer_id", "binned"))
        import_ = db.session.get(Import, secret["import_id"])
    assert (mine.name, mine.deleted_at) == (NAME, None)
    assert binned.deleted_at is not None
    assert import_.state == "done"
    follow_up = db.session.get(FollowUp, secret["follow_up_id"])
    assert (follow_up.body, follow_up.deleted_at) == ("Verschwiegenheit", None)


@pytest.mark.parametrize("who", FOREIGN)
def test_no_search_sort_or_filter_finds_it(app, cast, secret, numbers, who):
    asked = [f"q={part}" for part in PARTS] + [f"q={number}" for number in numbers[:1]]
    asked += ["sort=name", "sort=-updated", "name__contains=Nacht", f"parent__is={secret['customer_id']}"]
    asked += [
        f"owner__is={cast.rep.id}",
        f"owner__is={cast.rep.email}",
        "cols=phone&cols=email&cols=remarks&cols=address",
    ]
    for address in ("/customers/", "/customers/bin", "/lookup/parent", "/imports/", "/search/"):
        for query in asked:
            answer = ask(app, getattr(cast, who), "GET", f"{address}?{query}")
            typed = {numbers[0]} if query.endswith(numbers[0]) else set()  # the search box shows what was typed
            assert set(leaks(answer, numbers)) <= typed, f"{address}?{query}"


def test_someone_elses_record_looks_like_one_that_never_was(app, cast, secret):
    there, never = (
        ask(app, cast.other_rep, "GET", f"/customers/{id_}").get_data(as_text=True)
        for id_ in (secret["customer_id"], 10**9)
    )
    strip = re.compile(r'value="[^"]{40,}"|"X-CSRFToken": "[^"]+"|/customers/\d+')
    assert strip.sub("", there) == strip.sub("", never)


def test_a_parent_one_may_not_see_is_not_named(app, as_, cast, secret, numbers):
    """An administrator put another rep's customer under it."""
    child = actions.create(cast.other_rep.actor, {"name": "Child"})
    db.session.flush()
    customer = db.session.scalars(Customer.visible_to(cast.other_rep.actor).where(Customer.id == child)).one()
    actions.change(cast.administrator.actor, customer, {"parent": secret["customer_id"]})
    db.session.commit()
    for path in ("", "/sections/belonging", "/sections/belonging/edit", "/timeline"):
        answer = ask(app, cast.other_rep, "GET", f"/customers/{child}{path}")
        assert answer.status_code == 200
        assert set(leaks(answer, numbers)) <= {customer.number}, path


def test_saving_beside_a_parent_one_may_not_see_keeps_it(app, as_, cast, secret):
    child = actions.create(cast.other_rep.actor, {"name": "Child"})
    db.session.flush()
    customer = db.session.scalars(Customer.visible_to(cast.other_rep.actor).where(Customer.id == child)).one()
    actions.change(cast.administrator.actor, customer, {"parent": secret["customer_id"]})
    db.session.commit()
    form = {"parent": "", "before-parent": "", "competitor": "Rival", "before-competitor": "", "remarks": ""}
    as_.other_rep.post(f"/customers/{child}/sections/belonging", form)
    assert (customer.competitor, customer.parent_id) == ("Rival", secret["customer_id"])


def test_a_look_up_by_number_does_not_tell_whether_it_is_there(as_, cast, secret, numbers):
    hers = actions.create(cast.other_rep.actor, {"name": "Hers"})
    db.session.commit()
    said = []
    for text in (f"x ({numbers[0]})", "x (CUST209901010001)"):
        answer = as_.other_rep.post(f"/customers/{hers}/sections/belonging", {"parent": text})
        assert answer.status_code == 422
        said.append(re.sub(r"CUST\d+", "", answer.get_data(as_text=True)).count("There is no customer called"))
    assert said[0] == said[1] > 0


def test_an_import_does_not_tell_whom_others_have(as_, cast, secret, numbers):
    key = match_key({"name": NAME, "phone": VALUES["phone"]})
    assert key in matches(cast.rep.actor, [key])
    assert matches(cast.other_rep.actor, [key]) == {}
    text = f"公司名称,电话\n{NAME},13800138765\n"
    place = as_.other_rep.post("/imports/", {"file": (io.BytesIO(text.encode()), "hers.csv")}).location
    sweep()
    as_.other_rep.post(f"{place}/mapping", {"column-0": "name", "column-1": "phone"})
    sweep()
    with unscoped("a test looks at everything"):
        hers = db.session.get(Import, int(place.rpartition("/")[2]))
    assert (hers.state, hers.rows, hers.valid, hers.duplicate_stored) == ("checked", 1, 1, 0)
