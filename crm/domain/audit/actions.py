"""What is done with the log itself stands in the log too."""

from collections.abc import Mapping

from crm.domain.audit.events import LogExported
from crm.domain.people.models import Person
from crm.kernel.access import Actor
from crm.kernel.events import record


def note_export(actor: Actor, person: Person, asked: Mapping[str, str], count: int) -> None:
    record(actor, person, LogExported(count, dict(asked)))
