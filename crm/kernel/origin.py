"""Where a change came from and why: told on every event, without being handed from verb to verb."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Origin:
    """Where a change came from and why, as whoever made it said: kept on every event for the audit log."""

    request_id: str | None = None
    address: str | None = None
    reason: str | None = None
    takes_back: bool = False  # gives back what was there, or what was asked for: why, was told then
    through: str | None = None  # the program that spoke for the actor; no reason, though it stands beside it
    caused_by: int | None = None  # the event that a rule of automation acts on

    @property
    def told(self) -> str | None:
        return " · ".join(filter(None, (self.reason, self.through))) or None


_NOWHERE = Origin()
origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)
LONGEST_REASON = 500


@contextmanager
def because(reason: str | None, *, takes_back: bool = False) -> Iterator[None]:
    """Every event of the block has this reason."""
    token = origin.set(replace(origin.get(), reason=reason, takes_back=takes_back))
    try:
        yield
    finally:
        origin.reset(token)
