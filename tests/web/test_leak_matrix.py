"""Everybody of the cast × records of every kind of belonging × every surface of every type of record: one answer.

Whether somebody sees a record is told by `crm/kernel/why.py`, whose rules are written apart from those of the
statements. A surface that a type gets is a line in SURFACES; a type that is new is here by being registered.
"""

import json

import pytest
from sqlalchemy import insert, select

from crm.domain.bulk import actions as bulk
from crm.domain.bulk.deeds import DEEDS, allowed
from crm.domain.bulk.models import BulkItem
from crm.domain.dashboards.asking import Asked, span_of
from crm.domain.dashboards.counting import figures
from crm.domain.dashboards.table import DASHBOARDS
from crm.domain.exports.rights import may_export
from crm.domain.notifications.models import Notification
from crm.domain.people import granting, sharing
from crm.domain.people.actions import SYSTEM
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES, referring
from crm.domain.satisfaction.models import Survey
from crm.domain.saved_views import actions as views
from crm.domain.saved_views.actions import Audience
from crm.domain.timeline import actions as timeline
from crm.domain.tokens import actions as tokens
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.bulk import sweep
from crm.kernel.access import Reach, unscoped
from crm.kernel.asking import Query
from crm.kernel.company import company
from crm.kernel.events import because
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Permission
from crm.kernel.why import sees, why
from tests.domain.automation.making import made, runs, worked
from tests.web import telling
from tests.web.test_leaks import COMMON, ask

MARKS = {each: f"Quellwort{each}" for each in ("Rep", "Other", "Nobody", "Shared", "Department", "Binned")}


class World:
    """One record for each way of belonging, of a type."""

    def __init__(self, app, cast, type_):
        self.app, self.cast, self.type = app, cast, type_
        owners = dict.fromkeys(MARKS, cast.rep) | {"Other": cast.other_rep, "Nobody": cast.administrator}
        ids = {
            each: type_.verbs.create_many(cast.administrator.actor, [{"name": mark, "owner": owners[each].id}])[0]
            for each, mark in MARKS.items()
        }
        self.marks = dict(MARKS)
        if type_.entity.pooled:
            self.marks["Pool"] = "QuellwortPool"
            ids["Pool"] = type_.verbs.create_many(cast.manager.actor, [{"name": "QuellwortPool"}])[0]
            self._put_into_pool(ids["Pool"])
        with unscoped("a test looks at everything"):
            self.records = {each: db.session.get(type_.entity, id_) for each, id_ in ids.items()}
        admin = cast.administrator.actor
        for record in self.records.values():
            timeline.add_follow_up(admin, record, {"kind": "call", "body": f"Said of {record.name}"})
        sharing.share(admin, self.records["Shared"], cast.other_rep)
        sharing.share(admin, self.records["Department"], db.session.merge(_department(cast.other_rep)))
        type_.verbs.delete(admin, self.records["Binned"])
        self.view = views.save(admin, type_, name="For all", query=Query(filters=(("name", "contains", "Quellwort"),)))
        views.change(admin, self.view, name="For all", position=0, audience=Audience(everyone=True))
        granting.change_role(
            SYSTEM, ready_made("everyone"), name="", reach={Permission.SYSTEM_API: Reach.ALL}, fields={}
        )
        db.session.commit()
        self.ids = ids

    def by_id(self, id_):
        return next(each for each in self.records.values() if each.id == id_)

    def asked(self, who, path):
        """What a program with a key of theirs is answered."""
        _, key = tokens.make_token(who.actor, "x", writes=True)
        db.session.commit()
        headers = {"Authorization": f"Bearer {key}"}
        return self.app.test_client().get(f"/api/v1/{self.type.key}{path}", headers=headers)

    def _put_into_pool(self, id_):
        with unscoped("a test looks at everything"):
            one = db.session.get(self.type.entity, id_)
            if one.owner_id is not None:  # what managers enter is theirs, unless the type says otherwise
                with because("A test wants it there"):
                    self.type.verbs.change(self.cast.manager.actor, one, {"owner": None})

    def words(self, who, address):
        answer = ask(self.app, who, "GET", address)
        return answer.get_data(as_text=True) if answer.status_code == 200 else ""

    def named(self, words):
        return {each for each, mark in self.marks.items() if f">{mark}<" in words or f">{mark} " in words}


def _department(person):
    from crm.domain.people.models import Department

    return db.session.get(Department, person.department_id)


def _list(world, who, query=""):
    return world.named(world.words(who, f"/{world.type.key}/{query}"))


def _page(world, who, path="", said="{}"):
    return {
        each
        for each, mark in world.marks.items()
        if said.format(mark) in world.words(who, f"/{world.type.key}/{world.ids[each]}{path}")
    }


