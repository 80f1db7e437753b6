"""What contacts are compared by: their names, how they are reached, and where they work."""

from collections.abc import Mapping
from typing import Any

from crm.domain.records.likeness import EMAIL, PERSON, PHONE, PRIOR, person_features, reached_features
from crm.kernel.likeness import Likeness, Trait
from crm.kernel.text import N_

# Whoever changes employers stays who they are.
_EMPLOYER = Trait("employer", 3, -1, why=N_("at the same place"))


def _features(row: Mapping[str, Any]) -> dict[str, str]:
    reached = reached_features(row)
    return (
        person_features(row["name"])
        | {key: reached[key] for key in ("phone", "email")}
        | {"employer": str(row.get("customer_id") or "")}
    )


def _keys(features: Mapping[str, str]) -> list[str]:
    person, employer = features.get("person"), features.get("employer")
    return [f"person:{person}|{employer}"] if person and employer else []


LIKENESS = Likeness(
    traits=(PERSON, PHONE, EMAIL, _EMPLOYER),
    prior=PRIOR,
    fields={"name": "name", "phone": "phone", "email": "email", "customer": "customer_id"},
    features=_features,
    more_keys=_keys,
)
