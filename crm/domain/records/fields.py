"""The fields that records of every type have, made for one type; what is its own stands beside them."""

from typing import Any

from crm.domain.people.queries import PEOPLE
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.permissions import Action, permission
from crm.kernel.text import N_

OWNER_HEADINGS = (
    *("负责人", "客户负责人", "所有者", "归属人", "业务员", "销售", "销售人员", "跟进人", "归属销售", "销售代表"),
    *(
        "Owner",
        "Account Owner",
        "Record Owner",
        "Owner Name",
        "Sales Rep",
        "Assigned To",
        "Assigned User",
        "Assigned User Name",
    ),
    *("Contact Owner", "Deal Owner", "Opportunity Owner", "Salesperson"),
)


# Of a person's name, which several columns may make up: what is given, what is between, what the family has.
GIVEN_NAMES, MIDDLE_NAMES = ("First Name", "Given Name", "Forename", "名", "名字"), ("Middle Name",)
FAMILY_NAMES = ("Last Name", "Family Name", "Surname", "姓", "姓氏")
PARTS_OF_NAMES = (*GIVEN_NAMES, *MIDDLE_NAMES, *FAMILY_NAMES)


def name_field(entity: Any, label: str = N_("Name"), *, headings: tuple[str, ...] = ()) -> Field:
    """What a record of this type is known by."""
    return Field(
        key="name",
        core=True,
        label=label,
        kind=FieldKind.TEXT,
        column=entity.name,
        sort_column=entity.sort_key,
        required=True,
        sortable=True,
        max_length=300,
        headings=headings,
    )


def owner_field(entity: Any, *, headings: tuple[str, ...] = OWNER_HEADINGS) -> Field:
    return Field(
        key="owner",
        label=N_("Owner"),
        kind=FieldKind.PERSON,
        column=entity.owner_id,
        source=PEOPLE,
        needs=permission(entity.__tablename__, Action.ASSIGN),
        headings=headings,
    )


TAG_HEADINGS = ("标签", "Tags", "Labels", "Tag", "关键词", "Keywords", "Categories")


def tags_field(entity: Any, *, headings: tuple[str, ...] = TAG_HEADINGS) -> Field:
    """What some of them mean, administrators say: crm/domain/tags/."""
    return Field(
        key="tags",
        label=N_("Tags"),
        kind=FieldKind.TAGS,
        column=entity.tags,
        max_length=1000,
        help=N_("Several, separated by commas."),
        headings=headings,
    )


def remarks_field(entity: Any) -> Field:
    return Field(
        key="remarks",
        label=N_("Remarks"),
        kind=FieldKind.LONG_TEXT,
        column=entity.remarks,
        max_length=20_000,
        headings=("备注", "描述", "说明", "Description", "Notes", "Remarks", "Comments"),
    )


def system_fields(entity: Any) -> tuple[Field, ...]:
    """What the program keeps by itself."""
    moments = (
        ("last_follow_up", N_("Last follow-up"), FieldKind.DATETIME, entity.last_follow_up_at),
        ("next_follow_up", N_("Next follow-up"), FieldKind.DATE, entity.next_follow_up_on),
        ("updated", N_("Last change"), FieldKind.DATETIME, entity.updated_at),
        ("created", N_("Created"), FieldKind.DATETIME, entity.created_at),
    )
    return (
        Field(key="number", label=N_("Number"), kind=FieldKind.TEXT, column=entity.number, editable=False, core=True),
        *(
            Field(key=key, label=label, kind=kind, column=column, editable=False, sortable=True)
            for key, label, kind, column in moments
        ),
    )
