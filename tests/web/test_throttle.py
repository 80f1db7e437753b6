"""Wrong passwords, counted in a real Redis; the views stand in for sign-in and the change of a password."""

from functools import wraps

import pytest
from flask import Flask, g, request
from jinja2 import DictLoader
from limits import parse_many

from crm.config import Settings
from crm.domain.people.models import Person
from crm.infra import embedded
from crm.infra.redis import connect
from crm.web import throttle
from crm.web.throttle import PER_ACCOUNT, PER_ADDRESS, limiter, sign_in_limits
from tests.infra.conftest import reachable

PAGE = "{{ error_title }}: {{ error_text }}"


@sign_in_limits
def sign_in():
    return "", 303 if request.form.get("password") == "right" else 422


@sign_in_limits
def change_password():
    return "", 303 if request.form.get("password") == "right" else 401


@sign_in_limits
def form():
    return "form"


def make_app(settings):
    app = Flask(__name__)
    app.jinja_loader = DictLoader({"errors/page.html": PAGE, "errors/flash.html": PAGE})
    app.config["SETTINGS"] = settings
    app.before_request(lambda: setattr(g, "person", _person()))
    throttle.init_app(app)
    app.post("/sign-in", endpoint=throttle.SIGN_IN)(_guarded(sign_in))
    app.post("/password")(change_password)
    app.get("/sign-in")(form)
    return app


def _guarded(view):
    """Wrapped as CrmBlueprint wraps every view."""

    @wraps(view)
    def guarded(*args, **kwargs):
        return view(*args, **kwargs)

    return guarded


def _person():
    email = request.headers.get("Signed-In")
    return Person(email=email) if email else None


@pytest.fixture(scope="module", autouse=True)
def _other_tests_count_where_they_did():
    kept = dict(vars(limiter))
    yield
    vars(limiter).update(kept)


@pytest.fixture(scope="module")
def instance():
    with reachable() as folder:
        yield Settings(instance=folder)


@pytest.fixture(scope="module")
def servers(instance):
    running = [embedded.start(instance, only=["redis"])]
    yield running
    running[-1].stop()


@pytest.fixture
def redis(servers, instance):
    redis = connect(servers[-1].applied(instance))
    redis.flushall()
    return redis


@pytest.fixture
def client(servers, instance, redis):
    return make_app(servers[-1].applied(instance)).test_client()


def attempt(client, email="ann@example.com", password="wrong", address="192.0.2.1", path="/sign-in", person=None):
    headers = {"Signed-In": person} if person else {}
    form = {"password": password} | ({"email": email} if email else {})
    return client.post(path, data=form, headers=headers, environ_base={"REMOTE_ADDR": address})


def test_after_ten_wrong_answers_even_the_right_one_waits_and_is_told_how_long(client):
    assert [attempt(client).status_code for _ in range(11)] == [422] * 10 + [429]
    response = attempt(client, password="right")
    assert response.status_code == 429
    assert response.text == "Too many tries: Wait a minute, then try again."
    assert 1 <= int(response.headers["Retry-After"]) <= 61


def test_whoever_is_signed_in_is_counted_as_who_they_are_whatever_else_they_type(client):
    def guess(email):
        return attempt(client, email=email, address="192.0.2.7", path="/password", person="ann@example.com").status_code

    assert [guess(f"new{each}@example.com") for each in range(11)] == [401] * 10 + [429]


def test_right_answers_are_not_counted(client):
    assert {attempt(client, password="right").status_code for _ in range(40)} == {303}
    assert attempt(client).status_code == 422


def test_somebody_else_at_the_same_address_does_not_wait(client):
    for _ in range(11):
        attempt(client)
    assert attempt(client, email="bob@example.com", password="right").status_code == 303


def test_an_account_is_guarded_whatever_the_address_and_the_spelling(client):
    spellings = [
        "Ann@Example.COM",
        " ann@example.com ",
        "ａｎｎ@example.com",
        "ANN@EXAMPLE.COM\u200b",
        "ann@example.com",
    ]
    for each in range(10):
        attempt(client, email=spellings[each % 5], address=f"192.0.2.{each}")
    assert attempt(client, address="192.0.2.99").status_code == 429


def test_changing_a_password_is_the_same_guessing(client):
    for _ in range(5):
        attempt(client)
    for _ in range(5):
        assert attempt(client, email=None, path="/password", person="ann@example.com").status_code == 401
    assert attempt(client, email=None, path="/password", person="ann@example.com").status_code == 429
    assert attempt(client).status_code == 429


