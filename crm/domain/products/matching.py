"""The same product: the same code; where none is given, the same name."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, any_, literal, or_
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.products.models import Product
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.text import name_key

_CODE, _NAME = "code\x1f", "name\x1f"


def match_key(values: Mapping[str, Any]) -> str | None:
    if code := values.get("code"):
        return _CODE + str(code)
    key = name_key(values.get("name") or "")
    return _NAME + key if key else None


def matches(actor: Actor, keys: Collection[str]) -> dict[str, int]:
    """match_key → id of the oldest the actor may see that has it."""
    codes = [key.removeprefix(_CODE) for key in keys if key.startswith(_CODE)]
    names = [key.removeprefix(_NAME) for key in keys if key.startswith(_NAME)]
    if not codes and not names:
        return {}
    coded = Product.code == any_(literal(codes, ARRAY(Text)))
    named = Product.name_key == any_(literal(names, ARRAY(Text)))
    statement = Product.visible_to(actor).with_only_columns(Product.id, Product.code, Product.name_key)
    found: dict[str, int] = {}
    for row in db.session.execute(statement.where(or_(coded, named)).order_by(Product.id.desc())):
        found |= {key: row.id for key in (f"{_CODE}{row.code}", _NAME + row.name_key) if key in keys}
    return found
