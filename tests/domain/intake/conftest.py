"""A form for leads and one for tickets."""

import pytest

from crm.domain.intake.forming import Wanted, save_form
from tests.domain.tickets.conftest import service

__all__ = ["service"]


def wanted(kind="leads", **more):
    reached = "email" if kind == "leads" else "sender_email"
    phone = "phone" if kind == "leads" else "sender_phone"
    text = "remarks" if kind == "leads" else "description"
    given = {
        "key": f"ask-{kind}",
        "kind": kind,
        "title": {"en": f"Write to us about {kind}", "zh_CN": "联系我们"},
        "intro": {"en": "", "zh_CN": ""},
        "fields": [("name", True), (reached, False), (phone, False), (text, False)],
        "preset": {},
        "consent": {"en": "", "zh_CN": ""},
        "proof": False,
    }
    return Wanted(**(given | more))


@pytest.fixture
def lead_form(cast):
    preset = {"source": "website", "campaign": "Autumn fair"}
    return save_form(cast.administrator.actor, None, wanted(preset=preset, department_id=cast.rep.department_id))


@pytest.fixture
def ticket_form(cast, service):
    return save_form(cast.administrator.actor, None, wanted("tickets", department_id=service.department.id))
