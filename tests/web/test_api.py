"""The API: the same records, rights and rules as the pages; keys instead of cookies."""

import datetime as dt
import json
from urllib.parse import quote

import pytest
from sqlalchemy import select, text

from crm.domain.customers.models import Customer
from crm.domain.modules.actions import switch_module
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import roles_of
from crm.domain.records.external import keep_called
from crm.domain.registry import RECORD_TYPES
from crm.domain.tags.shaping import TagDraft, make
from crm.domain.tokens import actions as tokens
from crm.domain.tokens.models import ApiToken
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import FieldRight, Reach
from crm.kernel.events import Event
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from crm.web import throttle
from tests.domain.fields.making import SAMPLES, made


class Program:
    """Another program, with a key of somebody's."""

    def __init__(self, app, key):
        self.client, self.key = app.test_client(), key

    def __call__(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        headers = {"Authorization": f"Bearer {self.key}", **named}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent)


@pytest.fixture
def of(app, cast):
    """`of(cast.rep)`: a program with a new key of the rep's, who may use the API."""
    role = granting.create_role(SYSTEM, name="With programs")
    granting.change_role(SYSTEM, role, name="", reach={Permission.SYSTEM_API: Reach.ALL}, fields={})

    def program(person, *, writes=True, types=(), expires_on=None):
        granting.give_roles(SYSTEM, person, [*roles_of(person), role])
        _, key = tokens.make_token(person.actor, "ERP", writes=writes, types=types, expires_on=expires_on)
        db.session.commit()
        return Program(app, key)

    return program


def test_a_record_is_made_read_changed_binned_and_restored(of, cast):
    erp = of(cast.rep)
    made = erp("POST", "/customers", {"name": "Acme", "phone": "13800138000", "level": "a", "tags": ["vip"]})
    assert made.status_code == 201, made.json
    one = made.headers["Location"].removeprefix("/api/v1")
    body = erp("GET", one).json
    assert (body["name"], body["phone"], body["level"], body["tags"]) == ("Acme", "+8613800138000", "a", ["vip"])
    assert body["owner"] == {"id": cast.rep.id, "label": f"{cast.rep.name} ({cast.rep.email})"}
    changed = erp("PATCH", one, {"level": "b", "tags": None, "industry": {"id": "65"}})
    assert (changed.json["level"], changed.json["tags"], changed.json["industry"]["id"]) == ("b", None, "65")
    assert changed.json["name"] == "Acme"
    assert erp("DELETE", one).status_code == 204
    assert erp("GET", one).status_code == 404
    assert erp("POST", f"{one}/restoration").json["name"] == "Acme"
    events = db.session.scalars(select(Event).where(Event.subject_id == body["id"], Event.subject_type == "customers"))
    told = [(each.name, each.actor_id, each.reason) for each in events]
    assert {who for _, who, _ in told} == {cast.rep.id} and {why for *_, why in told} == {"API: ERP"}


