import re

import pytest
from sqlalchemy import delete, select

from crm.domain.people import setup
from crm.domain.people.models import Person, PersonRole
from crm.infra.db import db
from crm.kernel.events import Event
from crm.kernel.permissions import Permission
from crm.web.throttle import limiter
from tests.cast import PASSWORD, sit


def sign_in(browser, email="sam@example.com", password=PASSWORD, **more):
    return browser.post("/sign-in", {"email": email, "password": password} | more)


def test_signing_in_and_out(as_):
    browser = as_.stranger
    assert browser.get("/customers/").location == "/sign-in?next=/customers/"
    answer = sign_in(browser, next="/customers/new")
    assert (answer.status_code, answer.location) == (303, "/customers/new")
    assert "Sam 王" in browser.get("/customers/").get_data(as_text=True)
    browser.token = None
    browser.post("/sign-out")
    assert browser.get("/customers/").status_code == 303


def test_a_wrong_password_and_an_unknown_account_look_the_same(as_):
    wrong = sign_in(as_.stranger, password="wrong wrong wrong")
    unknown = sign_in(as_.stranger, email="nobody@example.com")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    token = r'(value|X-CSRFToken)(=|": )"[^"]*"'  # tells the second it was made in
    tidy = [re.sub(token, "", each.get_data(as_text=True)) for each in (wrong, unknown)]
    assert tidy[0] == tidy[1]
    assert "wrong" in tidy[0]


def test_a_deactivated_person_is_out_at_once(as_, cast):
    assert as_.rep.get("/customers/").status_code == 200
    cast.rep.active = False
    db.session.commit()
    assert as_.rep.get("/customers/").status_code == 303
    assert sign_in(as_.stranger).status_code == 422


def test_a_new_password_ends_every_other_session(as_, cast, app):
    elsewhere = app.test_client()
    with elsewhere.session_transaction() as session:
        session["_user_id"] = sit(cast.rep)
    assert elsewhere.get("/customers/").status_code == 200
    answer = as_.rep.post("/account/password", {"current": PASSWORD, "new": "another long secret"})
    assert answer.status_code == 303
    assert as_.rep.get("/customers/").status_code == 200
    assert elsewhere.get("/customers/").status_code == 303
    event = db.session.scalars(select(Event).filter_by(name="person.password_changed")).one()
    assert "another long secret" not in str(event.payload)


@pytest.mark.parametrize("new", ["short", "sam@example.com", "1234567890"])
def test_a_weak_password_is_refused_with_a_sentence(as_, new):
    answer = as_.rep.post("/account/password", {"current": PASSWORD, "new": new})
    assert answer.status_code == 422
    assert "error-summary" in answer.get_data(as_text=True)


def test_the_session_cookie_is_out_of_reach(as_):
    cookie = sign_in(as_.stranger).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_a_part_asked_for_without_a_session_is_told_where_to_sign_in(as_):
    part = {"HX-Request": "true", "HX-Target": "section#list-results"}
    answer = as_.stranger.get("/customers/", headers=part)
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
    form = as_.stranger.get(answer.get_data(as_text=True), headers=part).get_data(as_text=True)
    assert 'id="sign-in"' in form and "<html" not in form
    answer = as_.stranger.post("/sign-in", {"email": "sam@example.com", "password": PASSWORD}, htmx="form#sign-in")
    assert (answer.status_code, bool(answer.headers["X-CSRFToken"])) == (204, True)


def test_who_has_signed_in_elsewhere_is_not_asked_again(as_, cast):
    answer = as_.rep.get("/sign-in/again")
    assert (answer.status_code, answer.headers["X-Person"]) == (204, str(cast.rep.id))
    assert answer.headers["X-CSRFToken"]


def test_nothing_is_changed_without_a_token(as_, cast):
    answer = as_.rep.client.post("/customers/", data={"name": "Forged", "type": "company"})
    assert answer.status_code == 400


def test_preferences_are_kept(as_, cast):
    as_.rep.post("/preferences", {"language": "zh_CN", "next": "//evil.example/"})
    as_.rep.post("/preferences", {"theme": "dark"})
    assert (cast.rep.language, cast.rep.theme) == ("zh_CN", "dark")
    page = as_.rep.get("/customers/").get_data(as_text=True)
    assert 'lang="zh-CN"' in page and 'data-theme="dark"' in page


def test_preferences_cannot_lead_off_the_site(as_):
    answer = as_.rep.post("/preferences", {"theme": "dark", "next": "//evil.example/"})
    assert answer.location == "/home/"


class TestSetup:
    @pytest.fixture
    def nobody(self, app, settings):
        db.session.execute(delete(PersonRole))
        db.session.execute(delete(Person))
        db.session.commit()
        yield setup.setup_token(settings)
        setup.forget_token(settings)

    FORM = {"name": "Ada", "email": "ada@example.com", "password": "a long first secret"}

    def test_only_whoever_has_the_token_makes_the_first_administrator(self, app, nobody, client):
        from tests.web.conftest import Browser

        browser = Browser(client)
        assert browser.get("/setup?token=guess").status_code == 303
        assert browser.post("/setup", self.FORM | {"token": "guess"}).status_code == 409
        assert browser.get(f"/setup?token={nobody}").status_code == 200
        assert browser.post("/setup", self.FORM | {"token": nobody, "password": "x"}).status_code == 422
        assert browser.post("/setup", self.FORM | {"token": nobody}).location == "/home/"
        assert browser.get("/customers/").status_code == 200
        assert browser.post("/setup", self.FORM | {"token": nobody, "email": "eve@example.com"}).status_code == 409
        (person,) = db.session.scalars(select(Person)).all()
        assert person.actor.may(Permission.SYSTEM_ADMINISTER)


def test_guessing_is_slowed_down(as_):
    limiter.reset()  # other tests of this process have been wrong as well
    answers = [sign_in(as_.stranger, email="olga@example.com", password=f"guess number {n}") for n in range(12)]
    assert [each.status_code for each in answers][:10] == [422] * 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "Wait" in answers[-1].get_data(as_text=True)
