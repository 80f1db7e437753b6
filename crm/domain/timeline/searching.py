"""What follow-ups are searched by."""

from collections.abc import Mapping
from typing import Any

from crm.kernel.text import search_text, search_tokens, tsvector

SEARCHED = ("body", "result", "next_step")


def searched(values: Mapping[str, Any]) -> str:
    """The derived column, from the values by field key."""
    return tsvector(search_tokens("", *(values.get(key) for key in SEARCHED)))


def haystack(values: Mapping[str, Any]) -> str:
    """In which the needle of a question must be: made when something is found, since few are and all would be kept."""
    return search_text("", *(values.get(key) for key in SEARCHED))
