from dataclasses import replace

import pytest

from crm import create_app


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_usual_spelling_of_a_database_address_is_understood(settings, scheme):
    given = settings.database_url.replace("postgresql+psycopg", scheme)
    app = create_app(replace(settings, database_url=given))
    assert app.config["SQLALCHEMY_DATABASE_URI"] == settings.database_url
