"""Everything that can be done to leads: the verbs of every record, with what is particular to leads."""

from crm.domain.leads.events import FACTS
from crm.domain.leads.fields import EDITABLE
from crm.domain.leads.models import NUMBERS, Lead
from crm.domain.leads.statuses import check, complete, follow
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Verbs
from crm.kernel.permissions import Action, permission
from crm.kernel.text import name_key

RECIPE = Recipe(
    phones=("phone",),
    emails=("email",),
    texts=("company",),
    also=lambda columns: {"name_key": name_key(columns["name"])},
)
VERBS = Verbs(
    entity=Lead,
    fields=EDITABLE,
    facts=FACTS,
    numbers=NUMBERS,
    recipe=RECIPE,
    check=check,
    complete=complete,
    then=follow,
    # What reps enter is theirs; whoever may give it to others and names nobody lets the rules decide.
    leaves_to_pool=lambda actor: actor.may(permission("leads", Action.ASSIGN)),
)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
