"""Who asks through the API: the person whose key came along, as far as the key goes. Cookies count for nothing here."""

from flask import abort, g, request

from crm.domain.tokens.actions import spoken_for
from crm.kernel.permissions import Permission

_SCHEME = "bearer "


def identify() -> None:
    """Sets `g.person`, `g.actor` and `g.token`; 404 where the module is off for the person, 403 where they may not."""
    given = request.headers.get("Authorization", "")
    found = spoken_for(given[len(_SCHEME) :].strip()) if given[: len(_SCHEME)].lower() == _SCHEME else None
    if found is None:
        return
    token, person, actor = found
    if "api" not in actor.modules:
        abort(404)
    if not actor.may(Permission.SYSTEM_API):
        abort(403)
    g.token, g.person, g.actor = token, person, actor
    g.through = f"API: {token.name}"
