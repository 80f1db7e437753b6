"""Parts of the product that can be switched off, for everybody or for all but some departments.

Off means gone: its addresses are 404, and whatever its permissions allow is not allowed, so that menus, buttons,
search and jobs, which all ask the actor, know nothing of it. Its data stays as it is.
A new area adds its line to MODULES and names its module in its CrmBlueprint.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import BigInteger, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crm.infra.db import Model, db
from crm.kernel.permissions import Action, Permission, permissions
from crm.kernel.text import N_


@dataclass(frozen=True)
class Module:
    key: str
    label: str
    sentence: str
    needs: tuple[str, ...] = ()  # modules without which it makes no sense
    permissions: frozenset[Permission] = frozenset()  # what is not allowed while it is off
    always: bool = False


MODULES: dict[str, Module] = {
    module.key: module
    for module in (
        Module("customers", N_("Customers"), N_("Companies and persons we sell to, and their timeline."), always=True),
        Module(
            "contacts",
            N_("Contacts"),
            N_("The people at %(customers)s."),
            ("customers",),
            permissions(("contacts",)),
        ),
        Module("products", N_("Products"), N_("What we sell."), (), permissions(("products",))),
        Module(
            "orders",
            N_("Orders"),
            N_("What %(customers)s bought, and what they are worth by it."),
            ("customers", "products"),
            permissions(("orders",)),
        ),
        Module(
            "goals",
            N_("Goals"),
            N_("What is to be reached in a month, a quarter or a year, and how far it is."),
            ("customers",),
            frozenset({Permission.GOALS_READ, Permission.GOALS_SET}),
        ),
        Module(
            "opportunities",
            N_("Opportunities"),
            N_("Possible deals and their way through the stages of a pipeline."),
            ("customers", "contacts"),
            permissions(("opportunities",)),
        ),
        Module(
            "leads",
            N_("Leads"),
            N_("Who may be interested and is no %(customer)s yet; the pool, the rules about them and conversion."),
            ("customers",),
            permissions(("leads",)),
        ),
        Module(
            "tickets",
            N_("Tickets"),
            N_("What %(customers)s ask for, complain about or send back; the queues of teams and what is promised."),
            ("customers", "tasks"),
            permissions(("tickets",)),
        ),
        Module(
            "tasks",
            N_("Tasks"),
            N_("What is to be done by when, its reminders and the calendar."),
            (),
            permissions(("tasks",)),
        ),
        Module(
            "imports",
            N_("Imports"),
            N_("Records from spreadsheets. An import that runs while it is switched off stops and can go on later."),
            ("customers",),
            permissions(actions=(Action.IMPORT,)) | {Permission.IMPORTS_READ},
        ),
        Module(
            "exports",
            N_("Exports"),
            N_("Lists taken away as files. What is being written while it is switched off is not finished."),
            ("customers",),
            permissions(actions=(Action.EXPORT,)),
        ),
        Module(
            "dashboards",
            N_("Dashboards"),
            N_("Pictures of sales, %(customers)s and service, each number with the list it counts."),
            ("customers",),
        ),
        Module(
            "reports",
            N_("Reports"),
            N_("Questions over a list that people put together, keep and share, each number with the list it counts."),
            ("customers",),
        ),
        Module(
            "report_mails",
            N_("Reports by mail"),
            N_("Reports sent as files at set times. While it is switched off nothing of them leaves by mail."),
            ("customers",),
        ),
        Module(
            "quality",
            N_("Data quality"),
            N_("How full, valid and fresh the records are, by department and owner, and how that changes."),
            ("customers",),
        ),
        Module(
            "bulk",
            N_("Changes of many records"),
            N_("One change to all the records of a list, made by a worker."),
            ("customers",),
            permissions(actions=(Action.BULK,)),
        ),
        Module(
            "api",
            N_("API"),
            N_("Other programs read and write records, each with the key of a person and never more than they may."),
            ("customers",),
            frozenset({Permission.SYSTEM_API}),
        ),
        Module(
            "automation",
            N_("Automation"),
            N_("Rules that act by themselves when something happens. While it is switched off no rule acts."),
            ("customers",),
            frozenset({Permission.SYSTEM_AUTOMATE}),
        ),
        Module(
            "feedback",
            N_("Feedback"),
            N_("From every page people say what is wrong and what is good, and are told what becomes of it."),
        ),
        Module(
            "audit",
            N_("Audit log"),
            N_("The page of the log. What happens is noted and sealed whether it is switched on or not."),
            (),
            frozenset({Permission.SYSTEM_AUDIT}),
        ),
    )
}


@dataclass(frozen=True)
class Where:
    """Where a module is on: for everybody, else in these departments and those below them."""

    everyone: bool = True
    departments: frozenset[int] = frozenset()

    def covers(self, other: "Where") -> bool:
        """Whether this one is on wherever the other is."""
        return self.everyone or (not other.everyone and other.departments <= self.departments)

    def within(self, above: Collection[int]) -> bool:
        """Whether it is on in a department; `above` are its id and those of all it is below."""
        return self.everyone or not self.departments.isdisjoint(above)


class ModuleSwitch(Model):
    """Where one module is on. A module without a row is on for everybody."""

    __tablename__ = "module_switches"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    everyone: Mapped[bool]
    departments: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))

    @property
    def where(self) -> Where:
        return Where(self.everyone, frozenset(self.departments))


def switches() -> dict[str, Where]:
    """Module → where it is on, as they are stored."""
    return {each.key: each.where for each in db.session.scalars(select(ModuleSwitch))}


def switched_on(known: Mapping[str, Where], above: Collection[int]) -> frozenset[str]:
    """The modules that are on in a department; one whose needs are off is off."""
    on = {key for key, module in MODULES.items() if module.always or known.get(key, Where()).within(above)}
    while lacking := {key for key in on if not on.issuperset(MODULES[key].needs)}:
        on -= lacking
    return frozenset(on)


def lacking_for(on: Collection[str], permission: Permission) -> Module | None:
    """The module that is off where the permission belongs to it."""
    return next((each for key, each in MODULES.items() if key not in on and permission in each.permissions), None)


def forbidden(on: Collection[str]) -> frozenset[Permission]:
    """What nobody may do for whom only these modules are on."""
    return frozenset(each for key, module in MODULES.items() if key not in on for each in module.permissions)
