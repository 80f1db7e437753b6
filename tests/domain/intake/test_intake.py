"""What strangers send by a form: it becomes a record, joins one that is there, or waits; and nothing is lost."""

import datetime as dt
from functools import partial

import pytest
from sqlalchemy import delete, func, select

from crm.domain.contacts import actions as contacts
from crm.domain.customers import actions as customers
from crm.domain.duplicates import merging
from crm.domain.fields import actions as own_fields
from crm.domain.fields.drafts import Draft
from crm.domain.intake import proof
from crm.domain.intake.asking import actor_for, askable, asked
from crm.domain.intake.forming import save_form
from crm.domain.intake.models import IntakeEntry
from crm.domain.intake.queries import active_form, entries, waiting
from crm.domain.intake.taking import Sent, discard, discard_held, release, take
from crm.domain.leads import actions as leads
from crm.domain.leads.models import Lead
from crm.domain.leads.record_type import LEAD
from crm.domain.modules.actions import switch_module
from crm.domain.notifications.models import Notification
from crm.domain.notifications.queries import notifications
from crm.domain.people.actions import SYSTEM
from crm.domain.people.granting import give_roles
from crm.domain.people.models import Person
from crm.domain.people.queries import ready_made
from crm.domain.tickets.models import Ticket
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.housekeeping import tidy
from crm.kernel.access import Reach, unscoped
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import Event, Origin, origin
from crm.kernel.fields import Context, read_rows
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from crm.web.notifications import address, words
from tests.domain.intake.conftest import wanted


def send(form, suspicion="", at="home", **texts):
    actor = actor_for(form)
    read = read_rows(asked(actor, form), [texts], Context(actor))[0]
    assert not read.problems
    values = {key: value for key, value in read.values.items() if value is not None}
    account = "\n".join(f"{key}: {text}" for key, text in texts.items())
    return take(form, Sent(texts, values, account, at, "en", suspicion, consent_version=1))


def one(entry):
    db.session.flush()
    entity = {"leads": Lead, "tickets": Ticket}[entry.record_type]
    with unscoped("a test looks at everything"):
        return db.session.get_one(entity, entry.record_id, populate_existing=True)


def test_a_lead_is_made_in_its_pool_with_what_the_form_sets(lead_form, cast):
    token = origin.set(Origin(address="203.0.113.9"))
    entry = send(lead_form, name="Zhang Wei", email="Zhang@Example.com", phone="13800138765", remarks="A trial, please")
    origin.reset(token)
    lead = one(entry)
    assert (entry.outcome, lead.name) == ("made", "Zhang Wei")
    assert (lead.email, lead.phone) == ("Zhang@example.com", "+8613800138765")
    assert (lead.source, lead.campaign, lead.owner_id) == ("website", "Autumn fair", None)
    assert lead.department_id == cast.rep.department_id
    made = db.session.scalars(select(Event).where(Event.name == "lead.created", Event.subject_id == lead.id)).one()
    assert made.actor_id is None and lead_form.name in made.reason
    assert made.address is None and "203.0.113.9" not in entry.address_hash
    may = actor_for(lead_form).reach
    assert may == {Permission.LEADS_CREATE: Reach.ALL}


def test_who_has_an_open_lead_writes_to_that_one(lead_form, cast):
    id_ = leads.create(cast.rep.actor, {"name": "张伟", "phone": None, "email": "zhang@example.com"})
    entry = send(lead_form, name="Zhang Wei", email="ZHANG@example.com", remarks="Me again")
    assert (entry.outcome, entry.record_id) == ("attached", id_)
    note = db.session.scalars(select(FollowUp).where(FollowUp.subject_id == id_)).one()
    assert "Me again" in note.body and note.author_id is None
    news = db.session.scalars(select(Notification).where(Notification.kind == "came_in")).one()
    assert news.person_id == cast.rep.id
    with unscoped("a test looks at everything"):
        lead = db.session.get(Lead, id_)
    leads.change(cast.rep.actor, lead, {"status": "discarded", "discard_reason": "no_need"})
    assert send(lead_form, name="Zhang Wei", email="zhang@example.com", remarks="Changed my mind").outcome == "made"


def test_the_same_text_of_the_same_sender_is_one_within_an_hour(lead_form, ticket_form):
    said = {"name": "Printer", "sender_email": "li@example.com", "description": "It smokes"}
    first = send(ticket_form, **said)
    assert send(ticket_form, at="elsewhere", **(said | {"description": " it  SMOKES "})).reference == first.reference
    assert send(ticket_form, **(said | {"description": "It burns"})).reference != first.reference
    nobody = {"name": "Call me"}
    assert send(lead_form, **nobody).reference == send(lead_form, **nobody).reference
    assert send(lead_form, at="elsewhere", **nobody).record_id != send(lead_form, **nobody).record_id
    with clock.frozen(clock.now() + dt.timedelta(minutes=61)):
        assert send(ticket_form, **said).reference != first.reference
    with unscoped("a test looks at everything"):
        assert db.session.scalar(select(func.count(Ticket.id))) == 3


