"""Lists of made-up customers as people bring them: one list, any number of rows, as CSV or XLSX, in either language."""

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from crm.demo.customers import Sketch, customers
from crm.demo.dice import dice
from crm.demo.workbook import write_workbook
from crm.domain.customers.choices import LEVELS, LIFECYCLE_STAGES, SOURCES, TYPES
from crm.domain.reference.queries import industry_label, region_label
from crm.kernel.fields import Choice

# Field key → its heading in (Chinese, English).
COLUMNS = {
    "name": ("客户名称", "Company Name"),
    "type": ("客户类型", "Customer Type"),
    "industry": ("所属行业", "Industry"),
    "level": ("客户等级", "Customer Level"),
    "lifecycle_stage": ("客户阶段", "Lifecycle Stage"),
    "source": ("客户来源", "Lead Source"),
    "tags": ("标签", "Tags"),
    "phone": ("联系电话", "Phone"),
    "email": ("电子邮箱", "Email"),
    "region": ("所在地区", "Region"),
    "address": ("详细地址", "Address"),
    "remarks": ("备注", "Remarks"),
}
_ENGLISH, _CHINESE = "en", "zh"


def _chinese(choice: Choice) -> str:
    return next(text for text in choice.aliases if not text.isascii())


_LISTS = {"type": TYPES, "level": LEVELS, "lifecycle_stage": LIFECYCLE_STAGES, "source": SOURCES}
_CHOICES = {
    _CHINESE: {key: {each.key: _chinese(each) for each in known} for key, known in _LISTS.items()},
    _ENGLISH: {key: {each.key: each.label for each in known} for key, known in _LISTS.items()},
}
_FLAWS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("phone", lambda text: text[:5] or "12345"),
    ("name", lambda text: ""),
    ("email", lambda text: "sales@@example"),
    ("level", lambda text: "?"),
    ("region", lambda text: "没有这个地方"),
)


def rows(
    seed: int, count: int, *, language: str = _CHINESE, flawed: float = 0.0, start: int = 0
) -> Iterator[list[str]]:
    """`count` rows of len(COLUMNS) cells. `flawed` is the share of rows that no system should take as they are."""
    for sketch in customers(seed, count, start):
        cells = _cells(sketch, language)
        if flawed:
            _spoil(dice(seed, "flaw", sketch.index), cells, flawed)
        yield list(cells.values())


def headings(language: str = _CHINESE) -> list[str]:
    return [english if language == _ENGLISH else chinese for chinese, english in COLUMNS.values()]


def write_csv(
    path: Path, rows: Iterator[Sequence[str]], *, language: str = _CHINESE, encoding: str = "utf-8-sig"
) -> None:
    """`encoding` is a codec's name: utf-8-sig (with byte order mark), gb18030, …"""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings(language))
        writer.writerows(rows)


def write_xlsx(path: Path, rows: Iterator[Sequence[str]], *, language: str = _CHINESE) -> None:
    def all_rows() -> Iterator[Sequence[str]]:
        yield headings(language)
        yield from rows

    write_workbook(path, all_rows())


def _cells(sketch: Sketch, language: str) -> dict[str, str]:
    return {key: _text(key, sketch.texts.get(key), language) for key in COLUMNS}


def _text(key: str, value: Any, language: str) -> str:
    if not value:
        return ""
    if key in _CHOICES[language]:
        return _CHOICES[language][key][value]
    if key == "tags":
        return "、".join(value) if language == _CHINESE else ", ".join(value)
    if key == "industry":
        return industry_label(value, language)
    if key == "region":
        return region_label(value, language).replace(" ", "" if language == _CHINESE else " ")
    return str(value)


def _spoil(rng: Random, cells: dict[str, str], flawed: float) -> None:
    if rng.random() < flawed:
        key, spoilt = rng.choice(_FLAWS)
        cells[key] = spoilt(cells[key])
