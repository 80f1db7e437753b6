"""The two trees that come with the product, read once per process: industries (GB/T 4754-2017) and regions of China.

They are data of the program, changed by a release and not by its users, so lookups ask these tables of 5,371 entries in
memory; the copies in the database (models.py, load.py) are for foreign keys, joins and totals.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
# Levels the statistics bureau inserts where a province has counties of its own: no place anybody names.
PSEUDO = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


@dataclass(frozen=True, slots=True)
class Entry:
    code: str
    parent_code: str | None
    level: int
    """Industries: 1 section, 2 division, 3 group, 4 class. Regions: 1 province, 2 city, 3 county."""
    name: str
    name_en: str
    """Sections and provinces only; else empty."""
    path: tuple[str, ...]
    """Codes from the root to this entry, both included."""
    full_name: str
    """Industries: the name. Regions: 广东省 深圳市 南山区, without levels nobody names."""
    stands_for: str
    """Its own code; for a region nobody names by itself (市辖区, the county level of 东莞市) that of its parent."""

    @property
    def hidden(self) -> bool:
        return self.stands_for != self.code


@cache
def industries() -> Mapping[str, Entry]:
    """Code → entry, in the order of the standard. Codes: ``I``, ``65``, ``651``, ``6513``."""
    found: dict[str, Entry] = {}
    section = ""
    for code, name, name_en in _rows("industries.csv"):
        if code.isalpha():
            section = code
        parent = None if code.isalpha() else section if len(code) == 2 else code[:-1]
        path = (*found[parent].path, code) if parent else (code,)
        found[code] = Entry(code, parent, len(path), name, name_en, path, name, code)
    return found


@cache
def regions() -> Mapping[str, Entry]:
    """Code → entry, in the order of the codes. Codes of two, four and six digits: ``44``, ``4403``, ``440305``."""
    found: dict[str, Entry] = {}
    for code, name, name_en in _rows("divisions.csv"):
        # Hong Kong and Macau have no level between the region and its districts.
        parent = next((code[:size] for size in (4, 2) if size < len(code) and code[:size] in found), None)
        above = found[parent] if parent else None
        path = (*above.path, code) if above else (code,)
        if above and (name in PSEUDO or name == above.name):
            full_name, stands_for = above.full_name, above.stands_for
        else:
            full_name, stands_for = (f"{above.full_name} {name}" if above else name), code
        found[code] = Entry(code, parent, len(code) // 2, name, name_en, path, full_name, stands_for)
    return found


def _rows(file: str) -> Iterator[tuple[str, str, str]]:
    with (_DATA / file).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["code"], row["name"], row["name_en"]
