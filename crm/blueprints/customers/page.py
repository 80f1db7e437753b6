"""The page of a customer: its facts, what it is worth by its orders, and the pool."""

import datetime as dt
from functools import cached_property

from flask import g

from crm.domain.customers.pool_rules import Pools, pools_of
from crm.domain.customers.value import VALUE_FIELDS
from crm.domain.pool.due import goes_back_on
from crm.domain.pool.moving import hold_of
from crm.kernel.company import company
from crm.kernel.permissions import Action, Permission, permission
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.records.page import RecordPage

_ASSIGN = permission("customers", Action.ASSIGN)
_NEAR = dt.timedelta(days=30)  # what is to come later is not worth a line


class CustomerPage(RecordPage):
    parts = ("customers/_value.html",)
    head_buttons = "customers/_buttons.html"
    head_part = "customers/_pool.html"
    pool_problem = ""  # why something about the pool was refused

    @property
    def may_claim(self) -> bool:
        return self.record.owner_id is None and g.actor.may(self.type.may_edit) and not g.actor.read_only

    @property
    def may_give(self) -> bool:
        """Into the pool, or keep out of it."""
        return self.record.owner_id is not None and g.actor.holds(self.record, _ASSIGN) and not g.actor.read_only

    @cached_property
    def protected_until(self) -> dt.date | None:
        hold = hold_of(self.record.id) if self.has_rules else None
        until = hold.protected_until if hold else None
        return until if until is not None and until >= company.today() else None

    @cached_property
    def goes_back_on(self) -> dt.date | None:
        """For whoever has it or may give it, where it is near: it tells of deals and orders as well."""
        theirs = self.record.owner_id == g.actor.id or g.actor.holds(self.record, Permission.CUSTOMERS_ASSIGN)
        day = goes_back_on(self._pools, self.record) if self.has_rules and theirs else None
        return day if day is not None and day <= company.today() + _NEAR else None

    @property
    def has_rules(self) -> bool:
        """Whether anything could go back by itself."""
        return bool(self._pools.own)

    @cached_property
    def _pools(self) -> Pools:
        return pools_of(g.actor)

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
