"""Tickets and tasks as other systems export them."""

from crm.domain.imports.recipe_shape import ESPO, HUBSPOT, SALESFORCE, ZOHO, Recipe, columns, of

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
        *(ESPO, "tickets", "id,number,status,assignedUserName", "Number,Status,Priority,Assigned User"),
        ids="id",
        columns=columns(customer="accountId", contact="contactId", opened="createdAt,Created At"),
        meanings={"status": {"assigned": "open", "rejected": "closed", "duplicate": "closed"}},
    ),
    of(
        *(ESPO, "tasks", "id,name,status,dateEnd", "id,name,parentName,dateEnd"),
        ids="id",
        columns=columns(due="dateEnd"),
    ),
)
