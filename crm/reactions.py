"""What follows from what. One table, read top to bottom."""

from collections.abc import Callable

from crm.domain.audit import reactions as audit
from crm.domain.audit.events import LogExported, VerificationAsked
from crm.domain.automation.rules import Listening
from crm.domain.bulk import reactions as bulk
from crm.domain.bulk.events import BulkWaits
from crm.domain.duplicates import reactions as duplicates
from crm.domain.duplicates.events import DuplicatesAsked
from crm.domain.exports import reactions as exports
from crm.domain.exports.events import ExportAsked
from crm.domain.handover import reactions as handover
from crm.domain.handover.events import PersonDeactivated, PersonReactivated
from crm.domain.imports import reactions as imports
from crm.domain.imports.events import ImportWaits
from crm.domain.leads import reactions as leads
from crm.domain.leads.events import LeadScoresWaited
from crm.domain.rfm import reactions as rfm
from crm.domain.rfm.events import RfmAsked
from crm.domain.sla import reactions as sla
from crm.domain.sla.events import SlaWaits
from crm.domain.undoing import reactions as undoing
from crm.domain.undoing.events import UndoWaits
from crm.kernel.events import Event, Fact

REACTIONS: tuple[tuple[type[Fact], Callable[[Event], None]], ...] = (
    (ImportWaits, imports.call_a_worker),
    (BulkWaits, bulk.call_a_worker),
    (UndoWaits, undoing.call_a_worker),
    (ExportAsked, exports.write_soon),
    (PersonDeactivated, handover.call_a_worker),
    (PersonReactivated, handover.call_a_worker),
    (VerificationAsked, audit.verify_soon),
    (LogExported, audit.write_soon),
    (LeadScoresWaited, leads.score_soon),
    (RfmAsked, rfm.call_a_worker),
    (SlaWaits, sla.reckon_soon),
    (DuplicatesAsked, duplicates.call_a_worker),
)

# What administrators make follow, which no release knows: rules of automation hear of what they ask for.
LISTENER = Listening()
