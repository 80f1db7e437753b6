"""Reports over a million customers and orders: how long one with two fields below and one beside each other takes."""

from urllib.parse import urlencode

from bench import scale
from bench.boards import figures
from bench.dashboards import PEOPLE, site, times
from bench.result import Measured, spread

ASKED = {
    "orders by month and owner": {"type": "orders", "r1": "ordered_on.month", "r2": "owner", "m1": "count"},
    "orders by month, beside status": {"type": "orders", "r1": "ordered_on.month", "c": "status", "m1": "sum.amount"},
    "customers by region": {"type": "customers", "r1": "region.2", "m1": "count"},
}


def report_p95_ms() -> Measured:
    """Value: the worst p95 of a report by anybody. One that is given up after its five seconds counts with these."""
    with site() as visitors:
        known = {
            f"{who}, {name}": times(visitors[who], f"/reports/new?{urlencode(asked)}")
            for who in PEOPLE
            for name, asked in ASKED.items()
        }
    kinds = {name: figures(answers) for name, answers in known.items()}
    everything = [each.wall_ms for answers in known.values() for each in answers]
    detail = {
        "data": {"customers": scale.CUSTOMERS, "orders": scale.ORDERS},
        "all": spread(everything),
        "kinds": kinds,
    }
    return Measured("report_p95_ms", max(each["p95"] for each in kinds.values()), "ms", len(everything), detail)
