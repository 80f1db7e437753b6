"""What leads are compared by: who it is, of which company, and how they are reached."""

from collections.abc import Mapping
from typing import Any

from crm.domain.records.likeness import (
    COMPANY,
    EMAIL,
    PERSON,
    PHONE,
    PLACE,
    PRIOR,
    SITE,
    company_features,
    half_keys,
    person_features,
    placed_keys,
    reached_features,
)
from crm.kernel.likeness import Likeness


def _features(row: Mapping[str, Any]) -> dict[str, str]:
    """Two of one company are two people: the name tells, the company helps."""
    said = company_features(row.get("company"), row.get("region_code"))
    return person_features(row["name"]) | said | reached_features(row)


_OF_COMPANY = COMPANY.weighing(2.5, -2)
LIKENESS = Likeness(
    traits=(PERSON, _OF_COMPANY, PLACE, PHONE, EMAIL, SITE.weighing(0.5, -0.5)),
    prior=PRIOR,
    fields={
        "name": "name",
        "company": "company",
        "phone": "phone",
        "email": "email",
        "website": "website",
        "region": "region_code",
    },
    features=_features,
    more_keys=placed_keys,
    half_keys=half_keys,
)
