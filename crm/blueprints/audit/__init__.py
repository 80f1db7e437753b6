from crm.blueprints.audit import exports, verification
from crm.blueprints.audit.routes import bp

__all__ = ["bp", "exports", "verification"]
