"""Reports to begin with. A line is a name and a question; what a type has not is not offered."""

from crm.domain.registry import RECORD_TYPES
from crm.domain.reports.asking import COUNT, STACKED, SUM, Dimension, Measure, Question
from crm.domain.reports.counting import open_to
from crm.kernel.access import Actor
from crm.kernel.text import N_

_COUNT, _AMOUNT = Measure(COUNT), Measure(SUM, "amount")
SUGGESTED = (
    (
        N_("%(Opportunities)s by owner and stage"),
        Question("opportunities", (Dimension("owner"),), Dimension("stage"), (_COUNT, _AMOUNT), sort="-2"),
    ),
    (
        N_("%(Customers)s by month and source"),
        Question("customers", (Dimension("created", "month"),), Dimension("source"), picture=STACKED),
    ),
    (
        N_("%(Tickets)s by category and week"),
        Question("tickets", (Dimension("opened", "week"), Dimension("category"))),
    ),
    (
        N_("%(Orders)s by month and status"),
        Question("orders", (Dimension("ordered_on", "month"),), Dimension("status"), (_COUNT, _AMOUNT)),
    ),
    (
        N_("%(Leads)s by source and status"),
        Question("leads", (Dimension("source"),), Dimension("status"), shares=True),
    ),
)


def suggested(actor: Actor) -> list[tuple[str, Question]]:
    """Those of which nothing is missing for the actor."""
    return [
        (label, question)
        for label, question in SUGGESTED
        if actor.may(RECORD_TYPES[question.type].may_read) and not open_to(actor, question)[2]
    ]
