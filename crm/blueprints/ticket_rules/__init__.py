"""What administrators shape around tickets: types, categories, the teams that have a queue, macros."""

from crm.blueprints.ticket_rules import macros, teams, topics
from crm.blueprints.ticket_rules.area import bp

__all__ = ["bp", "macros", "teams", "topics"]
