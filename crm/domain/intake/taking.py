"""Taking what strangers send: it becomes a record, belongs to one that is there, or waits for a person. All of it is
kept, and whoever sent it is told the same in each case."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select, update

from crm.domain.intake.asking import PRESET, VERBS, actor_for, asked, preset_fields
from crm.domain.intake.events import EntryDiscarded, EntryReleased, HeldDiscarded
from crm.domain.intake.matching import open_lead, who_it_is
from crm.domain.intake.models import ATTACHED, DISCARDED, HELD, LEADS, MADE, IntakeEntry, IntakeForm
from crm.domain.intake.telling import tell_of_held
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.timeline.actions import add_follow_up
from crm.infra import clock, json
from crm.infra.db import db, driven
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import because, origin, record
from crm.kernel.fields import Context, read_rows
from crm.kernel.text import N_, fold

ONE = dt.timedelta(hours=1)  # in which the same text of the same sender is one
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
REFUSED = "refused"  # held, since the rules of the type would not have it
_TURN = 4_080_046  # the key of the lock: one entry is taken after the other, so that two of one person meet
_OFF = N_("This form is switched off, or its part of the product is: nothing was changed.")
_DECIDED = N_("Somebody else has decided about this one already.")


def _reference() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


@dataclass(frozen=True)
class Sent:
    """`texts` as they were typed and `values` as the form's fields read them, both by field key; `account` is what was
    typed in words of ours; `suspicion` says why it should wait for a person, or nothing."""

    texts: Mapping[str, str]
    values: Mapping[str, Any]
    account: str
    address_hash: str
    language: str
    suspicion: str = ""
    origin: str | None = None
    consent_version: int | None = None
    reference: str = field(default_factory=_reference)  # what the visitor is told

    def with_account(self, account: str) -> "Sent":
        return replace(self, account=account)


def take(form: IntakeForm, sent: Sent) -> IntakeEntry:
    """The entry, with the reference to tell; for what was sent just now already, that of before."""
    _one_after_the_other()
    digest, now = _digest(form, sent), clock.now()
    same = select(IntakeEntry).where(IntakeEntry.digest == digest, IntakeEntry.came_at > now - ONE)
    if before := db.session.scalars(same.order_by(IntakeEntry.id.desc()).limit(1)).first():
        return before
    entry = IntakeEntry(
        form_id=form.id,
        reference=sent.reference,
        came_at=now,
        given=dict(sent.texts),
        account=sent.account,
        digest=digest,
        address_hash=sent.address_hash,
        language=sent.language,
        origin=sent.origin,
        consent_version=sent.consent_version,
        outcome=HELD,
        suspicion=sent.suspicion or None,
    )
    if not sent.suspicion:
        _try_to_let_in(form, entry, sent.values)
    db.session.add(entry)
    db.session.flush()
    if entry.outcome == HELD:
        tell_of_held(form, entry)
    return entry


def _one_after_the_other() -> None:
    driven("SELECT pg_advisory_xact_lock(%(turn)s)", {"turn": _TURN})


def _try_to_let_in(form: IntakeForm, entry: IntakeEntry, values: Mapping[str, Any]) -> None:
    """What the rules of the type refuse is nothing the visitor could mend, nor are they to lose what they wrote."""
    with because(None):  # a stranger gives no reasons for our log
        try:
            with db.session.begin_nested():
                _let_in(form, entry, values)
        except (Invalid, RuleBroken):
            entry.outcome, entry.suspicion, entry.record_type, entry.record_id = HELD, REFUSED, None, None


def _digest(form: IntakeForm, sent: Sent) -> str:
    """Who left no way to be reached is who they are by where they write from."""
    texts = {key: fold(text) for key, text in sent.texts.items() if text.strip()}
    by = "" if any("phone" in key or "email" in key for key in texts) else sent.address_hash
    return hashlib.sha256(json.dumps([form.id, by, sorted(texts.items())]).encode()).hexdigest()


def _let_in(form: IntakeForm, entry: IntakeEntry, values: Mapping[str, Any]) -> None:
    actor = actor_for(form)
    if actor is None:
        raise RuleBroken(_OFF)
    with _by_form(form):
        entry.record_type = form.kind
        become = _lead if form.kind == LEADS else _ticket
        entry.outcome, entry.record_id = become(actor, form, entry, values)


@contextmanager
def _by_form(form: IntakeForm) -> Iterator[None]:
    """The log says by which form it came, and nothing of where the visitor's computer stands. Why a tag is put on was
    said by whoever made the form."""
    came = origin.get()
    token = origin.set(replace(came, address=None, through=form.name, takes_back=True))
    try:
        yield
    finally:
        origin.reset(token)


def _lead(actor: Actor, form: IntakeForm, entry: IntakeEntry, values: Mapping[str, Any]) -> tuple[str, int]:
    there = open_lead(values.get("email"), values.get("phone"))
    if there is None:
        return MADE, VERBS[form.kind].create(actor, _preset(actor, form) | dict(values))
    add_follow_up(actor, there, {"kind": "note", "body": entry.account})
    if there.owner_id is not None:
        notify(Kind.CAME_IN, [News(there.owner_id, "leads", there.id, f"{there.id}:{entry.reference}")])
    return ATTACHED, there.id


def _ticket(actor: Actor, form: IntakeForm, entry: IntakeEntry, values: Mapping[str, Any]) -> tuple[str, int]:
    own = {key: value for key, value in values.items() if not key.startswith("sender_")}
    whose = who_it_is(values.get("sender_email"), values.get("sender_phone"))
    description = "\n\n".join(filter(None, (own.get("description"), entry.account)))
    made = _preset(actor, form) | own | whose | {"channel": "web", "description": description}
    open_ = VERBS[form.kind].open_fields(actor)
    return MADE, VERBS[form.kind].create(actor, {key: value for key, value in made.items() if key in open_})


def _preset(actor: Actor, form: IntakeForm) -> dict[str, Any]:
    """What cannot be read any more, such as a type or a tag that was retired, is left out."""
    texts = {key: text for key, text in form.preset.items() if key in PRESET[form.kind] and text}
    fields = preset_fields(actor, form.kind)
    values = read_rows(fields, [texts], Context(actor))[0].values
    if values.get("tags"):
        known = next(each.tags for each in fields if each.key == "tags")
        gone = {each.key for each in known.added(None, values["tags"]) if each.retired}
        values["tags"] = [each for each in values["tags"] if known.key(each) not in gone]
    return {key: value for key, value in values.items() if value}


def release(actor: Actor, form: IntakeForm, entry: IntakeEntry) -> None:
    """What was held comes in as if nothing had been odd about it."""
    _one_after_the_other()
    _decide(actor, entry)
    acting = actor_for(form)
    if acting is None:
        raise RuleBroken(_OFF)
    fields = asked(acting, form)
    read = read_rows(fields, [entry.given], Context(acting))[0]
    if read.problems or not entry.given.keys() <= {each.key for each in fields}:
        raise Invalid(N_("The form asks other things by now, and this does not fit it. Enter it by hand."))
    values = {key: value for key, value in read.values.items() if value is not None}
    _let_in(form, entry, values)
    record(actor, entry, EntryReleased(entry.reference))


def discard(actor: Actor, entry: IntakeEntry) -> None:
    _decide(actor, entry)
    entry.outcome = DISCARDED
    record(actor, entry, EntryDiscarded(entry.reference))


def discard_held(actor: Actor, form: IntakeForm) -> int:
    """All that waits, when robots have been busy; returns how many."""
    held = update(IntakeEntry).where(IntakeEntry.form_id == form.id, IntakeEntry.outcome == HELD)
    thrown = held.values(outcome=DISCARDED, decided_by_id=actor.id, decided_at=clock.now()).returning(IntakeEntry.id)
    count = len(db.session.scalars(thrown.execution_options(synchronize_session="fetch")).all())
    if count:
        record(actor, form, HeldDiscarded(count))
    return count


def _decide(actor: Actor, entry: IntakeEntry) -> None:
    db.session.refresh(entry, with_for_update=True)
    if entry.outcome != HELD:
        raise RuleBroken(_DECIDED)
    entry.decided_by_id, entry.decided_at = actor.id, clock.now()
