"""What may be written into a product besides what its fields say: no code comes twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from crm.domain.products.models import Product
from crm.infra.db import db
from crm.kernel.access import Actor, unscoped
from crm.kernel.errors import Invalid
from crm.kernel.text import N_


def check(actor: Actor, values: Mapping[str, Any], product: Product | None) -> None:
    """Of one that is there; new ones are looked at together, by `refuse_taken`."""
    if product is not None and values.get("code", product.code) != product.code:
        refuse_taken([values])


def refuse_taken(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raises Invalid for the first code that another product has, in the recycle bin too, or another of `rows`.

    Whoever writes codes waits for others who do, so that two at once cannot both find one free.
    """
    codes = [code for each in rows if (code := each.get("code")) is not None]
    if not codes:
        return
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("codes of products"))))
    with unscoped("a code is taken, whoever's product has it"):
        taken = db.session.scalar(select(Product.code).where(Product.code.in_(codes)).limit(1))
    if taken is None and len(set(codes)) < len(codes):
        taken = next(each for each in codes if codes.count(each) > 1)
    if taken is not None:
        raise Invalid(N_("Another of the %(products)s has the code “%(code)s” already."), code=taken, key="code")
