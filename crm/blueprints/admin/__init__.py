from crm.blueprints.admin import (
    backups,
    departments,
    fields,
    layout_board,
    layouts,
    leaving,
    names,
    people,
    retention,
    rfm,
    rights,
    roles,
    viewing,
)
from crm.blueprints.admin.area import bp

__all__ = [
    "backups",
    "bp",
    "departments",
    "fields",
    "layout_board",
    "layouts",
    "leaving",
    "names",
    "people",
    "retention",
    "rfm",
    "rights",
    "roles",
    "viewing",
]
