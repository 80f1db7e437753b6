"""Who did what an event tells: a person, a rule of automation, or the program by itself."""

from collections.abc import Mapping
from typing import Any

from crm.kernel.events import Event
from crm.kernel.text import N_
from crm.web.i18n import gettext


def doer(event: Event, names: Mapping[Any, str]) -> str:
    """A rule stands in its events by its name, with what it acted on."""
    if name := names.get(event.actor_id or 0):
        return name
    if event.caused_by is not None and event.reason:
        return gettext(N_("Automation rule “%(title)s”"), title=gettext(event.reason))
    return gettext(N_("System"))
