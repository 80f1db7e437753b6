from crm.blueprints.imports import (
    checking,
    cleaning,
    converting,
    dividing,
    fixing,
    likes,
    mapping,
    progress,
    rehearsal,
    report,
    templating,
    undo,
    values,
)
from crm.blueprints.imports.routes import bp

__all__ = [
    "bp",
    "checking",
    "cleaning",
    "converting",
    "dividing",
    "fixing",
    "likes",
    "mapping",
    "progress",
    "rehearsal",
    "report",
    "templating",
    "undo",
    "values",
]
