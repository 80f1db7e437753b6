"""Departments as a tree."""

import pytest
from sqlalchemy import select

from crm.domain.people.actions import SYSTEM
from crm.domain.people.structure import create_department
from crm.infra.db import db
from crm.kernel.errors import Invalid
from crm.kernel.events import Event


def test_a_departments_path_is_the_ids_from_the_root(app):
    top = create_department(SYSTEM, name=" 总部 ")
    middle = create_department(SYSTEM, name="Sales", parent=top)
    low = create_department(SYSTEM, name="East", parent=middle)
    assert (top.name, top.path) == ("总部", f"/{top.id}/")
    assert (low.path, low.parent_id) == (f"/{top.id}/{middle.id}/{low.id}/", middle.id)
    made = db.session.scalars(select(Event).filter_by(name="department.created").order_by(Event.id)).all()
    assert [(each.subject_id, each.payload["title"]) for each in made] == [
        (top.id, "总部"),
        (middle.id, "Sales"),
        (low.id, "East"),
    ]


def test_a_department_needs_a_name(app):
    with pytest.raises(Invalid, match="name"):
        create_department(SYSTEM, name="  ")
