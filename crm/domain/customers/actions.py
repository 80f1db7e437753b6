"""Everything that can be done to customers: the verbs of every record, with what is particular to customers."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.domain.customers import levelling
from crm.domain.customers.events import FACTS
from crm.domain.customers.fields import EDITABLE
from crm.domain.customers.holding import follow, refuse_coming_back
from crm.domain.customers.models import NUMBERS, Customer
from crm.domain.customers.rules import check
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Verbs
from crm.kernel.access import Actor
from crm.kernel.text import name_key


def _follow(
    actor: Actor, written: Sequence[tuple[int, Any]], before: Mapping[int, Mapping[str, list[Any]]] | None
) -> None:
    follow(actor, written, before)
    levelling.tell(written, before)


RECIPE = Recipe(phones=("phone",), emails=("email",), also=lambda columns: {"name_key": name_key(columns["name"])})
VERBS = Verbs(
    entity=Customer,
    fields=EDITABLE,
    facts=FACTS,
    numbers=NUMBERS,
    recipe=RECIPE,
    check=check,
    then=_follow,
    returns=refuse_coming_back,
)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
open_fields = VERBS.open_fields
