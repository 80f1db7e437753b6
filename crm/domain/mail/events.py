from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class MailSentAgain(Fact):
    name = "mail.sent_again"
    sentence = N_("had %(count)s mails that could not be sent tried again")
    icon = "mail"

    count: int
