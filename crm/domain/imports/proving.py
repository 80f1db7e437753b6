"""What the first rows of a file prove about how it is written: the order of days and months, the mark of decimals."""

from collections.abc import Mapping
from pathlib import Path

from crm.domain.imports.amounts import unit_of
from crm.domain.imports.converting import COUNTED, DATED, Treatment, proven
from crm.domain.imports.models import Import
from crm.domain.imports.plan import Plan
from crm.domain.imports.splitting import with_parts
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.turns import file_of, inspection_of, owner_of
from crm.infra import sheets
from crm.kernel.fields import Field

LOOKED_AT = 20_000  # rows


def treatment_of(import_: Import) -> Treatment:
    return Treatment(import_.translations, import_.conversions, import_.fallbacks)


def prove(import_: Import, path: Path) -> None:
    """Decide what nobody has decided and the cells prove; kept with the proof. Raises SheetError."""
    target = TARGETS[import_.record_type].open_to(owner_of(import_))
    mapping = {int(column): key for column, key in (import_.mapping or {}).items() if key}
    fields = [each for each in target.fields if each.kind in DATED | COUNTED and each.key in mapping.values()]
    if not fields:
        return
    inspection = inspection_of(import_)
    plan = Plan(fields, {column: key for column, key in mapping.items() if key in {f.key for f in fields}}, [])
    rules = dict(import_.conversions)
    for field in fields:
        if unit := _headed_unit(field, plan, inspection.headings):
            heading = inspection.headings[plan.columns[field.key][0]]
            rules.setdefault(field.key, {"unit": unit, "proof": {"of": "unit", "count": 0, "example": heading[:40]}})
    texts = _texts(import_, path, plan)
    import_.conversions = {key: dict(rule) for key, rule in proven(fields, texts, rules).items()}


def _headed_unit(field: Field, plan: Plan, headings: list[str]) -> str:
    columns = plan.columns[field.key]
    return unit_of(headings[columns[0]]) if field.kind in COUNTED and len(columns) == 1 else ""


def _texts(import_: Import, path: Path, plan: Plan) -> Mapping[str, set[str]]:
    """What stands in the first rows, each text once."""
    found: dict[str, set[str]] = {key: set() for key in plan.columns}
    file, seen = file_of(import_), 0
    with sheets.rows(path, file) as reading:
        for batch in reading:
            rows = [with_parts(cells, file.columns, import_.splits) for _, cells in batch.rows]
            for key, texts in plan.said(rows).items():
                found[key].update(texts)
            if (seen := seen + len(rows)) >= LOOKED_AT:
                break
    return found
