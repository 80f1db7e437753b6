"""Health, numbers for Prometheus, the system page, what is told when something is wrong."""

import datetime as dt
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import delete, select, text

from crm.config import VERSION
from crm.domain.notifications.models import Notification
from crm.domain.system import keeping, looking, slowness, troubles
from crm.domain.system.models import SystemError, SystemJob, SystemProcess, SystemTrouble
from crm.infra import clock, numbers, queue
from crm.infra.db import db
from crm.jobs.pulse import Pulse
from crm.kernel.events import Event
from tests.conftest import create_app

TOKEN = "t0ken-of-prometheus-and-nobody"


@pytest.fixture(autouse=True)
def nothing_counted(request):
    """Nor anything heard of: what other tests of this process have kept for good is no matter of these."""
    numbers.take()
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
        for each in (SystemProcess, SystemJob, SystemError, SystemTrouble):
            db.session.execute(delete(each))
    yield
    numbers.take()


def written_down():
    keeping.write_down(db.session.connection(), numbers.take())
    db.session.expire_all()


def heard(kind, ago=0, *, since=3600, machine="box", gauges=None):
    now = clock.now()
    process = SystemProcess(
        key=f"{machine}:{kind}:{ago}:{since}",
        kind=kind,
        machine=machine,
        pid=7,
        since=now - dt.timedelta(seconds=since),
        heard_at=now - dt.timedelta(seconds=ago),
        version=VERSION,
        gauges=gauges or {},
    )
    db.session.add(process)
    db.session.flush()
    return process


def settings_of(app):
    return app.config["SETTINGS"]


def kinds(app, red=True):
    return {
        (each.kind, each.about) for each in troubles.troubles(looking.standing(settings_of(app))) if each.red is red
    }


def broken(app, message):
    """A page that fails with a sentence of somebody's data in the error."""
    view = app.view_functions["system.keyboard"]

    def fails(*_args, **_more):
        raise ValueError(message)

    app.view_functions["system.keyboard"] = fails
    return view


def test_ready_says_which_part_is_missing_and_no_more(app, as_):
    ready = as_.stranger.get("/readyz")
    assert ready.status_code == 200
    assert ready.json == {"status": "ok", "database": "ok", "migrations": "ok", "storage": "ok", "redis": "ok"}

    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    behind = as_.stranger.get("/readyz")
    assert behind.status_code == 503
    assert (behind.json["status"], behind.json["migrations"], behind.json["database"]) == ("failed", "failed", "ok")

    bell, queue._bell = queue._bell, queue._Doorbell()
    try:
        assert as_.stranger.get("/readyz").json["redis"] == "degraded"
    finally:
        queue._bell = bell


def test_without_a_database_it_is_not_ready_and_says_so(settings, tmp_path):
    nowhere = replace(settings, database_url=f"postgresql://crm@/crm?host={tmp_path}")
    app = create_app(nowhere)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["database"] == "failed" and str(tmp_path) not in answer.get_data(as_text=True)


def test_metrics_are_for_whoever_has_the_token_and_hold_nothing_of_anybody(app, as_, cast):
    assert as_.administrator.get("/metrics").status_code == 404  # no token is set
    app.config["SETTINGS"], before = replace(settings_of(app), metrics_token=TOKEN), settings_of(app)
    app.before_request_funcs[None].insert(1, lambda: setattr(__import__("flask").g, "settings", app.config["SETTINGS"]))
    try:
        assert as_.administrator.get("/metrics").status_code == 401
        wrong = as_.stranger.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}x"})
        assert (wrong.status_code, wrong.get_data()) == (401, b"")

        as_.stranger.post("/sign-in", {"email": cast.rep.email, "password": "wrong-secret-word"})
        as_.rep.get("/customers/?q=Searched-Words")
        as_.rep.get("/nowhere/4711")
        as_.rep.client.open("/customers/", method="STRANGE")
        heard("web", gauges={"streams": 3, "pool_size": 8, "pool_used": 1})
        heard("worker")
        heard("worker", ago=600)
        written_down()
        body = as_.stranger.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)
    finally:
        app.config["SETTINGS"] = before
        app.before_request_funcs[None].pop(1)
    found = {}
    for family in text_string_to_metric_families(body):
        assert family.documentation and family.type in ("counter", "gauge", "histogram"), family.name
        for sample in family.samples:
            key = (sample.name, *sorted(sample.labels.items()))
            assert key not in found, f"{key} is there twice."
            found[key] = sample.value
    assert found["crm_processes_alive", ("kind", "worker")] == 1
    assert found[("crm_web_streams",)] == 3
    assert found["crm_sign_ins_total", ("asked", "password"), ("outcome", "refused")] == 1
    assert found["crm_requests_total", ("method", "GET"), ("route", "/customers/"), ("status", "2xx")] == 1
    assert found["crm_requests_total", ("method", "GET"), ("route", "(none)"), ("status", "4xx")] == 1
    assert found["crm_requests_total", ("method", "OTHER"), ("route", "(none)"), ("status", "4xx")] == 1
    routed = [("method", "GET"), ("route", "/customers/")]
    assert found["crm_request_seconds_bucket", ("le", "+Inf"), *routed] == found["crm_request_seconds_count", *routed]
    assert found["crm_request_database_seconds_total", *routed, ("status", "2xx")] > 0
    assert ("crm_outbox_waiting", ("outbox", "mails")) in found and found[("crm_redis_up",)] == 1
    for nobodys in ("Searched", "4711", cast.rep.email, cast.rep.name, "wrong-secret"):
        assert nobodys not in body


