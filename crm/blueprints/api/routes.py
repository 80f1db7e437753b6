"""What the API offers to a key, and its description for programs that read one (OpenAPI 3.1)."""

from flask import Response, g, url_for

from crm.blueprints.api.description import described
from crm.blueprints.api.records import api_of
from crm.domain.registry import RECORD_TYPES
from crm.kernel.permissions import Permission
from crm.web.api.problems import answer
from crm.web.blueprint import CrmBlueprint
from crm.web.throttle import api_limits

bp = CrmBlueprint("api", __name__, url_prefix="/api/v1", module="api")
of_records = tuple(map(api_of, RECORD_TYPES.values()))


@bp.get("", needs=Permission.SYSTEM_API)
@api_limits
def index() -> Response:
    """Who the key speaks for, and the types of record it reaches."""
    types = {key: url_for(f"api_{key}.index") for key, each in RECORD_TYPES.items() if g.actor.may(each.may_read)}
    who = {"id": g.person.id, "name": g.person.name}
    return answer(
        {"person": who, "writes": not g.actor.read_only, "types": types, "description": url_for("api.openapi")}
    )


@bp.get("/openapi.json", needs=Permission.SYSTEM_API)
@api_limits
def openapi() -> Response:
    return answer(described(g.actor))
