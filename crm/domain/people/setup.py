"""The first administrator: a page that opens only to whoever started the program and can read its token."""

import hmac
from pathlib import Path

from crm.config import Settings
from crm.domain.people.queries import anyone
from crm.infra.secret import kept


def _path(settings: Settings) -> Path:
    return settings.instance / "setup_token"


def setup_token(settings: Settings) -> str | None:
    """The token of the first-run page; None once somebody has an account."""
    return None if anyone() else kept(_path(settings))


def token_fits(settings: Settings, given: str) -> bool:
    token = setup_token(settings)
    return token is not None and hmac.compare_digest(token.encode(), given.encode())


def forget_token(settings: Settings) -> None:
    _path(settings).unlink(missing_ok=True)
