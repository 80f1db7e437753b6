"""Where the marks of a picture stand: sideways in percent, so that it fits any width and no letter grows or shrinks;
downwards in pixels. Every series is told by its pattern and its legend, never by colour alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from crm.domain.dashboards.tiles import BARS, FUNNEL, LINE, STACKED

_TOP, _PLOT, _FOOT = 18, 180, 20  # of columns and lines
_BAR, _MOST_BARS = 36, 10
_LABELS = 12  # that fit below a picture on a phone
Value = Decimal | int | None


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    series: int = 0


@dataclass(frozen=True)
class Words:
    x: float
    y: float
    words: str
    anchor: str = "start"


@dataclass
class Drawing:
    """`lines` are (x, y, x, y); `goals` are marks of what was to be reached."""

    height: int
    rects: list[Rect] = field(default_factory=list)
    goals: list[Rect] = field(default_factory=list)
    lines: list[tuple[float, float, float, float]] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)
    texts: list[Words] = field(default_factory=list)
    grid: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """A row of the table as it is drawn: one value for each series, the first one also in words."""

    label: str
    values: Sequence[Value]
    words: str
    goal: Value = None


def drawn(picture: str, groups: Sequence[Group], most_words: str) -> Drawing:
    """`most_words` say the greatest value there is."""
    if picture in (BARS, FUNNEL):
        return _bars(groups[:_MOST_BARS], centred=picture == FUNNEL)
    if picture == LINE:
        return _line(groups, most_words)
    return _columns(groups, most_words, stacked=picture == STACKED)


def greatest(picture: str, groups: Sequence[Group]) -> Decimal:
    """What the height or width of a picture stands for; nothing where there is nothing."""
    found = [Decimal(0)]
    for each in groups:
        values = [Decimal(value) for value in each.values if value is not None]
        found += [sum(values, Decimal(0))] if picture == STACKED else values
        found += [Decimal(each.goal)] if each.goal is not None else []
    return max(found)


def _share(value: Value, most: Decimal) -> float:
    return max(0.0, float(Decimal(value) / most)) if value and most else 0.0


def _bars(groups: Sequence[Group], *, centred: bool) -> Drawing:
    made, most = Drawing(_BAR * len(groups)), greatest(BARS, groups)
    for at, each in enumerate(groups):
        width = round(100 * _share(each.values[0], most), 1)
        made.rects.append(Rect(round((100 - width) / 2, 1) if centred else 0, at * _BAR + 18, width, 12))
        made.texts.append(Words(0, at * _BAR + 13, each.label))
        made.texts.append(Words(100, at * _BAR + 13, each.words, "end"))
    return made


def _frame(groups: Sequence[Group], most_words: str) -> Drawing:
    made = Drawing(_TOP + _PLOT + _FOOT, grid=[_TOP, _TOP + _PLOT])
    made.texts.append(Words(0, 12, most_words))
    step = -(-len(groups) // _LABELS)
    for at, each in enumerate(groups):
        if at % step == 0:
            made.texts.append(Words(_middle(at, groups), _TOP + _PLOT + 15, each.label, "middle"))
    return made


def _middle(at: int, groups: Sequence[Group]) -> float:
    return round((at + 0.5) * 100 / len(groups), 1)


def _columns(groups: Sequence[Group], most_words: str, *, stacked: bool) -> Drawing:
    made, most = _frame(groups, most_words), greatest(STACKED if stacked else BARS, groups)
    for at, each in enumerate(groups):
        slot = 100 / len(groups)
        width, foot = slot * 0.7 / (1 if stacked else len(each.values)), float(_TOP + _PLOT)
        for series, value in enumerate(each.values):
            height = round(_PLOT * _share(value, most), 1)
            x = (at + 0.15) * slot + (0 if stacked else series * width)
            if height:
                made.rects.append(Rect(round(x, 1), round(foot - height, 1), round(width, 1), height, series))
            foot -= height if stacked else 0
        if each.goal is not None:
            y = _TOP + _PLOT - _PLOT * _share(each.goal, most)
            made.goals.append(Rect(round((at + 0.05) * slot, 1), round(y - 1, 1), round(slot * 0.9, 1), 2))
    return made


def _line(groups: Sequence[Group], most_words: str) -> Drawing:
    made, most = _frame(groups, most_words), greatest(LINE, groups)
    before: tuple[float, float] | None = None
    for at, each in enumerate(groups):
        value = each.values[0]
        here = (_middle(at, groups), round(_TOP + _PLOT - _PLOT * _share(value, most), 1))
        if value is None:
            before = None
            continue
        if before is not None:
            made.lines.append((*before, *here))
        made.dots.append(here)
        before = here
    return made
