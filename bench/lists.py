"""The customer list and its search at full size: server time with template and compression, database time beside it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bench import questions, scale
from bench.database import ADMINISTRATOR, PROJECT, Database, filled, rep, scratch, sizes
from bench.inside import Answer, Queries, Visitor
from bench.result import Measured, percentile, spread
from crm import create_app

EXPLAIN = PROJECT / "build" / "explain"
# Who looks, by how much they see.
PEOPLE = {"administrator": ADMINISTRATOR, "rep with most": rep(1), "rep with least": rep(scale.PEOPLE)}
_SORTS = {"newest change": ("updated_at", True), "by name": ("sort_key", False)}
_WARM = 3


@dataclass(frozen=True)
class Page:
    """One kind of page somebody looks at; `addresses` are asked for in turn."""

    who: str
    kind: str
    addresses: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.who}, {self.kind}"


def list_p95_ms() -> Measured:
    """Value: the worst p95 of first and deep pages in every order; filtered lists are in the detail."""
    with _site() as (database, visitors):
        timed = {page: _times(visitors[page.who], page) for page in _list_pages(database)}
        return _told("list_p95_ms", timed, sizes(database), bar=lambda page: "filter" not in page.kind)


def search_p95_ms() -> Measured:
    """Value: the worst p95 of all kinds of questions by everybody."""
    with _site() as (database, visitors):
        timed = {page: _times(visitors[page.who], page) for page in _search_pages(database)}
        return _told("search_p95_ms", timed, sizes(database), bar=lambda page: True)


def explain() -> Measured:
    """The plan of every query behind these pages, into build/explain/*.txt."""
    EXPLAIN.mkdir(parents=True, exist_ok=True)
    for old in EXPLAIN.glob("*.txt"):
        old.unlink()
    slowest: dict[str, float] = {}
    with _site() as (database, visitors):
        pages = [*_list_pages(database), *_search_pages(database)]
        for page in pages:
            slowest[page.label] = _explained(database, visitors[page.who], page)
    worst = dict(sorted(slowest.items(), key=lambda each: -each[1])[:15])
    return Measured("explain", max(slowest.values()), "ms", len(pages), {"folder": "build/explain", "slowest": worst})


@contextmanager
def _site() -> Iterator[tuple[Database, Mapping[str, Visitor]]]:
    """The app on the filled database, in this process, and one visitor of each kind."""
    with filled() as database, scratch() as instance:
        app = create_app(database.settings(instance), connections=2)
        queries = Queries()
        queries.watch()
        yield database, {who: Visitor(app, email, queries) for who, email in PEOPLE.items()}


def _list_pages(database: Database) -> list[Page]:
    pages = []
    for who, email in PEOPLE.items():
        mine = "" if who == "administrator" else email
        for kind, asked in questions.lists(owner="" if mine else rep(2)).items():
            pages.append(Page(who, f"{kind}, first page", (questions.address(asked),)))
            if kind in _SORTS:
                column, descending = _SORTS[kind]
                cursor = questions.deep_cursor(database, column, descending=descending, owner=mine)
                pages.append(Page(who, f"{kind}, deep", (questions.address(asked | {"after": cursor}),)))
    return pages


def _search_pages(database: Database) -> list[Page]:
    pages = []
    for who, email in PEOPLE.items():
        mine = "" if who == "administrator" else email
        cursor = questions.deep_cursor(database, "updated_at", descending=True, owner=mine)
        for kind, asked in questions.searches(scale.REPEATS).items():
            pages.append(Page(who, f"{kind}, first page", tuple(questions.address({"q": text}) for text in asked)))
            if "commonest" in kind:
                deep = tuple(questions.address({"q": text, "after": cursor}) for text in asked)
                pages.append(Page(who, f"{kind}, deep", deep))
    return pages


def _times(visitor: Visitor, page: Page) -> list[Answer]:
    for address in page.addresses[:_WARM]:
        visitor.get(address)
    answers = [visitor.get(address) for address in islice(cycle(page.addresses), max(scale.REPEATS, 20))]
    wrong = {answer.status for answer in answers} - {200}
    if wrong:
        raise RuntimeError(f"{page.label}: {page.addresses[0]} answered {wrong}")
    return answers


def _told(name: str, timed: Mapping[Page, list[Answer]], size: Mapping[str, Any], bar: Any) -> Measured:
    kinds = {page.label: _figures(answers) for page, answers in timed.items()}
    counted = [figures["p95"] for page, figures in zip(timed, kinds.values(), strict=True) if bar(page)]
    everything = [answer.wall_ms for page, answers in timed.items() if bar(page) for answer in answers]
    detail = {"all": spread(everything), "data": size, "kinds": kinds}
    return Measured(name, max(counted), "ms", len(everything), detail)


def _figures(answers: Sequence[Answer]) -> dict[str, float]:
    wall, database = [each.wall_ms for each in answers], [each.database_ms for each in answers]
    return {
        "median": percentile(wall, 0.5),
        "p95": percentile(wall, 0.95),
        "cpu_median": percentile([each.cpu_ms for each in answers], 0.5),
        "database_median": percentile(database, 0.5),
        "database_p95": percentile(database, 0.95),
        "queries": max(each.queries for each in answers),
        "bytes": max(len(each.body) for each in answers),
    }


def _explained(database: Database, visitor: Visitor, page: Page) -> float:
    """Write the plans of one page's queries; the longest execution in milliseconds."""
    times, told = [0.0], [f"-- {page.label}\n-- {page.addresses[0]}\n"]
    visitor.get(page.addresses[0])
    asked = [(text, values) for text, values in visitor.queries.said if "customers" in text and "SELECT" in text]
    with database.connect() as connection:
        for text, values in asked:
            plan = [str(row[0]) for row in connection.execute(f"EXPLAIN (ANALYZE, BUFFERS) {text}", values)]
            times += [float(line.split()[2]) for line in plan if line.startswith("Execution Time")]
            told.append("\n".join([text, f"-- {values}", "", *plan, ""]))
    _file(page).write_text("\n".join(told), "utf-8")
    return max(times)


def _file(page: Page) -> Path:
    return EXPLAIN / f"{page.label.replace(', ', '__').replace(' ', '_').replace(':', '')}.txt"
