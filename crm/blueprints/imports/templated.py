"""The mapping page of a file whose columns are divided, or for which there is a template."""

from collections.abc import Mapping
from functools import cached_property

from flask import g, request, url_for

from crm.blueprints.imports.page import ImportPage
from crm.domain.imports.chaining import OF
from crm.domain.imports.models import Import
from crm.domain.imports.splitting import widened
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.template import ImportTemplate
from crm.domain.imports.templates import Fitting, columns_of, fitting, missing, one_of, splits_of
from crm.domain.imports.translating import gone
from crm.domain.imports.turns import file_of, inspection_of
from crm.infra.sheets import Inspection
from crm.kernel.text import N_
from crm.web.i18n import gettext

_DIVIDED = N_("“%(column)s” is divided at “%(separator)s” into %(count)s columns")
_AT_BLANKS = N_("“%(column)s” is divided at blanks into %(count)s columns")
_FIELD_GONE = N_("“%(field)s” is not there any more, or not yours to fill in: its column is left out.")


class Templated(ImportPage):
    """`posted` are the columns as they were sent, column index → field key."""

    def __init__(self, record: Import, posted: Mapping[int, str] | None = None, problem: str = "") -> None:
        super().__init__(record)
        self.posted, self.refused = posted, problem
        self.split_refused = ""
        self.editable = self.is_own and record.state in (State.MAPPING, State.CHECKED)

    @cached_property
    def fitting(self) -> Fitting | None:
        """The template this file is matched by, or could be: until somebody has decided, or wants the plain guess."""
        if not self.editable or self.record.mapping is not None or request.args.get("plain") == "1":
            return None
        if wanted := request.values.get("template", ""):
            one = one_of(g.actor, self.record, int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else None
            return Fitting(one, exact=True) if one else None
        return fitting(g.actor, self.record)

    @property
    def template(self) -> ImportTemplate | None:
        return self.fitting.template if self.fitting and self.fitting.exact else None

    @cached_property
    def inspection(self) -> Inspection:
        """With the columns that the template divides."""
        if self.record.splits or not self.template or not self.template.splits:
            return inspection_of(self.record)
        file = file_of(self.record)
        return widened(file, splits_of(self.template, file.headings))

    @property
    def own_template(self) -> str:
        """Its name, where saving would replace it."""
        return self.template.name if self.template and self.template.owner_id == g.actor.id else ""

    @property
    def template_notes(self) -> list[str]:
        """What of it does not hold any more."""
        if self.template is None:
            return []
        whole = TARGETS[self.record.record_type].by_key()
        labels = {key: gettext(whole[key].label) if key in whole else key.rpartition(OF)[2] for key in self._lost}
        told = [gettext(_FIELD_GONE, field=labels[key]) for key in self._lost]
        for words, given in gone(g.actor, self.type, self.template.translations):
            label = given["field"]
            told.append(gettext(words, **{**given, "field": gettext(label)}))
        return told

    @cached_property
    def _lost(self) -> list[str]:
        return missing(g.actor, self.type, self.template) if self.template else []

    @cached_property
    def by_template(self) -> dict[int, str]:
        """Column → field key, of the columns it knows."""
        if self.template is None:
            return {}
        known = columns_of(self.template, self.inspection.headings)
        return {at: "" if key in self._lost else key for at, key in known.items()}

    @property
    def divided(self) -> list[tuple[str, str]]:
        """(words, address that undoes it)."""
        found = []
        for at, (column, separator, count) in enumerate(self.record.splits):
            words = _DIVIDED if separator.strip() else _AT_BLANKS
            title = self.columns[column]
            url = url_for("imports.undivide", import_id=self.record.id, at=at)
            found.append((gettext(words, column=title, separator=separator, count=count), url))
        return found

    @property
    def dividable(self) -> list[tuple[str, str]]:
        return [(str(at), self.columns[at]) for at in range(file_of(self.record).columns)]
