"""What can happen to an opportunity, and to the pipelines it goes through."""

from dataclasses import dataclass
from typing import Any

from crm.domain.records.events import facts_of
from crm.kernel.events import Fact
from crm.kernel.text import N_

FACTS = facts_of("Opportunity")


@dataclass(frozen=True)
class OpportunityContactAdded(Fact):
    """Whose name it is, is for whoever may see the contact."""

    name = "opportunity.contact_added"
    sentence = N_("added a contact to this deal")
    icon = "user"

    contact_id: int
    role: str | None


@dataclass(frozen=True)
class OpportunityContactRemoved(Fact):
    name = "opportunity.contact_removed"
    sentence = N_("removed a contact from this deal")
    icon = "user"

    contact_id: int
    role: str | None


@dataclass(frozen=True)
class OpportunityLineAdded(Fact):
    name = "opportunity.line_added"
    sentence = N_("added the product “%(title)s”")
    icon = "plus"

    title: str
    values: dict[str, Any]


@dataclass(frozen=True)
class OpportunityLineChanged(Fact):
    name = "opportunity.line_changed"
    sentence = N_("changed the product “%(title)s”")
    icon = "pencil"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class OpportunityLineRemoved(Fact):
    name = "opportunity.line_removed"
    sentence = N_("removed the product “%(title)s”")
    icon = "trash-2"

    title: str
    values: dict[str, Any]


@dataclass(frozen=True)
class PipelineMade(Fact):
    name = "pipeline.made"
    sentence = N_("made the pipeline “%(title)s”")
    icon = "plus"

    title: str


@dataclass(frozen=True)
class PipelineChanged(Fact):
    """`changes` may be of label (by language), position and retired."""

    name = "pipeline.changed"
    sentence = N_("changed the pipeline “%(title)s”")
    icon = "pencil"

    title: str
    changes: dict[str, list[Any]]


@dataclass(frozen=True)
class StageMade(Fact):
    name = "stage.made"
    sentence = N_("made the stage “%(title)s”")
    icon = "plus"

    title: str
    values: dict[str, Any]


@dataclass(frozen=True)
class StageChanged(Fact):
    """`changes` may be of label (by language), probability, rotting_days, required, position and retired."""

    name = "stage.changed"
    sentence = N_("changed the stage “%(title)s”")
    icon = "pencil"

    title: str
    changes: dict[str, list[Any]]
