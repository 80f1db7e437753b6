from crm.web.blueprint import CrmBlueprint

bp = CrmBlueprint("pipelines", __name__, url_prefix="/admin/pipelines", module="opportunities")
