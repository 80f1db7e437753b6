"""What is left of a value for somebody who may know its shape but not the value."""

import re

_DOTS = "****"
_DIGIT = re.compile(r"\d")


def masked(text: str) -> str:
    """138 0013 8000 → 138****8000, li.lei@example.com → l****@example.com, anything else → its first character.

    Always four stars: how much is hidden is not told.
    """
    if "@" in text:
        name, _, domain = text.partition("@")
        return f"{name[:1]}{_DOTS}@{domain}"
    digits = "".join(_DIGIT.findall(text))
    if len(digits) >= 7 and len(digits) * 2 > len(text):
        return f"{digits[:3]}{_DOTS}{digits[-4:]}"
    return f"{text[:1]}{_DOTS}"
