from dataclasses import dataclass

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ImportFileDaysChanged(Fact):
    """`changes` is {"import_file_days": [before, after]}."""

    name = "retention.import_file_days_changed"
    sentence = N_("changed after how many days files of imports are deleted")
    icon = "trash-2"

    changes: dict[str, list[int]]


@dataclass(frozen=True)
class BinDaysChanged(Fact):
    """`changes` is {"bin_days": [before, after]}."""

    name = "retention.bin_days_changed"
    sentence = N_("changed after how many days deleted records are removed for good")
    icon = "trash-2"

    changes: dict[str, list[int]]
