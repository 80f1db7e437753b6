"""Encrypted text: read by whoever has the right, and found nowhere else, whatever is done with it."""

import datetime as dt
import io
import re
from html import unescape
from urllib.parse import unquote

import pytest
from sqlalchemy import select, text

from crm.domain.customers import actions
from crm.domain.customers.models import Customer
from crm.domain.fields import rotation
from crm.domain.fields.models import KeyRotation
from crm.domain.imports.models import Import
from crm.domain.people import second_factor
from crm.domain.people.actions import SYSTEM
from crm.domain.webhooks import actions as webhooks
from crm.infra import clock, vault
from crm.infra.db import Base, db
from crm.jobs import bulk as bulk_jobs
from crm.jobs.fields import encrypt_anew
from crm.jobs.imports import sweep
from crm.kernel.access import FieldRight, unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.kinds import FieldKind
from crm.kernel.sealed import DOTS, opened
from tests.domain.fields.making import made

PLAIN = ("Xq7-Erster", "Xq7-Zweiter", "Xq7-Datei", "Xq7-Kaputt", "Xq7-Viele", "Xq7-Gesucht")
FIRST, SECOND, FILED, BROKEN, MANY, ASKED = PLAIN
PLACE = "customers.x_own_field"


@pytest.fixture
def ring(app):
    """The keys are as before afterwards."""
    vault.ring()
    path = vault._vault.path
    kept = path.read_text()
    yield
    path.write_text(kept)
    vault._vault.read_at = (0, 0)


@pytest.fixture
def field(cast):
    return made(cast.administrator.actor, FieldKind.ENCRYPTED)


@pytest.fixture
def one(as_, field):
    answer = as_.rep.post("/customers/", {"name": "Acme", "type": "company", field.key: FIRST})
    return int(answer.location.rpartition("/")[2])


def customer(id_):
    with unscoped("a test looks at everything"):
        return db.session.get(Customer, id_, populate_existing=True)


def words(answer, status=200):
    assert answer.status_code == status, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


def everything_kept():
    """Every row of every table, in words; bytes as the letters they stand for."""
    db.session.expire_all()
    for table in Base.metadata.sorted_tables:
        for row in db.session.scalars(text(f'SELECT "{table.name}"::text FROM "{table.name}"')):
            yield table.name, row
            for piece in re.findall(r"\\x([0-9a-f]+)", row):
                yield table.name, bytes.fromhex(piece).decode("utf-8", "replace")


def found_plain(said=""):
    found = {table for table, row in everything_kept() for each in PLAIN if each.lower() in row.lower()}
    return found | {"the log" for each in PLAIN if each.lower() in said.lower()}


def test_nothing_keeps_it_in_plain_words(as_, cast, field, capfd):
    rep, key = as_.rep, field.key
    form = {"name": "Acme", "type": "company", key: FIRST, "idempotency_key": "one"}
    place = rep.post("/customers/", form).location
    assert rep.post("/customers/", form).location == place
    saved = {key: SECOND, f"before-{key}": FIRST, "idempotency_key": "two"}
    shown = words(rep.post(f"{place}/sections/belonging", saved, htmx="section#section-belonging"))
    assert SECOND in shown
    again = rep.post(f"{place}/sections/belonging", saved, htmx="section#section-belonging")
    assert again.headers["Idempotent-Replay"] == "true"
    assert words(again) == shown, "the answer that was kept is the same"

    rows = f"name,Own field,phone\nNew,{FILED},\nBad,{BROKEN},12\n"
    file = rep.post("/imports/", {"file": (io.BytesIO(rows.encode()), "a.csv")}).location
    sweep()
    rep.post(f"{file}/mapping", {"column-0": "name", "column-1": key, "column-2": "phone"})
    sweep()
    assert BROKEN not in words(rep.get(f"{file}/check"))
    rep.post(f"{file}/run", {"duplicates": "create"})
    sweep()
    assert db.session.scalars(Import.visible_to(cast.rep.actor)).one().created == 1
    assert FILED not in words(rep.get(f"{file}/rows/all"))
    assert BROKEN in words(rep.get(f"{file}/failed.csv")), "what is to be corrected is given back"

    many = rep.post("/bulk/customers", {"all": "1", "what": f"edit:{key}", key: MANY}).location
    bulk_jobs.sweep()
    assert opened(PLACE, customer(int(place.rpartition("/")[2])).custom[key]) == MANY
    rep.post(f"{many}/undoing")
    bulk_jobs.sweep()
    assert opened(PLACE, customer(int(place.rpartition("/")[2])).custom[key]) == SECOND

    looked = rep.post("/filters/customers", {"f0": key, "o0": "exactly", "v0": ASKED, "do": "apply"})
    assert looked.status_code == 303
    assert ASKED not in unquote(looked.location)
    assert ASKED in words(rep.get(looked.location)), "whoever may read it is told what was asked"
    words(rep.get(f"/customers/?{key}__exactly={ASKED}"))
    rep.post("/views/customers", {"name": "Mine", "list": f"{key}__exactly={ASKED}"})
    rep.post("/bulk/customers", {"all": "1", "list": f"{key}__exactly={ASKED}", "what": "edit:level", "level": "a"})
    assert found_plain("".join(capfd.readouterr())) == set()


