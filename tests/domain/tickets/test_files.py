"""Tickets of other systems: mapped without a click, read as they are meant, brought in with their times."""

import csv
import json
from collections import Counter

import pytest

from crm.domain.imports.mapping import suggest
from crm.domain.tickets import actions
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.record_type import TICKET
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.fields import Context, read_rows
from crm.web.i18n import catalogue

MADE = {
    "salesforce": "Subject,Account Name,Contact Name,Case Origin,Status,Priority,Type,Date/Time Opened,Case Owner",
    "zendesk": "Subject,Organization,Requester,Channel,Ticket Status,Priority,Ticket Type,Created,Assignee",
    "wukong": "工单主题,客户名称,联系人,受理渠道,处理状态,紧急程度,工单类型,提交时间,处理人",
}
WANTED = ["name", "customer", "contact", "channel", "status", "priority", "type", "opened", "owner"]
# The gold names what the file says → how it is kept.
SAME = {
    "type": {
        "Refund request": "return",
        "Cancellation request": "return",
        "Technical issue": "repair",
        "Product inquiry": "question",
        "Billing inquiry": "question",
    },
    "priority": {"Critical": "urgent", "High": "high", "Medium": "normal", "Low": "low"},
    "status": {"Open": "open", "Pending Customer Response": "waiting", "Closed": "closed"},
    "channel": {"Phone": "phone", "Email": "email", "Chat": "wecom", "Social media": "social"},
}


def taken(actor, headings, sample=()):
    """Column → field key, as the program suggests it."""
    type_ = TICKET.open_to(actor)
    labels = {each.key: {each.label, catalogue("zh_CN").get(each.label, each.label)} for each in type_.fields}
    found = suggest(type_.writable(actor), headings, sample, Context(actor), labels)
    return {column: each.key for column, each in found.items() if each.is_taken}


@pytest.mark.parametrize("system", MADE)
def test_what_others_export_is_known(cast, system):
    headings = MADE[system].split(",")
    found = taken(cast.administrator.actor, headings)
    assert [found.get(column) for column in range(len(headings))] == WANTED


def test_a_real_file_comes_in_as_it_is_meant(cast, service, shared_data):
    """4,234 tickets of others, against the counts that came with them. Its first answers and solutions are in any
    order, and none says when it was opened."""
    place = shared_data / "tickets"
    with (place / "customer_support_tickets_a.csv").open(encoding="utf-8", newline="") as file:
        headings, *lines = csv.reader(file)
    gold, actor = json.loads((place / "gold.json").read_text("utf-8")), cast.administrator.actor
    mapping = taken(actor, headings, lines[:50])
    assert {headings[column]: key for column, key in mapping.items()}.items() >= {
        "Ticket Type": "type",
        "Ticket Subject": "name",
        "Ticket Description": "description",
        "Ticket Status": "status",
        "Resolution": "resolution",
        "Ticket Priority": "priority",
        "Ticket Channel": "channel",
        "First Response Time": "responded",
    }.items()
    mapping = {column: key for column, key in mapping.items() if key != "customer"}  # none of them is known here
    fields = [each for each in TICKET.open_to(actor).writable(actor) if each.key in mapping.values()]
    rows = [{key: line[column] for column, key in mapping.items() if line[column]} for line in lines]
    read = read_rows(fields, rows, Context(actor))
    assert [each.problems for each in read if each.problems] == []
    for heading, key in (("Ticket Type", "type"), ("Ticket Priority", "priority"), ("Ticket Channel", "channel")):
        wanted = Counter()
        for words, count in gold[heading].items():
            wanted[SAME[key][words]] += count
        assert Counter(each.values[key] for each in read) == wanted
    actions.create_many(actor, [each.values for each in read[:500]])
    with unscoped("a test looks at everything"):
        kept = db.session.query(Ticket).all()
    assert Counter(each.status for each in kept) == Counter(each.values["status"] for each in read[:500])
    assert all((each.waits_at is None) == (each.status in ("waiting", "closed")) for each in kept)
    assert all(
        each.opened_at <= min(filter(None, (each.responded_at, each.solved_at)), default=each.opened_at)
        for each in kept
    )
    assert {each.department_id for each in kept} == {service.department.id}
