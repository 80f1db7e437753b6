"""Who has half a name in common with a row is a candidate where the letters of the whole say so."""

import pytest
from sqlalchemy import select, text

from crm.domain.customers.likeness import LIKENESS
from crm.domain.imports.blocking import CANDIDATES, MOST, numbered
from crm.domain.imports.findings import ImportCandidate
from crm.kernel.bulk import copy_rows


def are_candidates(session, one: dict[str, str], other: dict[str, str]) -> bool:
    for table, named, values in (("import_keys", "line", one), ("import_hits", "record_id", other)):
        numbers = numbered(LIKENESS, LIKENESS.features({"name": "", **values}))
        rows = [(1, number, 2, spelt) for number, spelt in numbers.items()]
        copy_rows(table, ("import_id", "key", named, "letters"), rows)
    session.execute(CANDIDATES, {"id": 1, "most": MOST})
    found = session.scalars(select(ImportCandidate.record_id)).all()
    for table in ("import_keys", "import_hits", "import_candidates"):
        session.execute(text(f"DELETE FROM {table}"))
    return list(found) == [2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("深圳市云海科技有限公司", "深圳市云海科枝有限公司"),
        ("深圳市云海科技有限公司", "深圳云海国际科技有限公司"),
        ("深圳市华云数据技术服务有限公司", "深圳市华云数据技木服务有限公司"),
        ("深圳市云海", "深圳市云海国际贸易股份有限公司"),
        ("Harbor Foods Ltd", "Harbor Fods Ltd"),
        ("Nordlicht Maschinenbau GmbH", "Nordlicht Machinenbau GmbH"),
    ],
)
def test_a_slip_of_the_pen_and_a_shorter_name(session, one: str, other: str) -> None:
    assert are_candidates(session, {"name": one}, {"name": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("深圳市云海科技有限公司", "深圳市云海贸易有限公司"),
        ("深圳市鼎盛物流有限公司", "深圳市鼎盛家具制造有限公司"),
        ("Harbor Foods Ltd", "Harbor Quick Wash Ltd"),
    ],
)
def test_half_a_name_by_chance(session, one: str, other: str) -> None:
    assert not are_candidates(session, {"name": one}, {"name": other})
    assert are_candidates(session, {"name": one, "email": "a@b.cn"}, {"name": other, "email": "a@b.cn"})
