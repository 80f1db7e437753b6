"""What some of the tags mean that the made-up company uses."""

from crm.demo.words import MEANINGS
from crm.domain.tags import shaping
from crm.domain.tags.shaping import TagDraft
from crm.kernel.access import Actor


def make_tags(actor: Actor) -> None:
    for english, chinese, meaning, chinese_meaning, tone, asks_why in MEANINGS:
        label, description = {"en": english, "zh_CN": chinese}, {"en": meaning, "zh_CN": chinese_meaning}
        shaping.make(actor, TagDraft(label, description, tone, asks_why))
