"""One column of a file as several: “Wang Fang / 13800138000” is a name and a phone. The parts stand behind the file's
own columns and are matched like these."""

from collections.abc import Sequence
from dataclasses import replace

from crm.infra.sheets import Inspection
from crm.kernel.errors import Invalid
from crm.kernel.text import N_

Split = Sequence[int | str]  # [column, separator, parts]
MOST_PARTS = 6
MOST_SPLITS = 10
_LONGEST = 10


def check_split(column: int, separator: str, parts: int, columns: int) -> list[int | str]:
    """Raises Invalid with a sentence."""
    if not 0 <= column < columns:
        raise Invalid(N_("The file has no column %(number)s."), number=column + 1)
    if not separator or len(separator) > _LONGEST:
        raise Invalid(N_("Say what stands between the parts, such as a comma."), key="split_separator")
    if not 2 <= parts <= MOST_PARTS:
        raise Invalid(N_("A column becomes 2 to %(most)s columns."), most=MOST_PARTS, key="split_parts")
    return [column, separator, parts]


def widened(inspection: Inspection, splits: Sequence[Split]) -> Inspection:
    """What the reader found, with the parts as columns of their own: “Contact · 1”, “Contact · 2”."""
    if not splits:
        return inspection
    columns = inspection.columns
    headings = inspection.headings
    more = [
        f"{headings[int(column)]} · {n}" if headings[int(column)].strip() else ""
        for column, _, parts in splits
        for n in range(1, int(parts) + 1)
    ]
    sample = []
    for line, cells in inspection.sample:
        if line == inspection.heading_row:
            sample.append((line, [*headings, *more]))
        else:
            sample.append((line, with_parts(cells, columns, splits)))
    return replace(inspection, sample=sample, columns=columns + len(more))


def source_of(column: int, columns: int, splits: Sequence[Split]) -> int:
    """The column of the file that one of the widened file comes from."""
    at = column - columns
    for source, _, parts in splits:
        if 0 <= at < int(parts):
            return int(source)
        at -= int(parts)
    return column


def with_parts(cells: Sequence[str], columns: int, splits: Sequence[Split]) -> list[str]:
    """A row with the parts behind its `columns` cells, and behind these what it has too much."""
    if not splits:
        return list(cells)
    own = [*cells[:columns], *[""] * (columns - len(cells))]
    return [*own, *(part for each in splits for part in _parts(own, each)), *cells[columns:]]


def _parts(cells: Sequence[str], split: Split) -> list[str]:
    """As many as there are to be; the last has the rest."""
    column, separator, parts = int(split[0]), str(split[1]), int(split[2])
    found = [each.strip() for each in _broken(cells[column], separator, parts - 1)]
    return [*found, *[""] * (parts - len(found))]


def _broken(cell: str, separator: str, times: int) -> list[str]:
    """A blank stands for any white space, as people see it."""
    return cell.split(None, times) if not separator.strip() and separator != "\n" else cell.split(separator, times)
