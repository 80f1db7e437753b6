"""The piece of a text in which something was found."""

from collections.abc import Sequence

from crm.kernel.text import needle, query_tokens
from crm.kernel.text.script import merged, search_form

BEFORE, LENGTH = 20, 80  # characters


def excerpt(texts: Sequence[str], question: str) -> str:
    """Of the first text that has something of the question, else of the first, on one line."""
    wanted = list(filter(None, (needle(question), *query_tokens(question))))
    for text in texts:
        if (at := _place(text, wanted)) is not None:
            return _cut(text, at)
    return _cut(texts[0], 0) if texts else ""


def _place(text: str, wanted: Sequence[str]) -> int | None:
    """Where the first that is found begins. What is searched may be shorter or longer than what was written."""
    form, places = "", []
    for at, character in enumerate(text):
        made = merged(search_form(character)) or " "
        form += made
        places += [at] * len(made)
    return next((places[found] for each in wanted if (found := form.find(each)) >= 0), None)


def _cut(text: str, at: int) -> str:
    start = max(0, at - BEFORE) if at > BEFORE + 5 else 0
    piece = " ".join(text[start : start + LENGTH].split())
    return f"{'…' if start else ''}{piece}{'…' if start + LENGTH < len(text) else ''}"
