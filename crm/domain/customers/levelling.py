"""What follows when customers are of another level than before."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from crm.infra.db import db

# Called with the ids of customers whose level has changed; areas above put themselves here.
when_levelled: list[Callable[[Collection[int]], None]] = []


def tell(written: Sequence[tuple[int, Any]], before: Mapping[int, Mapping[str, list[Any]]] | None) -> None:
    """New customers have nothing yet that goes by their level."""
    ids = [id_ for id_, _ in written if before is not None and "level" in before[id_]]
    if ids:
        db.session.flush()
        for listener in when_levelled:
            listener(ids)
