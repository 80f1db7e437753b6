from crm.blueprints.audit import verification
from crm.blueprints.audit.routes import bp

__all__ = ["bp", "verification"]
