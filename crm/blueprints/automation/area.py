"""The blueprint of automation, which rules, their trials and their history share."""

from crm.domain.automation.models import AutomationRule
from crm.infra.db import db
from crm.kernel.permissions import Permission
from crm.web.blueprint import CrmBlueprint

bp = CrmBlueprint("automation", __name__, url_prefix="/admin/automation", module="automation")
MAY = Permission.SYSTEM_AUTOMATE


def one(rule_id: int) -> AutomationRule:
    there = db.select(AutomationRule).where(AutomationRule.id == rule_id, AutomationRule.retired_at.is_(None))
    found: AutomationRule = db.first_or_404(there)
    return found
