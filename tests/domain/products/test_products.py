"""Products: everybody who sells sees them, managers keep them, no code comes twice."""

from decimal import Decimal

import pytest

from crm.domain.products import actions, matching
from crm.domain.products.models import Product
from crm.infra.db import db
from crm.kernel.access import Reach
from crm.kernel.errors import Invalid
from crm.kernel.permissions import Permission


def test_whoever_sells_sees_all_and_managers_keep_them(cast):
    id_ = actions.create(cast.manager.actor, {"name": "Pump", "price": Decimal("12.5")})
    for who in cast:
        assert db.session.scalars(Product.visible_to(who.actor)).one().id == id_
    assert cast.manager.actor.reach_of(Permission.PRODUCTS_EDIT) is Reach.ALL
    assert not cast.rep.actor.may(Permission.PRODUCTS_EDIT)


def test_no_code_comes_twice(cast):
    max_ = cast.manager.actor
    first, other = actions.create_many(max_, [{"name": "Pump", "code": "P-1"}, {"name": "Hose", "code": "H-1"}])
    with pytest.raises(Invalid):
        actions.create(max_, {"name": "Pump", "code": "P-1"})
    with pytest.raises(Invalid):
        actions.create_many(max_, [{"name": "A", "code": "X"}, {"name": "B", "code": "X"}])
    one = db.session.scalars(Product.visible_to(max_).where(Product.id == other)).one()
    with pytest.raises(Invalid):
        actions.change(max_, one, {"code": "P-1"})
    actions.change(max_, one, {"code": "H-2"})
    assert first != other and one.code == "H-2"


def test_an_import_finds_a_product_by_code_else_by_name(cast):
    max_ = cast.manager.actor
    pump, hose = actions.create_many(max_, [{"name": "Pump", "code": "P-1"}, {"name": "Hose"}])
    keys = [matching.match_key(each) for each in ({"name": "x", "code": "P-1"}, {"name": "ｈｏｓｅ"}, {"name": "y"})]
    assert matching.matches(max_, keys) == {keys[0]: pump, keys[1]: hose}
