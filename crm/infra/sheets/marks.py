"""The line below a table taken away that says whose it is: known, and passed over like a blank one, when it is read."""

import re
from collections.abc import Sequence

_MARK = re.compile(r"※ .* \(crm-export \d+\)", re.DOTALL)


def marked(export_id: int, sentence: str) -> str:
    return f"※ {sentence} (crm-export {export_id})"


def is_mark(cells: Sequence[str]) -> bool:
    """Whether a row is that line and nothing else."""
    return bool(cells) and cells[0].startswith("※ ") and _MARK.fullmatch(cells[0]) is not None and not any(cells[1:])
