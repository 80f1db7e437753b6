from crm.blueprints.quality import routes, settings
from crm.blueprints.quality.routes import bp

__all__ = ["bp", "routes", "settings"]
