from crm.blueprints.admin import (
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
    signing_in,
    viewing,
)
from crm.blueprints.admin.area import bp

__all__ = [
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
    "signing_in",
    "viewing",
]
