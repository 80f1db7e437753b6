"""What somebody typed in as an address leads to nothing inside the house, whatever it is called."""

import socket
import threading
from contextlib import suppress
from dataclasses import replace

import pytest

from crm.config import Settings
from crm.infra import outgoing
from crm.infra.outgoing import NotDelivered, Refused
from tests.listener import listening

OUTSIDE = Settings(secret_key="t" * 40)
INSIDE = replace(OUTSIDE, webhooks_inside=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://2130706433/",  # which is 127.0.0.1 to a resolver
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://[2002:a00:1::]/",
        "https://10.1.2.3:8443/x",
        "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0.0.0.0/",
        "http://93.184.216.34/",
        "https://user:password@93.184.216.34/",
        "https://93.184.216.34:port/",
        "ftp://93.184.216.34/",
        "https:///nowhere",
        "javascript:alert(1)",
    ],
)
def test_nothing_is_sent_to_an_address_of_ones_own(url: str) -> None:
    with pytest.raises(Refused):
        outgoing.post(OUTSIDE, url, b"{}", {})


def test_a_public_address_is_looked_up_once_and_kept() -> None:
    place = outgoing.looked_up(OUTSIDE, "https://93.184.216.34:8443/hook?a=1")
    assert (place.address, place.port) == ("93.184.216.34", 8443)


def test_a_name_that_is_nobodys_is_trouble_that_may_pass() -> None:
    with pytest.raises(NotDelivered):
        outgoing.looked_up(OUTSIDE, "https://nobody.invalid/")


def test_where_it_is_allowed_it_goes_inside_and_follows_nobody_elsewhere() -> None:
    with listening() as listener:
        listener.answers[:] = [302, 500]
        assert outgoing.post(INSIDE, f"{listener.url}/hook?a=1", b'{"a":1}', {"webhook-id": "x"}) == 302
        assert outgoing.post(INSIDE, f"{listener.url}/hook", b"{}", {}) == 500
        assert [path for path, _, _ in listener.heard] == ["/hook?a=1", "/hook"]
        _, headers, body = listener.heard[0]
        assert (body, headers["content-type"], headers["webhook-id"]) == (b'{"a":1}', "application/json", "x")


def test_whoever_does_not_answer_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(NotDelivered):
        outgoing.post(INSIDE, f"http://127.0.0.1:{silent.getsockname()[1]}/", b"{}", {})
    with pytest.raises(NotDelivered):
        outgoing.post(INSIDE, "http://127.0.0.1:1/", b"{}", {})


def test_whoever_answers_byte_by_byte_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, all of them together would take for ever."""
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                while not ended.wait(0.05):
                    connection.sendall(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(NotDelivered):
            outgoing.post(INSIDE, f"http://127.0.0.1:{server.getsockname()[1]}/", b"{}", {})
        ended.set()
        thread.join()
