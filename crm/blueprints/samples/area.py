"""Verification samples of imports: pages of their own, since whoever was asked to help may see nothing else of it."""

from crm.web.blueprint import SIGNED_IN, CrmBlueprint

bp = CrmBlueprint("samples", __name__, url_prefix="/samples", module="imports")
MAY = SIGNED_IN  # a sample is there for whoever sees its import or was asked to help
