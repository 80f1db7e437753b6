"""List, new, page, sections edited in place and recycle bin of a type of record, at the addresses of its own."""

from typing import Any

from flask import flash, g, request, url_for
from werkzeug.exceptions import NotFound

from crm.domain.retention.actions import bin_days
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.blueprint import CrmBlueprint
from crm.web.clashes import changed, clashes
from crm.web.confirming import tell_kept
from crm.web.forms import FieldForm
from crm.web.htmx import is_htmx, see_other
from crm.web.i18n import gettext
from crm.web.lists import ListView
from crm.web.records.files import add_files_to
from crm.web.records.follow_ups import add_follow_ups_to
from crm.web.records.new import NewRecord
from crm.web.records.page import RecordPage
from crm.web.records.place import RecordPlace


class RecordBlueprint(CrmBlueprint):
    """`page` makes what the record's template reads; `templates` are folders to look for templates in, first found."""

    def __init__(self, type_: RecordType, page: type[RecordPage] = RecordPage) -> None:
        super().__init__(type_.key, __name__, url_prefix=f"/{type_.key}", module=type_.key)
        self.place = RecordPlace(type_, page)


def record_blueprint(type_: RecordType, page: type[RecordPage] = RecordPage) -> RecordBlueprint:
    """Every address that all types of record have; the area adds its own to what this returns."""
    bp = RecordBlueprint(type_, page)
    _add_list(bp, type_)
    _add_new(bp, type_)
    _add_page(bp, type_)
    _add_sections(bp, type_)
    _add_bin(bp, type_)
    add_follow_ups_to(bp, bp.place)
    add_files_to(bp, bp.place)
    return bp


def _add_list(bp: RecordBlueprint, type_: RecordType) -> None:
    @bp.get("/", needs=type_.may_read)
    def index() -> Any:
        view = ListView(type_.list, url_for(f"{type_.key}.index"))
        return bp.place.render("index", view=view, **bp.place.words())


def _add_new(bp: RecordBlueprint, type_: RecordType) -> None:
    @bp.get("/new", needs=type_.may_create)
    def new() -> Any:
        return bp.place.render("new", new=NewRecord.begun(type_, request.args), **bp.place.words())

    @bp.post("/", needs=type_.may_create)
    def create() -> Any:
        asked = NewRecord.posted(type_, request.form)
        try:
            id_ = asked.create()
        except Invalid as problem:
            asked.form.refuse(problem, problem.params.get("key", ""))
            id_ = None
        if id_ is None:
            return bp.place.render("new", 422, new=asked, **bp.place.words())
        flash(gettext(N_("The %(record)s is saved."), record=bp.place.noun), f"ok draft:{type_.key}-new")
        return see_other(bp.place.url(id_))


def _add_page(bp: RecordBlueprint, type_: RecordType) -> None:
    @bp.get("/<int:record_id>", needs=type_.may_read)
    def show(record_id: int) -> Any:
        try:
            one = bp.place.one(record_id)
        except NotFound:
            if to := bp.place.moved_to(record_id):
                return see_other(to)
            raise
        return bp.place.render("show", page=bp.place.page(one))

    @bp.post("/<int:record_id>/deletion", needs=type_.may_delete)
    def delete(record_id: int) -> Any:
        one = bp.place.one(record_id, type_.may_delete)
        type_.verbs.delete(g.actor, one)
        flash(gettext(N_("“%(name)s” is in the recycle bin."), name=one.name), "ok")
        return see_other(url_for(f"{type_.key}.index"))


def _add_sections(bp: RecordBlueprint, type_: RecordType) -> None:
    place = bp.place

    @bp.get("/<int:record_id>/sections/<section>", needs=type_.may_read)
    def section(record_id: int, section: str) -> Any:
        """The section as it reads (cancel comes back here)."""
        return place.page(place.one(record_id)).section_or_page(section)

    @bp.get("/<int:record_id>/sections/<section>/edit", needs=type_.may_edit)
    def edit(record_id: int, section: str) -> Any:
        page = place.page(place.one(record_id, type_.may_edit))
        return page.editing(section, FieldForm.of(page.writable(section), page.record))

    @bp.post("/<int:record_id>/sections/<section>", needs=type_.may_edit)
    def update(record_id: int, section: str) -> Any:
        one = place.one(record_id, type_.may_edit, lock=True)
        page = place.page(one)
        form = FieldForm.posted(page.writable(section), request.form)
        if not form.read():
            return page.editing(section, form, 422)
        if theirs := clashes(form, request.form, one):
            return page.editing(section, form, 409, theirs=theirs)
        try:
            differs = type_.verbs.change(g.actor, one, changed(form, request.form))
        except Invalid as problem:
            form.refuse(problem, problem.params.get("key", ""))
            return page.editing(section, form, 422)
        db.session.flush()
        if is_htmx():
            db.session.refresh(one)
            return place.page(one).section_swap(section, differs)
        flash(gettext(N_("The %(record)s is saved."), record=place.noun), "ok")
        tell_kept(page.type, differs.waiting)
        return see_other(place.url(record_id))


def _add_bin(bp: RecordBlueprint, type_: RecordType) -> None:
    @bp.get("/bin", needs=type_.may_delete)
    def bin_index() -> Any:
        view = ListView(type_.bin, url_for(f"{type_.key}.bin_index"))
        return bp.place.render("bin", view=view, bin_days=bin_days(g.settings.bin_days), **bp.place.words())

    @bp.post("/<int:record_id>/restoration", needs=type_.may_delete)
    def restore(record_id: int) -> Any:
        one = bp.place.binned(record_id, type_.may_delete)
        type_.verbs.restore(g.actor, one)
        flash(gettext(N_("“%(name)s” is restored."), name=one.name), "ok")
        return see_other(bp.place.url(record_id))
