from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class NotificationPreferencesChanged(Fact):
    name = "notifications.preferences_changed"
    sentence = N_("changed how they are told of news")
    icon = "bell"
