from crm.blueprints.account import entering, links, routes, safety
from crm.blueprints.account.area import bp

__all__ = ["bp", "entering", "links", "routes", "safety"]
