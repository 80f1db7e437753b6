"""As much of a browser as a session needs: one connection kept open, cookies, compressed pages, forms."""

import asyncio
import re
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlencode

import brotli

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


class Refused(Exception):
    """The server answered something else than it should."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        plain = brotli.decompress(self.body) if self.headers.get("content-encoding") == "br" else self.body
        return plain.decode()

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


def fields_of(page: str, action: str) -> dict[str, str]:
    """The inputs that the form with this action (its end) brings along, such as token and key."""
    for form in _FORM.findall(page):
        attributes = dict(_ATTRIBUTE.findall(form[: form.index(">")]))
        if attributes.get("method", "").lower() == "post" and attributes.get("action", action).endswith(action):
            inputs = (dict(_ATTRIBUTE.findall(each)) for each in _INPUT.findall(form))
            hidden = [each for each in inputs if each.get("type") == "hidden"]
            return {each["name"]: unescape(each.get("value", "")) for each in hidden}
    raise Refused(f"there is no form for {action}")


class Browser:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.cookies: dict[str, str] = {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str, expect: int = 0) -> Answer:
        return await self._ask("GET", path, b"", expect)

    async def post(self, path: str, sent: dict[str, str], expect: int = 0) -> Answer:
        return await self._ask("POST", path, urlencode(sent).encode(), expect)

    async def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _ask(self, method: str, path: str, body: bytes, expect: int) -> Answer:
        fresh = self._streams is None
        try:
            answer = await self._once(method, path, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            await self.close()
            if fresh:
                raise
            answer = await self._once(
                method, path, body
            )  # the server had closed an idle connection: browsers ask again
        if expect and answer.status != expect:
            raise Refused(f"{method} {path} answered {answer.status}")
        return answer

    async def _once(self, method: str, path: str, body: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port, limit=1 << 20)
        reader, writer = self._streams
        writer.write(self._head(method, path, body) + body)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                key, _, rest = value.strip().partition("=")
                self.cookies[key] = rest.partition(";")[0]
            elif name:
                headers[name.lower()] = value.strip()
        content = await self._body(reader, headers)
        if headers.get("connection", "").lower() == "close":
            await self.close()
        return Answer(int(head[0].split()[1]), headers, content)

    def _head(self, method: str, path: str, body: bytes) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Accept: text/html",
            "Accept-Encoding: gzip, br",
            "Accept-Language: zh-CN,zh;q=0.9,en;q=0.8",
            f"Cookie: {'; '.join(f'{key}={value}' for key, value in self.cookies.items())}",
        ]
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
            lines += [f"Origin: http://{self.host}:{self.port}", f"Referer: http://{self.host}:{self.port}{path}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    async def _body(self, reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
        if "chunked" not in headers.get("transfer-encoding", ""):
            return await reader.readexactly(int(headers.get("content-length", 0)))
        parts = []
        while size := int((await reader.readline()).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        return b"".join(parts)
