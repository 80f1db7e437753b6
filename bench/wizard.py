"""The import's pages as a browser without JavaScript walks through them."""

import http.client
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from bench.server import HOST


class _Forms(HTMLParser):
    """The page's forms as (action, what would be sent if nothing were changed)."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
        if not self.found:
            return
        sent = self.found[-1][1]
        if tag == "input" and given.get("name") and given.get("type") not in ("file", "submit"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                sent[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select and ("selected" in given or self._select not in sent):
            sent[self._select] = given.get("value", "")


class Wizard:
    def __init__(self, port: int, email: str, password: str) -> None:
        self.connection = http.client.HTTPConnection(HOST, port, timeout=600)
        self.cookies: dict[str, str] = {}
        _, sent = self._form("/sign-in", "sign-in")
        self._post("/sign-in", sent | {"email": email, "password": password})
        self.address = ""

    def upload(self, path: Path) -> None:
        action, sent = self._form("/imports/new", "/imports/")
        boundary = uuid4().hex
        self._send("POST", action, _multipart(boundary, sent, path), f"multipart/form-data; boundary={boundary}")
        self.address = re.sub(r"/(mapping|check|run)?$", "", self.location)

    def map_columns(self) -> None:
        """Take every suggestion."""
        action, sent = self._form(f"{self.address}/mapping", "/mapping")
        chosen = [key for name, key in sent.items() if name.startswith("column-")]
        if not all(chosen):
            raise RuntimeError(f"Some columns have no suggestion: {sent}")
        self._post(action, sent)

    def start(self) -> None:
        """Every row becomes a customer, also the few whose names and phones chance made alike."""
        action, sent = self._form(f"{self.address}/check", "/run")
        self._post(action, sent | {"duplicates": "create"})

    def read(self, address: str) -> None:
        """Look at a page."""
        self._send("GET", address, b"", "")

    def submit(self, page: str, action: str, typed: dict[str, str]) -> None:
        """Send the form of a page with what is typed into it."""
        action, sent = self._form(page, action)
        self._post(action, sent | typed)

    def press(self, page: str, address: str) -> None:
        """Press a button of a page that sends its form elsewhere: the token is all that is read there."""
        self.connection.close()
        text = self._send("GET", page, b"", "")
        if f'formaction="{address}"' not in text:
            raise RuntimeError(f"{page} has no button for {address}")
        token = next(sent["csrf_token"] for _, sent in _Forms(text).found if "csrf_token" in sent)
        self._post(address, {"csrf_token": token})

    def _form(self, page: str, action: str) -> tuple[str, dict[str, str]]:
        """The form of a page whose action ends so."""
        self.connection.close()  # a server hangs up on who was idle for long; the next request connects anew
        text = self._send("GET", page, b"", "")
        for found, sent in _Forms(text).found:
            if found.partition("?")[0].endswith(action):
                return unescape(found), sent
        raise RuntimeError(f"{page} has no form for {action}")

    def _post(self, action: str, sent: dict[str, str]) -> None:
        self._send("POST", action, urlencode(sent).encode(), "application/x-www-form-urlencoded")

    def _send(self, method: str, path: str, body: bytes, kind: str) -> str:
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        self.connection.request(method, path, body or None, headers | ({"Content-Type": kind} if kind else {}))
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            key, _, rest = cookie.partition("=")
            self.cookies[key] = rest.partition(";")[0]
        if answer.status != (303 if method == "POST" else 200):
            raise RuntimeError(f"{method} {path} answered {answer.status}: {text[:2000]}")
        self.location = answer.headers.get("Location", "")
        return text


def _multipart(boundary: str, fields: dict[str, str], path: Path) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
    head += "Content-Type: application/octet-stream\r\n\r\n"
    return "".join(parts).encode() + head.encode() + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
