"""Pages of work that is under way or waits for somebody: brought about while the workers rest, so that they stay so."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import psutil
from sqlalchemy import select, text

from crm.domain.audit import exports
from crm.domain.confirming.models import PendingChange
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.exports import rights
from crm.domain.exports.models import Export
from crm.domain.fields import actions as fields
from crm.domain.fields.drafts import Draft
from crm.domain.fields.models import KeyRotation
from crm.domain.goals.actions import Wanted, set_goal
from crm.domain.handover.actions import deactivate
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.mail.actions import To, post
from crm.domain.mail.made import Ready
from crm.domain.mail.models import MailRow
from crm.domain.mail_templates.queries import delivered
from crm.domain.opportunities import actions as opportunities
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.domain.sampling import actions as sampling
from crm.domain.sampling.queries import rows_of
from crm.domain.saved_views import actions as views
from crm.domain.tickets import shaping
from crm.domain.tickets.macros import save_macro
from crm.domain.tokens.actions import make_token
from crm.domain.undoing.models import ImportUndo, ImportUndoRow
from crm.infra import clock
from crm.infra.sheets.model import Inspection
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.contact import Phone
from crm.kernel.kinds import FieldKind
from tests.e2e.ruled import rules_and_hooks, tidy_rules
from tests.e2e.system import Someone, System

MANY = 1_500  # records of somebody who leaves: more than are handed over at once


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "worker" in process.cmdline()
    except (psutil.NoSuchProcess, FileNotFoundError):  # a child that has done its job meanwhile
        return False


@contextmanager
def workers_at_rest(system: System) -> Iterator[None]:
    """The workers of this system alone, stopped in the middle of whatever they do."""
    workers = [each for each in psutil.Process(system.process.pid).children(recursive=True) if _is_worker(each)]
    assert workers
    for each in workers:
        each.suspend()
    try:
        yield
    finally:
        for each in workers:
            each.resume()


@dataclass(frozen=True)
class Waiting:
    """Addresses by name."""

    pages: dict[str, str]


@contextmanager
def waiting(system: System, who: Someone) -> Iterator[Waiting]:
    """`who` administers. What is left is taken back, so that other tests meet the system as it was."""
    leaving = system.person("李新 Leaving")
    rep = system.person("王小明 Rep")
    (customer, *_) = system.customers(
        rep, {"name": "杭州西湖龙井茶叶专业合作社", "phone": Phone("+862163351234", "021-63351234")}
    )
    system.customers(leaving, *({"name": f"Left behind {n}"} for n in range(MANY)))
    with workers_at_rest(system):
        pages = _handover(system, who, leaving) | _fields(system) | _of_views(system, who) | _log(system, who)
        pages |= _exports(system, who) | _confirmations(system, rep, customer)
        pages |= {"retention": "/admin/retention", "names": "/admin/names"}
        pages |= _keys(system, who) | _team(system, who) | _of_tickets(system, who)
        pages |= _mail(system, who) | rules_and_hooks(system, who, customer)
        pages |= _of_an_import(system, who)
        yield Waiting(pages)
        with system.acting() as session:
            _tidy(session)


def _of_an_import(system: System, who: Someone) -> dict[str, str]:
    """Undone in part, and compared in part."""
    read = Inspection("csv", 1, heading_row=1, columns=2, sample=[(1, ["name", "remarks"])])
    ids = system.customers(who, {"name": "新公司", "remarks": "来自文件"}, {"name": "Acme", "remarks": "changed since"})
    with system.acting() as session:
        done = {"state": "done", "rows": 2, "valid": 2, "created": 2, "finished_at": clock.now()}
        import_ = Import(
            owner_id=who.id,
            record_type="customers",
            filename="客户.csv",
            size=1,
            sha256="0",
            mapping={"0": "name", "1": "remarks"},
            inspection=read.to_dict(),
            **done,
        )
        session.add(import_)
        session.flush()
        for line, id_ in enumerate(ids, 2):
            session.add(ImportRow(import_id=import_.id, line=line, state="valid", raw=["新公司", "来自文件"]))
            session.add(ImportResult(import_id=import_.id, line=line, outcome="created", record_id=id_))
        counts = {"total": 2, "removed": 1, "kept": 1, "recalled": 3, "untold": 1}
        look = {"kind": "preview", "state": "done", "finished_at": clock.now()}
        undo = ImportUndo(import_id=import_.id, by_id=who.id, **look, **counts)
        session.add(undo)
        session.flush()
        why = [["touched", None, {"by": who.id}]]
        kept = {"record_type": "customers", "record_id": ids[1], "outcome": "kept", "conflicts": why}
        session.add(ImportUndoRow(undo_id=undo.id, line=3, **kept))
        sample = sampling.draw(who.actor, import_)
        session.flush()
        first, _ = rows_of(sample)
        sampling.judge(who.actor, import_, sample, first, wrong=["remarks"], note="x")
        at, of = f"/imports/{import_.id}/undo", f"/samples/{sample.id}"
        return {
            "what undoing would do": at,
            "what undoing would keep": f"{at}/{undo.id}/rows/kept",
            "a new sample": f"/samples/of/{import_.id}?new=1",
            "a sample": of,
            "a row of a sample": f"{of}/rows/{first.line}",
            "a sample to be printed": f"{of}/print",
        }


def _handover(system: System, who: Someone, leaving: Someone) -> dict[str, str]:
    with system.acting() as session:
        handover = deactivate(who.actor, session.get(Person, leaving.id), session.get(Person, who.id))
        session.flush()
        handover.given = 600
    return {"hand-over": f"/admin/people/{leaving.id}"}


def _fields(system: System) -> dict[str, str]:
    with system.acting() as session:
        for name, state in (("Contract value", "building"), ("Signed on", "failed"), ("Members", "queued")):
            field = fields.make(SYSTEM, "customers", Draft(label={"en": name}, kind=FieldKind.NUMBER, section="reach"))
            field.index_state = state
        session.add(KeyRotation(key_id="0badc0de", done=40, total=100))
    return {"indexes under way": "/admin/fields"}


def _of_views(system: System, who: Someone) -> dict[str, str]:
    with system.acting():
        view = views.save(who.actor, CUSTOMER, name="重点客户", query=Query(filters=(("level", "is", "a"),)))
        system_id = view.id
    return {
        "replacing a view": "/views/customers/new?list=level__is%3Db%26sort%3Dname",
        "a view": f"/views/{system_id}",
    }


def _log(system: System, who: Someone) -> dict[str, str]:
    found = {}
    with system.acting() as session:
        for name in ("under way", "done", "failed"):
            export = exports.ask(who.actor, session.get(Person, who.id), {}, "csv")
            export.attempts, export.total, export.written = 1, 90_000, 36_000
            if name == "done":
                export.finished_at, export.storage_key = clock.now(), "nothing"
            if name == "failed":
                export.finished_at = clock.now()
                export.problem = {"message": "Whoever asked for it may not read the log any more.", "params": {}}
            session.flush()
            found[f"file of the log {name}"] = f"/audit/exports/{export.id}"
    return found


def _keys(system: System, who: Someone) -> dict[str, str]:
    with system.acting():
        make_token(who.actor, "ERP", writes=True, types=("orders",), expires_on=company.today())
    return {"API keys": "/account/keys"}


def _team(system: System, who: Someone) -> dict[str, str]:
    """With deals and a goal, of which some is reached."""
    with system.acting():
        id_ = customers.create(who.actor, {"name": "Acme of the team"})
        opportunities.create(who.actor, {"name": "A deal", "customer": id_, "amount": Decimal(1_000)})
        whole = {"department_id": who.actor.department_id}
        set_goal(who.actor, Wanted("new_customers", "month", company.today(), Decimal(4), **whole))
    return {"home of a team": "/home/?of=team"}


def _of_tickets(system: System, who: Someone) -> dict[str, str]:
    with system.acting() as session:
        department = who.actor.department_id
        assert department is not None
        shaping.set_team(who.actor, department, "turns", [who.id])
        above = shaping.make_topic(who.actor, "category", shaping.TopicDraft({"en": "Hardware", "zh_CN": "硬件"}))
        below = {"en": "Printer", "zh_CN": "打印机"}
        shaping.make_topic(who.actor, "category", shaping.TopicDraft(below, ["printers"], "", department), above.code)
        given = {"name": "Thanks", "body": {"en": "Dear {{contact}}"}, "public": True, "status": "solved"}
        macro = save_macro(who.actor, None, given)
        session.flush()
        address = f"/admin/tickets/macros/{macro.id}"
    root = "/admin/tickets"
    found = {"types of tickets": f"{root}/types", "categories of tickets": f"{root}/categories"}
    return found | {"teams with a queue": f"{root}/teams", "macros": f"{root}/macros", "a macro": address}


def _mail(system: System, who: Someone) -> dict[str, str]:
    with system.acting() as session:
        for state, error in (("failed", "SMTPRecipientsRefused(…)"), ("waiting", "ConnectionRefusedError(111)")):
            posted = post(who.actor, To(who.id), Ready("x", "x"), key=f"axe:{who.id}:{state}")
            mail = session.get(MailRow, posted)
            mail.state, mail.error = state, error
        template_id = delivered("introduction").id
    pages = {"outbox of mail": "/admin/mail", "mail templates": "/admin/mail-templates"}
    pages |= {"mail template": f"/admin/mail-templates/{template_id}", "how one is told": "/account/notifications"}
    return pages


def _exports(system: System, who: Someone) -> dict[str, str]:
    found = {"an export": "/exports/customers/new?list=level__is%3Da%26cols%3Dphone", "exports": "/exports/"}
    with system.acting() as session:
        for name in ("under way", "done", "stopped"):
            export = Export(
                owner_id=who.id, record_type="customers", asked=[], fields=["name"], names="labels", format="xlsx"
            )
            export.attempts, export.total, export.written = 1, 90_000, 36_000
            if name == "done":
                export.finished_at, export.storage_key, export.size = clock.now(), "nothing", 4_000_000
                export.rights = rights.kept(who.actor, "customers", [])
            if name == "stopped":
                export.finished_at = clock.now()
                export.problem = {"message": "The account it runs for was switched off.", "params": {}}
            session.add(export)
            session.flush()
            found[f"an export {name}"] = f"/exports/{export.id}"
    return found


def _confirmations(system: System, rep: Someone, customer: int) -> dict[str, str]:
    with system.acting():
        _phone_is(sensitive=True)
    with system.acting() as session:
        rep_now = session.get(Person, rep.id).actor
        known = session.scalars(Customer.visible_to(rep_now).where(Customer.id == customer)).one()
        customers.change(rep_now, known, {"phone": Phone("+8613800138000", "138 0013 8000")})
        session.flush()
        pending = session.scalars(select(PendingChange.id).where(PendingChange.subject_id == customer)).one()
    return {
        "confirmations": "/confirmations",
        "a change that waits": f"/confirmations/{pending}",
        "record with a change that waits": f"/customers/{customer}",
    }


def _tidy(session) -> None:
    tidy_rules(session)
    session.execute(text("DELETE FROM mails WHERE key LIKE 'axe:%'"))
    session.execute(text("DELETE FROM key_rotations WHERE key_id = '0badc0de'"))
    for table in ("log_exports", "exports"):
        session.execute(text(f"DELETE FROM {table} WHERE total = 90000"))
    session.execute(text("UPDATE pending_changes SET state = 'withdrawn' WHERE state = 'asked'"))
    for each in fields._fields_of("customers"):
        if each.label.get("en") in ("Contract value", "Signed on", "Members"):
            each.index_state = None
            fields.retire(SYSTEM, each)
    _phone_is(sensitive=False)


def _phone_is(*, sensitive: bool) -> None:
    phone = next(each for each in CUSTOMER.fields if each.key == "phone")
    fields.change_standard(SYSTEM, "customers", phone, label={}, hidden=False, required=False, sensitive=sensitive)
