"""Everything that can be done to contacts: the verbs of every record, with what is particular to contacts."""

from crm.domain.contacts.belonging import follow
from crm.domain.contacts.events import FACTS
from crm.domain.contacts.fields import EDITABLE
from crm.domain.contacts.going_along import go_along
from crm.domain.contacts.models import NUMBERS, Contact
from crm.domain.customers.holding import companions
from crm.domain.records.derived import Recipe
from crm.domain.records.verbs import Verbs
from crm.kernel.text import name_key

RECIPE = Recipe(phones=("phone",), emails=("email",), also=lambda columns: {"name_key": name_key(columns["name"])})
VERBS = Verbs(entity=Contact, fields=EDITABLE, facts=FACTS, numbers=NUMBERS, recipe=RECIPE, then=follow)

create, create_many = VERBS.create, VERBS.create_many
change, change_many, confirm = VERBS.change, VERBS.change_many, VERBS.confirm
delete, restore, purge, purge_old = VERBS.delete, VERBS.restore, VERBS.purge, VERBS.purge_old
companions.append(go_along)
