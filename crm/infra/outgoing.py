"""A message to an address that somebody typed in: sent to what was looked at, and to nothing inside the house.

The name is resolved once, every address it has must be a public one, and the connection is made to that address, so
that a name which answers otherwise the second time leads nowhere. Redirections are not followed. Where the
setting CRM_WEBHOOKS_INSIDE says so, addresses of one's own network and plain http are allowed.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from crm.config import Settings

TIMEOUT = 10.0  # seconds
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LONGEST_ANSWER = 2_000  # bytes that are read of it


class Refused(ValueError):
    """The address is none that anything is sent to."""


class NotDelivered(OSError):
    """Nobody answered; try again later."""


@dataclass(frozen=True)
class Place:
    url: SplitResult
    address: str
    port: int


def looked_up(settings: Settings, url: str) -> Place:
    """Raises Refused, and NotDelivered where the name cannot be resolved now."""
    parts = parsed(settings, url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"{parts.hostname}: {error}") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for address in addresses:
        if not settings.webhooks_inside and not _is_public(address):
            raise Refused(f"{parts.hostname} is {address}, which is not a public address")
    return Place(parts, addresses[0], port)


def parsed(settings: Settings, url: str) -> SplitResult:
    """What can be said without looking up the name."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no number
    except ValueError as error:
        raise Refused(str(error)) from error
    schemes = ("https", "http") if settings.webhooks_inside else ("https",)
    if parts.scheme not in schemes or not parts.hostname or parts.username or parts.password:
        raise Refused("The address must begin with https:// and hold neither name nor password")
    return parts


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = _carried(ip) or ip
    return ip.is_global and not ip.is_multicast


def _carried(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address of the older kind that one of the newer leads to: mapped, 6to4 (RFC 3056), Teredo (RFC 4380), NAT64
    (RFC 6052)."""
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def post(settings: Settings, url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer, whatever it is. Raises Refused, or NotDelivered where nobody answers in time."""
    place = looked_up(settings, url)
    connection = _Connection(place)
    end = threading.Timer(2 * TIMEOUT, connection.end)  # whoever answers byte by byte must not hold a worker
    target = (place.url.path or "/") + (f"?{place.url.query}" if place.url.query else "")
    end.start()
    try:
        connection.request("POST", target, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read(_LONGEST_ANSWER)
        return answer.status
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"{place.url.hostname}: {error or type(error).__name__}") from error
    finally:
        end.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To the address that was looked at; the certificate must be the name's."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.url.hostname or "", place.port, timeout=TIMEOUT)
        self.place = place

    def connect(self) -> None:
        self.sock = socket.create_connection((self.place.address, self.place.port), TIMEOUT)
        if self.place.url.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.place.url.hostname)

    def end(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
