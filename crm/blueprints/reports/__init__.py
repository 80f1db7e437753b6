from crm.blueprints.reports import mailing
from crm.blueprints.reports.routes import bp

__all__ = ["bp", "mailing"]
