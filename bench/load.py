"""Sessions that save customers, in a process of their own: `python -m bench.load` with a Plan as JSON on its input.

Each does what a browser does: opens the form, posts it with its token and key, follows the answer to the new record,
reads its name there. Connections stay open, pages come compressed; assets are in the browser's cache.
"""

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.browser_http import Browser, Refused, fields_of


@dataclass(frozen=True)
class Plan:
    """`pause` is the least and most seconds between two saves. `forms` are what to type, one after another."""

    host: str
    port: int
    accounts: list[str]
    password: str
    seconds: float
    warm_seconds: float
    pause: tuple[float, float]
    forms: list[dict[str, str]]


@dataclass
class Noted:
    """Milliseconds of each save that began in the measured time; `errors` by what was wrong."""

    saves: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    """Saves that were answered with who is there already, and sent again."""
    finished: int = 0
    """Saves that ended within the measured time."""


class Session:
    def __init__(self, plan: Plan, number: int, noted: Noted) -> None:
        self.plan, self.noted = plan, noted
        self.browser = Browser(plan.host, plan.port)
        self.account = plan.accounts[number]
        self.forms = plan.forms[number :: len(plan.accounts)]
        self.chance = Random(number)

    async def sign_in(self) -> None:
        page = await self.browser.get("/sign-in")
        sent = fields_of(page.text, "sign-in") | {"email": self.account, "password": self.plan.password}
        answer = await self.browser.post("/sign-in", sent)
        if answer.status != 303:
            raise Refused(f"sign-in answered {answer.status}")

    async def work(self, begin: float, end: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, self.plan.pause[1]))
        turn = 0
        while time.monotonic() < end:
            try:
                await self.save(self.forms[turn % len(self.forms)] | {"remarks": f"{self.account} {turn}"}, begin, end)
            except (OSError, EOFError, Refused) as error:
                self.noted.errors[f"{type(error).__name__}: {error}"[:200]] += 1
                await self.browser.close()
            turn += 1
            await asyncio.sleep(self.chance.uniform(*self.plan.pause))

    async def save(self, typed: dict[str, str], begin: float, end: float) -> None:
        opened = time.monotonic()
        form = await self.browser.get("/customers/new", expect=200)
        sent = fields_of(form.text, "customers/") | typed
        posted = time.monotonic()
        answer = await self.browser.post("/customers/", sent)
        if answer.status == 422 and "already-there" in answer.text:  # told who is there already, they save it anyway
            self.noted.asked += 1
            again = fields_of(answer.text, "customers/") | typed | {"anyway": "1"}
            answer = await self.browser.post("/customers/", again)
        if answer.status != 303:
            raise Refused(f"/customers/ answered {answer.status}")
        answered = time.monotonic()
        record = await self.browser.get(answer.location, expect=200)
        done = time.monotonic()
        if typed["remarks"] not in record.text:
            raise Refused("the record's page does not show what was typed")
        if begin <= done <= end:
            self.noted.finished += 1
        if begin <= opened < end:
            self.noted.opened.append((posted - opened) * 1000)
            self.noted.posts.append((answered - posted) * 1000)
            self.noted.saves.append((done - posted) * 1000)


async def run(plan: Plan) -> dict[str, Any]:
    noted = Noted()
    sessions = [Session(plan, number, noted) for number in range(len(plan.accounts))]
    for session in sessions:  # one after the other: hashing a password is slow on purpose
        await session.sign_in()
    begin = time.monotonic() + plan.warm_seconds
    end = begin + plan.seconds
    await asyncio.gather(*(session.work(begin, end) for session in sessions))
    for session in sessions:
        await session.browser.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    return vars(noted) | {"cpu_seconds": used.ru_utime + used.ru_stime}


if __name__ == "__main__":
    json.dump(asyncio.run(run(Plan(**json.load(sys.stdin)))), sys.stdout)
