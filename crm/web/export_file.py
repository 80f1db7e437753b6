"""An export as a file: its columns, its rows as they come, and the line below them that says whose it is."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from flask import g

from crm.domain.exports import rows
from crm.domain.exports.actions import Work
from crm.domain.exports.formats import FORMATS, KEYS
from crm.infra import clock, json, sheets
from crm.infra.storage import Stored, storage_for
from crm.kernel.asking import Query
from crm.kernel.listing import ListSpec
from crm.kernel.operators import ALL_OPERATORS
from crm.kernel.sealed import DOTS
from crm.kernel.text import N_
from crm.web.export_cells import Told, headings
from crm.web.filters import words
from crm.web.formats import moment, number
from crm.web.i18n import gettext

Step = Callable[[int], None]  # told how many rows have been written after each batch


def stored(work: Work, step: Step = lambda done: None) -> tuple[Stored, int, list[str]]:
    """Write the file and keep it: as g.actor may see it, in the language of the context. How many rows there are, and
    what they were narrowed by, for the log."""
    suffix = FORMATS[work.export.format].suffix
    with tempfile.TemporaryDirectory(prefix="crm-export-") as folder:
        path = Path(folder) / f"export.{suffix}"
        count = _write(work, path, step)
        with path.open("rb") as file:
            kept = storage_for(g.settings).put(file, suffix=path.suffix, key=work.export.draft_key or "")
    return kept, count, [*asked(work.type.list, work.export.query, secret=True), *_ticked(work)]


def _write(work: Work, path: Path, step: Step) -> int:
    chosen, keys = FORMATS[work.export.format], work.export.names == KEYS
    as_json = chosen.suffix == "jsonl"
    told = [
        Told(work.actor, field, heading, keys=keys, as_json=as_json)
        for field, heading in zip(work.fields, headings(work.fields, keys), strict=True)
    ]
    columns, cells = [each.column for each in told], _cells(work, told, step)

    def last(count: int) -> str:
        line = sheets.marked(work.export.id, _watermark(work, count))
        return json.dumps({"": line}) if as_json else line

    if as_json:
        return sheets.write_json_lines(path, columns, cells, last)
    if chosen.suffix == "xlsx":
        return sheets.write_xlsx_table(path, columns, cells, last)
    return sheets.write_csv_table(path, columns, cells, last, chosen.encoding)


def _cells(work: Work, told: Sequence[Told], step: Step) -> Iterator[list[list[str]]]:
    done = 0
    for batch in rows.batches(work.actor, work.type, work.asked, work.fields):
        _, *columns = zip(*batch, strict=True)
        yield [each.texts(values) for each, values in zip(told, columns, strict=True)]
        done += len(batch)
        step(done)


def _watermark(work: Work, count: int) -> str:
    said = gettext(N_(" and ")).join([*asked(work.type.list, work.export.query), *_ticked(work)])
    told: dict[str, Any] = {
        "name": work.actor.name,
        "moment": moment(clock.now()),
        "rows": number(count),
        "total": number(max(count, rows.seen(work.actor, work.type, work.asked, count))),
        "list": gettext(work.type.label_plural),
    }
    if not said:
        return gettext(N_("%(list)s, exported by %(name)s on %(moment)s: %(rows)s of %(total)s"), **told)
    return gettext(
        N_("%(list)s, exported by %(name)s on %(moment)s: %(rows)s of %(total)s where %(filter)s"), **told, filter=said
    )


def _ticked(work: Work) -> list[str]:
    return [] if work.asked.ticked is None else [gettext(N_("the row was ticked"))]


def question(spec: ListSpec, query: Query) -> str:
    """What the list was narrowed by, as one sentence; "" for all of it."""
    return gettext(N_(" and ")).join(asked(spec, query))


def asked(spec: ListSpec, query: Query, *, secret: bool = False) -> list[str]:
    """Each of its conditions in words. `secret`: without what is looked for in encrypted fields, for the log."""
    said = [gettext(N_("“%(words)s” is found"), words=query.search)] if query.search else []
    told = _without_secrets(spec) if secret else partial(words, spec)
    said += [told(*each) for each in query.filters]
    groups = [gettext(N_(" or ")).join(told(*each) for each in group) for group in query.groups]
    return said + [gettext(N_("(%(words)s)"), words=each) for each in groups]


def _without_secrets(spec: ListSpec) -> Callable[[str, str, str], str]:
    def told(key: str, operator: str, value: str) -> str:
        if ALL_OPERATORS[operator].takes != "sealed":
            return words(spec, key, operator, value)
        return gettext(ALL_OPERATORS[operator].sentence, field=gettext(spec.field(key).label), value=DOTS)

    return told
