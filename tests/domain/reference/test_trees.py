"""The trees as shipped, as loaded, and against the same facts from another hand."""

import csv
from collections import Counter

from sqlalchemy import func, select, update

from crm.domain.reference.entries import Entry, industries, regions
from crm.domain.reference.load import load
from crm.domain.reference.models import Industry, Region

# Where copies of the standard differ; docs/THIRD_PARTY.md says why ours.
DISPUTED = {"278", "2780", "7289"}


def levels(tree: dict[str, Entry]) -> Counter[int]:
    return Counter(entry.level for entry in tree.values())


def test_industries_are_complete_and_hang_together() -> None:
    assert levels(industries()) == {1: 20, 2: 97, 3: 473, 4: 1381}
    assert [industries()[code].name_en != "" for code in "ABCDEFGHIJKLMNOPQRST"] == [True] * 20
    for entry in industries().values():
        assert entry.name == entry.name.strip() != ""
        assert entry.path[-1] == entry.code
        if entry.level > 1:
            assert industries()[entry.parent_code].path == entry.path[:-1]
            assert entry.level == 2 or entry.code.startswith(entry.parent_code)


def test_mainland_regions_are_complete_and_hong_kong_macau_taiwan_are_there() -> None:
    mainland = {code: entry for code, entry in regions().items() if code[:2] not in ("71", "81", "82")}
    assert levels(mainland) == {1: 31, 2: 342, 3: 2978}
    assert levels(regions()) == {1: 34, 2: 362, 3: 3003}
    assert all(entry.name_en for entry in regions().values() if entry.level == 1)


def test_levels_nobody_names_are_not_shown() -> None:
    assert regions()["110108"].full_name == "北京市 海淀区"
    assert regions()["419001"].full_name == "河南省 济源市"
    assert regions()["441900"].full_name == "广东省 东莞市"
    assert regions()["810001"].full_name == "香港特别行政区 中西区"
    for entry in regions().values():
        shown = entry.full_name.split()
        assert len(shown) == len(set(shown)), entry
        assert not {"市辖区", "县"} & set(shown), entry
        assert not any("直辖" in part for part in shown), entry


def test_industries_agree_with_the_shared_copy(shared_data) -> None:
    def plain(name: str) -> str:
        return name.translate(str.maketrans("（）", "()"))

    with (shared_data / "industry_gbt4754" / "gbt4754_2017.csv").open(encoding="utf-8", newline="") as lines:
        rows = {row["code"]: row for row in csv.DictReader(lines)}
    assert rows.keys() == industries().keys()
    for code, row in rows.items():
        assert int(row["level"]) == industries()[code].level
        assert row["section"] == industries()[code].path[0]
        if code not in DISPUTED:
            assert plain(row["name"]) == plain(industries()[code].name)


def test_regions_agree_with_the_shared_copy(shared_data) -> None:
    found = {}
    for file in ("provinces.csv", "cities.csv", "areas.csv"):
        with (shared_data / "cn_divisions" / file).open(encoding="utf-8", newline="") as lines:
            found |= {row["code"]: row["name"] for row in csv.DictReader(lines)}
    ours = {code: entry.name for code, entry in regions().items() if code[:2] not in ("71", "81", "82")}
    assert ours == found


def test_load_fills_corrects_and_changes_nothing_the_second_time(session) -> None:
    connection = session.connection()
    load(connection)
    counts = [session.scalar(select(func.count()).select_from(model)) for model in (Industry, Region)]
    assert counts == [1971, 3399]
    session.execute(update(Region).where(Region.code == "4403").values(name="错"))
    load(connection)
    shenzhen = session.get(Region, "4403")
    assert (shenzhen.name, shenzhen.path, shenzhen.full_name, shenzhen.level) == (
        "深圳市",
        "44/4403",
        "广东省 深圳市",
        2,
    )
    below = select(func.count()).select_from(Industry).where(Industry.path.startswith("C/13/"))
    assert session.scalar(below) == sum(entry.path[:2] == ("C", "13") for entry in industries().values()) - 1
