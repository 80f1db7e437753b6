"""What a person says of the cells of a file: what texts mean, how they are written, which columns are several."""

from collections.abc import Mapping
from typing import Any

from crm.domain.imports.converting import checked_rule
from crm.domain.imports.events import ImportConverted, ImportDivided, ImportTranslated
from crm.domain.imports.guards import forget_check, only_in, only_owner
from crm.domain.imports.models import Import
from crm.domain.imports.splitting import MOST_SPLITS, check_split
from crm.domain.imports.states import State
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.templates import learn
from crm.domain.imports.translating import read as read_translations
from crm.domain.imports.turns import file_of
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid
from crm.kernel.events import record
from crm.kernel.text import N_


def translate(actor: Actor, import_: Import, given: Mapping[str, Mapping[str, str]]) -> None:
    """Say what texts of the file mean, by field key, and have every row checked again. Raises Invalid where the field
    cannot read it."""
    only_owner(actor, import_)
    only_in(import_, State.CHECKED)
    new = read_translations(actor, TARGETS[import_.record_type].open_to(actor), given)
    if not any(new.values()):
        raise Invalid(N_("Say of at least one text what it means."))
    import_.translations = {
        key: {**import_.translations.get(key, {}), **new.get(key, {})} for key in {*import_.translations, *new}
    }
    learn(actor, import_)
    forget_check(import_)
    import_.state = State.CHECKING
    record(actor, import_, ImportTranslated(new))


def convert(actor: Actor, import_: Import, given: Mapping[str, Mapping[str, str]]) -> None:
    """Say how the cells of fields are written, by field key as a form has it, and have every row checked again."""
    only_owner(actor, import_)
    only_in(import_, State.CHECKED)
    fields = TARGETS[import_.record_type].open_to(actor).by_key()
    filled = set(filter(None, (import_.mapping or {}).values()))
    said = {key: checked_rule(fields[key], rule) for key, rule in given.items() if key in fields and key in filled}
    kept = {key: rule for key, rule in import_.conversions.items() if key not in said}
    import_.conversions = {**kept, **{key: rule for key, rule in said.items() if rule}}
    learn(actor, import_)
    forget_check(import_)
    import_.state = State.CHECKING
    record(actor, import_, ImportConverted(import_.conversions))


def divide(actor: Actor, import_: Import, *, column: int, separator: str, parts: int) -> None:
    """Have a column of the file count as several; which fill which field is then to be decided. Raises Invalid."""
    only_owner(actor, import_)
    only_in(import_, State.MAPPING, State.CHECKED)
    split = check_split(column, separator, parts, file_of(import_).columns)
    if len(import_.splits) >= MOST_SPLITS:
        raise Invalid(N_("At most %(most)s columns can be divided."), most=MOST_SPLITS)
    _resplit(actor, import_, [*import_.splits, split])


def undivide(actor: Actor, import_: Import, at: int) -> None:
    only_owner(actor, import_)
    only_in(import_, State.MAPPING, State.CHECKED)
    if 0 <= at < len(import_.splits):
        _resplit(actor, import_, [each for n, each in enumerate(import_.splits) if n != at])


def _resplit(actor: Actor, import_: Import, splits: list[list[Any]]) -> None:
    import_.splits, import_.mapping = splits, None
    forget_check(import_)
    import_.state = State.MAPPING
    record(actor, import_, ImportDivided(splits))
