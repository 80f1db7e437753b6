"""Tickets and tasks as other systems export them."""

from crm.domain.imports.recipe_meanings import STARS
from crm.domain.imports.recipe_shape import ESPO, HUBSPOT, ODOO, SALESFORCE, ZOHO, Recipe, columns, of

WORK: tuple[Recipe, ...] = (
    of(
        *(SALESFORCE, "tickets", "Id,CaseNumber,Subject,Status", "Case Number,Subject,Case Owner"),
        ids="Id,Case ID",
        columns=columns(
            customer="AccountId,Account ID", contact="ContactId,Contact ID", opened="CreatedDate", channel="Origin"
        ),
        meanings={"status": {"new": "new", "escalated": "open"}},
    ),
    of(
        *(SALESFORCE, "tasks", "Id,WhatId,Subject,ActivityDate"),
        ids="Id",
        columns=columns(about="AccountId,WhatId", due="ActivityDate"),
        meanings={"status": {"waiting on someone else": "open"}},
    ),
    of(
        *(HUBSPOT, "tickets", "Record ID,Ticket name,Ticket status", "Ticket ID,Ticket name,Ticket status"),
        ids="Record ID,Ticket ID",
        columns=columns(
            customer="Associated Company ID,Associated Company IDs", contact="Associated Contact", opened="Create date"
        ),
        meanings={"status": {"waiting on us": "open", "waiting on us (support pipeline)": "open"}},
    ),
    of(*(ZOHO, "tasks", "Record Id,Task Owner,Subject"), ids="Record Id", columns=columns(about="Related To.id")),
    of(
        *(ODOO, "tickets", "name,stage_id,partner_email", "name,stage_id,ticket_ref", "name,stage_id,close_date"),
        *("name,stage_id,ticket_type_id", "Subject,Helpdesk Team,Stage", "Subject,Helpdesk Team,Customer"),
        *("External ID,Subject,Customer Email,Stage",),
        ids="External ID,id",
        columns=columns(
            name="name",
            customer="Customer,partner_id,Customer/External ID,partner_id/id",
            status="stage_id,Stage",
            type="ticket_type_id",
            owner="user_id",
            tags="tag_ids",
            opened="create_date,Created on",
            solved="close_date,Close date",
        ),
        unread="Company,company_id,Customer Name,partner_name",
        meanings={
            "status": {"cancelled": "closed", "canceled": "closed"},
            "priority": STARS,
            "type": {"issue": "other"},
        },
    ),
    of(
        *(ODOO, "tasks", "name,project_id,user_ids", "name,project_id,stage_id", "name,project_id,date_deadline"),
        *("name,project_id/id,stage_id", "External ID,Title,Project", "Title,Project,Assignees"),
        *("Title,Assignees,Deadline",),
        ids="External ID,id",
        columns=columns(
            about="Customer,partner_id,Customer/External ID,partner_id/id",
            due="date_deadline",
            owner="user_ids,Assignees",
            status="State,Stage,stage_id",
        ),
        kept="Project,project_id",
        meanings={
            "status": dict.fromkeys(("new", "changes requested", "approved", "waiting"), "open"),
            "priority": STARS,
        },
    ),
    of(
        *(ESPO, "tickets", "id,number,status,assignedUserName", "Number,Status,Priority,Assigned User"),
        ids="id",
        columns=columns(
            customer="accountId", contact="contactId", opened="createdAt,Created At", owner="assignedUserName"
        ),
        meanings={"status": {"assigned": "open", "rejected": "closed", "duplicate": "closed"}},
    ),
    of(
        *(ESPO, "tasks", "id,name,status,dateEnd", "id,name,parentName,dateEnd"),
        *("Name,Status,Date Due,Assigned User",),
        ids="id",
        columns=columns(about="Parent,parentName,accountId,parentId", due="dateEnd,Date Due"),
        meanings={"status": {"started": "open"}},
    ),
)