def test_an_address_typed_by_hand_leads_on_without_it(as_, field, one):
    page = words(as_.rep.get(f"/customers/?{field.key}__exactly={FIRST.upper()}"))
    assert "Acme" in page
    assert not [each for each in re.findall(r'(?:href|action|value|hx-get)="([^"]*)"', page) if FIRST in unquote(each)]


def test_the_log_says_that_it_changed_and_not_what_it_is(as_, cast, field, one):
    as_.rep.post(f"/customers/{one}/sections/belonging", {field.key: SECOND})
    assert f"Own field: <del>{DOTS}</del>" in words(as_.rep.get(f"/customers/{one}/timeline"))
    page = words(as_.auditor.get("/audit"))
    assert "Own field" in page
    assert DOTS in page
    assert not [each for each in PLAIN if each in page]


def test_the_same_value_typed_again_is_no_change(as_, field, one):
    before = customer(one)
    version, kept = before.version, before.custom
    as_.rep.post(f"/customers/{one}/sections/belonging", {field.key: FIRST})
    assert (customer(one).version, customer(one).custom) == (version, kept)


@pytest.mark.parametrize("right", [FieldRight.MASKED, FieldRight.HIDDEN])
def test_less_than_reading_is_dots_or_nothing_and_cannot_be_looked_for(as_, cast, field, one, right):
    from crm.domain.people.models import Role
    from crm.kernel.shape import reshaped

    role = db.session.scalars(select(Role).where(Role.key == "sales_rep")).one()
    role.fields = {"customers": {field.key: right.name}}
    reshaped()
    db.session.commit()
    for address in (f"/customers/{one}", f"/customers/?cols={field.key}", f"/customers/{one}/sections/belonging"):
        page = words(as_.rep.get(address))
        assert FIRST not in page
        assert FIRST[0] + "*" not in page, "not even its first letter"
        assert (DOTS in page) == (right is FieldRight.MASKED)
    assert "Acme" in words(as_.rep.get(f"/customers/?{field.key}__exactly={FIRST}"))
    assert "Acme" in words(as_.rep.get(f"/customers/?{field.key}__exactly=wrong")), "the answer tells nothing"


def test_what_cannot_be_read_is_a_sentence(as_, field, one, ring):
    kept = customer(one).custom[field.key]
    key, mark, body = kept.split(".")
    spoilt = "changed outside the program"
    cases = (
        ("plain", spoilt),
        (f"{key}.{mark}.{body[:-6]}AAAAAA", spoilt),
        (f"0000dead.{mark}.{body}", "the key it was encrypted with is missing"),
    )
    for value, sentence in cases:
        customer(one).custom = {field.key: value}
        db.session.commit()
        for address in (f"/customers/{one}", f"/customers/?cols={field.key}"):
            assert sentence in words(as_.rep.get(address))
        form = words(as_.rep.get(f"/customers/{one}/sections/belonging/edit"))
        assert sentence not in form, "it must not be saved as a value"
        assert as_.rep.post(f"/customers/{one}/sections/belonging", {field.key: SECOND}).status_code == 303
        assert opened(PLACE, customer(one).custom[field.key]) == SECOND


def test_a_filter_whose_key_is_gone_says_so(as_, field, one, ring):
    address = as_.rep.post(
        "/filters/customers", {"f0": field.key, "o0": "exactly", "v0": FIRST, "do": "apply"}
    ).location
    vault._vault.path.write_text("n" * 40 + "\n")
    assert "the key it was encrypted with is missing" in words(as_.rep.get(address))


def test_the_program_does_not_start_without_the_keys_of_values_there_are(cast, field, ring):
    vault._vault.path.unlink()
    rotation.refuse_lost_keys()
    sealed = str(vault.seal(PLACE, FIRST, FIRST.lower()))
    (id_,) = actions.create_many(cast.rep.actor, [{"name": "Acme"}])
    customer(id_).custom = {field.key: sealed}
    db.session.flush()
    with pytest.raises(vault.KeysLost, match="backup"):
        rotation.refuse_lost_keys()
    assert not vault._vault.path.exists()


