"""What a mail is made of: ready words, a template and a record, or notifications. Kept as JSON until it is sent."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar


class Made:
    """A way of making a mail. `crm/web/letters.py` has a line for each."""

    kind: ClassVar[str]
    kinds: ClassVar[dict[str, type["Made"]]] = {}

    def __init_subclass__(cls) -> None:
        Made.kinds[cls.kind] = cls

    def kept(self) -> dict[str, Any]:
        return {"kind": self.kind} | asdict(self)  # type: ignore[call-overload,no-any-return]


@dataclass(frozen=True)
class Ready(Made):
    """Words that say nothing of any record. What somebody has written to whoever gets it is not `automatic`."""

    kind = "ready"

    subject: str
    text: str
    html: str | None = None
    automatic: bool = True


@dataclass(frozen=True)
class OfTemplate(Made):
    """`language` is that of the receiver where it is not said."""

    kind = "template"

    template_id: int
    record_type: str
    record_id: int
    language: str = ""


@dataclass(frozen=True)
class OfNotifications(Made):
    """One, or all of a digest."""

    kind = "notifications"

    ids: list[int]
    digest: bool = False


def made_of(kept: dict[str, Any]) -> Made:
    return Made.kinds[kept["kind"]](**{key: value for key, value in kept.items() if key != "kind"})