def test_a_ticket_finds_its_contact_and_the_team_of_the_form(ticket_form, service, cast):
    customer = customers.create(cast.administrator.actor, {"name": "Acme", "phone": "+8613800138000"})
    contact = contacts.create(
        cast.administrator.actor, {"name": "Li Lei", "email": "li@acme.example", "customer": customer}
    )
    entry = send(ticket_form, name="Printer", sender_email="LI@acme.example", description="It smokes")
    ticket = one(entry)
    assert (ticket.contact_id, ticket.customer_id, ticket.channel) == (contact, customer, "web")
    assert (ticket.department_id, ticket.owner_id) == (service.department.id, None)
    assert ticket.description.startswith("It smokes\n\n") and "LI@acme.example" in ticket.description
    by_phone = one(send(ticket_form, name="By phone", sender_phone="138 0013 8000"))
    assert (by_phone.contact_id, by_phone.customer_id) == (None, customer)
    unknown = one(send(ticket_form, name="Unknown", sender_email="who@nowhere.example"))
    assert (unknown.contact_id, unknown.customer_id) == (None, None)
    twin = {"name": "Li Lei's twin", "email": "li@acme.example"}
    contacts.create(cast.administrator.actor, twin)  # of nobody: which of both it is cannot be told
    assert one(send(ticket_form, name="Which", sender_email="li@acme.example")).contact_id is None


def test_what_is_held_waits_for_a_person(lead_form, cast):
    admin = cast.administrator.actor
    let_in = send(lead_form, "trap", name="Spam?", email="a@example.com")
    thrown = send(lead_form, "no_proof", name="Spam!", email="b@example.com")
    assert {let_in.outcome, thrown.outcome} == {"held"} and let_in.record_id is None
    assert waiting() == {lead_form.id: 2} and set(entries(lead_form, "held")) == {let_in, thrown}
    release(admin, lead_form, let_in)
    assert one(let_in).name == "Spam?" and let_in.decided_by_id == cast.administrator.id
    discard(admin, thrown)
    assert thrown.outcome == "discarded" and waiting() == {}
    for again in (lambda: release(admin, lead_form, let_in), lambda: discard(admin, thrown)):
        with pytest.raises(RuleBroken):
            again()
    names = set(db.session.scalars(select(Event.name).where(Event.subject_type == "intake_entries")))
    assert names == {"intake.released", "intake.discarded"}


def test_all_that_is_held_is_thrown_away_at_once(lead_form, ticket_form, cast):
    kept = [send(lead_form, name="Real"), send(ticket_form, "trap", name="Of another form")]
    for n in range(3):
        send(lead_form, "trap", name=f"Spam {n}")
    assert discard_held(cast.administrator.actor, lead_form) == 3
    assert discard_held(cast.administrator.actor, lead_form) == 0
    assert waiting() == {ticket_form.id: 1} and [each.outcome for each in kept] == ["made", "held"]
    assert {each.decided_by_id for each in entries(lead_form, "discarded")} == {cast.administrator.id}
    told = db.session.scalars(select(Event).where(Event.name == "intake.held_discarded")).one()
    assert told.payload == {"count": 3}


def test_forms_ask_fields_of_the_company_and_nothing_that_tells_what_is_there(lead_form, cast):
    draft = partial(Draft, kind=FieldKind.TEXT, section="lead")
    size = own_fields.make(cast.administrator.actor, "leads", draft({"en": "Size", "zh_CN": "规模"}))
    unique = own_fields.make(cast.administrator.actor, "leads", draft({"en": "Number"}, is_unique=True))
    known = askable(actor_for(lead_form), "leads")
    assert {"name", "company", "email", "phone"} <= known.keys()
    assert not {"owner", "status", "source", "customer", "tags", "score", "region"} & known.keys()
    assert size.key in known and unique.key not in known
    assert "sender_email" in askable(actor_for(lead_form), "tickets")


def test_a_form_that_is_off_or_whose_module_is_off_takes_nothing(lead_form, cast):
    assert active_form("ask-leads") is lead_form
    switch_module(cast.administrator.actor, "leads", everyone=False)
    assert actor_for(lead_form) is None
    save_form(cast.administrator.actor, lead_form, wanted(active=False))
    assert active_form("ask-leads") is None


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"key": "Ask us!"}, "key"),
        ({"key": "ask-leads"}, "key"),
        ({"kind": "customers"}, "kind"),
        ({"title": {"en": " "}}, "title"),
        ({"fields": [("email", True)]}, "fields"),
        ({"fields": [("name", True)]}, "fields"),
        ({"preset": {"source": "the moon"}}, "preset-source"),
        ({"origins": ["example.com"]}, "origins"),
        ({"department_id": 10**9}, "department"),
        ({"consent": {"en": "x" * 2001}}, "consent"),
    ],
)
def test_what_a_form_cannot_be(lead_form, cast, wrong, where):
    with pytest.raises(Invalid) as refused:
        save_form(cast.administrator.actor, None, wanted(**({"key": "other"} | wrong)))
    assert refused.value.params["key"] == where


