from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ModuleSwitched(Fact):
    """`changes` is {"everyone": [before, after], "departments": [names before, names after]}."""

    name = "module.switched"
    sentence = N_("switched where the module “%(module)s” is on")
    icon = "settings"

    module: str
    changes: dict[str, list[Any]]
