"""Duplicates at full size: the hint while somebody types, and the search through the whole base."""

import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import urlencode

import brotli
from sqlalchemy import text

from bench import scale
from bench.database import Database, copied, filled, scratch, sizes
from bench.inside import Answer, Queries, Visitor
from bench.lists import PEOPLE
from bench.result import Measured, percentile, spread
from bench.spoiling import SPOILT, Known
from crm import create_app
from crm.domain.customers.actions import create_many
from crm.domain.customers.record_type import CUSTOMER
from crm.domain.duplicates import searching
from crm.domain.duplicates.models import DONE
from crm.domain.people.actions import SYSTEM
from crm.domain.people.models import Person
from crm.infra.db import db
from crm.kernel.contact import parse_phone

_WARM = 3
_PLANTED = 1_000


@dataclass(frozen=True)
class Typed:
    """What stands in the form, and the number of the customer that is meant."""

    address: str
    number: str


def duplicate_hint_p95_ms() -> Measured:
    """Value: the worst p95 of what the server takes for a hint, of all kinds of typing and of people. `found` is the
    share of hints that name the customer that is meant, for whoever sees all."""
    kinds: dict[str, dict[str, float]] = {}
    everything: list[float] = []
    with filled() as database, scratch() as instance:
        app = create_app(database.settings(instance), connections=2)
        queries = Queries()
        queries.watch()
        typed = _typed(_known(database, scale.REPEATS + _WARM))
        for who, email in PEOPLE.items():
            visitor = Visitor(app, email, queries)
            for kind, asked in typed.items():
                figures, times = _timed(visitor, asked)
                if who != "administrator":
                    del figures["found"]
                kinds[f"{who}, {kind}"] = figures
                everything += times
        detail = {"all": spread(everything), "data": sizes(database), "kinds": kinds}
    worst = max(each["p95"] for each in kinds.values())
    return Measured("duplicate_hint_p95_ms", worst, "ms", len(everything), detail)


def _timed(visitor: Visitor, asked: list[Typed]) -> tuple[dict[str, float], list[float]]:
    answers = [(each, visitor.get(each.address, part="alike")) for each in asked][_WARM:]
    if wrong := {answer.status for _, answer in answers} - {200}:
        raise RuntimeError(f"{asked[0].address} answered {wrong}")
    times = [answer.wall_ms for _, answer in answers]
    figures = {
        "median": percentile(times, 0.5),
        "p95": percentile(times, 0.95),
        "max": max(times),
        "cpu_median": percentile([answer.cpu_ms for _, answer in answers], 0.5),
        "found": sum(each.number in _read(answer) for each, answer in answers) / len(answers),
    }
    return figures, times


def _read(answer: Answer) -> str:
    try:
        return brotli.decompress(answer.body).decode()
    except brotli.error:  # what is small is sent as it is
        return answer.body.decode()


def _known(database: Database, count: int) -> list[Known]:
    """Companies from all over the table."""
    with database.connect() as connection:
        rows = connection.execute(
            "SELECT number, name, phone, email FROM customers WHERE type = 'company' AND deleted_at IS NULL AND id IN"
            " (SELECT 1 + (n * 7919) %% (SELECT max(id) FROM customers) FROM generate_series(1, %s) AS n)",
            [count * 4],
        ).fetchall()
    return [Known(*map(str, row)) for row in rows if all(row)][:count]


def _typed(known: list[Known]) -> dict[str, list[Typed]]:
    def of(tell: Callable[[Known], Mapping[str, str]]) -> list[Typed]:
        return [Typed(f"/duplicates/customers/hint?{urlencode(tell(each))}", each.number) for each in known]

    rng = Random(scale.SEED)
    named = {kind: of(lambda each, spoil=spoil: {"name": spoil(each.name, rng)}) for kind, spoil in SPOILT.items()}  # type: ignore[misc]
    return named | {
        "two characters": of(lambda each: {"name": each.name[:2]}),
        "phone": of(lambda each: {"name": "", "phone": each.phone}),
        "mail": of(lambda each: {"name": "", "email": each.email}),
        "everything": of(lambda each: {"name": each.name, "phone": each.phone, "email": each.email}),
    }


def dedupe_million_s() -> Measured:
    """Value: seconds of one search through all customers, commits included. `planted_found` is the share of duplicates
    that were put in with a spoilt name, each with the phone or the mail address of the other, that it finds."""
    with filled() as prepared, copied(prepared) as database, scratch() as instance:
        app = create_app(database.settings(instance), connections=2)
        with app.app_context(), _closed():
            planted = _plant(_known(database, _PLANTED))
            begun = time.perf_counter()
            search, steps = _searched()
            seconds = time.perf_counter() - begun
            detail: dict[str, Any] = {"customers": search.looked_at, "pairs": search.found, "steps": spread(steps)}
            detail["planted_found"] = _found(planted) / max(1, len(planted))
            detail["memory_mb"] = _peak()
    return Measured("dedupe_million_s", seconds, "s", search.looked_at, detail)


@contextmanager
def _closed() -> Iterator[None]:
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()


def _plant(known: list[Known]) -> list[tuple[str, int]]:
    rng, kinds = Random(scale.SEED), list(SPOILT.values())
    owner = db.session.query(Person).filter_by(email=PEOPLE["rep with most"]).one()
    rows = [
        {"name": rng.choice(kinds)(each.name, rng)}
        | ({"phone": parse_phone(each.phone)} if rng.random() < 0.5 else {"email": each.email})
        for each in known
    ]
    ids = create_many(owner.actor, rows)
    db.session.commit()
    return list(zip([each.number for each in known], ids, strict=True))


def _searched() -> tuple[Any, list[float]]:
    search, times = searching.ask(SYSTEM, CUSTOMER), []
    db.session.commit()
    while search.state != DONE:
        begun = time.perf_counter()
        searching.step(search)
        db.session.commit()
        times.append(time.perf_counter() - begun)
    return search, times


def _found(planted: list[tuple[str, int]]) -> int:
    statement = text(
        "SELECT count(*) FROM unnest(CAST(:numbers AS text[]), CAST(:ids AS bigint[])) AS planted (number, id)"
        " JOIN customers ON customers.number = planted.number"
        " JOIN duplicate_pairs ON first_id = customers.id AND second_id = planted.id"
    )
    numbers, ids = map(list, zip(*planted, strict=True))
    return db.session.scalar(statement, {"numbers": numbers, "ids": ids}) or 0


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
