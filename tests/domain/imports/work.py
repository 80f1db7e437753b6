"""Imports as a person and a worker drive them, without pages."""

import csv
import io
from collections.abc import Mapping, Sequence

from flask import current_app
from openpyxl import Workbook
from sqlalchemy import select

from crm.domain.customers.models import Customer
from crm.domain.imports import actions
from crm.domain.imports.models import Import, ImportResult, ImportRow
from crm.domain.imports.targets import TARGETS
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs.imports import sweep
from crm.kernel.access import Actor, unscoped

HEADINGS = ("name", "phone", "level", "remarks")


def csv_of(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([headings, *([*row, *[""] * (len(headings) - len(row))] for row in rows)])
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in [headings, *rows]:
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


def uploaded(actor: Actor, content: bytes, filename: str = "customers.csv", type_: str = "customers") -> Import:
    """Uploaded and looked at by a worker."""
    stored = storage_for(current_app.config["SETTINGS"]).put(
        io.BytesIO(content), suffix="." + filename.rpartition(".")[2]
    )
    import_ = actions.upload(actor, TARGETS[type_], filename=filename, stored=stored)
    db.session.commit()
    sweep()
    return again(import_.id)


def checked(
    actor: Actor, content: bytes, mapping: Mapping[int, str] | None = None, filename: str = "customers.csv"
) -> Import:
    import_ = uploaded(actor, content, filename)
    import_.heading_row = 1  # of files as small as these it is anybody's guess
    actions.map_columns(actor, import_, mapping=mapping or dict(enumerate(HEADINGS)))
    db.session.commit()
    sweep()
    return again(import_.id)


def ran(actor: Actor, content: bytes, duplicates: str = "skip", mapping: Mapping[int, str] | None = None) -> Import:
    return run(actor, checked(actor, content, mapping), duplicates)


def run(actor: Actor, import_: Import, duplicates: str = "skip") -> Import:
    actions.start(actor, import_, duplicates=duplicates)
    db.session.commit()
    sweep()
    return again(import_.id)


def again(import_id: int) -> Import:
    with unscoped("a test looks at everything"):
        found = db.session.get(Import, import_id, populate_existing=True)
    assert found is not None
    return found


def customers() -> Sequence[Customer]:
    with unscoped("a test looks at everything"):
        return db.session.scalars(select(Customer).order_by(Customer.id)).all()


def rows_of(import_: Import) -> Sequence[ImportRow]:
    return db.session.scalars(select(ImportRow).filter_by(import_id=import_.id).order_by(ImportRow.line)).all()


def outcomes(import_: Import) -> dict[int, str]:
    """Line → outcome."""
    found = db.session.scalars(select(ImportResult).filter_by(import_id=import_.id).order_by(ImportResult.line))
    return {each.line: each.outcome for each in found}


def counts(import_: Import) -> dict[str, int]:
    names = ("rows", "created", "updated", "skipped", "failed")
    return {name: getattr(import_, name) for name in names if getattr(import_, name)}
