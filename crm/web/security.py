"""What every answer tells the browser to refuse, whom we believe about the address, and where `next=` may lead.

Cache-Control is `no-store` on every answer whose view did not choose otherwise (assets do): pages and parts hold
customers' data, forms hold tokens, and whoever signs in next at the same computer must not find them with Back. What
that costs is small, as htmx fetches a page anew on Back and unsaved forms are kept as drafts by the page itself.
"""

from urllib.parse import unquote

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
POLICY = "; ".join(f"{kind} {source}" for kind, source in _ALLOWED.items())
_UNUSED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in (*_UNUSED, "payment", "usb")),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000"  # without includeSubDomains: the neighbours of our name are not ours

_LONGEST = 2000


def init_app(app: Flask) -> None:
    """Set the headers, and believe as many proxies as `settings.proxies` says."""
    proxies = app.config["SETTINGS"].proxies
    if proxies:
        # Not X-Forwarded-Host: a proxy that does not know it passes on what the visitor claims. It must hand on Host.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)  # type: ignore[method-assign]
    app.after_request(_harden)


def _harden(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    return response


def safe_next(target: str | None, default: str) -> str:
    """The target if it is an address of this site, written as `/path?query`; else the default.

    Judged by how browsers read it: they take a backslash for a slash, drop tabs and line ends, and resolve dots. The
    path may not hide those behind percent signs either, as something on the way may decode it.
    """
    if not target or len(target) > _LONGEST or not target.startswith("/") or not target.isprintable():
        return default
    path = target.partition("#")[0].partition("?")[0]
    while (plainer := unquote(path)) != path:
        if _odd(path):
            return default
        path = plainer
    return default if _odd(path) else target


def _odd(path: str) -> bool:
    return "//" in path or "\\" in path or "@" in path or not path.isprintable()
