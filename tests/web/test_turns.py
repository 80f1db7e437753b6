"""A few requests at once; nobody's slow line keeps the others waiting."""

import threading
from io import BytesIO

import pytest

from crm.web.turns import READ_BEFORE, Turns


class Crowd:
    """An app that notes how many are inside at once and lets them out when told."""

    def __init__(self):
        self.inside, self.most, self.lock = 0, 0, threading.Lock()
        self.arrived, self.leave = threading.Semaphore(0), threading.Event()
        self.bodies = []

    def __call__(self, environ, start_response):
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.bodies.append(environ["wsgi.input"].read())
        self.arrived.release()
        assert self.leave.wait(20)
        with self.lock:
            self.inside -= 1
        return [b"done"]


class Slow(BytesIO):
    """A body of which nothing comes before somebody says so."""

    def __init__(self, body, come):
        super().__init__(body)
        self.come = come

    def read(self, size=-1):
        assert self.come.wait(20)
        return super().read(size)


def environ(body=b"", *, length=None, stream=None, **more):
    return {
        "CONTENT_LENGTH": str(len(body) if length is None else length),
        "wsgi.input": stream or BytesIO(body),
    } | more


@pytest.fixture
def started():
    threads = []

    def start(turns, asked):
        threads.append(threading.Thread(target=turns, args=(asked, None)))
        threads[-1].start()

    yield start
    for each in threads:
        each.join(20)
        assert not each.is_alive()


def test_no_more_than_so_many_at_once(started):
    crowd = Crowd()
    turns = Turns(crowd, 2)
    for number in range(5):
        started(turns, environ(str(number).encode()))
    for _ in range(2):
        assert crowd.arrived.acquire(timeout=20)
    assert not crowd.arrived.acquire(timeout=0.2), "the third waits"
    crowd.leave.set()
    for _ in range(3):
        assert crowd.arrived.acquire(timeout=20)
    assert crowd.most == 2
    assert sorted(crowd.bodies) == [b"0", b"1", b"2", b"3", b"4"]


@pytest.mark.parametrize(
    "more", [{"length": 10}, {"length": READ_BEFORE + 1}, {"HTTP_TRANSFER_ENCODING": "chunked"}], ids=str
)
def test_whoever_is_slow_to_send_takes_no_turn(started, more):
    crowd, come = Crowd(), threading.Event()
    turns = Turns(crowd, 1)
    started(turns, environ(stream=Slow(b"0123456789", come), **{"length": 10} | more))
    started(turns, environ(b"quick"))
    assert crowd.arrived.acquire(timeout=20), "the quick one is in although the slow one came first"
    crowd.leave.set()
    come.set()
    assert crowd.arrived.acquire(timeout=20)
    assert sorted(crowd.bodies) == [b"0123456789", b"quick"]
