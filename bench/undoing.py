"""An import taken back: 28,000 rows, half of which made a customer and half of which changed one."""

import io
import time
from collections.abc import Callable
from typing import Any

from flask import current_app

from bench.audit import empty
from bench.result import Measured
from crm.domain.customers.actions import create_many
from crm.domain.imports import actions as imports
from crm.domain.imports.models import Import
from crm.domain.imports.targets import TARGETS
from crm.domain.people.actions import SYSTEM, create_person
from crm.domain.people.models import Person
from crm.domain.undoing import actions
from crm.domain.undoing.models import ImportUndo
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs import imports as importing
from crm.jobs import undoing
from crm.kernel.access import unscoped

ROWS = 28_000
_HEADINGS = ("name", "phone", "level", "remarks")


def undo_28k_s() -> Measured:
    """Value: seconds until an import of 28,000 rows is undone by one worker, from the wish to the last record; the look
    beforehand, making it again and the import itself beside it."""
    with empty():
        actor = _prepared()
        import_, seconds = _imported(actor)
        detail: dict[str, Any] = {"import_s": seconds, "created": import_.created, "updated": import_.updated}
        detail["preview_s"], look = _timed(actions.preview, actor, import_)
        value, undo = _timed(actions.undo, actor, import_)
        detail["redo_s"], redo = _timed(actions.redo, actor, import_)
        detail |= {
            "ratio_to_import": value / seconds,
            "removed": undo.removed,
            "restored": undo.restored,
            "previewed": look.removed + look.restored,
            "made_again": redo.brought_back + redo.changed,
        }
    return Measured("undo_28k_s", value, "s", ROWS, detail)


def _prepared() -> Any:
    person = create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
    rows = [{"name": f"Customer {n}", "level": "c", "remarks": "before"} for n in range(ROWS // 2)]
    for at in range(0, len(rows), 2_000):
        create_many(person.actor, rows[at : at + 2_000])
    db.session.commit()
    return db.session.get_one(Person, person.id).actor


def _imported(actor: Any) -> tuple[Import, float]:
    lines = [",".join(_HEADINGS)] + [f"Customer {n},,a,from the file" for n in range(ROWS)]
    stored = storage_for(current_app.config["SETTINGS"]).put(io.BytesIO("\n".join(lines).encode()), suffix=".csv")
    import_ = imports.upload(actor, TARGETS["customers"], filename="customers.csv", stored=stored)
    db.session.commit()
    importing.sweep()
    imports.map_columns(actor, _fresh(import_.id), mapping={0: "name", 2: "level", 3: "remarks"})
    db.session.commit()
    importing.sweep()
    imports.start(actor, _fresh(import_.id), duplicates="update")
    db.session.commit()
    begun = time.perf_counter()
    importing.sweep()
    return _fresh(import_.id), time.perf_counter() - begun


def _timed(begin: Callable[[Any, Import], ImportUndo], actor: Any, import_: Import) -> tuple[float, ImportUndo]:
    undo = begin(actor, _fresh(import_.id))
    db.session.commit()
    begun = time.perf_counter()
    undoing.sweep()
    seconds = time.perf_counter() - begun
    db.session.refresh(undo)
    return seconds, undo


def _fresh(import_id: int) -> Import:
    with unscoped("a bench looks at everything"):
        return db.session.get_one(Import, import_id, populate_existing=True)
