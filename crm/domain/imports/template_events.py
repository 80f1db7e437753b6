from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class TemplateKept(Fact):
    name = "import_template.kept"
    sentence = N_("kept a matching of columns as the template “%(title)s”")
    icon = "upload"

    title: str
    record_type: str
    shared: bool


@dataclass(frozen=True)
class TemplateChanged(Fact):
    """`changes` is {"name" or "shared": [before, after]}."""

    name = "import_template.changed"
    sentence = N_("changed a template of imports")
    icon = "pencil"

    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class TemplateRemoved(Fact):
    name = "import_template.removed"
    sentence = N_("removed the template “%(title)s” of imports")
    icon = "trash-2"

    title: str
