from crm.web.blueprint import CrmBlueprint

bp = CrmBlueprint("account", __name__)