def test_what_seems_to_be_there_already_is_told_before_a_second_one_is_made(of, cast):
    erp, others = of(cast.rep), of(cast.other_rep)
    name = "深圳市云海计算机系统有限公司"
    one = erp("POST", "/customers", {"name": name, "phone": "13800138000"}).json
    others("POST", "/customers", {"name": "东方汽车有限公司", "phone": "13900139000"})
    like = {"name": "雲海計算機系統（深圳）股份有限公司"}
    asked = erp("POST", "/customers", like, Idempotency_Key="again")
    assert (asked.status_code, asked.content_type) == (409, "application/problem+json")
    (similar,) = asked.json["similar"]
    assert (similar["id"], similar["name"]) == (one["id"], name) and similar["number"].startswith("CUST")
    assert similar["url"] == f"/api/v1/customers/{one['id']}" and similar["why"] and "anyway=1" in asked.json["detail"]
    hidden = erp("POST", "/customers", {"name": "东方汽车"})
    assert hidden.status_code == 409 and hidden.json["similar"] == []
    assert len(hidden.json["elsewhere"]) == 1 and "South" in hidden.json["elsewhere"][0]
    assert "139" not in hidden.get_data(as_text=True)
    assert erp("POST", "/customers?anyway=1", like, Idempotency_Key="again").status_code == 201
    assert erp("POST", "/orders", {"customer": one["id"], "ordered_on": "2026-11-20", "amount": "1"}).status_code == 201
    described = erp("GET", "/openapi.json").json
    parameters = described["paths"]["/customers"]["post"]["parameters"]
    assert "anyway" in {each["name"] for each in parameters}
    assert {"similar", "elsewhere"} <= described["components"]["schemas"]["Problem"]["properties"].keys()
    assert "anyway" not in {each["name"] for each in described["paths"]["/orders"]["post"]["parameters"]}


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind not in (FieldKind.LINK,)])
def test_every_kind_of_own_field_goes_in_and_comes_out_the_same(of, cast, kind):
    field, sample = made(cast.administrator.actor, kind), SAMPLES[kind]
    erp = of(cast.administrator)
    one = erp("POST", "/customers", {"name": "Acme", field.key: sample.typed})
    assert one.status_code == 201, one.json
    said = one.json[field.key]
    assert said not in (None, "")
    two = erp("POST", "/customers", {"name": "Acme 2", field.key: said})
    assert two.status_code == 201, two.json
    assert two.json[field.key] == said


@pytest.mark.parametrize("key", RECORD_TYPES)
def test_every_type_is_listed_and_described(of, cast, key):
    erp = of(cast.administrator)
    customer = {"id": erp("POST", "/customers", {"name": "Buyer"}).json["id"]}
    known = {"name": "Acme", "customer": customer, "ordered_on": "2026-11-20"}
    required = erp("GET", "/openapi.json").json["components"]["schemas"][f"{key}_new"].get("required", [])
    made = erp("POST", f"/{key}", {each: known[each] for each in {"name", *required}})
    assert made.status_code == 201, made.json
    listed = erp("GET", f"/{key}?q=Acme&count=1").json
    assert [each["id"] for each in listed["data"]] == [made.json["id"]]
    assert listed["count"] == {"at_least": 1, "exact": True}
    described = erp("GET", "/openapi.json").json
    assert described["components"]["schemas"][key]["properties"].keys() == made.json.keys()
    assert {f"/{key}", f"/{key}/{{id}}"} <= described["paths"].keys()


def test_what_other_systems_call_a_record_is_told_of_it_alone(of, cast):
    erp = of(cast.rep)
    one = erp("POST", "/customers", {"name": "Acme"}).json
    assert one["external_ids"] == []
    for system, id_ in (("Salesforce", "003xx"), ("HubSpot", "77")):
        keep_called("customers", system, [(one["id"], id_)])
    db.session.commit()
    told = erp("GET", f"/customers/{one['id']}").json["external_ids"]
    assert told == [{"system": "HubSpot", "id": "77"}, {"system": "Salesforce", "id": "003xx"}]
    (listed,) = erp("GET", "/customers?q=003xx").json["data"]
    assert listed["id"] == one["id"] and "external_ids" not in listed
    assert of(cast.other_rep)("GET", f"/customers/{one['id']}").status_code == 404
    assert erp("PATCH", f"/customers/{one['id']}", {"external_ids": []}).status_code == 422


def test_a_list_is_read_page_by_page_and_asked_as_its_page_is(of, cast):
    erp = of(cast.rep)
    for n in range(5):
        assert erp("POST", "/customers", {"name": f"Acme {n}", "level": "ab"[n % 2]}).status_code == 201
    found, after = [], ""
    while after is not None:
        page = erp("GET", f"/customers?sort=name&limit=2&level__is=a&after={after}").json
        found, after = found + [each["name"] for each in page["data"]], page["after"]
    assert found == ["Acme 0", "Acme 2", "Acme 4"]
    assert erp("GET", "/customers?nonsense__is=a").status_code == 422
    assert erp("GET", "/customers?limit=1000").status_code == 422


