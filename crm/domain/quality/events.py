from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class QualitySettingsChanged(Fact):
    name = "quality.settings_changed"
    sentence = N_("changed how the quality of data is counted")
    icon = "list-checks"

    stale_days: int
    fields: dict[str, list[str]]
    remind_weekday: int | None
    remind_hour: int
