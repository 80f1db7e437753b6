"""What an administrator can shape: the table of contents of the administration. An area adds its line here."""

from dataclasses import dataclass

from crm.kernel.text import N_


@dataclass(frozen=True)
class Subject:
    label: str
    endpoint: str
    icon: str
    sentence: str


SUBJECTS = (
    Subject(
        N_("People"),
        "admin.people",
        "users",
        N_("Who has an account, in which department and with which roles. Make one, or close it and hand over."),
    ),
    Subject(
        N_("Departments"),
        "admin.departments",
        "building-2",
        N_("The tree of the company. Who reaches a department reaches what its people own."),
    ),
    Subject(
        N_("Roles"),
        "admin.roles",
        "list-checks",
        N_("What may be done, how far it reaches, and which fields are hidden or masked."),
    ),
    Subject(
        N_("Requests for access"),
        "access.index",
        "user",
        N_("Who asks for a list, or as somebody without an account for one. Given for a time or for good."),
    ),
    Subject(
        N_("Fields"),
        "admin.fields",
        "columns-3",
        N_("Fields of your own, and the standard ones renamed, hidden or required. At once on every page."),
    ),
    Subject(
        N_("Layouts"),
        "admin.layouts",
        "panel-left",
        N_("In which sections and columns fields stand on forms and pages, for each role."),
    ),
    Subject(
        N_("Pipelines"),
        "pipelines.index",
        "arrow-right",
        N_("The stages that %(opportunities)s go through: how likely they are, when they rot, what they ask for."),
    ),
    Subject(
        N_("%(tickets)s and their queues"),
        "ticket_rules.teams",
        "inbox",
        N_("Types, categories, the teams that have a queue and how they give it out, macros."),
    ),
    Subject(
        N_("What is promised about %(tickets)s"),
        "sla.index",
        "clock",
        N_("How soon they are answered and solved, who is told when it gets tight, business hours and holidays."),
    ),
    Subject(
        N_("Names"),
        "admin.names",
        "tag",
        N_("What records and modules are called in each language: %(customers)s, or what your company says instead."),
    ),
    Subject(
        N_("Tags"),
        "tags.index",
        "tag",
        N_("What tags mean, their colours, and which are only put on with a reason. Renamed and merged at once."),
    ),
    Subject(
        N_("System"),
        "system_page.index",
        "circle-check",
        N_("Whether all runs: workers, queues, mail, what is slow and what went wrong, and what to do about it."),
    ),
    Subject(
        N_("Modules"),
        "modules.index",
        "settings",
        N_("Which parts of the product are on, for everybody or for some departments."),
    ),
    Subject(
        N_("Automation"),
        "automation.index",
        "list-checks",
        N_("Rules in words: when something happens, if this holds, then that is done. With a dry run and a history."),
    ),
    Subject(
        N_("Data quality"),
        "quality.settings",
        "list-checks",
        N_("What is to be filled in, when a record is stale, and when owners are reminded."),
    ),
    Subject(
        N_("Public pool"),
        "pool.index",
        "inbox",
        N_("When %(customers)s go back into it, how many may be claimed and held, and what happens tonight."),
    ),
    Subject(
        N_("Value of %(customers)s"),
        "admin.rfm",
        "list-checks",
        N_("By which limits their orders are scored, what the segments are called, and which level follows."),
    ),
    Subject(
        N_("How long things are kept"),
        "admin.retention",
        "trash-2",
        N_("After how many days deleted records are removed for good, and files of imports deleted."),
    ),
    Subject(
        N_("Scores of %(leads)s"),
        "lead_rules.scores",
        "list-checks",
        N_("Which qualities of %(leads)s give or take points."),
    ),
    Subject(
        N_("Assignment of %(leads)s"),
        "lead_rules.assignments",
        "users",
        N_("Who gets %(leads)s that come in without an owner: in turns, by region or by load."),
    ),
    Subject(
        N_("Mail templates"),
        "mail_templates.index",
        "mail",
        N_("What mails and messages say, with fields of the record they are about, in each language."),
    ),
    Subject(
        N_("Mail"),
        "mail.index",
        "inbox",
        N_("Whether mail goes out, and what could not be sent: it can be tried again."),
    ),
    Subject(
        N_("Satisfaction"),
        "satisfaction.change",
        "message-square",
        N_("Whether %(customers)s are asked by mail how content they are, and who is told of low ratings."),
    ),
    Subject(
        N_("Public forms"),
        "intake_forms.index",
        "inbox",
        N_("Forms on your site by which strangers write: what they ask, what becomes of it, and what was held."),
    ),
    Subject(
        N_("Backups"),
        "admin.backups",
        "history",
        N_("Whether everything is saved every night, when it was the last time, and what to do if it was not."),
    ),
)
