"""What a person does to an import. What a worker does is in turns.py, checking.py and running.py."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from crm.domain.imports.chaining import checked_followers, keys_parted, link_of, parted
from crm.domain.imports.comparing import can_compare
from crm.domain.imports.converting import as_said
from crm.domain.imports.events import (
    ImportCancelled,
    ImportCancelRequested,
    ImportComparisonAsked,
    ImportFileDeleted,
    ImportMapped,
    ImportRehearsalAsked,
    ImportReread,
    ImportResumed,
    ImportScheduled,
    ImportStarted,
    ImportUnscheduled,
    ImportUploaded,
)
from crm.domain.imports.guards import TOO_LATE, forget_check, only_in, only_owner
from crm.domain.imports.mapping import check_divided, check_mapping, checked_source, without_secrets
from crm.domain.imports.models import Import
from crm.domain.imports.states import DUPLICATES, WRITING, State
from crm.domain.imports.targets import TARGETS, Target, may_write_over
from crm.domain.imports.template import ImportTemplate
from crm.domain.imports.templates import splits_of
from crm.domain.imports.translating import read_fallbacks
from crm.domain.imports.turns import file_of, inspection_of
from crm.infra import clock
from crm.infra.db import db
from crm.infra.storage import Stored
from crm.kernel.access import Actor
from crm.kernel.company import company
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_


def upload(actor: Actor, record_type: Target, *, filename: str, stored: Stored) -> Import:
    """Begin an import with a file that is safely kept."""
    import_ = Import(
        owner_id=actor.id,
        department_id=actor.department_id,
        record_type=record_type.key,
        filename=filename[-200:],
        storage_key=stored.key,
        size=stored.size,
        sha256=stored.sha256,
    )
    db.session.add(import_)
    record(actor, import_, ImportUploaded(import_.filename, stored.size, stored.sha256))
    return import_


def reread(
    actor: Actor, import_: Import, *, sheet: str, encoding: str, delimiter: str, heading_row: int | None = None
) -> None:
    """Read the file in the way the person says; "" and None leave it to the reader.

    Another heading row needs no other look at the file; another sheet, encoding or delimiter is a worker's turn,
    and may move the headings.
    """
    only_owner(actor, import_)
    only_in(import_, State.MAPPING, State.CHECKED)
    known = file_of(import_)
    same = (sheet, encoding, delimiter) == (known.sheet, known.encoding, known.delimiter)
    import_.sheet, import_.encoding, import_.delimiter = sheet, encoding, delimiter
    import_.heading_row, import_.mapping = heading_row if same else None, None
    import_.splits = import_.splits if same else []
    forget_check(import_)
    import_.state = State.MAPPING if same else State.INSPECTING
    record(actor, import_, ImportReread(sheet, encoding, delimiter, import_.heading_row))


def map_columns(
    actor: Actor,
    import_: Import,
    *,
    mapping: Mapping[int, str],
    fallbacks: Mapping[str, str] | None = None,
    template: ImportTemplate | None = None,
    source: str = "",
    source_column: int | None = None,
) -> None:
    """Decide which column fills which field, and have every row checked. Raises Invalid when it cannot work.

    Fields of what follows have their type before them, “contacts:name”. `fallbacks`: field key → what rows have that
    say nothing. `template`: how it reads and divides cells and what its texts mean is taken over. `source`: the system
    whose ids the file speaks of; `source_column`: where those of the rows stand.
    """
    only_owner(actor, import_)
    only_in(import_, State.MAPPING, State.CHECKED)
    if template is not None and not import_.splits:
        import_.splits = splits_of(template, file_of(import_).headings)
    file, columns = file_of(import_), len(inspection_of(import_).headings)
    if mapping and max(mapping) >= columns:
        raise Invalid(N_("The file has no column %(number)s."), number=max(mapping) + 1)
    record_type = TARGETS[import_.record_type].open_to(actor)
    own, others = parted(mapping)
    said, theirs = keys_parted(fallbacks or {})
    given = read_fallbacks(actor, record_type, said)
    check_mapping(record_type, actor, own, {*given, link_of(import_)})
    check_divided(record_type.by_key(), own, file.columns)
    import_.inspection = without_secrets(file.to_dict(), record_type.by_key(), own)
    import_.followed = checked_followers(actor, import_.record_type, others, theirs)
    import_.source, import_.source_column = checked_source(source, source_column, columns)
    import_.mapping = {str(column): key for column, key in sorted(own.items())}
    import_.fallbacks, import_.conversions = given, as_said(import_.conversions)
    if template is not None:
        _take_over(import_, template)
    forget_check(import_)
    import_.state = State.CHECKING
    record(actor, import_, ImportMapped(_by_heading(import_, mapping)))


def _take_over(import_: Import, template: ImportTemplate) -> None:
    import_.translations, import_.template_id = template.translations, template.id
    import_.conversions = {**template.conversions, **import_.conversions}
    template.used_at = clock.now()


def _by_heading(import_: Import, mapping: Mapping[int, str]) -> dict[str, str]:
    headings = dict(enumerate(inspection_of(import_).headings))
    return {f"{column + 1} {headings.get(column, '')}".strip(): key for column, key in mapping.items()}


def start(actor: Actor, import_: Import, *, duplicates: str, automates: bool = False) -> None:
    """Have the checked rows become records; `automates`: rules of automation hear of each."""
    _check_start(actor, import_, duplicates)
    import_.duplicates, import_.state = duplicates, State.RUNNING
    import_.fraction, import_.phase_began_at, import_.automates = 0.0, None, automates
    import_.starts_at = import_.problem = None
    record(actor, import_, ImportStarted(duplicates, automates))


def compare(actor: Actor, import_: Import) -> None:
    """Have the rows looked at for those that are only alike; small files are by themselves."""
    only_owner(actor, import_)
    only_in(import_, State.CHECKED)
    if not can_compare(import_):
        raise RuleBroken(N_("There is nothing to compare in this file."))
    import_.state, import_.compared_line, import_.compared_at, import_.alike = State.COMPARING, 0, None, 0
    import_.keyed_line, import_.keyed_record = 0, None
    import_.fraction, import_.phase_began_at, import_.rehearsal = 0.0, None, None
    record(actor, import_, ImportComparisonAsked())


def rehearse(actor: Actor, import_: Import, *, duplicates: str) -> None:
    """Have it said what would become of every row, by the run itself, with nothing kept."""
    only_owner(actor, import_)
    _check_start(actor, import_, duplicates)
    import_.duplicates, import_.state = duplicates, State.REHEARSING
    import_.fraction, import_.phase_began_at = 0.0, None
    import_.rehearsed = import_.rehearsed_line = 0
    import_.starts_at = import_.problem = import_.rehearsal = None
    record(actor, import_, ImportRehearsalAsked(duplicates))


def schedule(actor: Actor, import_: Import, *, duplicates: str, automates: bool, at: dt.time) -> None:
    """Have it start by itself when it is next that time of day where the company is, with the owner's rights then."""
    if actor.id != import_.owner_id:
        raise RuleBroken(N_("Only whoever brought the file decides when it is imported."))
    _check_start(actor, import_, duplicates)
    here = clock.now().astimezone(ZoneInfo(company.timezone))
    today = dt.datetime.combine(here.date(), at, here.tzinfo)
    tomorrow = dt.datetime.combine(here.date() + dt.timedelta(days=1), at, here.tzinfo)
    # Of an hour that comes twice the second is meant when the first is past: two of one zone compare by its clock.
    moment = next(each for each in (today, today.replace(fold=1), tomorrow) if each.timestamp() > here.timestamp())
    import_.duplicates, import_.automates, import_.problem = duplicates, automates, None
    import_.starts_at = moment.astimezone(dt.UTC)
    record(actor, import_, ImportScheduled(import_.starts_at, duplicates, automates))


