"""What a browser gets for style, script and icons, and what it costs."""

import gzip
import re
from hashlib import sha256

import brotli
import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from crm.web import assets
from crm.web.assets import STATIC

VENDOR = {
    "htmx-4.0.1.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "hx-sse-4.0.1.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
}
CSS_BYTES, SCRIPT_BYTES = 10 * 1024, 19 * 1024


@pytest.fixture(scope="module")
def browser() -> Client:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=lambda: "a page")
    assets.init_app(app)
    return app.test_client()


@pytest.fixture(params=["app.css", "app.js", "sse.js"])
def url(request: pytest.FixtureRequest) -> str:
    return assets.shelf().url(request.param)


def get(browser: Client, url: str, encoding: str = "", **headers: str) -> TestResponse:
    return browser.get(url, headers={"Accept-Encoding": encoding, **headers})


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("*", "br"),
        ("", None),
        ("gzip;q=0, br;q=0", None),
    ],
)
def test_the_best_encoding_the_browser_knows(browser: Client, url: str, accepted: str, sent: str | None) -> None:
    response = get(browser, url, accepted)
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[sent]
    assert response.headers.get("Content-Encoding") == sent
    assert response.headers["Vary"] == "Accept-Encoding"
    assert unpack(response.data) == assets.shelf().assets[url.rpartition("/")[2]].body


def test_kept_for_ever_under_its_own_name_only(browser: Client, url: str) -> None:
    assert get(browser, url).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    digest, name = url.split("/")[-2:]
    old = get(browser, f"/static/{'0' * len(digest)}/{name}")
    assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")
    assert old.data == get(browser, url).data


def test_known_to_the_browser_already(browser: Client, url: str) -> None:
    first = get(browser, url, "br")
    again = get(browser, url, "br", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = get(browser, url, "gzip", **{"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_headers_only(browser: Client, url: str) -> None:
    response = browser.head(url, headers={"Accept-Encoding": "br"})
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/static/", "/static/x/nothing.css", "/static/x/../../config.py", "/static/app.css/"])
def test_no_such_file(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_other_addresses_are_the_apps(browser: Client) -> None:
    assert browser.get("/").get_data(as_text=True) == "a page"


def test_vendor_files_are_unchanged() -> None:
    assert set(VENDOR) == {assets.HTMX, assets.SSE} == {path.name for path in (STATIC / "vendor").glob("*.js")}
    served = b"".join(asset.body for asset in assets.shelf().assets.values()).decode()
    for name, digest in VENDOR.items():
        assert sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest
        assert (STATIC / "vendor" / name).read_text("utf-8") in served


def test_every_file_written_is_served() -> None:
    css, script = assets.stylesheet().body.decode(), assets.script().body.decode()
    for path in (STATIC / "css").glob("*.css"):
        last_rule = re.findall(r"^\s*([^\s@/*}][^{}]*)\{", path.read_text("utf-8"), re.MULTILINE)
        assert not last_rule or last_rule[-1].split("\n")[-1].strip() in css, path.name
    assert script.count('"use strict";\n') >= len(list((STATIC / "js").glob("*.js")))
    assert "/*" not in css
    assert css.startswith("@layer ")


def test_it_stays_light() -> None:
    """The wire is what a rep on a bad link waits for: read before raising (see UI budgets in docs/STYLE.md)."""
    css, script = assets.stylesheet().body, assets.script().body
    assert len(assets.compressed(css, "br")) <= CSS_BYTES
    assert len(assets.compressed(script, "br")) <= SCRIPT_BYTES
    assert len(assets.compressed(css, "gzip")) + len(assets.compressed(script, "gzip")) <= 33 * 1024


def test_an_icon_is_a_mask_in_the_style_sheet() -> None:
    rules = assets.icon_rules()
    assert rules.count("\n") + 1 == len(assets.icon_names())
    for name in assets.icon_names():
        assert f".i-{name}{{" in rules
    drawings = re.findall(r'url\("data:image/svg\+xml,([^"]*)"\)', rules)
    assert len(drawings) == len(assets.icon_names())
    assert not [each for each in drawings if "#" in each or "%" in each or not each.endswith("</svg>")]


def test_icons_announce_themselves_only_with_a_label() -> None:
    assert assets.icon("x") == '<i class="icon i-x" aria-hidden="true"></i>'
    assert assets.icon("x", 'Close "it"') == '<i class="icon i-x" role="img" aria-label="Close &#34;it&#34;"></i>'
    with pytest.raises(KeyError):
        assets.icon("no-such-picture")


def test_icons_there_are_icons_used() -> None:
    crm = STATIC.parent
    told = "\n".join(
        path.read_text("utf-8") for pattern in ("**/*.py", "**/*.html", "**/*.css") for path in crm.glob(pattern)
    )
    unused = [name for name in assets.icon_names() if not re.search(rf"""["']{name}["']|i-{name}\b""", told)]
    assert unused == []
