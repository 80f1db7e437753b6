"""Who listens to facts besides `crm/reactions.py`: what a company has made of its own, such as rules of automation.

The kernel knows no table of theirs. Whoever listens says which facts of a type it wants to hear, before anything is
written, so that a fact nobody listens to costs nothing.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from crm.kernel.access import Actor

Ear = Callable[[Any], bool]  # a Fact → whether it is to be heard


@dataclass(frozen=True)
class Run:
    """Many changes that are one deed, such as an import; `source` is the table and id of it, `imports:7`."""

    source: str
    heard: bool


class Listener(Protocol):
    def ear(self, actor: Actor, type_: str) -> Ear | None:
        """What it wants to hear of a type; None: nothing."""

    def keep(self, events: Sequence[tuple[int, dt.datetime]], source: str | None) -> None:
        """Write down, in the transaction under way, that these events (id, when) are to be dealt with."""


_listeners: list[Listener] = []
_run: ContextVar[Run | None] = ContextVar("run", default=None)


def listened_by(listener: Listener) -> None:
    _listeners[:] = [listener]


@contextmanager
def as_run(source: str, *, heard: bool) -> Iterator[None]:
    """What is changed in the block is part of a deed of many; unless somebody chose so, nobody listens."""
    token = _run.set(Run(source, heard))
    try:
        yield
    finally:
        _run.reset(token)


def ear(actor: Actor, type_: str) -> Ear | None:
    run = _run.get()
    if not _listeners or (run is not None and not run.heard):
        return None
    return _listeners[0].ear(actor, type_)


def keep(events: Sequence[tuple[int, dt.datetime]]) -> None:
    run = _run.get()
    _listeners[0].keep(events, run.source if run is not None else None)
