"""Which migrations this program knows, without Alembic: to read it in costs what a health check must not."""

import re
from functools import cache
from pathlib import Path

_VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
_REVISION = re.compile(r'^revision = "([^"]+)"', re.MULTILINE)
_BEFORE = re.compile(r"^down_revision = (.+)$", re.MULTILINE)


@cache
def known_heads() -> frozenset[str]:
    """The newest: what no other comes after."""
    texts = [path.read_text("utf-8") for path in _VERSIONS.glob("*.py")]
    before = {each for text in texts for line in _BEFORE.findall(text) for each in re.findall(r'"([^"]+)"', line)}
    return frozenset(each for text in texts for each in _REVISION.findall(text)) - before
