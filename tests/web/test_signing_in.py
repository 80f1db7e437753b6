"""Signing in beyond the password: sessions as rows, codes taken once, links good once."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm.attributes import set_committed_value

from crm import create_app
from crm.domain.account_mail import actions as account
from crm.domain.mail.models import MailRow
from crm.domain.people import links, second_factor
from crm.domain.people.actions import SYSTEM
from crm.domain.people.codes import DRIFT, STEP, code_at, new_secret, plain, step_of
from crm.domain.people.models import AccountLink, Person, Role, SecondFactor, WebSession
from crm.domain.people.passwords import verify
from crm.domain.people.queries import by_email, ready_made
from crm.domain.people.sessions import sessions_of
from crm.infra import clock
from crm.infra.db import db
from crm.jobs.housekeeping import tidy
from crm.kernel.errors import RuleBroken
from crm.kernel.events import Event
from crm.web.devices import device_of
from crm.web.outgoing import outgoing
from crm.web.throttle import limiter
from tests.cast import PASSWORD, make_cast, sit
from tests.databases import migrated_database

START = dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC)
NEW = "seven quiet lanterns"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def counted_anew(counting):
    vars(limiter).update(counting)
    limiter.reset()


@pytest.fixture
def mailing(app):
    plain_settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(plain_settings, mail_url="smtp://127.0.0.1:1", base_url="https://crm.example")
    yield app
    app.config["SETTINGS"] = plain_settings


def words(answer):
    return answer.get_data(as_text=True)


def sign_in(browser, email="sam@example.com", password=PASSWORD, **more):
    return browser.post("/sign-in", {"email": email, "password": password}, **more)


def letters():
    """What waits in the outbox, made and taken out, oldest first."""
    rows = db.session.scalars(select(MailRow).order_by(MailRow.id)).all()
    made = [outgoing(each) for each in rows]
    for each in rows:
        db.session.delete(each)
    db.session.commit()
    return made


def link_in(mail):
    return re.search(r"https://crm\.example(/account/link/\S+)", mail.text).group(1)


def with_factor(person):
    """Switched on some steps ago; returns the secret and the recovery codes."""
    second_factor.begin(person)
    db.session.flush()
    secret = second_factor.begun(person)
    with clock.frozen(clock.now() - dt.timedelta(minutes=5)):
        codes = second_factor.confirm(person.actor, person, now_of(secret))
    db.session.commit()
    return secret, codes


def now_of(secret):
    return code_at(secret, int(clock.now().timestamp()) // STEP)


def logged(name):
    return db.session.scalars(select(Event).filter_by(name=name)).all()


def test_sessions_are_listed_ended_and_run_out(as_, cast, app):
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = limits = replace(before, session_hours=2)
    with clock.frozen(START):
        assert sign_in(as_.stranger, environ_overrides={"HTTP_USER_AGENT": FIREFOX}).status_code == 303
        phone = as_.__class__().stranger
        sign_in(phone)
        page = words(as_.stranger.get("/account/sessions"))
        assert page.count('/end"') == 2 and "Firefox · Windows" in page and "this one" in page
        key = next(cookie for cookie in [as_.stranger.client.get_cookie("crm_session")]).value
        assert not db.session.scalar(select(func.count()).where(WebSession.digest == key))
        other = sessions_of(cast.rep)[-1].id
        assert as_.other_rep.post(f"/account/sessions/{other}/end").status_code == 303
        assert len(sessions_of(cast.rep)) == 2, "Nobody ends somebody else's."
        as_.stranger.post("/account/sessions/others/end")
        assert (phone.get("/customers/").status_code, as_.stranger.get("/customers/").status_code) == (303, 200)
        assert phone.get("/customers/", headers={"HX-Request": "true"}).status_code == 401
        assert logged("person.sessions_ended")[0].payload["count"] == 1
        (mine,) = sessions_of(cast.rep)
    with clock.frozen(START + dt.timedelta(minutes=4)):
        as_.stranger.get("/customers/")
        db.session.refresh(mine)
        assert mine.seen_at == START, "noted once in a few minutes"
    for minutes in range(25, limits.session_hours * 60, 25):
        with clock.frozen(START + dt.timedelta(minutes=minutes)):
            assert as_.stranger.get("/customers/").status_code == 200
    db.session.refresh(mine)
    assert mine.expires_at == START + dt.timedelta(hours=limits.session_hours), "never past the longest"
    with clock.frozen(mine.expires_at):
        assert as_.stranger.get("/customers/").status_code == 303
    with clock.frozen(START):
        sign_in(phone)
    with clock.frozen(START + dt.timedelta(minutes=limits.session_idle_minutes)):
        assert phone.get("/customers/").status_code == 303
    with clock.frozen(START):
        cookie = phone.client.get_cookie("crm_session").value
        phone.post("/sign-out")
        phone.client.set_cookie("crm_session", cookie)
        assert phone.get("/customers/").status_code == 303, "The cookie of before is worth nothing."
    app.config["SETTINGS"] = before


def test_a_page_that_is_left_open_does_not_keep_its_session(as_, cast):
    with clock.frozen(START):
        sign_in(as_.stranger)
        (mine,) = sessions_of(cast.rep)
    with clock.frozen(START + dt.timedelta(minutes=20)):
        for asked in ("/notifications/stream", "/opportunities/board/stream", "/opportunities/board/news"):
            assert as_.stranger.get(asked).status_code == 200
        db.session.refresh(mine)
        assert mine.seen_at == START
        as_.stranger.get("/opportunities/board")
        db.session.refresh(mine)
        assert mine.seen_at > START


def test_an_administrator_ends_sessions_and_what_has_ended_is_removed(as_, cast):
    assert as_.rep.get("/customers/").status_code == 200
    page = words(as_.administrator.get(f"/admin/people/{cast.rep.id}"))
    assert "End their sessions: 1" in page
    as_.administrator.post(f"/admin/people/{cast.rep.id}/sessions/end")
    assert as_.rep.get("/customers/").status_code == 303
    assert as_.manager.post(f"/admin/people/{cast.rep.id}/sessions/end").status_code == 403
    sit(cast.rep)
    db.session.execute(text("UPDATE sessions SET expires_at = now() - interval '1 minute'"))
    db.session.commit()
    tidy()
    assert db.session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_setting_up_a_second_factor_and_signing_in_with_it(mailing, as_, cast):
    rep, url = as_.rep, "/account/second-factor"
    assert rep.post(url).location == url
    secret = second_factor.begun(cast.rep)
    stored = db.session.get(SecondFactor, cast.rep.id)
    page = words(rep.get(url))
    assert "<svg" in page and secret[:4] in page and secret not in stored.secret
    assert sign_in(as_.stranger).location == "/home/", "not confirmed, it counts for nothing"
    with clock.frozen(START):
        wrong = rep.post(f"{url}/confirmation", {"code": "000000", "current": PASSWORD})
        assert (wrong.status_code, cast.rep.second_factor) == (422, False)
        assert rep.post(f"{url}/confirmation", {"code": now_of(secret), "current": "no"}).status_code == 422
        codes = re.findall(
            r"<code>([a-z2-7-]{27})</code>",
            words(
                rep.post(
                    f"{url}/confirmation", {"code": f" {now_of(secret)[:3]} {now_of(secret)[3:]} ", "current": PASSWORD}
                )
            ),
        )
        assert (len(codes), cast.rep.second_factor) == (10, True)
    assert not any(plain(each) in str(stored.recovery) for each in codes)
    stranger = as_.__class__().stranger
    with clock.frozen(START + dt.timedelta(seconds=STEP)):
        assert sign_in(stranger, password="wrong wrong wrong").status_code == 422
        assert sign_in(stranger).location == "/sign-in/code"
        assert stranger.get("/customers/").status_code == 303, "half the way is not in"
        stranger.post("/preferences", {"language": "zh_CN", "next": "/sign-in/code?next=/customers/"})
        page = words(stranger.get("/sign-in/code?next=/customers/"))
        assert 'lang="zh-CN"' in page and 'autocomplete="one-time-code"' in page and 'inputmode="numeric"' in page
        used = code_at(secret, int(START.timestamp()) // STEP)
        assert stranger.post("/sign-in/code", {"code": used}).status_code == 422, "taken when it was confirmed"
        good = {"code": now_of(secret), "next": "/customers/"}
        assert stranger.post("/sign-in/code", good).location == "/customers/"
        assert stranger.get("/customers/").status_code == 200
        sign_in(as_.stranger)
        assert as_.stranger.post("/sign-in/code", good).status_code == 422, "once"
        assert as_.stranger.post("/sign-in/code", {"code": codes[0].upper()}).status_code == 303
    (event,) = logged("person.recovery_code_used")
    assert event.payload["left"] == 9 and codes[0] not in str(event.payload)
    sign_in(overlay := as_.__class__().stranger, htmx="form#sign-in")
    answer = sign_in(overlay, htmx="form#sign-in")
    assert 'id="sign-in"' in words(answer) and "X-CSRFToken" not in answer.headers and "<html" not in words(answer)
    assert overlay.post("/sign-in/code", {"code": codes[0]}, htmx="form#sign-in").status_code == 422
    answer = overlay.post("/sign-in/code", {"code": codes[1]}, htmx="form#sign-in")
    assert (answer.status_code, answer.headers["X-Person"]) == (204, str(cast.rep.id))
    assert rep.post(f"{url}/codes", {"current": "no"}).status_code == 422
    assert rep.post(f"{url}/codes", {"current": PASSWORD}).status_code == 200
    assert not second_factor.accept(cast.rep, codes[2]), "the old ones are not good any more"
    assert rep.post(f"{url}/end", {"current": "no"}).status_code == 422
    assert rep.post(f"{url}/end", {"current": PASSWORD}).status_code == 303
    assert (cast.rep.second_factor, db.session.get(SecondFactor, cast.rep.id)) == (False, None)
    assert [each.subject for each in letters()] == [
        "Your second factor is set up",
        "Your second factor was switched off",
    ]


def test_a_second_factor_that_was_confirmed_a_moment_ago_is_not_begun_anew(cast):
    with_factor(cast.rep)
    set_committed_value(cast.rep, "second_factor", False)  # as whoever has asked before the confirmation knows it
    with pytest.raises(RuleBroken):
        second_factor.begin(cast.rep)
    assert db.session.get(SecondFactor, cast.rep.id).confirmed_at
    db.session.refresh(cast.rep)
    account.switch_off(SYSTEM, cast.rep)  # `crm reset-second-factor`
    db.session.commit()
    assert (logged("person.second_factor_reset")[0].actor_id, cast.rep.second_factor) == (None, False)


def test_codes_are_throttled_and_the_password_is_forgotten_after_a_while(as_, cast):
    with_factor(cast.rep)
    sign_in(as_.stranger)
    tries = [as_.stranger.post("/sign-in/code", {"code": "123456"}).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]
    assert as_.rep.get("/customers/").status_code == 200
    limiter.reset()
    with clock.frozen(clock.now() + dt.timedelta(minutes=10)):
        assert as_.stranger.get("/sign-in/code").location == "/sign-in"
        assert as_.stranger.post("/sign-in/code", {"code": "123456"}).location == "/sign-in"


def test_a_role_needs_a_second_factor_and_an_administrator_resets_it(mailing, as_, cast):
    everyone = db.session.scalars(select(Role).where(Role.baseline)).one()
    sales = ready_made("sales_rep")
    as_.rep.post("/preferences", {"theme": "dark"})
    assert as_.administrator.post(f"/admin/roles/{sales.id}/second-factor", {"required": "1"}).status_code == 303
    assert as_.rep.get("/customers/").location == as_.rep.post("/customers/", {}).location == "/account/second-factor"
    assert "Your role needs" in words(as_.rep.get("/account/second-factor"))
    assert as_.agent.get("/customers/").status_code == 200
    as_.rep.post("/account/second-factor")
    form = {"code": now_of(second_factor.begun(cast.rep)), "current": PASSWORD}
    assert as_.rep.post("/account/second-factor/confirmation", form).status_code == 200
    assert as_.rep.get("/customers/").status_code == 200
    assert "Reset second factor" in words(as_.administrator.get(f"/admin/people/{cast.rep.id}"))
    as_.administrator.post(f"/admin/people/{cast.rep.id}/second-factor/end")
    assert as_.rep.get("/customers/").status_code == 303
    assert letters()[-1].subject == "Your second factor was reset"
    assert (logged("person.second_factor_reset")[0].actor_id, len(logged("role.changed"))) == (cast.administrator.id, 1)
    as_.administrator.post(f"/admin/roles/{everyone.id}/second-factor", {"required": "1"})
    assert as_.administrator.get("/admin/roles").location == "/account/second-factor"


def test_a_forgotten_password(mailing, as_, cast):
    cast.rep.language = "zh_CN"
    secret, _ = with_factor(cast.rep)
    asked = [as_.stranger.post("/sign-in/forgotten", {"email": each}) for each in ("SAM@example.com", "x@example.com")]
    same = [re.sub(r'(value|X-CSRFToken)(=|": )"[^"]*"', "", words(each)) for each in asked]
    assert same[0] == same[1] and [each.status_code for each in asked] == [200, 200]
    as_.stranger.post("/sign-in/forgotten", {"email": "sam@example.com"})
    (mail,) = letters()
    link, token = link_in(mail), link_in(mail).rpartition("/")[2]
    assert mail.subject == "设置新密码" and "Sam" in mail.to
    assert token not in str(db.session.scalars(select(AccountLink.digest)).all())
    opened = as_.stranger.get(link)
    assert (opened.location, opened.headers["Referrer-Policy"]) == ("/account/new-password", "no-referrer")
    as_.stranger.get(link)
    assert as_.stranger.get(opened.location).status_code == 200, "opening it uses nothing up"
    assert as_.stranger.post(opened.location, {"new": "short"}).status_code == 422
    assert as_.rep.get("/customers/").status_code == 200
    assert as_.stranger.post(opened.location, {"new": NEW}).location == "/sign-in"
    assert as_.rep.get("/customers/").status_code == 303, "every session has ended"
    assert cast.rep.verified_at is not None
    assert sign_in(as_.stranger, password=NEW).location == "/sign-in/code", "the second factor stays"
    assert as_.stranger.post("/sign-in/code", {"code": now_of(secret)}).location == "/home/"
    thief = as_.__class__().stranger
    thief.get(link)
    assert thief.get(opened.location).status_code == 404
    assert thief.post(opened.location, {"new": "another long secret"}).status_code == 409
    assert [each.subject for each in letters()] == ["您的密码已修改"]
    assert token not in str([each.payload for each in db.session.scalars(select(Event))])


def test_links_run_out_and_end_with_the_password(mailing, as_, cast):
    with clock.frozen(START):
        token = links.make_link(cast.rep, links.RESET, cast.rep.email)
        newer = links.make_link(cast.rep, links.RESET, cast.rep.email)
        db.session.flush()
        assert links.link_of(token) is None and links.link_of(newer)
    with clock.frozen(START + dt.timedelta(hours=1)):
        assert links.link_of(newer) is None
    invitation = links.make_link(cast.rep, links.INVITATION, cast.rep.email)
    as_.rep.post("/account/password", {"current": PASSWORD, "new": NEW})
    with pytest.raises(RuleBroken):
        account.set_password(invitation, "another long secret")
    assert verify(cast.rep.password_hash, NEW)
    closed = links.make_link(cast.other_rep, links.RESET, cast.other_rep.email)
    cast.other_rep.active = False
    db.session.flush()
    assert links.link_of(closed) is None


def test_without_a_mail_server_an_administrator_helps(as_, cast):
    page = words(as_.stranger.get("/sign-in/forgotten"))
    assert "Ask an administrator" in page and '<form class="stack"' not in page
    as_.stranger.post("/sign-in/forgotten", {"email": "sam@example.com"})
    assert as_.administrator.post(f"/admin/people/{cast.rep.id}/invitation").status_code == 409
    assert as_.rep.post("/account/address", {"email": "new@example.com", "current": PASSWORD}).status_code == 422
    assert letters() == []


def test_an_invitation_instead_of_a_made_up_password(mailing, as_, cast):
    form = {"name": "Nora", "email": "nora@example.com", "how": "link"}
    assert as_.administrator.post("/admin/people", form).status_code == 303
    nora = by_email("nora@example.com")
    assert nora.password_hash is None
    assert "is not confirmed" in words(as_.administrator.get(f"/admin/people/{nora.id}"))
    (mail,) = letters()
    as_.stranger.get(link_in(mail))
    assert as_.stranger.post("/account/new-password", {"new": NEW}).status_code == 303
    assert sign_in(as_.stranger, "nora@example.com", NEW).location == "/home/"
    assert "is confirmed" in words(as_.administrator.get(f"/admin/people/{nora.id}"))
    assert as_.administrator.post(f"/admin/people/{cast.rep.id}/invitation").status_code == 303
    assert len(logged("person.link_sent")) == 2


def test_another_address_counts_when_it_is_confirmed(mailing, as_, cast):
    form = {"email": "Sam.New@example.com", "current": PASSWORD}
    assert as_.rep.post("/account/address", form | {"current": "no"}).status_code == 422
    assert as_.rep.post("/account/address", form | {"email": "nonsense"}).status_code == 422
    assert as_.rep.post("/account/address", form | {"email": "max@example.com"}).status_code == 422
    assert as_.rep.post("/account/address", form).status_code == 303
    (mail,) = letters()
    assert (mail.to, cast.rep.email) == ("sam.new@example.com", "sam@example.com")
    as_.other_rep.get(link_in(mail))
    assert as_.other_rep.get("/account/new-address").status_code == 404, "only whoever has asked"
    as_.rep.get(link_in(mail))
    assert "sam.new@example.com" in words(as_.rep.get("/account/new-address"))
    assert as_.rep.post("/account/new-address").location == "/sign-in"
    assert (cast.rep.email, bool(cast.rep.verified_at)) == ("sam.new@example.com", True)
    (told,) = letters()
    assert told.to == "sam@example.com" and "sam.new@example.com" in told.text
    assert as_.rep.get("/customers/").status_code == 303
    assert logged("person.address_changed")[0].payload["changes"] == {"email": ["sam@example.com", cast.rep.email]}


def test_of_two_at_once_one_is_taken(settings):
    """An address, a code, a recovery code and a link, each through two connections at once."""
    with migrated_database(settings, "signing_in") as own:
        app = create_app(own)
        with app.app_context():
            cast = make_cast()
            secret, codes = with_factor(cast.rep)
            pair = cast.rep.id, cast.other_rep.id
            same = {
                each.id: links.make_link(each, links.ADDRESS, "one@example.com") for each in (cast.rep, cast.other_rep)
            }
            db.session.commit()
        at = clock.now()

        def reset(person):
            try:
                return account.set_password(token, NEW) is person
            except RuleBroken:
                return False

        def readdressed(person):
            try:
                account.change_address(person.actor, person, same[person.id])
            except RuleBroken as error:
                return "already" not in error.message
            return True

        def both(work, who=pair[:1] * 2):
            ready = Barrier(2)

            def one(person_id):
                with app.app_context():
                    person = db.session.get(Person, person_id)
                    ready.wait(10)
                    done = work(person)
                    db.session.commit()
                    return done

            with ThreadPoolExecutor(2) as pool:
                return sorted(pool.map(one, who))

        with clock.frozen(at):
            assert both(readdressed, pair) == [False, True]
            with app.app_context():  # a new address ends the links there were
                rep = db.session.get(Person, pair[0])
                token = links.make_link(rep, links.RESET, rep.email)
                db.session.commit()
            assert both(lambda person: second_factor.accept(person, now_of(secret))) == [False, True]
            assert both(lambda person: second_factor.accept(person, codes[0])) == [False, True]
            assert both(reset) == [False, True]
        with app.app_context():
            db.engine.dispose()


_SECRET = new_secret()


@given(st.integers(0, 2**33), st.integers(-3, 3), st.integers(-3, 3))
def test_a_code_is_good_a_step_before_and_after_and_never_again(seconds, away, used):
    now = seconds // STEP + 10
    code = code_at(_SECRET, now + away)
    found = step_of(_SECRET, code, now * STEP + seconds % STEP, after=now + used)
    if abs(away) <= DRIFT and away > used:
        assert found == now + away
    elif found is not None:  # the same six digits of another step, once in a million
        assert found > now + used and code_at(_SECRET, found) == code


def test_codes_are_those_of_the_standard():
    """RFC 6238, appendix B, SHA-1: the last six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    known = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"}
    assert {at: code_at(secret, at // STEP) for at in known} == known
    assert device_of(FIREFOX) == "Firefox · Windows" and device_of("") == ""
