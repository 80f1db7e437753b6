from crm.blueprints.customers import follow_ups
from crm.blueprints.customers.routes import bp

__all__ = ["bp", "follow_ups"]
