"""How soon a field that an administrator makes, renames, retires or brings back is so in every web process."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bench.database import ADMINISTRATOR, PASSWORD, Database, copied, filled, rep
from bench.peers import Peer, one_of_each
from bench.result import Measured, spread
from bench.server import running
from bench.wizard import Wizard
from crm.infra.embedded.process import wait_until

_CUSTOMERS, _PROCESSES, _ROUNDS = 2_000, 4, 5
_PAGES = ("/customers/new", "/columns/customers", "/filters/customers")  # form; columns of the list; filter
_PATIENCE = 30  # seconds after which it will not come any more


def field_change_visible_s() -> Measured:
    """Value: the longest time from the answer to a change until each web process shows it in form, list and filter."""
    times: dict[str, list[float]] = {}
    with ExitStack() as stack:
        database = stack.enter_context(copied(stack.enter_context(filled(_CUSTOMERS))))
        server = stack.enter_context(running(database, CRM_WEB_PROCESSES=str(_PROCESSES)))
        admin = Wizard(server.port, ADMINISTRATOR, PASSWORD)
        peers = one_of_each(server, Wizard(server.port, rep(1), PASSWORD).cookies, _PROCESSES)
        for each in peers:
            stack.callback(each.close)
            for page in _PAGES:
                each.get(page)  # its templates are read, as in a server in use
        for number in range(_ROUNDS):
            for change, seconds in _round(database, admin, peers, f"Own {number}").items():
                times.setdefault(change, []).append(seconds)
    everything = [each for some in times.values() for each in some]
    detail = {"processes": len(peers), "bar": 2, "kinds": {change: spread(some) for change, some in times.items()}}
    return Measured("field_change_visible_s", max(everything), "s", len(everything), detail)


def _round(database: Database, admin: Wizard, peers: list[Peer], name: str) -> dict[str, float]:
    form = {"label-en": name, "label-zh_CN": name, "kind": "text", "section": "basics"}
    new = "/admin/fields/of/customers/new"
    found = {"made": _until(peers, name, True, lambda: admin.submit(new, "customers", form))}
    own = f"/admin/fields/{_newest(database)}"
    other = {"label-en": f"{name} renamed", "label-zh_CN": f"{name} renamed"}
    found["renamed"] = _until(peers, other["label-en"], True, lambda: admin.submit(own, own, other))
    found["retired"] = _until(peers, name, False, lambda: admin.press("/admin/fields", f"{own}/retirement"))
    found["brought back"] = _until(peers, name, True, lambda: admin.press("/admin/fields", f"{own}/return"))
    admin.press("/admin/fields", f"{own}/retirement")
    return found


def _newest(database: Database) -> int:
    with database.connect() as connection:
        row = connection.execute("SELECT max(id) FROM field_definitions").fetchone()
    return int(str(row[0] if row else 0))


def _until(peers: list[Peer], words: str, there: bool, change: Callable[[], None]) -> float:
    """Seconds from the answer to the change until form, list and filter of each process have obeyed."""

    def obeyed(peer: Peer) -> None:
        for page in _PAGES:
            if not wait_until(lambda page=page: (words in peer.get(page)) is there, _PATIENCE):
                raise RuntimeError(f"{page} of process {peer.pid} never obeyed: {words}")

    change()
    begun = time.monotonic()
    with ThreadPoolExecutor(len(peers)) as all_at_once:
        list(all_at_once.map(obeyed, peers))
    return time.monotonic() - begun
