from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask, abort, request, send_file
from hypothesis import example, given
from hypothesis import strategies as st

from crm.config import Settings
from crm.web import security
from crm.web.security import HEADERS, HSTS, POLICY, safe_next

SITE = "https://crm.example"
HOME = "/customers"
TRICKS = [
    *(None, "", " ", "customers", "evil.example", "?next=/x", "#x", ".", "..", "../x"),
    *("//evil.example", "///evil.example", "////evil.example", "//evil.example/%2f..", "//evil.example:80", "//[::1]/"),
    *("/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example", "/x\\y", "//\\evil.example"),
    *(
        "http://evil.example",
        "https://crm.example",
        "https:evil.example",
        "https:/evil.example",
        "HTTPS://evil.example",
    ),
    *(
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "mailto:a@b",
    ),
    *(
        "https://crm.example@evil.example",
        "//crm.example@evil.example",
        "/@evil.example",
        "/crm.example:x@evil.example",
    ),
    *(
        "\t//evil.example",
        " //evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "/\0/evil.example",
    ),
    *(
        "/x\r\nSet-Cookie: a=b",
        "/x\x0b",
        "/x\x7f",
        "/x\x85",
        "/x\u2028y",
        "/\u200b/evil.example",
        "/\u202eevil",
        "\ufeff//evil",
    ),
    *(
        "/%2f/evil.example",
        "/%2F%2Fevil.example",
        "/%5cevil.example",
        "/%5C%5Cevil.example",
        "/%09/evil.example",
        "/%00",
    ),
    *(
        "/%252f/evil.example",
        "/%25252f%25252fevil.example",
        "/%255cevil.example",
        "/%0d%0aSet-Cookie:a=b",
        "/%40evil.example",
    ),
    *("/.//evil.example", "/..//evil.example", "/x/..//evil.example", "/%2e%2e//evil.example", "/x//evil.example"),
    *(
        "／／evil.example",
        "⁄⁄evil.example",
        "//evil。example",
        "//ｅｖｉｌ.example",
        "\u3000//evil.example",
        "/\u3000/evil.example",
    ),
    *(
        "/\ud800",
        "http:///evil.example",
        "http:\\\\evil.example",
        "//;@evil.example",
        "//evil.example?/customers",
        "/" + "x" * 2000,
    ),
]
FINE = [
    *(
        "/",
        "/customers",
        "/customers/7/",
        "/customers?status__in=new,open&sort=-score&after=x",
        "/customers/7#timeline",
    ),
    *(
        "/customers?q=科技",
        "/客户",
        "/customers?q=%5C%2F%2F",
        "/customers?q=a//b\\c@d",
        "/x?next=//evil.example",
        "/a b",
        "/x:y",
    ),
    *("/../customers", "/%E5%AE%A2%E6%88%B7", "/100%"),
]


@pytest.mark.parametrize("target", TRICKS)
def test_a_target_that_could_lead_off_the_site_is_not_followed(target):
    assert safe_next(target, HOME) == HOME


@pytest.mark.parametrize("target", FINE)
def test_an_address_of_this_site_is_followed(target):
    assert safe_next(target, HOME) == target


def as_browsers_do(target):
    """A backslash is a slash; tabs and line ends are not there; the outermost controls and blanks neither."""
    outer = "".join(map(chr, range(33)))
    return target.strip(outer).translate({ord("\\"): "/", **dict.fromkeys(map(ord, "\t\n\r"))})


pieces = st.sampled_from(
    [*r"/\.@:;?#%", "%2f", "%5c", "%09", "\t", "\n", " ", "\0", "／", "evil.example", "http", "x", "..", "客"]
)
targets = st.lists(pieces, max_size=9).map("".join) | st.text() | st.text().map("/".__add__)


@given(targets)
@example("/\\evil.example")
@example("/\t/evil.example")
def test_whatever_is_asked_for_stays_on_this_site(target):
    result = safe_next(target, HOME)
    for read in (result, as_browsers_do(result)):
        there = urlsplit(urljoin(f"{SITE}/sign-in?next=x", read))
        assert (there.scheme, there.netloc) == ("https", "crm.example")
    assert safe_next(result, HOME) == result


def client(**settings):
    app = Flask(__name__)
    app.config["SETTINGS"] = Settings(**settings)
    security.init_app(app)

    @app.get("/page")
    def page():
        return f"{request.scheme} {request.remote_addr} {request.host}"

    @app.get("/asset")
    def asset():
        return "x", {"Cache-Control": "public, max-age=31536000, immutable"}

    @app.get("/download")
    def download():
        return send_file(__file__)

    @app.get("/broken")
    def broken():
        raise KeyError

    @app.get("/forbidden")
    def forbidden():
        abort(403)

    return app.test_client()


@pytest.mark.parametrize("path", ["/page", "/broken", "/forbidden", "/nowhere"])
def test_every_answer_has_every_header(path):
    response = client().get(path)
    assert {name: response.headers.getlist(name) for name in HEADERS} == {
        name: [value] for name, value in HEADERS.items()
    }


def test_the_policy_allows_nothing_inline_and_nobody_else():
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == rules["object-src"] == "'none'"
    assert {
        value for name, value in rules.items() if name in ("script-src", "style-src", "connect-src", "form-action")
    } == {"'self'"}
    assert not any(word in POLICY for word in ("unsafe", "nonce", "http", "*"))


def test_a_view_may_choose_how_long_its_answer_is_kept():
    assert client().get("/asset").headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_is_asked_for_again_each_time():
    with client().get("/download") as response:
        assert response.headers["Cache-Control"] == "no-cache"


def test_https_is_insisted_on_only_by_https():
    assert "Strict-Transport-Security" not in client().get("/page").headers
    assert client().get("/page", base_url=SITE).headers["Strict-Transport-Security"] == HSTS


FORWARDED = {"X-Forwarded-For": "1.1.1.1, 2.2.2.2", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


def test_without_a_proxy_nobody_is_believed_about_the_address():
    response = client().get("/page", headers=FORWARDED)
    assert response.text == "http 127.0.0.1 localhost"
    assert "Strict-Transport-Security" not in response.headers


def test_behind_a_proxy_its_word_is_taken_but_not_the_visitor_s():
    response = client(proxies=1).get("/page", headers=FORWARDED)
    assert response.text == "https 2.2.2.2 localhost"
    assert response.headers["Strict-Transport-Security"] == HSTS
    assert client(proxies=2).get("/page", headers=FORWARDED).text == "http 1.1.1.1 localhost"
