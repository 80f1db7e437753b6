"""What the pages of a verification sample show: how far it is, what it says, each row beside what is stored now."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import abort, g, url_for

from crm.domain.imports.models import Import
from crm.domain.imports.plan import Plan
from crm.domain.imports.targets import TARGETS, values_of
from crm.domain.imports.turns import inspection_of
from crm.domain.people.queries import names
from crm.domain.sampling.actions import BAR, population_of
from crm.domain.sampling.bounds import CONFIDENCE, most_wrong
from crm.domain.sampling.models import RIGHT, WRONG, ImportSample, ImportSampleRow
from crm.domain.sampling.queries import counts, helpers, next_line, rows_of, sample_for, staged
from crm.infra.db import db
from crm.kernel.fields import Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_
from crm.web.fields import labels_for, show
from crm.web.formats import number
from crm.web.i18n import gettext

VERDICTS = {RIGHT: (N_("right"), "ok"), WRONG: (N_("wrong"), "bad"), None: (N_("not judged"), "")}


def both(sample_id: int) -> tuple[Import, ImportSample]:
    return sample_for(g.actor, sample_id) or abort(404)


def percent(share: float) -> str:
    """To a hundredth of a per cent, as much as there is."""
    return f"{number(round(share * 100, 2))} %"


@dataclass(frozen=True)
class Cell:
    """A field of a row: `given` as it stood in the file, `kept` as it reads now."""

    key: str
    label: str
    given: str
    kept: str
    wrong: bool


class SamplePage:
    def __init__(self, import_: Import, sample: ImportSample) -> None:
        self.import_, self.sample = import_, sample
        self.type = TARGETS[import_.record_type].open_to(g.actor)
        self.url = url_for("samples.show", sample_id=sample.id)

    @cached_property
    def counts(self) -> Any:
        return counts(self.sample)

    @property
    def signed(self) -> bool:
        return self.sample.signed_at is not None

    @property
    def seen_whole(self) -> bool:
        """Whether whoever looks may see the import itself."""
        return db.session.scalar(Import.visible_to(g.actor).where(Import.id == self.import_.id)) is not None

    @property
    def says(self) -> str:
        """What the sample tells of the whole."""
        now = self.counts
        if not now.judged:
            return ""
        places = {"wrong": number(now.wrong), "checked": number(now.judged), "share": percent(now.right_share)}
        if now.judged == population_of(self.import_):
            return gettext(N_("%(wrong)s of %(checked)s wrong: %(share)s right. Every row was compared."), **places)
        bound = percent(most_wrong(now.wrong, now.judged))
        return gettext(
            N_(
                "%(wrong)s of %(checked)s wrong: %(share)s right. "
                "With %(sure)s certainty at most %(bound)s of all are wrong."
            ),
            sure=percent(CONFIDENCE),
            bound=bound,
            **places,
        )

    @property
    def bar(self) -> str:
        return percent(BAR)

    @property
    def failed(self) -> bool:
        return bool(self.counts.judged) and self.counts.right_share < BAR

    @property
    def sums(self) -> Any:
        now = self.counts
        parts = [
            (gettext(N_("right")), number(now.judged - now.wrong), "ok", "", now.judged - now.wrong),
            (gettext(N_("wrong")), number(now.wrong), "bad", f"{self.url}#wrong" if now.wrong else "", now.wrong),
            (gettext(N_("not judged")), number(now.left), "", "", now.left),
        ]
        return parts, (gettext(N_("rows in the sample")), number(now.rows), "", now.rows)

    @cached_property
    def wrong_rows(self) -> list[tuple[ImportSampleRow, str, str]]:
        """(row, fields that are wrong, who said so)."""
        rows = rows_of(self.sample, WRONG)
        people = names({each.by_id for each in rows})
        labels = {each.key: gettext(each.label) for each in self.type.fields}
        comma = gettext(N_(", "))
        return [
            (
                each,
                comma.join(labels[key] for key in each.fields or () if key in labels),
                people.get(each.by_id or 0, ""),
            )
            for each in rows
        ]

    @property
    def by_field(self) -> list[tuple[str, str]]:
        """Where it goes wrong: field → how often."""
        labels = {each.key: gettext(each.label) for each in self.type.fields}
        found: dict[str, int] = {}
        for row, _, _ in self.wrong_rows:
            for key in row.fields or ():
                if key in labels:
                    found[labels[key]] = found.get(labels[key], 0) + 1
        return [(label, number(count)) for label, count in sorted(found.items(), key=lambda each: -each[1])]

    @property
    def people(self) -> str:
        known = names(helpers(self.sample))
        return gettext(N_(", ")).join(known.values())

    @property
    def signed_by(self) -> str:
        return names([self.sample.signed_by_id]).get(self.sample.signed_by_id or 0, "")

    @property
    def next_url(self) -> str:
        line = next_line(g.actor, self.sample)
        return "" if line is None else url_for("samples.row", sample_id=self.sample.id, line=line)

    @cached_property
    def fields(self) -> list[Field]:
        """Those the file fills and the reader may read as they are."""
        filled = set(filter(None, (self.import_.mapping or {}).values()))
        return [
            each
            for each in self.type.fields
            if each.key in filled and not each.masked and each.kind is not FieldKind.ENCRYPTED
        ]

    def cells(self, rows: Sequence[ImportSampleRow]) -> dict[int, list[Cell] | None]:
        """Line → its fields; None where the record is not there for the reader."""
        inspection = inspection_of(self.import_)
        mapping = {int(column): key for column, key in (self.import_.mapping or {}).items() if key}
        plan = Plan(
            self.fields, {c: k for c, k in mapping.items() if k in {f.key for f in self.fields}}, inspection.headings
        )
        width = max([*mapping, len(inspection.headings)], default=0) + 1
        texts = {
            line: {key: said[0] for key, said in plan.said([[*raw, *[""] * (width - len(raw))]]).items()}
            for line, raw in staged(self.import_.id, [each.line for each in rows]).items()
        }
        stored = values_of(g.actor, self.type, {each.record_id for each in rows})
        labels = labels_for(self.fields, list(stored.values()))
        found: dict[int, list[Cell] | None] = {}
        for row in rows:
            values = stored.get(row.record_id)
            found[row.line] = values and [
                Cell(
                    each.key,
                    gettext(each.label),
                    texts.get(row.line, {}).get(each.key, ""),
                    show(each, values.get(each.key), labels),
                    each.key in (row.fields or ()),
                )
                for each in self.fields
            ]
        return found
