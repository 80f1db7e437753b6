"""A public form as a visitor has it, and what is to be thought of what they send."""

from collections.abc import Mapping

from flask import request

from crm.domain.intake.asking import SENDER, asked
from crm.domain.intake.models import TICKETS, IntakeForm
from crm.domain.intake.proof import BITS, hand_in, is_solved
from crm.domain.intake.taking import REFUSED, Sent
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.events import plain
from crm.kernel.language import reading
from crm.kernel.text import N_
from crm.web.fields import plain_to_shown
from crm.web.forms import FieldForm
from crm.web.i18n import gettext, language
from crm.web.visitors import LONGEST_VISIT, age_of, is_ours, key_of, said_in, ticket_for

TRAP, TICKET, NONCE, CONSENT = "homepage", "opened", "proof", "consent"
QUICKEST = 2  # seconds in which nobody fills in a form
SUSPICIONS = {
    "trap": N_("A field was filled in that people do not see."),
    "no_page": N_("It was not sent from the page."),
    "quick": N_("It was filled in within two seconds."),
    "no_proof": N_("The browser did not do the work asked of it; perhaps it runs no scripts."),
    REFUSED: N_("Rules of its type refuse it: let it in to see why, and mend the form, or enter it by hand."),
    "replayed": N_("The same piece of work was handed in twice."),
}
_OLD = N_("The page was open for a very long time. What you typed is still there: send it once more.")
_LOOK = N_("Please look at it once more, and send it from here.")
_AGREE = N_("Please agree first, or we may not keep what you write.")
_OTHER_WORDS = N_("The words you agree to have changed meanwhile. Please read them again.")
# What a visitor is asked as “your”, as colleagues read it.
_OURS = {N_("Your name"): N_("Name"), N_("Your e-mail"): N_("E-mail"), N_("Your phone"): N_("Phone")}


class Visit:
    """`given` is what was sent; `problems` are (id of a control, sentence)."""

    def __init__(self, form: IntakeForm, actor: Actor, given: Mapping[str, str] | None = None) -> None:
        self.form, self.given = form, given or {}
        fields = asked(actor, form)
        self.fields = FieldForm.posted(fields, given) if given is not None else FieldForm(fields)
        self.more_problems: list[tuple[str, str]] = []
        self.age: float | None = None

    @property
    def title(self) -> str:
        return said_in(self.form.title)

    @property
    def intro(self) -> list[str]:
        return said_in(self.form.intro).splitlines()

    @property
    def consent(self) -> str:
        return said_in(self.form.consent["text"]) if self.form.consent else ""

    @property
    def consent_version(self) -> int | None:
        return self.form.consent["version"] if self.form.consent else None

    @property
    def agreed(self) -> bool:
        return self.given.get(CONSENT) == str(self.consent_version)

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [*self.fields.errors, *self.more_problems]

    @property
    def opened(self) -> str:
        return ticket_for(self.form.id)

    @property
    def bits(self) -> int:
        return BITS if self.form.proof else 0

    def read(self) -> bool:
        """False where the visitor has to look at it again, which `problems` say."""
        self.fields.read()
        if self.form.consent and not self.agreed:
            self.more_problems.append((CONSENT, gettext(_OTHER_WORDS if self.given.get(CONSENT) else _AGREE)))
        if not self.problems and self._comes_from_elsewhere:
            self.more_problems.append(("", gettext(_LOOK)))
        self.age = age_of(self.given.get(TICKET, ""), self.form.id)
        if self.age is not None and self.age > LONGEST_VISIT:
            self.more_problems.append(("", gettext(_OLD)))
        return not self.problems

    @property
    def _origin(self) -> str | None:
        """Of another site, as its browser says; None for ours, and for whoever says nothing."""
        said = request.headers.get("Origin")
        return None if said is None or is_ours(said) else said

    @property
    def _comes_from_elsewhere(self) -> bool:
        """From a site that may not have the form, or where the work cannot have been done: a page of ours comes first,
        so that nothing typed is lost and nobody sends without seeing it."""
        return self._origin is not None and (self.form.proof or self._origin not in self.form.origins)

    def suspicion(self) -> str:
        """Why a person should look at it first, or nothing. A piece of work is used up by this."""
        if self.given.get(TRAP):
            return "trap"
        if self._origin is None and self.age is None:
            return "no_page"
        if self.form.proof:
            challenge = self.given.get(TICKET, "")
            if not is_solved(challenge, self.given.get(NONCE, "")):
                return "no_proof"
            return "" if hand_in(challenge) else "replayed"
        return "quick" if self.age is not None and self.age < QUICKEST else ""

    def sent(self) -> Sent:
        suspicion = self.suspicion()
        sent = Sent(
            {each.name: each.text for each in self.fields if each.text},
            {key: value for key, value in self.fields.values.items() if value is not None},
            "",
            key_of(request.remote_addr or ""),
            language(),
            suspicion,
            self._origin,
            self.consent_version,
        )
        return sent.with_account(self._account(sent.reference))

    def _account(self, reference: str) -> str:
        """In the company's language, as colleagues read it."""
        token = reading.set(company.language)
        try:
            return "\n".join([*self._lines(), *self._foot(reference)])
        finally:
            reading.reset(token)

    def _lines(self) -> list[str]:
        """A ticket has places for all but who wrote."""
        only = {each.key for each in SENDER} if self.form.kind == TICKETS else None
        sentence = N_("%(label)s: %(words)s")
        return [
            gettext(
                sentence,
                label=gettext(_OURS.get(each.field.label, each.field.label)),
                words=plain_to_shown(each.field, plain(value), {}),
            )
            for each in self.fields
            if (value := self.fields.values.get(each.name)) is not None and (only is None or each.name in only)
        ]

    def _foot(self, reference: str) -> list[str]:
        where = N_("Sent by the form “%(title)s”, reference %(reference)s. Who they are was not checked.")
        return [gettext(where, title=self.form.name, reference=reference)]
