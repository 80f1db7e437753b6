from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class ModuleNamed(Fact):
    """`changes` is {"name": [before, after]}, each {language: words}."""

    name = "module.named"
    sentence = N_("changed what the module “%(module)s” is called")
    icon = "pencil"

    module: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class TypeNamed(Fact):
    """`changes` is {"one": [before, after], "many": …}, each {language: words}."""

    name = "type.named"
    sentence = N_("changed what the records of the type “%(type)s” are called")
    icon = "pencil"

    type: str
    changes: dict[str, list[Any]]