def test_signed_in_elsewhere_one_still_guesses_at_the_account_one_names(client):
    for _ in range(10):
        attempt(client, person="mallory@example.com")
    assert attempt(client, person="other@example.com").status_code == 429


def test_trying_many_accounts_from_one_address_waits_too(client):
    answers = [attempt(client, email=f"{each}@example.com").status_code for each in range(31)]
    assert answers == [422] * 30 + [429]
    assert attempt(client, email="new@example.com", address="192.0.2.2").status_code == 422


def test_addresses_that_one_person_can_choose_from_are_one(client):
    for each in range(30):
        attempt(client, email=f"{each}@example.com", address=f"2001:db8:1:2::{each}")
    assert attempt(client, email="x@example.com", address="2001:db8:1:2:ffff::1").status_code == 429
    assert attempt(client, email="x@example.com", address="2001:db8:1:3::1").status_code == 422


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "local"),
        ("odd", "local"),
    ],
)
def test_what_an_address_is(client, address, key):
    with client.application.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert throttle._address() == key


def test_looking_at_the_form_is_free(client):
    for _ in range(11):
        attempt(client)
    assert client.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_the_wait_grows_with_the_guessing(client):
    with client.application.test_request_context("/sign-in", method="POST", data={"email": "ann@example.com"}):
        account = throttle._account()
    for minutes, limit in zip((1, 10, 60), sorted(parse_many(PER_ACCOUNT)), strict=True):
        while limiter.limiter.hit(limit, "crm", account, "account"):
            pass
        response = attempt(client)
        assert response.status_code == 429
        assert response.text.endswith(
            "Wait a minute, then try again." if minutes == 1 else f"Wait {minutes} minutes, then try again."
        )
        assert 60 * (minutes - 1) < int(response.headers["Retry-After"]) <= 60 * minutes + 1


@pytest.mark.parametrize("limits", [PER_ACCOUNT, PER_ADDRESS])
def test_each_window_is_longer_and_slower_than_the_one_before(limits):
    windows = [(each.get_expiry(), each.amount) for each in sorted(parse_many(limits))]
    rates = [amount / seconds for seconds, amount in windows]
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == len(rates) == 3


def test_redis_is_told_neither_the_account_nor_what_was_typed(client, redis):
    attempt(client, email="hunter2 was typed in the wrong box")
    keys = redis.keys("*")
    assert keys
    assert not any(b"hunter2" in key for key in keys)
    assert all(redis.ttl(key) > 0 for key in keys)


def test_a_form_that_cannot_be_read_does_not_stop_the_counting(client, redis):
    client.application.config["MAX_FORM_MEMORY_SIZE"] = 1000
    answers = {attempt(client, email="x" * 2000).status_code for _ in range(11)}
    assert 500 not in answers
    client.application.config["MAX_FORM_MEMORY_SIZE"] = 500_000
    attempt(client)
    assert redis.keys("*")


def test_when_redis_is_down_people_sign_in_and_guesses_are_counted_until_it_is_back(client, servers, instance):
    servers[-1].stop()
    try:
        assert attempt(client, email="down@example.com", password="right").status_code == 303
        answers = [attempt(client, email="down@example.com").status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]
    finally:
        servers.append(embedded.start(instance, only=["redis"]))
    redis = connect(servers[-1].applied(instance))
    redis.flushall()
    embedded.process.wait_until(lambda: attempt(client, email="back@example.com") and redis.keys("*"), 60)
    assert redis.keys("*")


def test_without_redis_the_memory_counts():
    client = make_app(Settings()).test_client()
    limiter.reset()
    assert [attempt(client).status_code for _ in range(11)] == [422] * 10 + [429]
    limiter.reset()


@pytest.mark.parametrize(
    ("url", "uri"),
    [
        ("unix:///run/crm/redis.sock", "redis+unix:///run/crm/redis.sock"),
        ("unix:///run/crm/redis.sock?db=1", "redis+unix:///run/crm/redis.sock?db=1"),
        ("redis://:p@host:6379/0", "redis://:p@host:6379/0"),
        ("rediss://host", "rediss://host"),
        ("", "memory://"),
    ],
)
def test_where_is_counted(url, uri):
    assert throttle._storage(Settings(redis_url=url))[0] == uri
