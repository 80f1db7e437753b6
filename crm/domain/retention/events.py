from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class BinDaysChanged(Fact):
    """`changes` is {"bin_days": [before, after]}."""

    name = "retention.bin_days_changed"
    sentence = N_("changed after how many days deleted records are removed for good")
    icon = "trash-2"

    changes: dict[str, list[int]]
