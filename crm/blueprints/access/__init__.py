from crm.blueprints.access import deciding
from crm.blueprints.access.routes import bp

__all__ = ["bp", "deciding"]
