"""A report as a page: what may be chosen, the table, its picture and where each part leads."""

from functools import cached_property
from urllib.parse import urlencode

from flask import g, url_for

from crm.domain.exports.rights import may_export
from crm.domain.registry import RECORD_TYPES
from crm.domain.reports.actions import may_change
from crm.domain.reports.asking import COLUMNS, COUNT, HOW, MEASURES, PICTURES, ROWS, STACKED, Question
from crm.domain.reports.grouping import may_group, units_of
from crm.domain.reports.mailings import may_mail
from crm.domain.reports.measuring import may_measure
from crm.domain.reports.models import Report
from crm.domain.reports.queries import types_of
from crm.domain.saved_views.actions import Audience, may_share
from crm.kernel.errors import Invalid
from crm.kernel.fields import Field
from crm.kernel.listing import ListSpec
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web.audiences import audiences, key_of, read_audience
from crm.web.drawing import Drawing, Group, drawn, greatest
from crm.web.filters import words, words_of
from crm.web.i18n import gettext
from crm.web.report_table import ReportTable
from crm.web.report_words import dimension_words, number_words

Options = list[tuple[str, str]]
_MOST_SERIES = 9


class ReportPage:
    """`report` is the saved one whose question this is, changed or not."""

    def __init__(self, question: Question, report: Report | None = None) -> None:
        self.report, self.asked = report, question
        self.type: RecordType = RECORD_TYPES[question.type]
        self.list_url = url_for(f"{self.type.key}.index")

    @cached_property
    def table(self) -> ReportTable:
        return ReportTable(g.actor, self.asked, self.list_url)

    @cached_property
    def spec(self) -> ListSpec:
        return self.type.list.open_to(g.actor)

    @property
    def types(self) -> Options:
        return [(each.key, gettext(each.label_plural)) for each in types_of(g.actor)]

    @cached_property
    def dimensions(self) -> Options:
        """A field, where there is more than one way with each of them."""
        return [
            (f"{each.key}.{unit}" if unit else each.key, dimension_words(each, unit))
            for each in self.spec.fields
            if may_group(each)
            for unit in units_of(each)
        ]

    @cached_property
    def measures(self) -> Options:
        found = [(COUNT, gettext(HOW[COUNT]))]
        for how, label in HOW.items():
            if how != COUNT:
                fields = [each for each in self.spec.fields if may_measure(self.spec, each, how)]
                found += [(f"{how}.{each.key}", self._measure(each, label)) for each in fields]
        return found

    @staticmethod
    def _measure(field: Field, label: str) -> str:
        return gettext(N_("%(field)s: %(how)s"), field=gettext(field.label), how=gettext(label))

    @property
    def chosen(self) -> dict[str, str]:
        """Name of a control → what it says."""
        question = self.table.question
        known = {f"r{n + 1}": str(question.rows[n]) if n < len(question.rows) else "" for n in range(ROWS)}
        for n in range(MEASURES):
            known[f"m{n + 1}"] = str(question.measures[n]) if n < len(question.measures) else ""
        return known | {"c": str(question.column or ""), "sort": question.sort, "picture": question.picture}

    @property
    def sorts(self) -> Options:
        found = [("", gettext(N_("By what they are called")))]
        labels = dict(self.measures)
        for number, measure in enumerate(self.table.question.measures, 1):
            label = labels.get(str(measure), "")
            found.append((f"-{number}", gettext(N_("%(measure)s, greatest first"), measure=label)))
            found.append((str(number), gettext(N_("%(measure)s, smallest first"), measure=label)))
        return found

    @property
    def pictures(self) -> Options:
        return [(key, gettext(label)) for key, label in PICTURES.items()]

    @property
    def filter_words(self) -> list[str]:
        query = self.asked.query
        try:
            said = [words(self.spec, *each) for each in query.filters] + [
                words_of(self.spec, each) for each in query.groups
            ]
        except Invalid:
            return []
        return [*([query.search] if query.search else []), *said]

    @property
    def filter_args(self) -> str:
        return urlencode(self.asked.query.to_args())

    @property
    def args(self) -> list[tuple[str, str]]:
        return self.table.question.to_args()

    @property
    def address(self) -> str:
        return urlencode(self.args)

    @property
    def files(self) -> list[tuple[str, str]]:
        if self.table.problem or not may_export(g.actor, self.type.key):
            return []
        kinds = {"xlsx": "Excel", "csv": "CSV"}
        return [(label, url_for("reports.file", suffix=suffix)) for suffix, label in kinds.items()]

    @property
    def title(self) -> str:
        return self.report.name if self.report else gettext(N_("New report"))

    @property
    def may_change(self) -> bool:
        return self.report is not None and may_change(g.actor, self.report)

    @property
    def may_mail(self) -> bool:
        return self.report is not None and may_mail(g.actor, self.type.key)

    @property
    def is_shown_to_me(self) -> bool:
        return self.report is not None and self.report.owner_id != g.actor.id

    @cached_property
    def audiences(self) -> Options:
        return audiences(self.audience, self._may_share) if self.report else []

    def _may_share(self, whom: Audience) -> bool:
        return self.report is not None and may_share(g.actor, self.report, whom)

    @property
    def audience(self) -> str:
        return key_of(self.report) if self.report else ""

    def read_audience(self, text: str) -> Audience:
        return read_audience(text, self.audiences)

    @cached_property
    def _groups(self) -> list[Group]:
        """The groups of the first row field as they are drawn: of the columns, or of the first measure."""
        step = len(self.table.question.measures)
        shown = [each for each in self.table.lines if each.kind != "total" and len(each.path) == 1]
        groups = []
        for line in shown:
            numbers = line.numbers[::step]
            stacked = self.table.question.picture in (STACKED, COLUMNS) and len(numbers) > 1
            values = [each.value for each in numbers[:-1][:_MOST_SERIES]] if stacked else [numbers[-1].value]
            groups.append(Group(line.words, values, numbers[-1].words))
        return groups

    @property
    def drawing(self) -> Drawing | None:
        question = self.table.question
        if self.table.problem or not question.picture or not question.rows or not self._groups:
            return None
        return drawn(question.picture, self._groups, self.most)

    @property
    def most(self) -> str:
        question = self.table.question
        most = greatest(question.picture, self._groups)
        return number_words(self.table.found.spec, question.measures[0], most)

    @property
    def legend(self) -> list[tuple[str, str]]:
        several = len(self._groups[0].values) > 1
        names = self.table.column_names[: len(self._groups[0].values)] if several else []
        return [(f"s{at}", name) for at, name in enumerate(names)]

    @property
    def told_in_short(self) -> str:
        what = self.table.measure_names[0]
        return gettext(N_("%(what)s, at most %(most)s. The table has every number."), what=what, most=self.most)
