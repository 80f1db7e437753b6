"""A connection to each web process of a running server, which stays with that process for as long as it is open."""

import http.client
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bench.server import HOST, Server, below, processes

_TRIES = 400


class Peer:
    def __init__(self, server: Server, cookies: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(HOST, server.port, timeout=60)
        self._headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}
        self.get("/healthz")  # accepted by some process, which answered
        self.pid = _other_end(self._connection.sock, server)

    def get(self, path: str) -> str:
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        return text

    def close(self) -> None:
        self._connection.close()


def one_of_each(server: Server, cookies: Mapping[str, str], count: int) -> list[Peer]:
    """Connections are opened until each of `count` processes has one."""
    found: dict[int, Peer] = {}
    for _ in range(_TRIES):
        peer = Peer(server, cookies)
        if found.setdefault(peer.pid, peer) is not peer:
            peer.close()
        if len(found) == count:
            return list(found.values())
        time.sleep(0.01)
    raise RuntimeError(f"Only {len(found)} of {count} web processes answer.")


def _other_end(ours: socket.socket, server: Server) -> int:
    """The process of the server that has the other end of a connection, from /proc."""
    inode = _inode(ours.getsockname()[1], server.port)
    for each in below(server.pid, processes()):
        for handle in Path(f"/proc/{each.pid}/fd").glob("*"):
            with suppress(OSError):
                if handle.readlink().name == f"socket:[{inode}]":
                    return each.pid
    raise RuntimeError("Nobody has the other end of the connection.")


def _inode(client_port: int, server_port: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        ports = tuple(int(each.rpartition(":")[2], 16) for each in cells[1:3])
        if ports == (server_port, client_port):
            return cells[9]
    raise RuntimeError("The connection is not there.")
