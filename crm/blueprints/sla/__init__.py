"""What administrators promise about tickets, and the hours that count for it."""

from crm.blueprints.sla import calendars, policies
from crm.blueprints.sla.area import bp

__all__ = ["bp", "calendars", "policies"]