def test_words_of_consent_have_versions_and_sites_are_written_as_browsers_do(lead_form, cast):
    admin = cast.administrator.actor
    assert lead_form.consent is None
    for text in ("Yes, write to me", "Yes, write to me", "Yes, call me", ""):
        said = wanted(consent={"en": text}, origins=["HTTPS://Www.Example.com/contact", "http://localhost:8000"])
        save_form(admin, lead_form, said)
    assert [(each["version"], each["text"]["en"]) for each in lead_form.consents] == [
        (1, "Yes, write to me"),
        (2, "Yes, call me"),
        (3, ""),
    ]
    assert lead_form.consent is None and lead_form.origins == ["https://www.example.com", "http://localhost:8000"]
    assert db.session.scalar(select(func.count(Event.id)).where(Event.name == "intake.form_changed")) == 4


def test_a_proof_is_good_once(app):
    nonce = next(str(each) for each in range(10**6) if proof.is_solved("challenge", str(each)))
    assert not proof.is_solved("another", nonce) and not proof.is_solved("challenge", nonce + "x")
    assert not proof.is_solved("challenge", "9" * 30)
    assert proof.hand_in("challenge") and not proof.hand_in("challenge") and proof.hand_in("another")


def test_an_entry_keeps_what_was_typed_and_agreed_to(lead_form):
    entry = send(lead_form, name="Zhang", email="zhang@example.com")
    kept = db.session.scalars(select(IntakeEntry)).one()
    assert kept is entry and kept.given == {"name": "Zhang", "email": "zhang@example.com"}
    assert (kept.consent_version, kept.language) == (1, "en") and len(kept.reference) == 9


def test_whoever_decides_is_told_that_something_is_held_once_until_they_have_looked(lead_form, ticket_form, cast):
    """A flood is told once; nobody is told who may not decide, and the words are gone with the right."""

    def news(person):
        return [each for each in notifications(person.actor).told if each.notification.kind == "held"]

    def mine():
        return db.session.scalars(select(Notification).filter_by(kind="held").order_by(Notification.id)).all()

    for n in range(5):
        send(lead_form, "trap", name=f"Robot {n}")
    assert [(each.person_id, each.subject_id) for each in mine()] == [(cast.administrator.id, lead_form.id)]
    send(ticket_form, "trap", name="Robot")
    assert len(mine()) == 2  # of the other form
    assert [each.record for each in news(cast.administrator)] == [ticket_form.name, lead_form.name]
    assert words(cast.administrator.actor, news(cast.administrator)[0]).endswith(ticket_form.name)
    assert address(news(cast.administrator)[1]) == f"/admin/intake/{lead_form.id}/entries?outcome=held"
    mine()[0].read_at = clock.now()
    send(lead_form, "trap", name="At once")
    assert len(mine()) == 2
    with clock.frozen(clock.now() + dt.timedelta(hours=2)):
        send(lead_form, "trap", name="Later")
        assert len(mine()) == 3
    assert send(lead_form, name="Zhang", email="zhang@example.com").outcome == "made" and len(mine()) == 3
    give_roles(SYSTEM, cast.rep, [ready_made("administrator")])
    give_roles(SYSTEM, cast.administrator, [ready_made("sales_rep")])
    assert news(db.session.get(Person, cast.administrator.id, populate_existing=True)) == []


def test_what_a_stranger_sent_goes_with_what_it_became_or_was_merged_into(lead_form, ticket_form, cast):
    boss = cast.administrator.actor
    gone, merged, ticket = (
        send(lead_form, name="Zhang Wei", email="zhang@example.com"),
        send(lead_form, name="Zhang Wai", email="z.wai@example.com"),
        send(ticket_form, name="It smokes", sender_email="zhang@example.com"),
    )
    kept = send(lead_form, name="Li Na", email="li@example.com")
    LEAD.verbs.change(boss, one(kept), {"remarks": "Spoken to"})
    merging.merge(boss, LEAD, one(kept), one(merged))
    texts = {each.id: each.account for each in (gone, merged, ticket, kept)}

    def left():
        db.session.commit()
        tidy()
        return [texts[id_] for id_ in db.session.scalars(select(IntakeEntry.id).order_by(IntakeEntry.id))]

    def purge(entry):
        LEAD.verbs.delete(boss, one(entry))
        LEAD.verbs.purge(boss, one(entry))

    assert left() == list(texts.values())
    purge(gone)
    assert left() == [texts[each.id] for each in (merged, ticket, kept)]
    with unscoped("the given-up one is removed after its days"):
        db.session.execute(delete(Lead).where(Lead.id == merged.record_id))
    assert left() == [texts[each.id] for each in (merged, ticket, kept)]
    purge(kept)
    assert left() == [texts[ticket.id]]
