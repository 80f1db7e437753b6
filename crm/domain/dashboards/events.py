from dataclasses import dataclass
from typing import Any

from crm.kernel.events import Fact
from crm.kernel.text import N_


@dataclass(frozen=True)
class DashboardArranged(Fact):
    """For everybody, or for whoever has a role. `changes` is {"shown": [before, after], "hidden": …}: keys of tiles,
    in order; none of both: as delivered."""

    name = "dashboard.arranged"
    sentence = N_("arranged a dashboard")
    icon = "columns-3"

    dashboard: str
    role_id: int | None
    changes: dict[str, list[Any]]
