"""One field of each kind that administrators can make, with a value of it in every shape it goes through."""

from dataclasses import dataclass
from typing import Any

from crm.domain.fields import actions
from crm.domain.fields.drafts import ChoiceDraft, Draft
from crm.domain.fields.models import FieldDefinition
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.kinds import FieldKind as K
from crm.kernel.sealed import opened

CHOICES = (
    ChoiceDraft({"en": "Gold", "zh_CN": "金牌"}, tone="ok"),
    ChoiceDraft({"en": "Silver"}),
    ChoiceDraft({"en": "Tin"}),
)


@dataclass(frozen=True)
class Sample:
    """`typed` in a form or a file, `stored` in `custom`, `shown` on pages; `filter` finds it; `wrong` is refused."""

    typed: str
    stored: Any
    shown: str
    filter: str
    wrong: str = ""
    lesser: str = ""  # typed, and sorted before `typed`
    logged: str = ""  # what the log says of it, if not what is shown


class Sealed:
    """Equal to whatever opens to this text in the field that `made` makes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and other != self.text and opened("customers.x_own_field", other) == self.text

    __hash__ = None  # type: ignore[assignment]


SAMPLES = {
    K.TEXT: Sample("Über 密语", "Über 密语", "Über 密语", "contains=über", "x" * 501, "Aber"),
    K.LONG_TEXT: Sample("one\ntwo", "one\ntwo", "one", "contains=TWO"),
    K.NUMBER: Sample("1,234.50", "1234.5", "1,234.5", "min=1234.5", "much", "99"),
    K.MONEY: Sample("¥2,000.10", "2000.1", "¥2,000.10", "max=2000.10", "1.234", "99.9"),
    K.DATE: Sample("2026年2月3日", "2026-02-03", "Feb 3, 2026", "is=2026-02-03", "2026-02-30", "2025-12-31"),
    K.DATETIME: Sample(
        "2026-02-03T08:30",
        "2026-02-03 00:30:00+00:00",
        "Feb 3, 2026, 8:30:00",
        "gte=2026-02-03",
        "soon",
        "2025-12-31 09:00",
    ),
    K.CHOICE: Sample("金牌", "gold", "Gold", "in=gold,tin", "Bronze", ""),
    K.MULTI_CHOICE: Sample("tin,Gold", ["gold", "tin"], "Gold, Tin", "has=tin", "Gold,Lead"),
    K.YES_NO: Sample("no", False, "No", "is=no", "perhaps"),
    K.PERSON: Sample("sam@example.com", "rep", "Sam 王", "is=sam@example.com", "Nobody Known"),
    K.LINK: Sample("Nachtigall 贸易", "other", "Nachtigall 贸易", "is=Nachtigall 贸易", "No such company"),
    K.PHONE: Sample("13800138765", "+8613800138765", "138 0013 8765", "is=138-0013-8765", "12"),
    K.EMAIL: Sample("Li@EXAMPLE.com", "Li@example.com", "Li@example.com", "contains=li@", "nobody"),
    K.URL: Sample(
        "example.com/a", "https://example.com/a", "example.com/a", "contains=example.com/a", "javascript:alert(1)"
    ),
    K.ENCRYPTED: Sample(
        "Geheim Ｘ42", Sealed("Geheim Ｘ42"), "Geheim Ｘ42", "exactly=geheim x42", "x" * 501, logged="••••"
    ),
}


def draft(kind: K, label: str = "Own field", **more: Any) -> Draft:
    given: dict[str, Any] = {"section": "belonging", "label": {"en": label, "zh_CN": "自定义 " + label}}
    given |= {"choices": CHOICES} if kind in (K.CHOICE, K.MULTI_CHOICE) else {}
    given |= {"link_type": "customers"} if kind is K.LINK else {}
    return Draft(kind=kind, **(given | more))


def made(actor: Actor, kind: K, label: str = "Own field", **more: Any) -> FieldDefinition:
    definition = actions.make(actor, "customers", draft(kind, label, **more))
    db.session.commit()
    return definition
