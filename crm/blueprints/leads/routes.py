from crm.domain.leads.record_type import LEAD
from crm.web.records import record_blueprint

bp = record_blueprint(LEAD)
