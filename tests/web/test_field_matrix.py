"""Every field of every type, standard and of each kind administrators can make, hidden and masked: no surface knows it.

What a hidden field is called in forms and addresses stands on no page, and no address that asks for it is answered.
"""

import io
import json
import re

import pytest
from sqlalchemy import select

from crm.domain.customers.models import Customer
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.mail_templates.places import own_name
from crm.domain.people import granting
from crm.domain.people.actions import SYSTEM
from crm.domain.registry import RECORD_TYPES
from crm.domain.tokens import actions as tokens
from crm.infra.db import db
from crm.jobs.audit_exports import write_exports
from crm.jobs.imports import sweep
from crm.kernel.access import FieldRight, Reach
from crm.kernel.asking import Query
from crm.kernel.errors import Invalid
from crm.kernel.kinds import FieldKind
from crm.kernel.operators import OPERATORS
from crm.kernel.permissions import Permission
from crm.web.letters import compose
from tests.domain.fields.making import SAMPLES, made
from tests.web.test_leaks import ask

TOGETHER = 6  # fields of a type that are kept from somebody at once: each page is asked for once for all of them


def _groups():
    """(type, keys): a page that tells one of them tells it whatever else is kept from the reader."""
    for type_ in RECORD_TYPES.values():
        keys = [field.key for field in type_.list.fields if not field.core]
        yield from ((type_.key, tuple(keys[at : at + TOGETHER])) for at in range(0, len(keys), TOGETHER))


STANDARD = list(_groups())
OWN = [("customers", kind) for kind in sorted(SAMPLES)]
VALUES = {
    "type": "person",
    "industry": "65",
    "level": "a",
    "lifecycle_stage": "active",
    "source": "referral",
    "tags": ["geheimes"],
    "email": "leise@geheim.example",
    "website": "https://geheim.example",
    "region": "3302",
    "address": "Stillgasse 9",
    "competitor": "Geheimfirma",
    "remarks": "Verschwiegenes",
}


@pytest.fixture
def olga(app, cast):
    """Olga may do everything with everything; what she may not read is given to her by `kept_from`."""
    role = granting.create_role(SYSTEM, name="Curious")
    granting.give_roles(SYSTEM, cast.outsider, [role])

    def kept_from(type_, keys, right):
        reach = {each: Reach.ALL for each in Permission}
        granting.change_role(SYSTEM, role, name="", reach=reach, fields={type_: dict.fromkeys(keys, right)})
        db.session.commit()
        return cast.outsider

    return kept_from


@pytest.fixture
def customer(cast):
    (one,) = RECORD_TYPES["customers"].verbs.create_many(cast.rep.actor, [{"name": "Nachtigall"} | VALUES])
    db.session.commit()
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == one)).one()


@pytest.fixture
def record(cast, type_):
    """One of the type, with all of VALUES that it has a field for."""
    known = RECORD_TYPES[type_]
    values = {key: value for key, value in VALUES.items() if key in known.by_key()}
    (one,) = known.verbs.create_many(cast.rep.actor, [{"name": "Nachtigall"} | values])
    db.session.commit()
    return db.session.scalars(known.entity.visible_to(cast.rep.actor).where(known.entity.id == one)).one()


def pages(type_, record):
    at = f"/{type_}"
    own = [at + "/", f"{at}/new", f"{at}/{record.id}", f"{at}/{record.id}/timeline", f"{at}/bin"]
    edits = [f"{at}/{record.id}/sections/{each.key}/edit" for each in RECORD_TYPES[type_].sections]
    others = [
        f"/exports/{type_}/new",
        f"/filters/{type_}",
        f"/bulk/{type_}/new?id={record.id}&what=edit",
        "/search/?q=Nachtigall",
    ]
    return own + edits + others


