"""What the rows of a file can become: records of any type, and follow-ups on records that are here."""

from crm.domain.imports.follow_ups import FOLLOW_UPS, FollowUps
from crm.domain.registry import RECORD_TYPES
from crm.kernel.access import Actor
from crm.kernel.records import RecordType

Target = RecordType | FollowUps
TARGETS: dict[str, Target] = {**RECORD_TYPES, FOLLOW_UPS.key: FOLLOW_UPS}


def may_write_over(actor: Actor, target: Target) -> bool:
    """Whether a file may change what is here. What somebody wrote stays as they wrote it."""
    return isinstance(target, RecordType) and actor.may(target.may_edit)
