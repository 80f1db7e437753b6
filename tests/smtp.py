"""A mail server as bad as real ones: it refuses, puts off, takes without saying so, hangs up while saying goodbye.

`python -m tests.smtp PORT FOLDER` is one in a process of its own, which can be killed: what it takes it writes into
the folder before it says so. While there is a file `hold` in it, it takes nothing and says nothing.
"""

import asyncio
import email
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

_NO = {"refused": "421 not now", "put off": "451 later", "never": "554 not this"}


class Moody:
    """`moods` are what it does to the next mails, one after the other; then it is well."""

    def __init__(self, folder: Path | None = None) -> None:
        self.taken: list[Any] = []
        self.moods: list[str] = []
        self.folder = folder

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("gone@"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mood = self.moods.pop(0) if self.moods else ""
        if mood in _NO:
            return _NO[mood]
        while self.folder and (self.folder / "hold").exists():
            (self.folder / "held").touch()
            await asyncio.sleep(0.02)
        if server.transport is None or server.transport.is_closing():
            return "451 you are gone"
        self._keep(envelope.content)
        if mood == "says nothing":
            server.transport.abort()
        session.rude = mood == "rude goodbye"
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return "421 in a bad mood" if getattr(session, "rude", False) else "221 bye"

    def _keep(self, content: bytes) -> None:
        self.taken.append(email.message_from_bytes(content, policy=default))
        if self.folder:
            path = self.folder / f"{os.getpid()}-{len(self.taken)}"
            path.with_suffix(".part").write_bytes(content)
            path.with_suffix(".part").rename(path.with_suffix(".eml"))

    def times(self) -> Counter[str]:
        """Message-ID → how often it was taken."""
        return Counter(str(each["Message-ID"]) for each in self.taken)


class _OnAnyPort(Controller):
    """Port 0 means any free one; the library knocks at the number as given."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(moody: Moody) -> Iterator[str]:
    """Its address, as CRM_MAIL_URL has it."""
    controller = _OnAnyPort(moody, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


def kept_in(folder: Path) -> Counter[str]:
    kept = [email.message_from_bytes(each.read_bytes(), policy=default) for each in folder.glob("*.eml")]
    return Counter(str(each["Message-ID"]) for each in kept)


async def _main(port: int, folder: Path) -> None:
    moody = Moody(folder)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(moody), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), Path(sys.argv[2])))
