"""Checks in words, and what the weekly reminder says: how many of the reader's own fail which, when they read it."""

from collections.abc import Collection, Mapping, Sequence

from crm.domain.notifications.queries import names_of
from crm.domain.quality.checks import Check
from crm.domain.quality.queries import SETTINGS, mine
from crm.kernel.access import Actor
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.formats import number
from crm.web.i18n import gettext

_OF_TYPE = N_("%(title)s: %(checks)s")
_OF_CHECK = N_("%(check)s (%(count)s)")


def words_of(check: Check) -> str:
    label = check.params.get("field")
    return gettext(check.label, **{**check.params, **({"field": gettext(label)} if label else {})})


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """Where nothing of one's own is lacking any more there is nothing to be told of."""
    said = " · ".join(_of_type(*each) for each in mine(actor))
    return dict.fromkeys(ids, said) if said else {}


def _of_type(type_: RecordType, failing: Sequence[tuple[Check, int]]) -> str:
    some = [gettext(_OF_CHECK, check=words_of(check), count=number(count)) for check, count in failing]
    return gettext(_OF_TYPE, title=gettext(type_.label_plural), checks=gettext(N_(", ")).join(some))


names_of[SETTINGS] = _named
