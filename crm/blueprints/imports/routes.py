"""Imports: upload, map, check, run, report; each step a page of its own that can be linked to and come back to."""

from typing import Any

from flask import g

from crm.domain.imports.models import Import
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import render

bp = CrmBlueprint("imports", __name__, url_prefix="/imports")


@bp.get("/", needs=Permission.CUSTOMERS_IMPORT)
def index() -> Any:
    imports = db.session.scalars(Import.visible_to(g.actor).order_by(Import.id.desc()).limit(25)).all()
    return render("imports/index.html", imports=imports)


@bp.get("/new", needs=Permission.CUSTOMERS_IMPORT)
def new() -> Any:
    return render("imports/new.html")
