from crm.blueprints.imports import checking, mapping, progress, report, undo
from crm.blueprints.imports.routes import bp

__all__ = ["bp", "checking", "mapping", "progress", "report", "undo"]
