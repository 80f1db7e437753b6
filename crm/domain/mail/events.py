from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class MailSentAgain(Fact):
    name = "mail.sent_again"
    sentence = N_("had mails tried again that could not be sent: %(count)s")
    icon = "mail"

    count: int
