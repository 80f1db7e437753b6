"""A ticket's page, and the same ticket beside the queue: where it stands, what can be said, what is around it."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from flask import g, url_for

from crm.domain.people.models import Department
from crm.domain.tickets import queue
from crm.domain.tickets.answering import KIND_OF
from crm.domain.tickets.choices import CLOSED, NEW, OPEN, SOLVED, STATUSES, WAITING
from crm.domain.tickets.macros import filled, macros
from crm.domain.tickets.models import Ticket, TicketMacro
from crm.domain.tickets.watching import watchers
from crm.domain.timeline.fields import COMPOSED
from crm.web.formats import ago
from crm.web.forms import FieldForm
from crm.web.i18n import gettext, language
from crm.web.records.page import RecordPage
from crm.web.satisfaction import Asking
from crm.web.sla import ClockView, clocks

_PATH = (NEW, OPEN, WAITING, SOLVED, CLOSED)
_LABELS = {each.key: each.label for each in STATUSES}


class TicketPage(RecordPage):
    head_part = "tickets/_path.html"
    head_buttons = "tickets/_buttons.html"
    parts = ("tickets/_beside.html", "tickets/_satisfaction.html")
    composer_part = "tickets/_composer.html"
    said_public: bool | None = None  # as it was chosen
    status_chosen = ""
    macro_chosen = 0
    answered = False  # the composer holds what was sent, and is newer than any draft
    back = ""  # the queue, where it is shown there

    @cached_property
    def clocks(self) -> Sequence[ClockView]:
        return clocks(g.actor, [self.record]).get(self.record.id, [])

    @cached_property
    def satisfaction(self) -> Asking:
        return Asking(self.record)

    @cached_property
    def may_work(self) -> bool:
        return bool(g.actor.holds(self.record, self.type.may_edit)) and not g.actor.read_only

    @property
    def public(self) -> bool:
        """The composer answers the customer, unless somebody chooses otherwise or does not work on it."""
        return self.may_work and self.said_public is not False

    @property
    def may_claim(self) -> bool:
        return queue.may_claim(g.actor, self.record) and not g.actor.read_only

    @property
    def path(self) -> list[tuple[str, str]]:
        """(words, state) of each step; waiting is shown only while it waits."""
        now = self.record.status
        steps = [each for each in _PATH if each != WAITING or now == WAITING]
        at = steps.index(now)
        named = ("done", "current", "todo")
        return [(gettext(_LABELS[each]), named[(n >= at) + (n > at)]) for n, each in enumerate(steps)]

    @property
    def moves(self) -> list[tuple[str, str]]:
        """(status, words) it can be put into with one press, for whoever may."""
        if not self._sets_status:
            return []
        to = {NEW: (OPEN, SOLVED), OPEN: (WAITING, SOLVED), WAITING: (OPEN, SOLVED), SOLVED: (CLOSED, OPEN)}
        return [(each, gettext(_LABELS[each])) for each in to.get(self.record.status, (OPEN,))]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """What it can become with what is being said; besides, what a macro has chosen."""
        if not self._sets_status:
            return []
        to = {OPEN, WAITING, SOLVED, self.status_chosen}
        return [(each, gettext(_LABELS[each])) for each in _PATH if each in to and each != self.record.status]

    @property
    def _sets_status(self) -> bool:
        status = self.type.list.by_key.get("status")
        return self.may_work and status is not None and status.writable_by(g.actor)

    @cached_property
    def composer(self) -> FieldForm:
        return FieldForm(COMPOSED, {"kind": KIND_OF.get(self.record.channel or "", "note")} | self.draft)

    @property
    def description(self) -> str:
        return self.words("description")

    @cached_property
    def macros(self) -> list[tuple[int, str]]:
        return [(each.id, each.name) for each in macros()] if self.may_work else []

    def use(self, macro: TicketMacro) -> None:
        """Its words in the composer, in the reader's language, before what stood there; its steps chosen."""
        said = macro.body.get(language()) or next(iter(macro.body.values()), "")
        control = self.composer.by_name["body"]
        control.text = "\n".join(filter(None, (control.text, filled(said, self._words_for_macros()))))
        self.said_public, self.status_chosen, self.macro_chosen = macro.public, macro.status or "", macro.id

    def _words_for_macros(self) -> Mapping[str, str]:
        return {
            "number": self.record.number,
            "subject": self.record.name,
            "customer": self.words("customer").rpartition(" (")[0],
            "contact": self.words("contact").rpartition(" (")[0],
            "agent": g.person.name,
            "company": g.settings.company,
        }

    @cached_property
    def watchers(self) -> Sequence[tuple[int, str]]:
        return [(each.id, each.name) for each in watchers(self.record)]

    @property
    def watches(self) -> bool:
        return any(id_ == g.actor.id for id_, _ in self.watchers)

    @cached_property
    def teams(self) -> list[tuple[int, str]]:
        """It can be handed to."""
        mine = self.may_work and (
            self.record.owner_id == g.actor.id or g.actor.holds(self.record, self.type.may_assign)
        )
        known: Sequence[Department] = queue.all_teams() if mine else ()
        here = None if self.record.owner_id is not None else self.record.department_id
        return [(each.id, each.name) for each in known if each.id != here]

    @cached_property
    def beside(self) -> list[tuple[str, str, str, str, str]]:
        """(name, address, status, its tone, when) of what the same customer has asked for besides; whoever may not
        know whose it is is told of nothing."""
        known = self.type.list.by_key
        if "customer" not in known or "contact" not in known:
            return []
        return [self._told(each) for each in queue.beside(g.actor, self.record)]

    @cached_property
    def undone_parts(self) -> int:
        return len(queue.undone_parts(g.actor, self.record))

    def _told(self, each: Ticket) -> tuple[str, str, str, str, str]:
        status = self.type.list.by_key.get("status")
        choice = status.choice(each.status) if status else None
        words, tone = (gettext(choice.label), choice.tone) if choice else ("", "")
        when = ago(each.opened_at) if "opened" in self.type.list.by_key else ""
        return each.name, url_for("tickets.show", record_id=each.id), words, tone, when
