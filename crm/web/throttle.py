"""How often somebody may be wrong about a password: counted per account and per address, in Redis.

Only wrong answers count, so nobody who knows the password waits unless someone else is guessing at the account. Each
window is longer than the one before it, so guessing on makes the wait grow from a minute to an hour. When Redis is
down each process counts in its own memory, and people still sign in.
"""

import hashlib
import ipaddress
import itertools
import math
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, g, request, session
from flask_limiter import Limiter, RateLimitExceeded
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.exceptions import HTTPException

from crm.config import Settings
from crm.kernel.text import N_, fold
from crm.web.errors import error_page
from crm.web.i18n import gettext

PER_ACCOUNT = "10 per minute; 20 per 10 minutes; 40 per hour"
PER_ADDRESS = "30 per minute; 100 per 10 minutes; 300 per hour"
PER_KEY = "600 per minute"
PER_VISITOR, PER_FORM = "20 per minute; 120 per hour", "120 per minute"

HALF = "half"  # in the cookie of whoever has given the password and owes a code: [person id, …]
CODE, SIGN_IN = "account.code_post", "account.sign_in_post"

View = TypeVar("View", bound=Callable[..., Any])

_A_MINUTE = N_("Wait a minute, then try again.")
_MINUTES = N_("Wait %(minutes)s minutes, then try again.")


def init_app(app: Flask) -> None:
    """Count in the Redis of `app.config["SETTINGS"]`; a process has one limiter, so the last app decides."""
    uri, options = _storage(app.config["SETTINGS"])
    app.config["RATELIMIT_STORAGE_URI"], app.config["RATELIMIT_STORAGE_OPTIONS"] = uri, options
    limiter.init_app(app)
    app.register_error_handler(RateLimitExceeded, _too_often)


def _storage(settings: Settings) -> tuple[str, dict[str, Any]]:
    if not settings.redis_url:
        return "memory://", {}
    # Nobody waits for a Redis that is down: one short try, then the memory.
    options = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}
    return settings.redis_url.replace("unix://", "redis+unix://", 1), options


def _account() -> str:
    """The account somebody tries to be; hashed, as what was typed may be a password, or a megabyte.

    Whoever has given the password and owes a code is counted apart. Whoever is signed in tries to be nobody else
    anywhere but at the door: an address typed there is not whose password is asked.
    """
    if request.endpoint == CODE and (half := session.get(HALF)):
        return f"half {half[0]}"
    person = g.get("person")
    try:
        email = request.form.get("email") or "" if person is None or request.endpoint == SIGN_IN else ""
    except HTTPException:  # flask-limiter would take a form that cannot be read for a Redis that is down
        email = ""
    return hashlib.sha256(fold(email or (person.email if person else "")).encode()).hexdigest()[:32]


def _address() -> str:
    """Where the request comes from; of IPv6 the /64, which one person has to himself."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return "local"  # a unix socket without a proxy
    if isinstance(address, ipaddress.IPv6Address) and not address.ipv4_mapped:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def _was_wrong(response: Response) -> bool:
    return response.status_code in (401, 422)


limiter = Limiter(
    _address,
    key_prefix="crm",
    strategy="moving-window",
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    fail_on_first_breach=False,  # so that the wait told is the longest of them
)


def sign_in_limits(view: View) -> View:
    """For a POST view that checks a password and answers 401 or 422 when it is wrong."""
    for limits, key, scope in ((PER_ACCOUNT, _account, "account"), (PER_ADDRESS, _address, "address")):
        limit = limiter.shared_limit(limits, scope=scope, key_func=key, methods=["POST"], deduct_when=_was_wrong)
        view = cast(View, limit(view))
    return view


def api_limits(view: View) -> View:
    """For a view of the API: each key may ask so often, whatever it asks."""
    # Each is known by its name: views of one name for several types would be counted once for each type.
    view.__qualname__ = f"{view.__qualname__}-{next(_VIEWS)}"
    return cast(View, limiter.shared_limit(lambda: PER_KEY, scope="api", key_func=lambda: str(g.token.id))(view))


def visitor_limits(view: View) -> View:
    """For a POST view that strangers use: so often from one address, and of all of them to one page."""
    page = limiter.shared_limit(PER_FORM, scope="page", key_func=lambda: request.path, methods=["POST"])
    return cast(View, limiter.shared_limit(PER_VISITOR, scope="visitor", methods=["POST"])(page(view)))


_VIEWS = itertools.count()


def _too_often(_error: RateLimitExceeded) -> Response:
    seconds = max((int(limit.reset_at - time.time()) for limit in limiter.current_limits if limit.breached), default=60)
    minutes = math.ceil(seconds / 60)
    text = gettext(_A_MINUTE) if minutes <= 1 else gettext(_MINUTES, minutes=minutes)
    response = error_page(429, text=text)
    response.headers["Retry-After"] = str(max(seconds, 1))
    return response