def unschedule(actor: Actor, import_: Import) -> None:
    """Leave it checked."""
    only_in(import_, State.CHECKED)
    if import_.starts_at is not None:
        import_.starts_at = None
        record(actor, import_, ImportUnscheduled())


def _check_start(actor: Actor, import_: Import, duplicates: str) -> None:
    only_in(import_, State.CHECKED)
    record_type = TARGETS[import_.record_type]
    if duplicates not in {choice.key for choice in DUPLICATES}:
        raise Invalid(N_("Choose what is to become of duplicates."))
    if duplicates in WRITING and not may_write_over(actor, record_type):
        raise RuleBroken(N_("You may not change existing records: leave the duplicates out."))
    if import_.rows == import_.invalid:
        raise RuleBroken(N_("No row can be imported. Correct the file or the matching of its columns."))


def cancel(actor: Actor, import_: Import) -> None:
    """End it. A worker in the middle stops within one batch; what is in stays in."""
    if import_.is_ended:
        raise RuleBroken(N_("This import has ended already."))
    if import_.is_working:
        import_.cancel_requested = True
        record(actor, import_, ImportCancelRequested())
        return
    import_.stopped_in, import_.state, import_.finished_at = import_.state, State.CANCELLED, clock.now()
    import_.starts_at = None
    record(actor, import_, ImportCancelled(import_.reached))


def resume(actor: Actor, import_: Import) -> None:
    """Go on from the checkpoint after what stopped it has been put right."""
    if not import_.is_resumable:
        raise RuleBroken(TOO_LATE)
    import_.state, import_.stopped_in = import_.stopped_in or State.INSPECTING, None
    import_.problem = import_.finished_at = import_.retry_at = None
    import_.attempts = 0
    record(actor, import_, ImportResumed())


def delete_file(actor: Actor, import_: Import) -> str:
    """Forget the uploaded file before its time; its key, for whoever deletes it, "" where it is gone already."""
    only_owner(actor, import_)
    same = Import.visible_to(actor).where(Import.storage_key == import_.storage_key, Import.storage_key.is_not(None))
    sharing = db.session.scalars(same.with_for_update()).all()
    if any(not each.is_ended for each in sharing):
        raise RuleBroken(N_("An import still needs this file."))
    key = import_.storage_key or ""
    for each in sharing:
        each.storage_key = None
        record(actor, each, ImportFileDeleted())
    return key
