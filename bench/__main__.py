"""`python -m bench [name …]`: measure, one JSON line each; without names all of them."""

import importlib
import sys
import traceback

from bench.database import BUILD
from crm.infra.embedded.lock import locked

# Name → module.function; those that need no large database first.
MEASUREMENTS = {
    "import_rows_per_second": "bench.imports.rows_per_second",
    "import_ratio_to_copy": "bench.imports.ratio_to_copy",
    "import_peak_rss_mb": "bench.imports.peak_rss_mb",
    "import_compare_rows_per_second": "bench.alike.import_compare_rows_per_second",
    "page_p95_during_import_ratio": "bench.beside.page_p95_during_import_ratio",
    "undo_28k_s": "bench.undoing.undo_28k_s",
    "export_rows_per_second": "bench.exports.rows_per_second",
    "audit_seal_rows_per_second": "bench.audit.seal_rows_per_second",
    "audit_bytes_per_change": "bench.audit.bytes_per_change",
    "reactions_per_second": "bench.automation.reactions_per_second",
    "write_latency_with_rules_ratio": "bench.automation.write_latency_with_rules_ratio",
    "list_p95_ms": "bench.lists.list_p95_ms",
    "search_p95_ms": "bench.lists.search_p95_ms",
    "board_p95_ms": "bench.boards.board_p95_ms",
    "queue_p95_ms": "bench.queues.queue_p95_ms",
    "dashboard_p95_ms": "bench.dashboards.dashboard_p95_ms",
    "report_p95_ms": "bench.reports.report_p95_ms",
    "visible_to_ms": "bench.reach.visible_to_ms",
    "custom_field_filter_ms": "bench.fields.custom_field_filter_ms",
    "field_change_visible_s": "bench.visible.field_change_visible_s",
    "create_100_closed_per_s": "bench.creating.closed_per_s",
    "create_100_paced_p99_ms": "bench.creating.paced_p99_ms",
    "sla_reckon_tickets_per_s": "bench.promises.sla_reckon_tickets_per_s",
    "rfm_million_orders_s": "bench.orders.rfm_million_orders_s",
    "duplicate_hint_p95_ms": "bench.duplicates.duplicate_hint_p95_ms",
    "dedupe_pairs_f1": "bench.linkage.dedupe_pairs_f1",
    "dedupe_million_s": "bench.duplicates.dedupe_million_s",
    "heading_mapping_recall": "bench.headings.heading_mapping_recall",
    "heading_mapping_precision": "bench.headings.heading_mapping_precision",
    "idle_cpu_share": "bench.idle.idle_cpu_share",
    "page_weight": "bench.pages.page_weight",
    "usable_at_slow_3g": "bench.pages.usable_at_slow_3g",
}
OTHERS = {"explain": "bench.lists.explain"}


def main(names: list[str]) -> int:
    known = MEASUREMENTS | OTHERS
    for name in names:
        if name not in known:
            print(f"There is no measurement {name}. There are: {', '.join(known)}.", file=sys.stderr)
            return 2
    with locked(BUILD / ".lock", wait=False) as alone:
        if not alone:
            print("Another bench is running here: two at once would measure each other.", file=sys.stderr)
            return 2
        return sum([_run(name, known[name]) for name in names or MEASUREMENTS])


def _run(name: str, path: str) -> int:
    module, _, function = path.rpartition(".")
    try:
        print(getattr(importlib.import_module(module), function)().line(), flush=True)
    except Exception:
        print(f"{name} could not be measured:", file=sys.stderr)
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
