"""Everything that can be done to products: the verbs of every record, with what is particular to products."""

from collections.abc import Sequence
from typing import Any

from crm.domain.products.events import FACTS
from crm.domain.products.fields import EDITABLE
from crm.domain.products.models import NUMBERS, Product
from crm.domain.products.rules import check, refuse_taken
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Values, Verbs
from crm.kernel.access import Actor
from crm.kernel.text import name_key

RECIPE = Recipe(texts=("code", "category"), also=lambda columns: {"name_key": name_key(columns["name"])})


class ProductVerbs(Verbs):
    def create_many(self, actor: Actor, rows: Sequence[Values], **origin: Any) -> list[int]:
        refuse_taken(rows)
        return super().create_many(actor, rows, **origin)


VERBS = ProductVerbs(entity=Product, fields=EDITABLE, facts=FACTS, numbers=NUMBERS, recipe=RECIPE, check=check)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
