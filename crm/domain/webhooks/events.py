from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class WebhookMade(Fact):
    """Of the address only where it leads: what follows may be a secret."""

    name = "webhook.made"
    sentence = N_("added the webhook “%(title)s” to %(host)s")
    icon = "settings"

    title: str
    host: str


@dataclass(frozen=True)
class WebhookRetired(Fact):
    name = "webhook.retired"
    sentence = N_("removed the webhook “%(title)s”")
    icon = "trash-2"

    title: str


@dataclass(frozen=True)
class WebhookSentAgain(Fact):
    name = "webhook.sent_again"
    sentence = N_("had a message to the webhook “%(title)s” sent again")
    icon = "undo-2"

    title: str
    key: str
