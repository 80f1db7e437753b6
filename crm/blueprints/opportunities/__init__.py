from crm.domain.opportunities.record_type import OPPORTUNITY
from crm.web.records import record_blueprint

bp = record_blueprint(OPPORTUNITY)
