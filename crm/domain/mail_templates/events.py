from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class MailTemplateChanged(Fact):
    """`changes` is {key: [before, after]}; of a new one nothing was before."""

    name = "mail_template.changed"
    sentence = N_("changed the mail template “%(title)s”")
    icon = "mail"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class MailTemplateRetired(Fact):
    name = "mail_template.retired"
    sentence = N_("retired the mail template “%(title)s”")
    icon = "mail"

    title: str
