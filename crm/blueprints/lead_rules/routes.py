from crm.web.blueprint import CrmBlueprint

bp = CrmBlueprint("lead_rules", __name__, url_prefix="/admin/leads", module="leads")