def test_what_is_encrypted_outside_records_is_guarded_too(cast, ring):
    second_factor.begin(cast.rep)
    webhooks.make(SYSTEM, "Shop", "https://example.com/")
    secret, old = second_factor.begun(cast.rep), vault.newest().id
    assert rotation.sampled() == (2, 0)
    kept = vault._vault.path.read_text()
    vault._vault.path.unlink()
    with pytest.raises(vault.KeysLost, match="backup"):
        rotation.refuse_lost_keys()
    vault._vault.path.write_text("n" * 40 + "\n")
    assert rotation.sampled() == (0, 2)
    vault._vault.path.write_text(kept)
    vault.add_key()
    later = clock.now() + dt.timedelta(days=92)
    finished = KeyRotation(key_id=vault.newest().id, total=0, finished_at=clock.now())  # by a program before this one
    db.session.add(finished)
    db.session.flush()
    with clock.frozen(later), pytest.raises(RuleBroken, match="rotate the keys first"):
        rotation.forget(SYSTEM, old)
    vault.add_key()
    rotation.start(SYSTEM)
    db.session.commit()
    encrypt_anew()
    db.session.expire_all()
    with clock.frozen(later + dt.timedelta(days=1)):
        rotation.forget(SYSTEM, old)
    assert second_factor.begun(cast.rep) == secret and rotation.sampled() == (2, 0)


def test_values_move_to_a_new_key_a_batch_at_a_time(as_, cast, field, ring, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    old = vault.newest().id
    rows = [{"name": f"Acme {n}", field.key: vault_sealed(n)} for n in range(5)]
    ids = actions.create_many(cast.rep.actor, rows)
    spoilt = customer(ids[0])
    spoilt.custom = {field.key: f"{old}.{'x' * 22}.{'y' * 40}"}
    before = {id_: (customer(id_).version, customer(id_).updated_at) for id_ in ids}
    vault.add_key()
    new = vault.newest().id
    rotation.start(SYSTEM)
    with pytest.raises(RuleBroken):
        rotation.start(SYSTEM)
    db.session.commit()
    rotation.step(SYSTEM)
    db.session.commit()
    keys = [customer(id_).custom[field.key].partition(".")[0] for id_ in ids]
    assert keys == [old, new, old, old, old], "one batch, and what cannot be read stays"
    for n in range(1, 5):
        assert f"Acme {n}" in words(as_.rep.get(f"/customers/?{field.key}__exactly=no{n}")), "found in between too"
    assert "Encrypted values get a new key" in words(as_.administrator.get("/admin/fields"))
    encrypt_anew()
    last = rotation.latest()
    assert (last.done, last.total, last.unreadable) == (5, 5, 1)
    assert last.finished_at
    assert [each.partition(".")[0] for each in (customer(id_).custom[field.key] for id_ in ids[1:])] == [new] * 4
    assert {id_: (customer(id_).version, customer(id_).updated_at) for id_ in ids} == before
    assert "Acme 3" in words(as_.rep.get(f"/customers/?{field.key}__exactly=NO3"))


def vault_sealed(n):
    from crm.kernel.sealed import seal

    return seal(PLACE, f"no{n}")


def test_a_key_is_forgotten_when_nothing_can_need_it(cast, field, one, ring, monkeypatch):
    old = vault.newest().id
    with pytest.raises(RuleBroken, match="no old key"):
        rotation.forget(SYSTEM, old)
    vault.add_key()
    with pytest.raises(RuleBroken, match="rotate the keys first"):
        rotation.forget(SYSTEM, old)
    rotation.start(SYSTEM)
    db.session.commit()
    encrypt_anew()
    with pytest.raises(RuleBroken, match="for 91 days"):
        rotation.forget(SYSTEM, old)
    later = clock.now() + dt.timedelta(days=92)
    monkeypatch.setattr(clock, "now", lambda: later)
    rotation.forget(SYSTEM, old)
    assert [each.id for each in rotation.in_use()] == [vault.newest().id]
    assert opened(PLACE, customer(one).custom[field.key]) == FIRST


def test_a_kind_with_values_neither_becomes_nor_stops_being_encrypted(as_, cast, field, one):
    form = {"kind": "text", "section": "belonging", "label-en": "Own field", "label-zh_CN": "自定义 Own field"}
    page = words(as_.administrator.post(f"/admin/fields/{field.id}", form), 422)
    assert "make a new one" in page
    assert FIRST not in page
    default = form | {"kind": "encrypted", "default_text": ASKED}
    assert "cannot begin with an encrypted value" in words(
        as_.administrator.post(f"/admin/fields/{field.id}", default), 422
    )
