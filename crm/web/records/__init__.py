"""The pages of any type of record: an area's blueprint is `record_blueprint(TYPE)`, and what it adds to that."""

from crm.web.records.blueprint import record_blueprint

__all__ = ["record_blueprint"]
