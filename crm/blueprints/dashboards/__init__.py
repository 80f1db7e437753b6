from crm.blueprints.dashboards import arranging
from crm.blueprints.dashboards.routes import bp

__all__ = ["arranging", "bp"]
