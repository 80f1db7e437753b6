"""What the ready-made roles are allowed on a type of record that a release brings, for its migration."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from crm.domain.people.roles import READY_MADE
from crm.kernel.permissions import Permission

_GIVE = sa.text(
    # What an administrator has said already stays said.
    "UPDATE roles SET reach = CAST(:reach AS jsonb) || reach, fields = CAST(:fields AS jsonb) || fields"
    " WHERE key = :key"
)


def allow(op: Any, types: Collection[str], also: Collection[Permission] = ()) -> None:
    """Whoever makes an installation anew has all of it already, from the first migration of roles."""
    for role in READY_MADE.values():
        reach = {each: how_far.name for each, how_far in role.reach.items() if each.type in types or each in also}
        fields = {
            type_: {key: right.name for key, right in rights.items()}
            for type_, rights in role.fields.items()
            if type_ in types
        }
        op.execute(_GIVE.bindparams(key=role.key, reach=json.dumps(reach), fields=json.dumps(fields)))
    op.execute(sa.text("UPDATE shape SET version = nextval('shape_versions')"))
