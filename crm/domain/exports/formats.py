"""The kinds of file an export can be, and how its columns can be called."""

from dataclasses import dataclass

from crm.kernel.text import N_


@dataclass(frozen=True)
class Format:
    key: str
    label: str
    help: str
    suffix: str
    encoding: str = ""  # of CSV


FORMATS = {
    each.key: each
    for each in (
        Format(
            "xlsx",
            N_("Excel workbook"),
            N_("Days, times and numbers are what they are; headings stay in sight."),
            "xlsx",
        ),
        Format("csv", N_("CSV, UTF-8"), N_("For other programs and for new versions of Excel."), "csv", "utf-8-sig"),
        Format("csv_gb", N_("CSV, GB18030"), N_("For older Chinese programs."), "csv", "gb18030"),
        Format("jsonl", N_("JSON lines"), N_("For programs: one record a line."), "jsonl"),
    )
}
LABELS, KEYS = "labels", "keys"
NAMES = {LABELS: N_("As on the pages"), KEYS: N_("By their keys, for programs")}
