from crm.blueprints.admin import departments, leaving, people, rights, roles, viewing
from crm.blueprints.admin.area import bp

__all__ = ["bp", "departments", "leaving", "people", "rights", "roles", "viewing"]
