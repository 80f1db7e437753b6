"""The language of whoever reads the answer, for words that come from the database rather than from a catalogue."""

from contextvars import ContextVar

reading: ContextVar[str] = ContextVar("reading", default="en")
