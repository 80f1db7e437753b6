"""The mapping page of a file that another system exported: what its recipe fills in, and how that is said."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from flask import g, request, url_for

from crm.blueprints.imports.page import called
from crm.blueprints.imports.templated import Templated
from crm.config import LANGUAGES
from crm.domain.exports.called import ID_IN, ID_IN_KEY
from crm.domain.imports.chaining import whole_fallbacks
from crm.domain.imports.headings import heading_key
from crm.domain.imports.mapping import Suggestion
from crm.domain.imports.queries import sources
from crm.domain.imports.recipe_shape import Recipe
from crm.domain.imports.recipes import fallbacks, id_column, recognised
from crm.domain.imports.targets import TARGETS
from crm.domain.records.external import LONGEST_SOURCE
from crm.kernel.kinds import FieldKind
from crm.kernel.text import N_, fold
from crm.web.i18n import gettext, into

_MOST_FALLBACKS = 50
_PLACE = "%(system)s"
_ALL = N_("This looks like an export of %(system)s, %(what)s: all %(count)s columns are matched.")
_SOME = N_(
    "This looks like an export of %(system)s, %(what)s: %(matched)s of %(count)s columns are matched, the others are "
    "left out unless you choose something."
)
_FIRST = N_("Hardly any record that “%(field)s” names is here: bring those in first, then upload this file again.")
_OTHER = N_("This looks like an export of %(system)s, %(what)s, but its rows are to become %(others)s.")


class Recognised(Templated):
    suggestions: Mapping[int, Suggestion]

    @cached_property
    def _known(self) -> Recipe | None:
        """Until somebody has decided, or wants it matched without."""
        unwanted = request.args.get("recipe") == "0" or (self.posted is not None and "recipe" not in request.form)
        if not self.editable or self.template or self.record.mapping is not None or unwanted:
            return None
        return recognised(self.inspection.headings, self.record.record_type)

    @property
    def recipe(self) -> Recipe | None:
        return self._known if self._known and self._known.record_type == self.record.record_type else None

    @property
    def other_recipe(self) -> Recipe | None:
        return None if self.recipe else self._known

    def told_recipe(self, matched: int, count: int) -> str:
        assert self.recipe is not None
        given = {
            "system": gettext(self.recipe.system),
            "what": called(self.type)[1],
            "matched": matched,
            "count": count,
        }
        return gettext(_ALL if matched == count else _SOME, **given)

    @property
    def missing_first(self) -> list[str]:
        """What columns name that is not here: it would have to come in before this file."""
        links = {key: each.label for key, each in self.type.by_key().items() if each.kind is FieldKind.LINK}
        lost = {each.key for each in self.suggestions.values() if each.key in links and not each.is_taken}
        return [gettext(_FIRST, field=gettext(links[key])) for key in sorted(lost)]

    @property
    def told_other(self) -> str:
        assert self.other_recipe is not None
        what = called(TARGETS[self.other_recipe.record_type])[1]
        return gettext(_OTHER, system=gettext(self.other_recipe.system), what=what, others=called(self.type)[1])

    @property
    def other_url(self) -> str:
        """ "" where the reader may not bring that in."""
        assert self.other_recipe is not None
        target = TARGETS[self.other_recipe.record_type]
        may = g.actor.may(target.may_import) and g.actor.may(target.may_create)
        return url_for("imports.new", type=target.key) if may else ""

    @cached_property
    def fallbacks(self) -> dict[str, str]:
        """What was sent, else what was decided before, else what the template or the recipe says."""
        if self.posted is not None:
            return sent_fallbacks(request.form)
        if self.recipe:
            taken = {each.key for each in self.suggestions.values() if each.is_taken}
            return fallbacks(self.recipe, g.actor, self.type, taken)
        return dict(self.template.fallbacks) if self.template else whole_fallbacks(self.record)

    @cached_property
    def exported(self) -> tuple[str, int] | None:
        """(system, column), where an export of our own says what that system calls its records. What the company has a
        field for is that field."""
        if not self.editable or self.template or self.recipe or self.record.mapping is not None:
            return None
        fields = self.type.writable(g.actor)
        own = {fold(into(language, each.label)) for each in fields for language in LANGUAGES}
        return exported_ids(["" if fold(each) in own else each for each in self.inspection.headings])

    @property
    def source(self) -> str:
        """The system whose ids the file speaks of: as sent, as decided, as the template, the recipe or a heading of our
        own says."""
        kept = self.template.source if self.template else self.record.source
        if self.recipe and self.recipe.ids:
            kept = self.recipe.system
        elif self.exported:
            kept = next((each for each in self.known_sources if fold(each) == fold(self.exported[0])), self.exported[0])
        return request.form.get("source", kept)

    @cached_property
    def known_sources(self) -> list[str]:
        """As people write them; a key says it folded."""
        return sources(g.actor)

    @property
    def source_column(self) -> str:
        if "source_column" in request.form:
            return request.form["source_column"]
        if self.template:
            keys = [heading_key(each) for each in self.inspection.headings]
            heading = self.template.source_heading
            return str(keys.index(heading)) if heading and heading in keys else ""
        column = id_column(self.recipe, self.inspection.headings) if self.recipe else self.record.source_column
        column = self.exported[1] if self.exported else column
        return "" if column is None else str(column)


def exported_ids(headings: Sequence[str]) -> tuple[str, int] | None:
    """(system, column) of the first heading that an export writes over ids of another system, in any language or as a
    key."""
    said = [ID_IN_KEY, *(into(language, ID_IN) for language in LANGUAGES)]
    written = [re.compile(re.escape(each).replace(re.escape(_PLACE), "(.+)")) for each in said]
    for at, heading in enumerate(headings):
        for each in written:
            if found := each.fullmatch(heading.strip()):
                return found[1][:LONGEST_SOURCE], at
    return None


def sent_fallbacks(form: Mapping[str, str]) -> dict[str, str]:
    pairs = ((form.get(f"fallback-field-{n}", ""), form.get(f"fallback-value-{n}", "")) for n in range(_MOST_FALLBACKS))
    return {key: value for key, value in pairs if key and value.strip()}
