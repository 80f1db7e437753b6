"""What customers are compared by: companies by what they are called, people by their names, both by how they are
reached."""

from collections.abc import Mapping
from typing import Any

from crm.domain.records.likeness import (
    ADDRESS,
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
    place_of,
    placed_keys,
    reached_features,
)
from crm.kernel.likeness import Likeness


def _features(row: Mapping[str, Any]) -> dict[str, str]:
    if row.get("type") == "person":
        named = person_features(row["name"]) | {"place": place_of(row.get("region_code"))}
    else:
        named = company_features(row["name"], row.get("region_code"))
    return named | reached_features(row)


LIKENESS = Likeness(
    traits=(COMPANY, PERSON, PLACE, PHONE, EMAIL, SITE, ADDRESS),
    prior=PRIOR,
    fields={
        "name": "name",
        "type": "type",
        "phone": "phone",
        "email": "email",
        "website": "website",
        "address": "address",
        "region": "region_code",
    },
    features=_features,
    more_keys=placed_keys,
    half_keys=half_keys,
)