def test_what_is_wrong_is_said_per_field_in_the_language_asked_for(of, cast):
    erp = of(cast.rep)
    sent = {"level": "platinum", "phone": "12", "no_such": 1, "owner": {"id": 999_999}, "tags": {"a": 1}}
    answer = erp("POST", "/customers", sent, Accept_Language="en")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["fields"].keys() == {"name", *sent}
    assert answer.json["fields"]["name"] == "This is required."
    for body in (b"{", b"[]", b'"x"', b"\xff"):
        refused = erp.client.post("/api/v1/customers", data=body, headers={"Authorization": f"Bearer {erp.key}"})
        assert refused.status_code == 422
    assert erp("GET", "/customers/x").status_code == 404


def test_the_same_request_sent_twice_happens_once(of, cast):
    erp = of(cast.rep)
    first, second = (erp("POST", "/customers", {"name": "Once"}, Idempotency_Key="k1") for _ in range(2))
    assert first.json == second.json and second.status_code == 201
    assert second.headers["Idempotent-Replay"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert erp("POST", "/customers", {"name": "Another"}, Idempotency_Key="k1").json["name"] == "Another"
    assert len(erp("GET", "/customers").json["data"]) == 2


def test_who_read_an_older_version_is_told(of, cast):
    erp = of(cast.rep)
    made = erp("POST", "/customers", {"name": "Acme"})
    one = f"/customers/{made.json['id']}"
    assert erp("PATCH", one, {"level": "a"}, If_Match=made.headers["ETag"]).status_code == 200
    late = erp("PATCH", one, {"level": "b"}, If_Match=made.headers["ETag"])
    assert late.status_code == 412
    assert erp("GET", one).json["level"] == "a"


def test_a_key_never_does_more_than_its_person(of, cast):
    other = of(cast.other_rep)
    theirs = other("POST", "/customers", {"name": "Theirs"}).json["id"]
    erp = of(cast.rep)
    for method, path, body in (
        ("GET", f"/customers/{theirs}", None),
        ("PATCH", f"/customers/{theirs}", {"name": "Mine"}),
        ("DELETE", f"/customers/{theirs}", None),
        ("POST", f"/customers/{theirs}/restoration", {}),
        ("POST", f"/customers/{theirs}/follow-ups", {"kind": "call", "body": "x"}),
    ):
        assert erp(method, path, body).status_code == 404, (method, path)
    assert erp("GET", "/customers").json["data"] == []
    assert erp("POST", "/customers", {"name": "x", "owner": {"id": cast.other_rep.id}}).status_code in (409, 422)


def test_a_key_for_reading_of_one_type_does_no_more(of, cast):
    erp = of(cast.rep, writes=False, types=("contacts",))
    assert erp("GET", "/contacts").status_code == 200
    assert erp("GET", "/customers").status_code == 403
    refused = erp("POST", "/contacts", {"name": "x"})
    assert (refused.status_code, "reading only" in refused.json["detail"]) == (403, True)
    assert erp("GET", "").json["types"] == {"contacts": "/api/v1/contacts"}
    paths = erp("GET", "/openapi.json").json["paths"]
    assert {method for path in paths.values() for method in path} == {"get"}


def test_a_key_opens_no_page_and_a_cookie_no_api(of, cast, as_):
    erp = of(cast.administrator)
    headers = {"Authorization": f"Bearer {erp.key}"}
    assert erp.client.get("/customers/", headers=headers).status_code == 303
    answer = as_.administrator.get("/api/v1/customers")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("how", ["revoked", "expired", "closed", "wrong", "forbidden"])
def test_a_key_that_is_worth_nothing(of, cast, how):
    erp = of(cast.rep)
    with_key = select(ApiToken).where(ApiToken.person_id == cast.rep.id)
    token = db.session.scalars(with_key).one()
    if how == "revoked":
        tokens.revoke_token(cast.rep.actor, token)
    elif how == "expired":
        token.expires_on = clock.now().date() - dt.timedelta(days=2)
    elif how == "closed":
        cast.rep.active = False
    elif how == "wrong":
        erp.key = erp.key[:-1] + ("A" if erp.key[-1] != "A" else "B")
    else:
        granting.give_roles(SYSTEM, cast.rep, [])
    db.session.commit()
    assert erp("GET", "/customers").status_code == (403 if how == "forbidden" else 401)


def test_a_hidden_field_is_not_there_and_a_masked_one_is_a_mask(app, of, cast):
    sent = {"name": "Acme", "phone": "13800138000", "address": "Stillgasse"}
    one = of(cast.rep)("POST", "/customers", sent).json["id"]
    role = granting.create_role(SYSTEM, name="Curious")
    rights = {"customers": {"address": FieldRight.HIDDEN, "phone": FieldRight.MASKED}}
    granting.change_role(SYSTEM, role, name="", reach=dict.fromkeys(Permission, Reach.ALL), fields=rights)
    granting.give_roles(SYSTEM, cast.outsider, [role])
    _, key = tokens.make_token(cast.outsider.actor, "x", writes=True)
    db.session.commit()
    curious = Program(app, key)
    body = curious("GET", f"/customers/{one}").json
    assert "address" not in body and body["phone"] == "138****8000"
    assert "Stillgasse" not in curious("GET", "/openapi.json").get_data(as_text=True)
    assert "address" not in curious("GET", "/openapi.json").json["components"]["schemas"]["customers"]["properties"]
    refused = curious("PATCH", f"/customers/{one}", {"address": "x", "phone": "13900139000"})
    assert refused.json["fields"].keys() == {"address", "phone"}
    for asked in ("address__contains=Still", "phone__starts=138", "sort=address"):
        assert curious("GET", f"/customers?{asked}").status_code == 422, asked
    assert curious("GET", "/customers?q=13800138000").json["data"] == []


def test_a_module_that_is_off_is_gone(of, cast):
    erp = of(cast.administrator)
    switch_module(cast.administrator.actor, "leads", everyone=False)
    db.session.commit()
    assert erp("GET", "/leads").status_code == 404
    assert "leads" not in erp("GET", "/openapi.json").json["components"]["schemas"]
    switch_module(cast.administrator.actor, "api", everyone=False)
    db.session.commit()
    assert erp("GET", "/customers").status_code == 404


def test_a_program_is_no_reason_where_one_is_asked_for(of, cast):
    make(cast.administrator.actor, TagDraft({"en": "At risk"}, asks_why=True))
    erp = of(cast.administrator)
    one = erp("POST", "/customers", {"name": "Acme"}).json["id"]
    refused = erp("PATCH", f"/customers/{one}", {"tags": ["At risk"]})
    assert refused.status_code == 422, refused.json
    why = quote("合同到期")
    assert erp("PATCH", f"/customers/{one}", {"tags": ["At risk"]}, X_Reason=why).status_code == 200
    reasons = db.session.scalars(select(Event.reason).where(Event.subject_id == one, Event.name == "customer.changed"))
    assert list(reasons) == ["合同到期 · API: ERP"]


def test_a_follow_up_is_written(of, cast):
    erp = of(cast.rep)
    one = erp("POST", "/customers", {"name": "Acme"}).json["id"]
    sent = {"kind": "call", "body": "They want it", "present": ["Li", "Wang"]}
    sent |= {"happened_at": "2026-11-20T09:00:00+08:00"}
    assert erp("POST", f"/customers/{one}/follow-ups", sent).status_code == 201
    assert erp("POST", f"/customers/{one}/follow-ups", {"kind": "call"}).json["fields"].keys() == {"body"}
    assert erp("POST", f"/customers/{one}/follow-ups", sent | {"x": "y"}).json["fields"].keys() == {"x"}
    with_one = db.session.scalars(select(Customer).where(Customer.id == one).execution_options(scoped=True)).one()
    assert with_one.last_follow_up_at == dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)


