"""Opportunities: the pages every type of record has, to which board, moves, products and contacts are added."""

from crm.blueprints.opportunities.page import OpportunityPage
from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.web.records import record_blueprint

bp = record_blueprint(OPPORTUNITY, page=OpportunityPage)
place = bp.place
READ, EDIT = OPPORTUNITY.may_read, OPPORTUNITY.may_edit
