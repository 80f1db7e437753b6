"""Reading a whole file through the child, for tests."""

from pathlib import Path

from crm.infra.sheets import Flag, Inspection, Limits, Totals, inspect, rows


class Whole:
    """All of a file: what inspecting said, the rows with and without line numbers, flags, totals."""

    def __init__(self, path: Path, *, limits: Limits | None = None, after: int = 0, **wanted: str) -> None:
        self.inspection: Inspection = inspect(path, filename=path.name, limits=limits, **wanted)
        self.lines: list[tuple[int, list[str]]] = []
        self.flags: list[Flag] = []
        self.blank = 0
        with rows(path, self.inspection, after=after, limits=limits) as reading:
            for batch in reading:
                self.lines += batch.rows
                self.flags += batch.flags
                self.blank += batch.blank
        assert reading.totals is not None
        self.totals: Totals = reading.totals

    @property
    def rows(self) -> list[list[str]]:
        return [cells for _, cells in self.lines]

    @property
    def codes(self) -> list[tuple[int, str]]:
        return [(flag.line, flag.code) for flag in self.flags]


def whole(folder: Path, name: str, content: bytes, **wanted) -> Whole:
    path = folder / name
    path.write_bytes(content)
    return Whole(path, **wanted)
