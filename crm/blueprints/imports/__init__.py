from crm.blueprints.imports import checking, mapping, progress, report, templating, undo, values
from crm.blueprints.imports.routes import bp

__all__ = ["bp", "checking", "mapping", "progress", "report", "templating", "undo", "values"]
