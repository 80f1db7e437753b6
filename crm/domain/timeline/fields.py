"""What a follow-up is made of. FOLLOW_UP_FIELDS is what every follow-up has, wherever it comes from; COMPOSED what
the person who writes one says besides."""

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
WHEN = Field(
    key="happened_at",
    label=N_("When"),
    kind=FieldKind.DATETIME,
    column=FollowUp.happened_at,
    help=N_("Left empty: now."),
)
PRESENT = Field(
    key="present",
    label=N_("Who was there"),
    kind=FieldKind.TAGS,
    column=FollowUp.present,
    max_length=1_000,
    help=N_("Names, with commas between them."),
)
TELL = Field(
    key="tell",
    label=N_("Tell"),
    kind=FieldKind.TAGS,
    max_length=1_000,
    help=N_("Colleagues who are to read this, with commas between them."),
)
EDITED = (WHEN, *FOLLOW_UP_FIELDS, PRESENT)
COMPOSED = (*EDITED, TELL)