def spoken_of(key, words):
    """Where a page has the field: a control, a filter, a column, an order, a choice of what to change."""
    words = re.sub(
        r'<form[^>]*id="composer".*?</form>', "", words, flags=re.DOTALL
    )  # a follow-up has fields of its own
    named = rf'name="{key}"|[?&;"]{key}__|name="cols"[^>]*value="{key}"|sort=-?{key}[&"]|value="edit:{key}"'
    named += rf'|name="field" value="{key}"'
    return re.findall(named, words)


def exported(app, who, type_, key, kind):
    """An export offers it nowhere, and refuses whoever asks for it by hand."""
    wishes = [
        ("", key),
        *((f"{key}__{operator}=1", "name") for operator in OPERATORS[kind][:1]),
        (f"sort={key}", "name"),
    ]
    found = []
    for listed, field in wishes:
        asked = {"list": listed, "field": field, "names": "labels", "format": "csv"}
        answer = ask(app, who, "POST", f"/exports/{type_}", more_data=asked)
        if answer.status_code != 422:
            found.append(f"an export of {field} where {listed} is written")
    return found


def silent(app, who, type_, kinds, record):
    """What is wrong about fields that are to be neither seen nor asked for; `kinds` by their keys."""
    found, program = [], with_key(app, who)
    for address in pages(type_, record):
        answer = ask(app, who, "GET", address)
        assert answer.status_code in (200, 404), address
        words = answer.get_data(as_text=True)
        found += [f"{address} has {each}" for key in kinds for each in spoken_of(key, words)]
    described = program(f"{type_}/{record.id}").json
    place = f"/admin/mail-templates/new?record_type={type_}"
    templates = ask(app, who, "GET", place).get_data(as_text=True)
    for key, kind in kinds.items():
        found += exported(app, who, type_, key, kind) + answered(app, who, program, type_, key, kind)
        found += [f"the API has {key}"] if key in described else []
        path = f"{own_name(RECORD_TYPES[type_])}.{key}"
        found += [f"templates offer {key}"] if f"{{{{{path}}}}}" in templates else []
        letter = letter_of(who, type_, record, path)
        if letter.text != "[]" or letter.unseen != [path]:
            found.append(f"a mail of a template says {letter.text}")
    return found


def answered(app, who, program, type_, key, kind):
    """Questions that are to be refused: each by what reads them for every surface, some by the surfaces themselves."""
    found, operators = [], [f"{key}__{operator}" for operator in OPERATORS[kind]]
    spec = RECORD_TYPES[type_].list.open_to(who.actor)
    for asked in operators:
        try:
            spec.select(who.actor, Query.from_args([(asked, "1")]))
            found.append(f"?{asked} is answered")
        except Invalid:
            pass
    for asked in (*(f"{each}=1" for each in operators[:1]), f"sort=-{key}"):
        words = ask(app, who, "GET", f"/{type_}/?{asked}").get_data(as_text=True)
        if 'class="notice warn"' not in words:
            found.append(f"the page answers ?{asked}")
        if program(f"{type_}?{asked}").status_code != 422:
            found.append(f"the API answers ?{asked}")
    return found


def letter_of(who, type_, record, path):
    body = {"en": f"[{{{{{path}}}}}]"}
    draft = MailTemplate(name="x", channel="message", record_type=type_, subject={}, body=body)
    return compose(draft, type_, record.id, who.actor, "en")


def with_key(app, who):
    """Asks as a program of theirs does."""
    _, key = tokens.make_token(who.actor, "x", writes=False)
    db.session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {key}"}
    return lambda path: client.get(f"/api/v1/{path}", headers=headers)


def kinds_of(type_, keys):
    return {each.key: each.kind for each in RECORD_TYPES[type_].list.fields if each.key in keys}


@pytest.mark.parametrize(("type_", "keys"), STANDARD)
def test_hidden_standard_fields_do_not_exist(app, olga, record, type_, keys):
    who = olga(type_, keys, FieldRight.HIDDEN)
    wrong = silent(app, who, type_, kinds_of(type_, keys), record)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("type_", "kind"), OWN)
