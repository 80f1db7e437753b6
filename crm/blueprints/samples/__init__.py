from crm.blueprints.samples import routes
from crm.blueprints.samples.area import bp

__all__ = ["bp", "routes"]
