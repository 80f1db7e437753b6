from dataclasses import dataclass

from crm.domain.mail.made import Made


@dataclass(frozen=True)
class OfAccount(Made):
    """What somebody is told about their account: a line of LETTERS in `crm/web/account_letter.py`. A link is made when
    the mail is, so that nobody can read it in the outbox. `address` is the one concerned where it is not theirs."""

    kind = "account"

    what: str
    person_id: int
    address: str = ""
