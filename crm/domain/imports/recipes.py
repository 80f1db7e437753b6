"""Files that another system exported are recognised by their headings, and read as that system means them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from crm.domain.imports.events import ImportTranslated
from crm.domain.imports.guards import only_in, only_owner
from crm.domain.imports.headings import KEPT, heading_key
from crm.domain.imports.mapping import KNOWN, Suggestion, fit, suggest
from crm.domain.imports.models import Import
from crm.domain.imports.recipe_shape import Recipe
from crm.domain.imports.recipe_table import RECIPES
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS, Target
from crm.domain.imports.translating import TRANSLATED, readable
from crm.domain.imports.turns import inspection_of
from crm.domain.records.external import in_words_of
from crm.kernel.access import Actor
from crm.kernel.events import record
from crm.kernel.fields import Context, Field
from crm.kernel.kinds import FieldKind
from crm.kernel.text import fold

_SURE = 95
_PROVEN = 0.5
NO_HEADING = "·"  # that is none, but not empty, which would have the cells looked at
_REMARKS = "remarks"


def recognised(headings: Sequence[str], record_type: str) -> Recipe | None:
    """Whose export this is: of that type, else of another; the one of which most headings are there."""
    keys = frozenset(map(heading_key, headings))
    found = [(len(marks), each) for each in RECIPES for marks in each.marks if marks <= keys]
    own = [(count, each) for count, each in found if each.record_type == record_type]
    return max(own or found, key=lambda one: one[0], default=(0, None))[1]


def id_column(recipe: Recipe, headings: Sequence[str]) -> int | None:
    """Where that system's id of the row itself stands."""
    keys = list(map(heading_key, headings))
    return next((keys.index(each) for each in recipe.ids if each in keys), None)


def meanings(recipe: Recipe, actor: Actor, target: Target) -> dict[str, dict[str, str]]:
    """What that system's delivered values are here, of what the fields do not read by themselves."""
    fields, found = target.by_key(), {}
    for key, texts in recipe.meanings.items():
        field = fields.get(key)
        if field is None or field.kind not in TRANSLATED or not field.writable_by(actor):
            continue
        known = readable(actor, field, [*texts, *texts.values()])
        found[key] = {fold(said): means for said, means in texts.items() if said not in known and means in known | {""}}
    return {key: texts for key, texts in found.items() if texts}


def apply(actor: Actor, import_: Import) -> None:
    """Before its columns are decided: what its texts mean, where nobody has said so yet."""
    only_owner(actor, import_)
    only_in(import_, State.MAPPING, State.CHECKED)
    recipe = recognised(inspection_of(import_).headings, import_.record_type)
    if recipe is not None and recipe.record_type == import_.record_type:
        known = meanings(recipe, actor, TARGETS[import_.record_type].open_to(actor))
        said = import_.translations
        import_.translations = {key: {**known.get(key, {}), **said.get(key, {})} for key in sorted({*known, *said})}
        if known:
            record(actor, import_, ImportTranslated(known))


def suggested(
    recipe: Recipe,
    fields: Sequence[Field],
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    context: Context,
    labels: Mapping[str, Collection[str]],
) -> dict[int, Suggestion]:
    """As `suggest` has it, with what the recipe knows besides."""
    means = meanings(recipe, context.actor, TARGETS[recipe.record_type].open_to(context.actor))
    own = id_column(recipe, headings)
    with in_words_of(recipe.system):
        others = [NO_HEADING if heading_key(each) in _own(recipe) else each for each in headings]
        found = suggest(fields, others, sample, context, labels, means)
        found = {at: each for at, each in found.items() if at != own}
        for each in list(_by_recipe(recipe, fields, headings, sample, context, means)):
            _put(found, each, {field.key: field for field in fields}[each.key])
    _fuller_phone(found, fields, headings, sample)
    if any(field.key == _REMARKS for field in fields):
        free = [at for at in range(len(headings)) if at not in found and at != own]
        kept = [at for at in free if heading_key(headings[at]) in KEPT | recipe.kept]
        found |= {at: Suggestion(at, _REMARKS, _SURE, KNOWN) for at in kept}
    return found


def _own(recipe: Recipe) -> Collection[str]:
    """Headings that mean in that system what they do not elsewhere."""
    return recipe.columns.keys() | recipe.kept | recipe.unread


def _by_recipe(
    recipe: Recipe,
    fields: Sequence[Field],
    headings: Sequence[str],
    sample: Sequence[Sequence[str]],
    context: Context,
    means: Mapping[str, Mapping[str, str]],
) -> Iterator[Suggestion]:
    by_key, keys = {each.key: each for each in fields}, list(map(heading_key, headings))
    for heading, key in recipe.columns.items():
        if heading in keys and key in by_key:
            at = keys.index(heading)
            fits = fit(by_key[key], [at], headings, sample, context, means)
            yield Suggestion(at, key, _SURE, KNOWN, fits, tells=True)


def _put(found: dict[int, Suggestion], new: Suggestion, field: Field) -> None:
    """In place of what else fills the field only where its cells prove it: an id finds its record, whatever the record
    is called; a name does where the ids were not brought in."""
    rivals = [at for at, each in found.items() if each.key == new.key and at != new.column and each.is_taken]
    proven = field.kind is FieldKind.LINK and new.fits is not None and new.fits >= _PROVEN
    if rivals and not proven:
        return
    for at in rivals:
        del found[at]
    found[new.column] = new


def _fuller_phone(
    found: dict[int, Suggestion], fields: Sequence[Field], headings: Sequence[str], sample: Sequence[Sequence[str]]
) -> None:
    """Of several columns of phones the one that most rows fill: which it is, is custom from company to company."""
    field = next((each for each in fields if each.kind is FieldKind.PHONE), None)
    now = next((at for at, each in found.items() if field and each.key == field.key and each.is_taken), None)
    if field is None or now is None:
        return
    called = {heading_key(each) for each in (field.label, *field.headings)}
    phones = [at for at, each in enumerate(headings) if at == now or (heading_key(each) in called and at not in found)]
    filled = {at: sum(bool(cells[at].strip()) for cells in sample if at < len(cells)) for at in phones}
    if filled[best := max(phones, key=lambda at: filled[at])] > filled[now]:
        found[best] = replace(found.pop(now), column=best)


def fallbacks(recipe: Recipe, actor: Actor, target: Target, taken: Collection[str]) -> dict[str, str]:
    """What a field must have and that system does not know, where the column that asks for it is there."""
    fields = target.by_key()
    return {
        key: value
        for key, value in recipe.fallbacks.items()
        if (field := fields.get(key)) is not None
        and field.writable_by(actor)
        and field.shown_if is not None
        and field.shown_if.field in taken
        and readable(actor, field, [value])
    }


@cache
def types_of(system: str) -> tuple[str, ...]:
    """What can be brought from it, in the order in which it is best brought."""
    return tuple(key for key in TARGETS if any((each.system, each.record_type) == (system, key) for each in RECIPES))
