"""Style sheet, script and icons: joined in memory, named by their content, compressed once.

There is no build step: files under static/css, static/js and static/icons are what is written by hand, and the
program joins them when it starts. First-time visitors load two files; later visits load none, because the
address changes with the content and may be kept for ever.
"""

import gzip
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import brotli
from flask import Flask
from markupsafe import Markup, escape
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request, Response

STATIC = Path(__file__).resolve().parents[1] / "static"
PREFIX = "/static/"
FOR_EVER = "public, max-age=31536000, immutable"
HTMX, SSE = "htmx-4.0.1.min.js", "hx-sse-4.0.1.min.js"
SCRIPT, STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"
# htmx may have looked over the page before its extension was there (js/boot.js marks that); then it looks once more.
LOOK_AGAIN = 'if ("processed" in document.documentElement.dataset) htmx.process(document.body);'

_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*$", re.MULTILINE | re.DOTALL)
_INSIDE_SVG = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_SVG_HEAD = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black'"
    " stroke-width='2' stroke-linecap='round' stroke-linejoin='round'>"
)


@dataclass(frozen=True)
class Asset:
    name: str
    content_type: str
    body: bytes

    @cached_property
    def digest(self) -> str:
        return sha256(self.body).hexdigest()[:12]

    @property
    def url(self) -> str:
        return f"{PREFIX}{self.digest}/{self.name}"


@lru_cache(maxsize=32)
def compressed(body: bytes, encoding: str) -> bytes:
    """The body as this encoding; made at its first use, so that workers and commands never pay for it."""
    return brotli.compress(body, quality=11) if encoding == "br" else gzip.compress(body, 9, mtime=0)


def stylesheet() -> Asset:
    parts = [_plain_css(path) for path in sorted((STATIC / "css").glob("*.css"))]
    return Asset("app.css", STYLE, "\n".join([*parts, icon_rules()]).encode())


def _plain_css(path: Path) -> str:
    return _squeezed(_CSS_COMMENT.sub("", path.read_text("utf-8")))


def script() -> Asset:
    """htmx untouched, then each behaviour in a scope of its own."""
    own = [_scoped(path) for path in sorted((STATIC / "js").glob("*.js"))]
    return Asset("app.js", SCRIPT, ";\n".join([_vendor(HTMX), *own]).encode())


def of_pages() -> list[Asset]:
    """What few pages need. A page loads a behaviour in its head: static/js/pages/board.js is `asset("board.js")`; the
    pages below /home/ load static/css/pages/home.css by themselves."""
    scripts = sorted((STATIC / "js" / "pages").glob("*.js"))
    styles = sorted((STATIC / "css" / "pages").glob("*.css"))
    made = [Asset(path.name, SCRIPT, _scoped(path).encode()) for path in scripts]
    return made + [Asset(path.name, STYLE, _plain_css(path).encode()) for path in styles]


def _scoped(path: Path) -> str:
    return f'(()=>{{"use strict";\n{_squeezed(path.read_text("utf-8"))}\n}})();'


def streams() -> Asset:
    """What pages with a stream load besides: few people ever see one, so nobody else pays for it."""
    return Asset("sse.js", SCRIPT, f"{_vendor(SSE)};\n{LOOK_AGAIN}".encode())


def _vendor(name: str) -> str:
    return (STATIC / "vendor" / name).read_text("utf-8")


def icon_names() -> list[str]:
    return sorted(path.stem for path in (STATIC / "icons").glob("*.svg"))


def icon_rules() -> str:
    """Each icon as a mask in the style sheet: no request of its own, no bytes in the page, the colour of the text."""
    rules = []
    for name in icon_names():
        inside = _INSIDE_SVG.search((STATIC / "icons" / f"{name}.svg").read_text("utf-8"))
        drawing = re.sub(r"\s*\n\s*", "", inside[1] if inside else "").replace(" />", "/>").replace('"', "'")
        rules.append(f'.i-{name}{{--i:url("data:image/svg+xml,{_SVG_HEAD}{drawing}</svg>")}}')
    return "\n".join(rules)


def _squeezed(text: str) -> str:
    """Without comments that start a line, empty lines and indentation; all else is as written."""
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


class Shelf:
    """Every asset by name, as it was when loaded."""

    def __init__(self) -> None:
        self.assets: dict[str, Asset] = {}
        self.load()

    def load(self) -> None:
        self.assets = {asset.name: asset for asset in (stylesheet(), script(), streams(), *of_pages())}

    def url(self, name: str) -> str:
        return self.assets[name].url

    def style_below(self, path: str) -> str:
        """The style sheet of the area that an address belongs to, or nothing."""
        found = self.assets.get(f"{path.split('/')[1]}.css")
        return found.url if found else ""


@cache
def shelf() -> Shelf:
    """One for the process: tests make many apps of the same files."""
    return Shelf()


class AssetServer:
    """Answers /static/ in front of the app: no session, no database, no cookie."""

    def __init__(self, app: Callable[..., Iterable[bytes]], shelf: Shelf) -> None:
        self.app = app
        self.shelf = shelf

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self.app(environ, start_response)
        return self.answer(Request(environ), path)(environ, start_response)

    def answer(self, request: Request, path: str) -> Response:
        digest, _, name = path.removeprefix(PREFIX).partition("/")
        asset = self.shelf.assets.get(name)
        if asset is None:
            return Response("There is no such file.", 404, content_type="text/plain; charset=utf-8")
        response = _encoded(asset, request.headers.get("Accept-Encoding", ""))
        # A page from before an upgrade still gets a style sheet, but must not keep it under the old name.
        response.headers["Cache-Control"] = FOR_EVER if digest == asset.digest else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response.make_conditional(request)


def _encoded(asset: Asset, accepted: str) -> Response:
    wanted = parse_accept_header(accepted)
    encoding = next((name for name in ("br", "gzip") if wanted.quality(name) > 0), "")
    body = compressed(asset.body, encoding) if encoding else asset.body
    response = Response(body, content_type=asset.content_type)
    response.headers["Vary"] = "Accept-Encoding"
    response.set_etag(f"{asset.digest}-{encoding or 'plain'}")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


def icon(name: str, label: str = "") -> Markup:
    """The icon as markup; with a label it is announced, without one it only decorates.

    Raises KeyError for a name without a file, so that a spelling mistake is found by the first test of the page.
    """
    return (
        _icon(name)
        if not label
        else Markup(f'<i class="icon i-{_known(name)}" role="img" aria-label="{escape(label)}"></i>')
    )


@lru_cache(maxsize=256)
def _icon(name: str) -> Markup:
    return Markup(f'<i class="icon i-{_known(name)}" aria-hidden="true"></i>')


def _known(name: str) -> str:
    if not (STATIC / "icons" / f"{name}.svg").is_file():
        raise KeyError(f"There is no icon {name!r} in static/icons.")
    return name


def init_app(app: Flask) -> None:
    """Serve the assets in front of the app and give templates `asset(name)` and `icon(name)`."""
    ours = shelf()

    def asset(name: str) -> str:
        if app.debug:
            ours.load()
        return ours.url(name)

    app.jinja_env.globals.update(asset=asset, icon=icon)
    app.wsgi_app = AssetServer(app.wsgi_app, ours)  # type: ignore[method-assign]
