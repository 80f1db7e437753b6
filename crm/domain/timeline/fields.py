"""What a follow-up is made of: the composer, the checks and, later, imports read this."""

from crm.domain.timeline.models import FOLLOW_UP_KINDS, FollowUp
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_

FOLLOW_UP_FIELDS = (
    Field(
        key="kind",
        label=N_("Kind"),
        kind=FieldKind.CHOICE,
        column=FollowUp.kind,
        choices=FOLLOW_UP_KINDS,
        required=True,
    ),
    Field(
        key="body",
        label=N_("What happened"),
        kind=FieldKind.LONG_TEXT,
        column=FollowUp.body,
        required=True,
        max_length=20_000,
    ),
    Field(key="result", label=N_("Result"), kind=FieldKind.TEXT, column=FollowUp.result, max_length=500),
    Field(key="next_step", label=N_("Next step"), kind=FieldKind.TEXT, column=FollowUp.next_step, max_length=500),
    Field(key="next_on", label=N_("Next date"), kind=FieldKind.DATE, column=FollowUp.next_on),
)
