from sqlalchemy import text

from crm.domain.customers import actions
from crm.domain.customers.queries import CUSTOMERS
from crm.domain.customers.renewal import renew
from crm.infra.db import db
from crm.kernel.asking import Query
from crm.kernel.text.script import TRADITIONAL, TWOFOLD


def test_what_an_older_release_kept_in_traditional_characters_is_found_after_the_renewal(cast):
    actor = cast.rep.actor
    old, bystander = actions.create_many(actor, [{"name": "華東科技"}, {"name": "恒达"}])
    as_it_was = (
        "UPDATE customers SET search = '''華東'' ''東科''', search_text = '華東科技', sort_key = '華' WHERE id = :id"
    )
    db.session.execute(text(as_it_was), {"id": old})
    found = "SELECT sort_key, updated_at, version, xmin FROM customers WHERE id = :id"
    before = db.session.execute(text(found), {"id": bystander}).one()

    assert renew(db.session.connection(), TRADITIONAL.pattern) == 1

    for asked in ("华东科技", "華東科技", "huadong"):
        assert [row.id for row in CUSTOMERS.page(actor, Query(search=asked)).rows] == [old]
    assert db.session.execute(text(found), {"id": old}).one()[:2] == ("hua 华dong 东ke 科ji 技", before.updated_at)
    assert db.session.execute(text(found), {"id": bystander}).one() == before
    assert renew(db.session.connection(), TRADITIONAL.pattern) == 0


def test_what_an_older_release_kept_with_a_character_of_two_meanings_is_found_after_the_renewal(cast):
    actor = cast.rep.actor
    (old,) = actions.create_many(actor, [{"name": "餅乾大王"}])
    as_it_was = """UPDATE customers SET search = '饼乾 乾大 大王', search_text = '饼乾大王' WHERE id = :id"""
    db.session.execute(text(as_it_was), {"id": old})
    assert CUSTOMERS.page(actor, Query(search="饼干")).rows == []
    assert renew(db.session.connection(), TWOFOLD.pattern) == 1
    for asked in ("饼干", "餅乾", "饼干大王"):
        assert [row.id for row in CUSTOMERS.page(actor, Query(search=asked)).rows] == [old]
    assert renew(db.session.connection(), TWOFOLD.pattern) == 0
