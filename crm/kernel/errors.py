"""Errors a person can act on. `crm/web/errors.py` turns each into an answer.

`message` is a gettext id with `%(name)s` places, `params` fills them: the sentence is
made in the reader's language at the edge, never here. A list fills its place with its words, each translated.
"""

from typing import Any


class _Places(dict[str, Any]):
    """What fills a sentence; the nouns of types of record fill themselves at the edge (`crm/web/nouns.py`)."""

    def __missing__(self, key: str) -> str:
        return key


class _Told(Exception):
    def __init__(self, message: str, **params: Any) -> None:
        plain = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in params.items()}
        super().__init__(message % _Places(plain) if "%(" in message else message)
        self.message = message
        self.params = params


class Invalid(_Told, ValueError):
    """A value cannot be used (422). Says what is wrong with it and what would be right."""


class RuleBroken(_Told):
    """The request made sense, but the rules of the business forbid it (409)."""


class Conflict(RuleBroken):
    """Someone else changed the same thing first (409)."""
