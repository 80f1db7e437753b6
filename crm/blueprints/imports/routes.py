"""Imports: the list, a new one, cancelling and going on. Each further step is a module of its own."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from flask import abort, flash, g, request, url_for
from werkzeug.datastructures import FileStorage

from crm.blueprints.imports.page import ImportPage, called, one
from crm.domain.imports import actions
from crm.domain.imports.queries import PAGE, imports_of
from crm.domain.imports.targets import TARGETS, Target
from crm.infra.storage import storage_for
from crm.kernel.permissions import Permission
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("imports", __name__, url_prefix="/imports", module="imports")
MAY = Permission.IMPORTS_READ  # which types one may bring in, the type says
SUFFIXES = (".csv", ".tsv", ".txt", ".tab", ".jsonl", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".gz", ".zip")
_WRONG_TYPE = N_("“%(name)s” is not a spreadsheet. Files that can be read: %(known)s.")


@bp.get("/", needs=MAY)
def index() -> Any:
    before = request.args.get("before", "")
    found = imports_of(g.actor, int(before) if before.isdecimal() else None)
    older = url_for("imports.index", before=found[PAGE - 1].id) if len(found) > PAGE else ""
    return render("imports/index.html", pages=[ImportPage(each) for each in found[:PAGE]], older=older)


@bp.get("/new", needs=MAY)
def new() -> Any:
    return _upload_form(_wanted(request.args.get("type", "")))


@bp.post("/", needs=MAY)
def create() -> Any:
    type_ = _wanted(request.form.get("record_type", ""))
    file = request.files.get("file")
    if problem := _unfit(file):
        return _upload_form(type_, [problem], 422)
    assert file is not None and file.filename
    stored = storage_for(g.settings).put(file.stream, suffix=PurePath(file.filename).suffix)
    import_ = actions.upload(g.actor, type_, filename=PurePath(file.filename).name, stored=stored)
    return see_other(url_for("imports.show", import_id=import_.id))


def _importable() -> list[Target]:
    return [each for each in TARGETS.values() if g.actor.may(each.may_import) and g.actor.may(each.may_create)]


def _wanted(key: str) -> Target:
    """What the file is to become; the first there is where nobody says."""
    types = _importable()
    if not types or (key and key not in {each.key for each in types}):
        abort(403)
    return next((each for each in types if each.key == key), types[0])


def _upload_form(type_: Target, errors: Sequence[str] = (), status: int = 200) -> Any:
    types = [(each.key, gettext(each.label_plural)) for each in _importable()]
    record, records = called(type_)
    context = {"type": type_, "types": types, "record": record, "records": records}
    upload_mb = g.settings.upload_mb
    return render("imports/new.html", status, suffixes=SUFFIXES, errors=errors, upload_mb=upload_mb, **context)


def _unfit(file: FileStorage | None) -> str:
    """What can be said of a file before it is read."""
    if file is None or not file.filename:
        return gettext(N_("Choose a file first."))
    if PurePath(file.filename).suffix.lower() not in SUFFIXES:
        return gettext(_WRONG_TYPE, name=file.filename, known="CSV, TSV, XLSX, XLSM, XLSB, XLS, ODS, JSONL")
    if not file.stream.read(1):
        return gettext(N_("“%(name)s” is empty: it has no bytes at all."), name=file.filename)
    file.stream.seek(0)
    return ""


@bp.get("/<int:import_id>", needs=MAY)
def show(import_id: int) -> Any:
    """Wherever it stands."""
    return see_other(ImportPage(one(import_id)).url)


@bp.post("/<int:import_id>/cancellation", needs=MAY)
def cancel(import_id: int) -> Any:
    import_ = one(import_id)
    actions.cancel(g.actor, import_)
    if import_.is_working:
        flash(gettext(N_("The import stops as soon as the rows under way are done.")), "info")
    return see_other(url_for("imports.show", import_id=import_id))


@bp.post("/<int:import_id>/file/removal", needs=MAY)
def delete_file(import_id: int) -> Any:
    key = actions.delete_file(g.actor, one(import_id))
    if key:
        storage_for(g.settings).delete(key)  # before the commit: a file that stays behind would never be found again
        flash(gettext(N_("The file is deleted; what it brought in stays.")), "ok")
    return see_other(url_for("imports.report", import_id=import_id))


@bp.post("/<int:import_id>/resumption", needs=MAY)
def resume(import_id: int) -> Any:
    actions.resume(g.actor, one(import_id))
    return see_other(url_for("imports.show", import_id=import_id))