def test_a_next_step_makes_a_task_as_on_the_page(of, cast):
    erp = of(cast.rep)
    one = erp("POST", "/customers", {"name": "Acme"}).json["id"]
    sent = {"kind": "call", "body": "Well", "next_step": "Send the offer", "next_on": "2031-02-03"}
    assert erp("POST", f"/customers/{one}/follow-ups", sent).status_code == 201
    (task,) = erp("GET", "/tasks?q=offer").json["data"]
    assert (task["name"], task["due"], task["about"]["id"]) == ("Send the offer", "2031-02-03", f"customers:{one}")
    again = erp("PATCH", f"/tasks/{task['id']}", {"about": task["about"]})
    assert (again.status_code, again.json["about"]) == (200, task["about"])
    for wrong in ({"id": "customers:1; DROP"}, {"id": True}, {"id": "people:1"}):
        assert erp("PATCH", f"/tasks/{task['id']}", {"about": wrong}).status_code == 422


def test_json_is_understood_whatever_it_is_called(of, cast):
    erp = of(cast.rep)
    sent = {"data": b'{"name": "Acme"}', "content_type": "application/x-www-form-urlencoded"}
    made = erp.client.post("/api/v1/customers", headers={"Authorization": f"Bearer {erp.key}"}, **sent)
    assert made.status_code == 201