def _typeahead(world, who):
    links = [field for _, field in referring(world.type.key)]
    if not links:  # no other record leads to one of these
        return None
    words = "".join(world.words(who, f"/lookup/{each.key}?q=Quellwort") for each in links)
    return {each for each, mark in world.marks.items() if mark in words}


def _everything(world, who):
    words = world.words(who, "/search/?q=Quellwort")
    return {each for each, mark in world.marks.items() if mark in words}


def _bulk(world, who):
    """Whom a change of “all that match” would reach; nobody's by whoever may not change many."""
    text = _long_text(world.type)
    actor, deed, values = who.actor, DEEDS["edit"], {text: "Rival"}
    if not allowed(actor, world.type, deed, values):
        return None
    started = bulk.start(actor, world.type, deed, asked=Query(search="Quellwort"), values=values)
    db.session.commit()
    sweep()
    met = set(db.session.scalars(select(BulkItem.record_id).where(BulkItem.bulk_id == started.id)))
    return {each for each, id_ in world.ids.items() if id_ in met}


def _import_match(world, who):
    """Of a file only what its owner sees is a duplicate."""
    told = {each: {"name": mark} for each, mark in world.marks.items()}
    if world.type.matching.match_key(told["Rep"]) is None:  # alike by their numbers
        told = {each: {"name": world.records[each].number} for each in told}
    keys = {each: world.type.matching.match_key(values) for each, values in told.items()}
    found = world.type.matching.matches(who.actor, list(keys.values()))
    return {each for each, key in keys.items() if key in found}


def _hint(world, who):
    """While somebody types the whole name; whoever may make none is told nothing."""
    if world.type.likeness is None or not who.actor.may(world.type.may_create):
        return None
    at = f"/duplicates/{world.type.key}/hint?name="
    return {each for each, mark in world.marks.items() if f">{mark}<" in world.words(who, at + mark)}


def _counted(world, who):
    """As many as there are to see: which ones is for the others to say."""
    if not who.actor.may(world.type.may_read):
        return set()
    seen = {each for each, record in world.records.items() if sees(why(who.actor, record))}
    return seen if world.type.list.count(who.actor, Query()).number == len(seen) else {"another number"}


# Of each type a tile that counts what was made today, and the column that does.
_DRAWN = {"customers": ("new", "count"), "leads": ("conversion", "count"), "opportunities": ("funnel", "now")}
_DRAWN["tickets"] = ("load", "opened")


def _dashboard(world, who):
    """As many as there are to see, in the numbers of a dashboard."""
    if world.type.key not in _DRAWN:
        return None
    key, column = _DRAWN[world.type.key]
    tile = next(each for board in DASHBOARDS.values() for each in board.tiles if each.key == key)
    seen = {each for each, record in world.records.items() if sees(why(who.actor, record))}
    if not tile.is_for(who.actor):
        return set()
    rows = figures(who.actor, tile, Asked(span_of("month", company.today()))).rows
    return seen if sum(row.numbers[column].value or 0 for row in rows) == len(seen) else {"another number"}


def _api_list(world, who):
    answer = world.asked(who, "?limit=100&q=Quellwort")
    seen = {each["id"] for each in answer.json["data"]} if answer.status_code == 200 else set()
    return {each for each, id_ in world.ids.items() if id_ in seen}


def _api_record(world, who):
    return {each for each, id_ in world.ids.items() if world.asked(who, f"/{id_}").status_code == 200}


def _export(world, who):
    """What is seen and within the reach of exporting is in the file, and nothing else; nobody's who may not export."""
    if not may_export(who.actor, world.type.key):
        return None
    asked = {"list": "q=Quellwort", "field": "name", "names": "keys", "format": "jsonl"}
    place = ask(world.app, who, "POST", f"/exports/{world.type.key}", more_data=asked).location.partition("?")[0]
    rows = ask(world.app, who, "GET", f"{place}/file").get_data(as_text=True).splitlines()[:-1]
    names = {json.loads(row)["name"] for row in rows}
    written = {each for each, mark in world.marks.items() if mark in names}
    held = {each for each, record in world.records.items() if who.actor.holds(record, world.type.may_export)}
    assert len(rows) == len(written) and written <= held
    beyond = {each for each, record in world.records.items() if sees(why(who.actor, record))} - held
    return written | beyond


def _satisfaction(world, who):
    """What customers said of tickets: each answer names its ticket."""
    if world.type.key != "tickets":
        return None
    if db.session.scalar(select(Survey.id)) is None:
        db.session.execute(insert(Survey), [_answered(each) for each in world.ids.values()])
        db.session.commit()
    return world.named(world.words(who, "/tickets/satisfaction/answers"))


