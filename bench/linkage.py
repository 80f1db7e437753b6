"""Published sets of records with known duplicates, and how well pairs are found in them.

The sets lie beside the repository, where whoever measures has them; nothing of them is kept here.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from bench.database import PROJECT
from bench.result import Measured
from crm.kernel.likeness import Features, Likeness, Trait, begun_alike, spelt_alike, worded_alike
from crm.kernel.text import search_form

DATA = PROJECT.parent / "shared" / "data" / "linkage"
THRESHOLD = 0.5
_MOST = 60  # records of one key that are compared with each other
_DIGITS = re.compile("[^0-9]")
_WORDS = re.compile(r"[a-z]+|\d+")


def _whole(text: str) -> list[str]:
    return [text]


def _begins(text: str) -> list[str]:
    return [text[:4]] if len(text) > 3 else []


def _words_of_three(text: str) -> list[str]:
    return [word for word in text.split() if len(word) > 3]


PEOPLE = Likeness(
    traits=(
        Trait("names", 5, -4, worded_alike, 0.55, keys=_words_of_three),
        Trait("born", 4, -3, spelt_alike, 0.6, keys=_whole),
        Trait("number", 8, -4, spelt_alike, 0.6, keys=_whole),
        Trait("street", 3, -2, worded_alike, 0.5, keys=_whole),
        Trait("suburb", 2, -1.5, begun_alike, 0.6),
        Trait("postcode", 1.5, -1, spelt_alike, 0.5),
    ),
    prior=-4,
    fields={},
    features=lambda row: {
        "names": f"{row['given_name']} {row['surname']}".strip(),
        "born": str(row["date_of_birth"]),
        "number": str(row["soc_sec_id"]),
        "street": f"{row['street_number']} {row['address_1']}".strip(),
        "suburb": str(row["suburb"]),
        "postcode": str(row["postcode"]),
    },
)

PLACES = Likeness(
    traits=(
        Trait("name", 5, -3, worded_alike, 0.5, keys=_words_of_three),
        Trait("phone", 5, -2.5, spelt_alike, 0.6, keys=_whole),
        Trait("street", 3, -2.5, worded_alike, 0.5, keys=_whole),
        Trait("city", 1, -0.5, worded_alike, 0.5),
    ),
    prior=-4,
    fields={},
    features=lambda row: {
        "name": _plain(row["name"]),
        "phone": _DIGITS.sub("", str(row["phone"]))[:10],
        "street": _plain(row["addr"]),
        "city": _plain(row["city"]),
    },
)


def _plain(value: object) -> str:
    return " ".join(_WORDS.findall(search_form(str(value).replace("\\'", "").strip("' "))))


@dataclass(frozen=True)
class Judged:
    found: int
    right: int
    wanted: int
    compared: int

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.wanted)


def people(folder: str) -> Judged:
    rows = {each["rec_id"]: each for each in _read(DATA / folder / f"{folder}.csv")}
    gold = {frozenset(each.values()) for each in _read(DATA / folder / "links.csv")}
    return _judged(PEOPLE, rows, gold)


def restaurants() -> Judged:
    """Of two lists, neither of which has a place twice."""
    folder = DATA / "restaurants_fodors_zagat"
    rows = {f"{each}{row['id']}": row for each in ("fodors", "zagats") for row in _read(folder / f"{each}.csv")}
    links = _read(folder / "matches_fodors_zagats.csv")
    gold = {frozenset((f"fodors{each['fodors_id']}", f"zagats{each['zagats_id']}")) for each in links}
    return _judged(PLACES, rows, gold, lambda pair: len({each[0] for each in pair}) == 2)


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, skipinitialspace=True, quotechar='"')


def _judged(
    likeness: Likeness,
    rows: Mapping[str, Mapping[str, str]],
    gold: set[frozenset[str]],
    asked: Callable[[frozenset[str]], bool] = lambda pair: True,
) -> Judged:
    known = {id_: likeness.features(row) for id_, row in rows.items()}
    pairs = set(filter(asked, _pairs(likeness, known)))
    found = {each for each in pairs if likeness.score(*(known[id_] for id_ in each)) >= THRESHOLD}
    return Judged(len(found), len(found & gold), len(gold), len(pairs))


def _pairs(likeness: Likeness, known: Mapping[str, Features]) -> Iterator[frozenset[str]]:
    alike: dict[str, list[str]] = {}
    for id_, features in known.items():
        for key in likeness.keys(features):
            alike.setdefault(key, []).append(id_)
    for ids in alike.values():
        if len(ids) <= _MOST:
            yield from map(frozenset, combinations(ids, 2))


def dedupe_pairs_f1() -> Measured:
    """Value: the smallest F1 of all sets."""
    judged = {"febrl1": people("febrl1"), "febrl2": people("febrl2"), "restaurants": restaurants()}
    detail = {key: {"f1": each.f1, **vars(each)} for key, each in judged.items()}
    return Measured("dedupe_pairs_f1", min(each.f1 for each in judged.values()), "F1", len(judged), detail)
