from crm.blueprints.automation import history, routes, trials
from crm.blueprints.automation.area import bp
from crm.blueprints.automation.digests import bp as digests

__all__ = ["bp", "digests", "history", "routes", "trials"]
