"""Three layouts: what a rep, a service agent and marketing each want to see first."""

from collections.abc import Sequence
from functools import partial

from crm.demo.fields import FIELDS
from crm.domain.layouts import actions, arranging
from crm.domain.people.queries import ready_made
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor

_PURCHASES, _TERMS, _UNTIL, _CERTIFICATES, _VISITED, _EMPLOYEES = range(len(FIELDS))
_CUSTOMER = RECORD_TYPES["customers"]


def make_layouts(actor: Actor, own: Sequence[str]) -> None:
    """`own` are the keys of FIELDS."""
    deal = [own[each] for each in (_PURCHASES, _TERMS, _UNTIL)]
    _make(
        actor,
        "sales_rep",
        "销售代表 Sales rep",
        partial(
            arranging.add_section, label={"en": "Contract and payment", "zh_CN": "合同与付款"}, delivered=["basics"]
        ),
        partial(arranging.put, keys=deal, section="section-1"),
        partial(arranging.step_section, section="reach", down=False),
        partial(arranging.widen, keys=["address"], wide=True),
    )
    _make(
        actor,
        "service_agent",
        "客服 Service agent",
        partial(arranging.step_section, section="reach", down=False),
        partial(arranging.put, keys=["owner", "level"], section="reach", before="website"),
        partial(arranging.leave_out, keys=["competitor", "source", own[_PURCHASES], own[_CERTIFICATES]]),
    )
    _make(
        actor,
        "marketing",
        "市场 Marketing",
        partial(arranging.name_section, section="basics", label={"en": "Profile", "zh_CN": "画像"}, delivered=True),
        partial(arranging.put, keys=["source", "tags", "region"], section="basics", before="level"),
        partial(arranging.put, keys=[own[_EMPLOYEES]], section="basics", before=own[_PURCHASES]),
        partial(arranging.leave_out, keys=[own[_TERMS], own[_VISITED], "website"]),
    )


def _make(actor: Actor, role: str, name: str, *steps: actions.Step) -> None:
    row = actions.make(actor, _CUSTOMER, name)
    db.session.flush()
    actions.change(actor, row, name=name, roles=[ready_made(role).id])
    for step in steps:
        actions.arrange(actor, row, _CUSTOMER, step)
