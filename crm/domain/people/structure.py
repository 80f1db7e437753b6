"""The department tree: make, rename, move a branch, close. Records keep a department's id: a move rewrites none."""

from collections.abc import Callable

from sqlalchemy import func, select, update

from crm.domain.people.events import DepartmentChanged, DepartmentCreated
from crm.domain.people.models import Department, Person
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean

LONGEST = 100
# Called when a person or a department hangs from another one; areas above put themselves here.
when_moved: list[Callable[[Actor], None]] = []


def create_department(actor: Actor, *, name: str, parent: Department | None = None) -> Department:
    department = Department(name=_name(name), parent_id=parent.id if parent else None)
    db.session.add(department)
    record(actor, department, DepartmentCreated(department.name))  # which gives it its id
    department.path = f"{parent.path if parent else '/'}{department.id}/"
    reshaped()
    return department


def rename_department(actor: Actor, department: Department, *, name: str) -> None:
    before, department.name = department.name, _name(name)
    if before != department.name:
        record(actor, department, DepartmentChanged({"name": [before, department.name]}))
        reshaped()


def move_department(actor: Actor, department: Department, *, parent: Department | None) -> None:
    """With everything below it. A branch cannot hang from itself."""
    if parent is not None and parent.path.startswith(department.path):
        raise RuleBroken(N_("A department cannot be moved below itself."))
    if (parent.id if parent else None) == department.parent_id:
        return
    before, old = department.parent_id, department.path
    new = f"{parent.path if parent else '/'}{department.id}/"
    db.session.execute(
        update(Department)
        .where(Department.path.startswith(old, autoescape=True))
        .values(path=new + func.substr(Department.path, len(old) + 1))
        .execution_options(synchronize_session="fetch")
    )
    department.parent_id = parent.id if parent else None
    record(actor, department, DepartmentChanged({"parent": [before, department.parent_id]}))
    reshaped()
    for listener in when_moved:
        listener(actor)


def close_department(actor: Actor, department: Department) -> None:
    """Only an empty one: nobody in it, nothing open below it. Its records keep it, and it stays in the log."""
    below = select(Department.id).where(Department.parent_id == department.id, Department.closed_at.is_(None))
    if db.session.scalar(below.limit(1)) is not None:
        raise RuleBroken(N_("There are departments below this one: move or close them first."))
    if db.session.scalar(select(Person.id).where(Person.department_id == department.id, Person.active).limit(1)):
        raise RuleBroken(N_("There are people in this department: move them first."))
    department.closed_at = clock.now()
    record(actor, department, DepartmentChanged({"closed": [False, True]}))
    reshaped()


def _name(name: str) -> str:
    name = clean(name)
    if not name:
        raise Invalid(N_("A department needs a name."))
    if len(name) > LONGEST:
        raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(name), most=LONGEST)
    return name
