import re

import pytest

from crm.web import streams
from tests.cast import sign_in


@pytest.fixture
def as_(app, cast):
    """`as_.rep.get(…)`: a browser of each of the cast, and of a stranger."""

    class Browsers:
        def __getattr__(self, name):
            client = app.test_client()
            if name != "stranger":
                sign_in(client, getattr(cast, name))
            setattr(self, name, Browser(client))
            return getattr(self, name)

    app.config["WTF_CSRF_ENABLED"] = True
    return Browsers()


class Browser:
    """A test client that brings the CSRF token, as a page's forms do."""

    def __init__(self, client):
        self.client, self.token = client, None

    def get(self, url, **more):
        return self.client.get(url, **more)

    def post(self, url, data=None, *, htmx=None, **more):
        if self.token is None:
            page = self.client.get("/keyboard").get_data(as_text=True) + self.client.get("/sign-in").get_data(
                as_text=True
            )
            self.token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        headers = {"HX-Request": "true", "HX-Target": htmx} if htmx else {}
        return self.client.post(url, data={"csrf_token": self.token} | (data or {}), headers=headers, **more)


@pytest.fixture(autouse=True)
def seats(monkeypatch):
    """Streams that another test of this process has left open take none of these."""
    monkeypatch.setattr(streams, "_seats", streams._Seats())
