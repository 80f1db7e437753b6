"""Products: what every record has."""

from crm.domain.products.record_type import PRODUCT
from crm.web.records import record_blueprint

bp = record_blueprint(PRODUCT)
