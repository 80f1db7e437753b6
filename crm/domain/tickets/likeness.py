"""What tickets are compared by: two of one customer about the same are one."""

from collections.abc import Mapping
from typing import Any

from crm.domain.records.likeness import BY_NAME, PRIOR
from crm.kernel.likeness import Features, Likeness, Trait, worded_alike
from crm.kernel.text import N_, name_key

_SUBJECT = Trait("person", 4, -5, worded_alike, 0.7, BY_NAME)
_CUSTOMER = Trait("customer", 3, -4, why=N_("of the same customer"))


def _features(row: Mapping[str, Any]) -> dict[str, str]:
    return {"person": name_key(str(row["name"] or "")), "customer": str(row.get("customer_id") or "")}


def _keys(features: Features) -> list[str]:
    subject, customer = features.get("person"), features.get("customer")
    return [f"subject:{subject}|{customer}"] if subject and customer else []


LIKENESS = Likeness(
    traits=(_SUBJECT, _CUSTOMER),
    prior=PRIOR,
    fields={"name": "name", "customer": "customer_id"},
    features=_features,
    more_keys=_keys,
)
