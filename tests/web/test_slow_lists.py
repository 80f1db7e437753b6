"""A list that would take too long says so, keeps what was asked, and shows nothing that looks like an answer."""

from sqlalchemy import func

from crm.domain.customers import actions
from crm.infra.db import db
from crm.kernel.kinds import FieldKind
from crm.kernel.listing import ListSpec
from tests.domain.fields.making import made


def test_the_page_keeps_the_question_and_says_why_it_shows_nothing(as_, cast, monkeypatch):
    field = made(cast.administrator.actor, FieldKind.NUMBER, "Area")
    actions.create(cast.rep.actor, {"name": "Acme", field.key: "7"})
    db.session.commit()
    address = f"/customers/?{field.key}__min=1"
    assert ">Acme<" in as_.rep.get(address).get_data(as_text=True)
    narrowed = ListSpec._narrowed

    def slowly(spec, statement, actor, query):
        found = narrowed(spec, statement, actor, query)
        return found.where(func.pg_sleep(60).is_not(None)) if query.filters else found

    monkeypatch.setattr(ListSpec, "_narrowed", slowly)
    answer = as_.rep.get(address)
    words = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "To look through all records for “Area” takes too long" in words
    assert "Area is at least 1" in words
    assert ">Acme<" not in words
    assert "No customer fits" not in words