def test_times_add_up_over_writings_and_processes():
    for seconds in [0.01] * 90 + [0.4] * 10:
        numbers.note(numbers.REQUEST, "/r", "2xx", seconds, method="GET", id_=f"id-{seconds}")
    taken = numbers.take()
    numbers.note(numbers.REQUEST, "/r", "2xx", 2.0, method="GET", id_="id-slow")
    numbers.give_back(taken)  # it could not be written
    whole = numbers.take().tallies["request", "/r", "GET", "2xx"]
    assert (whole.count, sum(whole.buckets), whole.slowest_id) == (101, 101, "id-slow")
    assert slowness.share(whole.buckets, 0.5, whole.slowest) <= 0.01
    assert 0.3 < slowness.share(whole.buckets, 0.95, whole.slowest) <= 0.5


def test_an_error_has_a_number_for_the_person_and_a_place_for_the_administrator(app, as_, cast, capsys):
    view = broken(app, "Frau Geheim, 138 0013 8000")
    app.config["PROPAGATE_EXCEPTIONS"], app.testing = False, False
    try:
        page = as_.rep.get("/keyboard", headers={"X-Request-Id": "number-of-the-error"})
        part = as_.rep.get("/keyboard", headers={"HX-Request": "true", "X-Request-Id": "number-of-the-part"})
    finally:
        app.view_functions["system.keyboard"] = view
        app.config["PROPAGATE_EXCEPTIONS"], app.testing = None, True
    assert page.status_code == part.status_code == 500
    assert "number-of-the-error" in page.get_data(as_text=True) and "number-of-the-part" in part.get_data(as_text=True)
    written_down()
    (error,) = slowness.errors()
    assert (error.kind, error.count, error.at_work, error.request_id) == (
        "ValueError",
        2,
        "/keyboard",
        "number-of-the-part",
    )
    shown = as_.administrator.get("/admin/system").get_data(as_text=True)
    assert "number-of-the-part" in shown and "ValueError" in shown and "/keyboard" in shown
    assert "Geheim" not in shown and "8000 " not in str(vars(error))


def test_the_page_is_for_those_who_administer_or_audit_and_only_the_former_act(app, as_, cast):
    job = SystemJob(
        job="exports.forget",
        queue="bulk",
        begun_at=clock.now(),
        seconds=1,
        outcome="failed",
        failed_at=clock.now(),
        failures=3,
        error_kind="OSError",
        error_place="crm/x.py:1",
    )
    db.session.add(job)
    heard("web"), heard("worker"), heard("scheduler", gauges={"schedule": []})
    for who in ("rep", "manager", "agent", "marketer", "outsider"):
        assert getattr(as_, who).get("/admin/system").status_code == 403
        assert getattr(as_, who).post(f"/admin/system/jobs/{job.id}/again").status_code == 403
    assert as_.stranger.get("/admin/system").status_code == 303
    looked = as_.auditor.get("/admin/system").get_data(as_text=True)
    assert "exports.forget" in looked and f"/jobs/{job.id}/again" not in looked
    assert as_.auditor.post(f"/admin/system/jobs/{job.id}/again").status_code == 403

    shown = as_.administrator.get("/admin/system").get_data(as_text=True)
    assert "It runs, but something wants a look" in shown and f"/jobs/{job.id}/again" in shown
    assert '<noscript><meta http-equiv="refresh"' in shown
    part = as_.administrator.get("/admin/system", headers={"HX-Request": "true", "HX-Target": "system-standing"})
    assert "<html" not in part.get_data(as_text=True) and "exports.forget" in part.get_data(as_text=True)

    assert as_.administrator.post(f"/admin/system/jobs/{job.id}/again").status_code == 303
    twice = as_.administrator.post(f"/admin/system/jobs/{job.id}/again")
    assert twice.status_code == 409  # nothing happens a second time
    (event,) = db.session.scalars(select(Event).where(Event.subject_type == "system_jobs"))
    assert (event.name, event.actor_id) == ("system.job_again", cast.administrator.id)
    assert event.payload == {"job": "exports.forget", "changes": {"failures": [3, 0]}}
    assert "exports.forget" in as_.auditor.get("/audit").get_data(as_text=True)


