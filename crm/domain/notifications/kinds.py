from enum import StrEnum


class Kind(StrEnum):
    MENTIONED = "mentioned"
    ASSIGNED = "assigned"
    DUE = "due"
    BIRTHDAY = "birthday"
    POOL_NEAR = "pool_near"  # it goes back into the pool soon
    POOLED = "pooled"  # it has gone back
    ACCESS_ASKED = "access_asked"
    ACCESS_GRANTED = "access_granted"
    ACCESS_WANTED = "access_wanted"  # a list, or an account
    ACCESS_DECIDED = "access_decided"
    NEEDS_SALES = "needs_sales"  # a ticket of one's customer
    SALES_DONE = "sales_done"
    TICKET_NEWS = "ticket_news"
    SLA_NEAR = "sla_near"  # what was promised about a ticket is due soon
    SLA_LATE = "sla_late"
    LOW_RATING = "low_rating"  # a customer is not content
    CAME_IN = "came_in"  # by a form, to a lead that is there
    HELD = "held"  # what came in by a form waits for a decision
    VERIFY = "verify"  # help is asked for with a verification sample
    EXPORTED = "exported"
    EXPORTED_REGULARLY = "exported_regularly"  # as it was asked to be, every so often
    NOT_EXPORTED = "not_exported"
    NOT_SAVED = "not_saved"  # the backup of the night could not be made
    QUALITY = "quality"  # what one has could be fuller or fresher
    AUTOMATED = "automated"  # a rule of automation points it out
    AUTOMATED_DIGEST = "automated_digest"  # what came of an import, or of a change of many records
    FEEDBACK = "feedback"  # somebody says something of the program
    FEEDBACK_ANSWERED = "feedback_answered"
    SYSTEM_TROUBLE = "system_trouble"  # something is wrong with the program itself
    SYSTEM_WELL = "system_well"  # it is well again
    SYSTEM_MONTH = "system_month"  # the report of a month
    MESSAGE = "message"  # in the words of a template