def _answered(ticket_id):
    now = clock.now()
    asked = {"ticket_id": ticket_id, "solved_at": now, "token_hash": str(ticket_id), "mailed": False}
    return asked | {"expires_at": now, "answered_at": now, "rating": 5}


def _told_by_a_rule(world, who):
    """A rule of the company tells everybody of everything that changes: in the page stands what they may see."""
    admin, text = world.cast.administrator.actor, _long_text(world.type)
    when, action = {"kind": "changed", "field": text}, {"do": "notify", "whom": f"person:{who.id}"}
    made(admin, when, action, type_=world.type.key)
    for record in world.records.values():
        if record.deleted_at is None:
            world.type.verbs.change(admin, record, {text: f"For {who.name}"})
    worked()
    words = world.words(who, "/notifications/")
    return {each for each, mark in world.marks.items() if f"{mark}<" in words or f"{mark} " in words}


def _long_text(type_):
    return next(each.key for each in type_.fields if each.kind is FieldKind.LONG_TEXT)


SURFACES = {
    "list": _list,
    "search of the list": lambda world, who: _list(world, who, "?q=Quellwort"),
    "search of everything": _everything,
    "filter": lambda world, who: _list(world, who, "?name__contains=Quellwort"),
    "filter or": lambda world, who: _list(world, who, "?any=name__contains%3DQuellwort%26level__is%3Da"),
    "sort": lambda world, who: _list(world, who, "?sort=-name"),
    "saved view": lambda world, who: _list(world, who, f"?view={world.view.id}"),
    "page": _page,
    "timeline": lambda world, who: _page(world, who, "/timeline", "Said of {}"),
    "typeahead": _typeahead,
    "bulk": _bulk,
    "export": _export,
    "import match": _import_match,
    "duplicate hint": _hint,
    "count": _counted,
    "dashboard": _dashboard,
    "API, list": _api_list,
    "API, record": _api_record,
    "satisfaction": _satisfaction,
    "told by a rule": _told_by_a_rule,
    "notification": telling.page,
    "notification in the words of a template": telling.message,
    "notification by mail": telling.mail,
    "digest": telling.digest,
    "mail of a template": telling.template_mail,
}


@pytest.fixture(params=RECORD_TYPES)
def world(request, app, cast):
    return World(app, cast, RECORD_TYPES[request.param])


# Those that leave the world as they found it share one; each of the others has its own.
_CHANGING = ("bulk", "export", "satisfaction", "told by a rule", "notification", "digest", "mail of a template")
READING = [each for each in SURFACES if not each.startswith(_CHANGING)]
TOGETHER = {"reading": READING} | {each: [each] for each in SURFACES if each not in READING}


@pytest.mark.parametrize("surfaces", TOGETHER)
def test_every_surface_gives_everybody_the_same_answer(world, surfaces):
    wrong = []
    for who in world.cast:
        seen = {each for each, record in world.records.items() if sees(why(who.actor, record))}
        for surface in TOGETHER[surfaces]:
            shown = SURFACES[surface](world, who)
            if shown is not None and shown != seen:
                wrong.append(f"{who.name} sees {sorted(seen)}, {surface} shows {sorted(shown)}")
    assert not wrong, "\n".join(wrong)


def test_the_cast_sees_different_things(world):
    """Or the matrix would prove nothing."""
    seen = {frozenset(e for e, r in world.records.items() if sees(why(who.actor, r))) for who in world.cast}
    if world.type.key in COMMON:
        assert len(seen) == 1
    else:
        assert len(seen) >= 4
        assert frozenset() in seen


def test_a_rule_of_a_department_neither_touches_nor_tells_of_what_lies_beyond(world):
    """Its history has only what it reaches, what it writes is written there alone, and nobody hears of the rest."""
    cast, type_, text = world.cast, world.type, _long_text(world.type)
    admin, there = cast.administrator.actor, cast.manager.department_id
    actions = ({"do": "set", "field": text, "value": "By a rule"}, {"do": "notify", "whom": f"person:{cast.agent.id}"})
    rule = made(admin, {"kind": "changed", "field": "name"}, *actions, type_=type_.key, department=there)
    for each, record in world.records.items():
        if record.deleted_at is None:
            type_.verbs.change(admin, record, {"name": f"{world.marks[each]} anew"})
    worked()
    inside = {id_ for id_, record in ((r.id, r) for r in world.records.values()) if _is_below(record, cast.manager)}
    reached = {each for each in inside if world.by_id(each).deleted_at is None}
    assert {run.subject_id for run in runs(rule)} == reached and reached < set(world.ids.values())
    assert {r.id for r in world.records.values() if getattr(r, text, None) == "By a rule"} == reached
    told = db.session.scalars(select(Notification.subject_id).where(Notification.person_id == cast.agent.id))
    assert set(told) == reached


def _is_below(record, manager):
    return record.department_id in manager.actor.branch
