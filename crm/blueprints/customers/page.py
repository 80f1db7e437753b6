"""The page of a customer: its facts, and what it is worth by its orders."""

from functools import cached_property

from flask import g

from crm.domain.customers.value import VALUE_FIELDS
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.records.page import RecordPage


class CustomerPage(RecordPage):
    parts = ("customers/_value.html",)

    @cached_property
    def worth(self) -> list[tuple[str, str]]:
        """(label, words) of what the reader may know; nothing where there has been no order."""
        if "orders" not in g.actor.modules or "orders.customer" not in self.there or self.record.value is None:
            return []
        known = [self.type.list.by_key[each.key] for each in VALUE_FIELDS if each.key in self.type.list.by_key]
        return [(gettext(each.label), words) for each in known if (words := self.words(each.key))]

    @property
    def level_words(self) -> str:
        """Where the level comes from, if anything has given it."""
        given, level = self.record.value.level_given, self.record.level
        if given is None or level is None or "level" not in self.type.list.by_key:
            return ""
        if given == level:
            return gettext(N_("The level follows from the scores."))
        return gettext(N_("A person chose the level: the scores leave it. Empty it to let them choose again."))