def test_a_key_may_ask_so_often_and_each_question_counts_once(of, cast, monkeypatch):
    monkeypatch.setattr(throttle, "PER_KEY", "5 per minute")
    erp = of(cast.rep)
    assert [erp("GET", "/customers").status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_key_is_made_shown_once_used_and_taken_back(as_, app, cast):
    page = as_.administrator.post("/account/keys", {"name": "ERP", "writes": "yes"}).get_data(as_text=True)
    key = page.partition('value="crm_')[2].partition('"')[0]
    assert key and key not in as_.administrator.get("/account/keys").get_data(as_text=True)
    erp = Program(app, "crm_" + key)
    assert erp("POST", "/customers", {"name": "Acme"}).status_code == 201
    (token,) = db.session.scalars(select(ApiToken)).all()
    assert key not in token.key_hash and token.last_used_at is not None
    assert "never used" not in as_.administrator.get("/account/keys").get_data(as_text=True)
    answer = as_.administrator.post(f"/account/keys/{token.id}/revocation")
    assert answer.status_code == 303
    assert erp("GET", "/customers").status_code == 401
    names = db.session.scalars(select(Event.name).where(Event.subject_type == "api_tokens").order_by(Event.id)).all()
    assert names == ["api_token.made", "api_token.revoked"]


def test_the_same_form_of_a_key_sent_twice_makes_one_and_its_text_is_kept_nowhere(as_, cast):
    assert 'name="idempotency_key"' in as_.administrator.get("/account/keys").get_data(as_text=True)
    sent = {"name": "ERP", "idempotency_key": "once"}
    first = as_.administrator.post("/account/keys", sent)
    assert first.status_code == 200 and "Your key" in first.get_data(as_text=True)
    again = as_.administrator.post("/account/keys", sent)
    assert again.status_code == 303 and len(db.session.scalars(select(ApiToken)).all()) == 1
    assert db.session.scalar(text("SELECT body FROM idempotency_keys WHERE key = 'once'")) is None
    assert "was made and shown already" in as_.administrator.get(again.location).get_data(as_text=True)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"name": "x" * 101}, {"name": "x", "expires_on": "2020-01-01"}])
def test_a_key_that_makes_no_sense_is_told(as_, wrong):
    answer = as_.administrator.post("/account/keys", wrong)
    assert answer.status_code == 422 and "error-summary" in answer.get_data(as_text=True)


def test_keys_are_for_whoever_may(as_, of, cast):
    assert as_.rep.get("/account/keys").status_code == 403
    of(cast.rep)
    (token,) = db.session.scalars(select(ApiToken)).all()
    of(cast.other_rep)
    assert as_.other_rep.post(f"/account/keys/{token.id}/revocation").status_code == 404
    assert "ERP" in as_.administrator.get("/account/keys").get_data(as_text=True)
    assert as_.administrator.post(f"/account/keys/{token.id}/revocation").status_code == 303