def test_what_is_wrong_is_told_once_and_once_when_it_is_well(app, as_, cast):
    nightly = {"schedule": [{"job": "pool.nightly", "queue": "bulk", "every": 0, "next": clock.now().isoformat()}]}
    heard("web", since=4 * 86400), heard("scheduler", since=4 * 86400, gauges=nightly)
    worker = heard("worker", ago=600, since=4 * 86400)
    db.session.execute(
        text(
            "INSERT INTO mails (key, address, made_of, attempts, created_at) VALUES ('k', 'a@example.com', '{}', 3,"
            " now() - interval '2 hours')"
        )
    )
    assert kinds(app) == {("none_alive", "worker"), ("late", "mails"), ("missed", "pool.nightly")}

    troubles.tell(looking.standing(settings_of(app)))
    troubles.tell(looking.standing(settings_of(app)))
    told = select(Notification.kind).where(Notification.subject_type == SystemTrouble.__tablename__)
    whom = set(db.session.scalars(told.with_only_columns(Notification.person_id)))
    assert whom == {cast.administrator.id}
    assert db.session.scalars(told).all() == ["system_trouble"] * 3
    page = as_.administrator.get("/notifications/").get_data(as_text=True)
    assert "The system needs you: Worker: none is running" in page and "/admin/system" in page

    worker.heard_at = clock.now()
    db.session.execute(text("DELETE FROM mails WHERE key = 'k'"))
    db.session.add(SystemJob(job="pool.nightly", queue="bulk", begun_at=clock.now(), seconds=1, outcome="done",
                             done_at=clock.now(), failures=0))  # fmt: skip
    assert kinds(app) == set()
    troubles.tell(looking.standing(settings_of(app)))
    assert sorted(db.session.scalars(told)) == ["system_trouble"] * 3 + ["system_well"] * 3
    assert {each.ended_at is not None for each in db.session.scalars(select(SystemTrouble))} == {True}


def test_a_process_that_another_came_for_is_not_missed(app):
    heard("worker", ago=300, since=4000)
    heard("worker", since=5000)
    assert ("gone", "worker") in kinds(app, red=False)
    heard("worker", since=290)  # the supervisor has started it again
    assert ("gone", "worker") not in kinds(app, red=False)
    standing = looking.standing(settings_of(app))
    assert kinds(app) == {("none_alive", "scheduler")} and len(standing.alive("worker")) == 2


def test_a_full_disk_is_red(app):
    heard("web"), heard("worker"), heard("scheduler")
    standing = looking.standing(settings_of(app))
    for free, red in ((4, {("disk", "")}), (8, set())):
        short = troubles.troubles(replace(standing, disk=looking.Disk(free, 100)))
        assert {(each.kind, each.about) for each in short if each.red} == red
        assert "disk" in {each.kind for each in short}


def test_a_disk_about_the_limit_is_told_once(app, cast):
    heard("web"), heard("worker"), heard("scheduler")
    standing = looking.standing(settings_of(app))
    ended = []
    for free in (49, 51, 49, 59, 61):
        troubles.tell(replace(standing, disk=looking.Disk(free, 1000)))
        ended.append([each.ended_at is not None for each in db.session.scalars(select(SystemTrouble))])
    assert ended == [[False]] * 4 + [[True]]


def test_what_nobody_foresaw_ends_no_pulse(app):
    def spoilt():
        raise RuntimeError("no gauges")

    Pulse("web", db.engine, spoilt).beat()
