"""Strangers who send at one moment, by real connections: a link is answered once, the same text comes in once, one
person has one lead, and a piece of work is good once."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.config import Settings
from crm.domain.intake import proof
from crm.domain.intake.forming import save_form
from crm.domain.intake.models import IntakeEntry, IntakeForm
from crm.domain.intake.taking import Sent, release, take
from crm.domain.leads.models import Lead
from crm.domain.people import actions as people
from crm.domain.people.actions import SYSTEM
from crm.domain.satisfaction.answering import answer
from crm.domain.satisfaction.asking import make_link
from crm.domain.satisfaction.models import Survey
from crm.domain.tickets import actions as tickets
from crm.domain.tickets.models import Ticket
from crm.infra.db import db, engine_options
from crm.kernel.access import unscoped
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from tests.databases import migrated_database
from tests.domain.intake.conftest import wanted


@pytest.fixture
def alone(settings: Settings) -> Iterator[Flask]:
    """An app of its own with a database of its own, whose transactions are real."""
    with migrated_database(settings, "strangers") as own:
        app = Flask("tests.jobs.strangers")
        app.config["SQLALCHEMY_DATABASE_URI"] = own.database_url
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(8)
        db.init_app(app)
        with app.app_context():
            people.create_person(SYSTEM, email="boss@example.com", name="Boss", role="administrator")
            db.session.commit()
            yield app
            db.session.remove()
            db.engine.dispose()


def at_once(app: Flask, *deeds: Callable[[], Any]) -> list[Any]:
    """What each gets back, or the sentence it is refused with."""
    ready, got = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(at: int) -> None:
        with app.app_context():
            try:
                ready.wait(60)
                got[at] = deeds[at]()
                db.session.commit()
            except RuleBroken as problem:
                got[at] = problem.message
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(deeds))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
        assert not each.is_alive()
    return got


def counted(column: Any) -> int:
    with unscoped("a test looks at everything"):
        return db.session.scalar(select(func.count(column))) or 0


def test_two_who_answer_by_one_link_are_heard_once(alone: Flask) -> None:
    boss = people.create_person(SYSTEM, email="b@example.com", name="B", role="administrator").actor
    id_ = tickets.create(boss, {"name": "Printer", "status": "solved", "owner": boss.id})
    with unscoped("a test looks at everything"):
        token = make_link(boss, db.session.get_one(Ticket, id_))
    db.session.commit()
    got = at_once(alone, *(lambda rating=rating: answer(token, rating, "") for rating in (1, 2, 4, 5)))
    assert got.count(True) == 1 and all("before" in each for each in got if each is not True)
    said = (1, 2, 4, 5)[got.index(True)]
    with unscoped("a test looks at everything"):
        assert db.session.scalars(select(Ticket.rating)).all() == [said]
    assert db.session.scalars(select(Survey.rating)).all() == [said]
    assert db.session.scalar(select(func.count()).where(Event.name == "satisfaction.rated")) == 1


def _sending(form_id: int, name: str, remarks: str) -> Callable[[], str]:
    texts = {"name": name, "email": "zhang@example.com", "remarks": remarks}

    def deed() -> str:
        return take(db.session.get_one(IntakeForm, form_id), Sent(texts, texts, remarks, "home", "en")).reference

    return deed


def test_what_comes_in_at_once_is_one_lead(alone: Flask) -> None:
    form_id = save_form(SYSTEM, None, wanted()).id
    db.session.commit()
    got = at_once(alone, *(_sending(form_id, "Zhang", "A trial") for _ in range(4)))
    assert len(set(got)) == 1 and counted(IntakeEntry.id) == counted(Lead.id) == 1
    got = at_once(alone, *(_sending(form_id, "Zhang", f"And {n}") for n in range(4)))
    assert len(set(got)) == 4 and counted(Lead.id) == 1
    outcomes = db.session.scalars(select(IntakeEntry.outcome).order_by(IntakeEntry.id)).all()
    assert outcomes == ["made", *["attached"] * 4]


def test_no_words_of_consent_are_lost_when_two_change_them(alone: Flask) -> None:
    form_id = save_form(SYSTEM, None, wanted()).id
    db.session.commit()
    said = [f"Words {n}" for n in range(4)]

    def saying(text: str) -> Callable[[], None]:
        return lambda: save_form(SYSTEM, db.session.get_one(IntakeForm, form_id), wanted(consent={"en": text})) and None

    at_once(alone, *map(saying, said))
    kept = db.session.get_one(IntakeForm, form_id, populate_existing=True).consents
    assert sorted(each["text"]["en"] for each in kept) == said and [each["version"] for each in kept] == [1, 2, 3, 4]


def test_what_is_let_in_at_once_is_one_lead(alone: Flask) -> None:
    form_id = save_form(SYSTEM, None, wanted()).id
    texts = {"name": "Zhang", "email": "zhang@example.com"}
    form = db.session.get_one(IntakeForm, form_id)
    held = [take(form, Sent(texts | {"remarks": f"{n}"}, texts, "", "home", "en", "trap")).id for n in range(4)]
    db.session.commit()

    def letting_in(id_: int) -> Callable[[], None]:
        return lambda: release(SYSTEM, db.session.get_one(IntakeForm, form_id), db.session.get_one(IntakeEntry, id_))

    at_once(alone, *map(letting_in, held))
    outcomes = db.session.scalars(select(IntakeEntry.outcome).order_by(IntakeEntry.outcome)).all()
    assert outcomes == ["attached"] * 3 + ["made"] and counted(Lead.id) == 1


def test_a_piece_of_work_handed_in_twice_at_once_counts_once(alone: Flask) -> None:
    got = at_once(alone, *(lambda: proof.hand_in("work") for _ in range(5)))
    assert sorted(got) == [False] * 4 + [True]