def test_a_hidden_field_of_the_companys_own_does_not_exist(app, cast, olga, record, type_, kind):
    field = made(cast.administrator.actor, kind)
    assert spoken_of(field.key, ask(app, cast.rep, "GET", f"/{type_}/new").get_data(as_text=True)), "the rep has it"
    who = olga(type_, [field.key], FieldRight.HIDDEN)
    wrong = silent(app, who, type_, {field.key: kind}, record)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("type_", "keys"), STANDARD)
def test_masked_fields_are_neither_written_nor_compared(app, olga, record, type_, keys):
    who = olga(type_, keys, FieldRight.MASKED)
    program, known = with_key(app, who), RECORD_TYPES[type_].list.open_to(who.actor).fields
    fields = {each.key: each for each in known if each.key in keys}
    assert fields.keys() == set(keys)
    for key, field in fields.items():
        assert (field.masked, field.editable, field.filterable, field.sortable) == (True, False, False, False), key
        wrong = answered(app, who, program, type_, key, field.kind)
        assert not wrong, "\n".join(wrong)
    for address in (f"/{type_}/new", *(each for each in pages(type_, record) if each.endswith("/edit"))):
        words = ask(app, who, "GET", address).get_data(as_text=True)
        assert not [key for key in keys if f'name="{key}"' in words], address
    asked = {"list": "", "field": ["number", *keys], "names": "keys", "format": "jsonl"}
    place = ask(app, who, "POST", f"/exports/{type_}", more_data=asked).location.partition("?")[0]
    rows = ask(app, who, "GET", f"{place}/file").get_data(as_text=True).splitlines()
    (row,) = [each for each in map(json.loads, rows) if each.get("number") == record.number]
    page = ask(app, who, "GET", f"/{type_}/{record.id}").get_data(as_text=True)
    for key in keys:
        assert row[key] is None or re.fullmatch(r".?\*{4}.*|\d{3}\*{4}\d{4}", row[key]), row
        letter = letter_of(who, type_, record, f"{own_name(RECORD_TYPES[type_])}.{key}")
        assert letter.unseen or letter.text == "[]" or "****" in letter.text, letter.text
        if key in ("email", "website", "address", "competitor", "remarks"):
            assert VALUES[key] not in page


def test_an_import_offers_no_hidden_field(app, cast, olga):
    for key in ("email", made(cast.administrator.actor, FieldKind.TEXT).key):
        who = olga("customers", [key], FieldRight.HIDDEN)
        file = {"file": (io.BytesIO("公司名称\nAcme\n".encode()), "a.csv")}
        place = ask(app, who, "POST", "/imports/", more_data=file).location
        sweep()
        words = ask(app, who, "GET", f"{place}/mapping").get_data(as_text=True)
        assert 'value="remarks"' in words and f'value="{key}"' not in words


def test_a_list_whose_order_one_may_not_know_begins_by_name(app, olga, customer):
    who = olga("customers", ["updated"], FieldRight.HIDDEN)
    answer = ask(app, who, "GET", "/customers/")
    assert answer.status_code == 200
    assert re.search(r'aria-sort="ascending"[^>]*><a href="[^"]*sort=-name', answer.get_data(as_text=True))


def test_every_kind_of_the_log_is_silent_too(app, cast, olga, customer):
    """The log has the field's values in what made the record."""
    who = olga("customers", ["address"], FieldRight.HIDDEN)
    assert db.session.scalar(select(Customer.address).where(Customer.id == customer.id).execution_options(scoped=True))
    assert "Stillgasse" not in ask(app, who, "GET", "/audit").get_data(as_text=True)
    place = ask(app, who, "POST", "/audit/export.csv", more_data={"type": "", "kind": ""}).location
    assert write_exports() == 1
    exported = ask(app, who, "GET", f"{place}/file").get_data(as_text=True)
    assert "Stillgasse" not in exported and "Nachtigall" in exported
