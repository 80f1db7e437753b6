"""Everything that can be done to opportunities: the verbs of every record, with what is particular to these."""

from collections.abc import Mapping

from crm.domain.opportunities.events import FACTS
from crm.domain.opportunities.fields import EDITABLE
from crm.domain.opportunities.history import follow
from crm.domain.opportunities.models import NUMBERS, Opportunity
from crm.domain.opportunities.rules import MORE_COLUMNS, checking, complete
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Verbs
from crm.kernel.access import Actor
from crm.kernel.fields import Field
from crm.kernel.text import name_key

RECIPE = Recipe(also=lambda columns: {"name_key": name_key(columns["name"])})


def open_fields(actor: Actor) -> Mapping[str, Field]:
    return VERBS.open_fields(actor)


VERBS = Verbs(
    entity=Opportunity,
    fields=EDITABLE,
    facts=FACTS,
    numbers=NUMBERS,
    recipe=RECIPE,
    more_columns=MORE_COLUMNS,
    check=checking(open_fields),
    complete=complete,
    then=follow,
)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
