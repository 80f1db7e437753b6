"""Notifications in words: a table of the kinds there are, for the page, for mail and for whoever chooses among them."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import g

from crm.domain.mail_templates.queries import template
from crm.domain.notifications.kinds import Kind
from crm.domain.notifications.queries import MOST, UNREAD, Told, unread
from crm.kernel.access import Actor
from crm.kernel.language import reading
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.letters import compose

LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class Manner:
    """`sentence` is what is told, `choice` how it is called among the preferences."""

    icon: str
    sentence: str
    choice: str


MANNERS: Mapping[Kind, Manner] = {
    Kind.MENTIONED: Manner(
        "message-square",
        N_("%(who)s points a follow-up out to you: %(name)s"),
        N_("Somebody points a follow-up out to me"),
    ),
    Kind.ASSIGNED: Manner(
        "user", N_("%(who)s gave you something to do: %(name)s"), N_("Somebody gives me something to do")
    ),
    Kind.DUE: Manner("clock", N_("Due: %(name)s"), N_("Something is due")),
    Kind.BIRTHDAY: Manner("calendar", N_("The birthday of %(name)s is near"), N_("A birthday is near")),
    Kind.POOL_NEAR: Manner(
        "inbox",
        N_("Goes back into the public pool soon, unless you follow it up: %(name)s"),
        N_("One of mine goes back into the public pool soon"),
    ),
    Kind.POOLED: Manner(
        "inbox", N_("Went back into the public pool: %(name)s"), N_("One of mine went back into the public pool")
    ),
    Kind.ACCESS_ASKED: Manner(
        "user",
        N_("%(who)s asks to see %(name)s: share it, or say no, on its page"),
        N_("Somebody asks to see one of mine"),
    ),
    Kind.ACCESS_GRANTED: Manner(
        "users", N_("%(who)s has shared %(name)s with you, as you asked"), N_("What I asked to see is shared with me")
    ),
    Kind.ACCESS_WANTED: Manner(
        "user", N_("Access is asked for: %(name)s"), N_("Somebody asks for a list or an account")
    ),
    Kind.ACCESS_DECIDED: Manner(
        "user",
        N_("%(who)s has decided about your request: %(name)s"),
        N_("It is decided what I get of what I asked for"),
    ),
    Kind.NEEDS_SALES: Manner(
        "inbox",
        N_("%(who)s asks you to look after a %(ticket)s of your %(customer)s: %(name)s"),
        N_("A %(ticket)s of one of my %(customers)s needs sales"),
    ),
    Kind.SALES_DONE: Manner(
        "check", N_("%(who)s has looked after it for sales: %(name)s"), N_("Sales has looked after one of mine")
    ),
    Kind.TICKET_NEWS: Manner(
        "inbox", N_("There is news of %(name)s"), N_("There is news of a %(ticket)s that I own or watch")
    ),
    Kind.SLA_NEAR: Manner(
        "clock", N_("Due soon by what is promised: %(name)s"), N_("What is promised about a %(ticket)s is due soon")
    ),
    Kind.SLA_LATE: Manner(
        "circle-alert", N_("Later than promised: %(name)s"), N_("A %(ticket)s is later than promised")
    ),
    Kind.LOW_RATING: Manner(
        "circle-alert",
        N_("A %(customer)s is not content: %(name)s"),
        N_("A %(customer)s of mine or of my team is not content"),
    ),
    Kind.CAME_IN: Manner(
        "inbox",
        N_("Somebody has written again by a form: %(name)s"),
        N_("Somebody whose %(lead)s I have writes again by a form"),
    ),
    Kind.HELD: Manner(
        "inbox",
        N_("What came in by a form is held and waits for you: %(name)s"),
        N_("What came in by a public form is held"),
    ),
    Kind.VERIFY: Manner(
        "list-checks",
        N_("%(who)s asks you to compare rows of an import: %(name)s"),
        N_("Somebody asks me to compare rows of an import"),
    ),
    Kind.EXPORTED: Manner("download", N_("Your export is ready: %(name)s"), N_("My export is ready")),
    Kind.EXPORTED_REGULARLY: Manner(
        "download", N_("Your regular export is ready: %(name)s"), N_("A regular export of mine is ready")
    ),
    Kind.NOT_EXPORTED: Manner("circle-alert", N_("Your export stopped: %(name)s"), N_("My export stopped")),
    Kind.NOT_SAVED: Manner(
        "circle-alert", N_("The backup could not be made: %(name)s"), N_("A backup could not be made")
    ),
    Kind.QUALITY: Manner(
        "list-checks",
        N_("Of what is yours could be better: %(name)s"),
        N_("Once a week: what of mine could be better"),
    ),
    Kind.AUTOMATED: Manner("list-checks", N_("%(who)s: %(name)s"), N_("A rule points something out to me")),
    Kind.AUTOMATED_DIGEST: Manner(
        "upload",
        N_("Many records at once: %(name)s"),
        N_("An import, or a change of many records, brings me something"),
    ),
    Kind.FEEDBACK: Manner(
        "message-square",
        N_("%(who)s says something about the program: %(name)s"),
        N_("Somebody gives feedback about the program"),
    ),
    Kind.FEEDBACK_ANSWERED: Manner(
        "message-square", N_("%(who)s has answered your feedback: %(name)s"), N_("My feedback is answered")
    ),
    Kind.SYSTEM_TROUBLE: Manner(
        "circle-alert", N_("The system needs you: %(name)s"), N_("Something is wrong with the system")
    ),
    Kind.SYSTEM_WELL: Manner(
        "circle-check", N_("Well again: %(name)s"), N_("What was wrong with the system is well again")
    ),
    Kind.SYSTEM_MONTH: Manner(
        "list-checks",
        N_("How the program was used: report of %(name)s"),
        N_("The monthly report of the system is there"),
    ),
    Kind.MESSAGE: Manner("mail", "", N_("A message that a rule sends me")),
}


# What there is nothing to be told of where a module is off.
OF_MODULES: Mapping[str, tuple[Kind, ...]] = {
    "exports": (Kind.EXPORTED, Kind.EXPORTED_REGULARLY, Kind.NOT_EXPORTED),
    "imports": (Kind.VERIFY,),
    "quality": (Kind.QUALITY,),
    "feedback": (Kind.FEEDBACK, Kind.FEEDBACK_ANSWERED),
    "leads": (Kind.CAME_IN,),
    "tickets": (
        Kind.NEEDS_SALES,
        Kind.SALES_DONE,
        Kind.TICKET_NEWS,
        Kind.SLA_NEAR,
        Kind.SLA_LATE,
        Kind.LOW_RATING,
    ),
}


def words(actor: Actor, told: Told) -> str:
    """What is told, in the language of the context; "" where there is nothing the actor may read."""
    one = told.notification
    if one.template_id is not None:
        return _message(actor, told)
    sentence = MANNERS[Kind(one.kind)].sentence
    return gettext(sentence, who=told.by or gettext(N_("System")), name=told.record)


def _message(actor: Actor, told: Told) -> str:
    one = told.notification
    row = template(one.template_id or 0)
    if row is None:
        return ""
    letter = compose(row, one.subject_type, one.subject_id, actor, reading.get(), actor.name)
    return " ".join(letter.text.split())[:LONGEST_MESSAGE] if letter else ""


# Of what has no page at its own name.
_PLACES = {
    "intake_forms": "/admin/intake/{}/entries?outcome=held",
    "import_samples": "/samples/{}",
    "backups": "/admin/backups",
    "quality_settings": "/quality/",
    "regular_exports": "/exports/",
    "system_troubles": "/admin/system",
    "system_months": "/admin/system/months/{}",
    "access_requests": "/access/{}",
}


def address(told: Told) -> str:
    one = told.notification
    place = _PLACES.get(one.subject_type, f"/{one.subject_type}/{{}}").format(one.subject_id)
    return f"{place}#sharing" if one.kind == Kind.ACCESS_ASKED else place


def unread_words() -> str:
    """How many wait for the actor, as it stands on the bell."""
    along = {} if g.get("viewed") else g.get("along", {})
    waiting = along[UNREAD] if UNREAD in along else unread(g.actor)
    return "" if not waiting else f"{MOST}+" if waiting > MOST else str(waiting)


def bell_words(count: str) -> str:
    return gettext(N_("Notifications: %(count)s unread"), count=count) if count else gettext(N_("Notifications"))


def wanted_kinds() -> list[Kind]:
    """Those that can happen to whoever asks: of a part that is off there is nothing to be told."""
    off = {kind for module, kinds in OF_MODULES.items() if module not in g.actor.modules for kind in kinds}
    if not g.actor.may(Permission.SYSTEM_ADMINISTER):
        off |= {Kind.ACCESS_WANTED, Kind.HELD, Kind.FEEDBACK, Kind.SYSTEM_TROUBLE, Kind.SYSTEM_WELL, Kind.NOT_SAVED}
        off.add(Kind.SYSTEM_MONTH)
    return [each for each in Kind if each not in off]
