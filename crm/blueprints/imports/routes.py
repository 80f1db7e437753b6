"""Imports: to be written by whoever owns them; here so that the app boots meanwhile."""

from typing import Any

from flask import abort

from crm.kernel.permissions import Permission
from crm.web.blueprint import CrmBlueprint

bp = CrmBlueprint("imports", __name__, url_prefix="/imports")


@bp.get("/", needs=Permission.CUSTOMERS_IMPORT)
def index() -> Any:
    abort(404)


@bp.get("/new", needs=Permission.CUSTOMERS_IMPORT)
def new() -> Any:
    abort(404)
