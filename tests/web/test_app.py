import io
from dataclasses import replace

import pytest

from crm import create_app


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_database_address_is_understood(settings, scheme):
    given = settings.database_url.replace("postgresql+psycopg", scheme)
    app = create_app(replace(settings, database_url=given))
    assert app.config["SQLALCHEMY_DATABASE_URI"] == settings.database_url


@pytest.mark.parametrize(
    "address",
    [
        "/notifications/?before=²",
        "/imports/?before=²",
        "/admin/people?page=²&department=²",
        "/admin/mail?before=²",
        "/tasks/?due__lte=9999-12-31",
        "/customers/?updated__lte=9999-12-31&updated__gte=0001-01-01",
    ],
)
def test_what_stands_in_an_address_is_no_error_of_ours(as_, address):
    assert as_.administrator.get(address).status_code == 200


def test_strangers_send_nothing_long_anywhere(client):
    """Before it is asked who somebody is, nothing of what they send is read in earnest."""
    much = b"x" * 3_000_000
    answer = client.post("/imports/", data={"file": (io.BytesIO(much), "customers.csv")})
    assert answer.status_code == 413
