"""python -m tests.infra.sheets.make_table: reads the shared collections and writes docs/TORTURE.md."""

from pathlib import Path

from tests.infra.sheets.torture import TABLE, read_all, table

if __name__ == "__main__":
    shared = Path(__file__).resolve().parents[4] / "shared/data"
    results = read_all(shared)
    TABLE.write_text(table(results, shared), encoding="utf-8")
    slowest = max(results, key=lambda each: each.seconds)
    print(f"{len(results)} files, slowest {slowest.seconds:.1f} s ({slowest.path.name}), ", end="")
    print(f"largest {max(each.peak for each in results) >> 20} MB")
