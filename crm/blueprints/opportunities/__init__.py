from crm.blueprints.opportunities import belongings, board, moving
from crm.blueprints.opportunities.area import bp

__all__ = ["belongings", "board", "bp", "moving"]
