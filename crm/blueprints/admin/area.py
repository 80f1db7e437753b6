"""The administration: what there is to shape."""

from typing import Any

from crm.kernel.permissions import Permission
from crm.web.admin import SUBJECTS
from crm.web.blueprint import CrmBlueprint
from crm.web.htmx import render

bp = CrmBlueprint("admin", __name__, url_prefix="/admin")
ADMINISTER = Permission.SYSTEM_ADMINISTER


@bp.get("/", needs=ADMINISTER)
def index() -> Any:
    return render("admin/index.html", subjects=SUBJECTS)
