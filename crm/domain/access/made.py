from dataclasses import dataclass

from crm.domain.mail.made import Made


@dataclass(frozen=True)
class OfRefusal(Made):
    """Whoever asked for an account gets none."""

    kind = "access_refused"

    request_id: int
