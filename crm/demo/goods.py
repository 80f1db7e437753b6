"""What the made-up company sells: the goods of every trade, each with a price of its own."""

from dataclasses import dataclass
from decimal import Decimal

from crm.demo.dice import dice
from crm.demo.trades import TRADES, Trade

_UNITS = ("套", "台", "件", "批")


@dataclass(frozen=True)
class Good:
    """`index` is its place among all; `name` in both languages."""

    index: int
    name: str
    category: str
    unit: str
    price: Decimal

    @property
    def code(self) -> str:
        return f"P-{self.index + 1:03d}"


def goods(seed: int) -> list[Good]:
    """All of them, in the order of the trades."""
    made: list[Good] = []
    for trade in TRADES.things:
        for zh, en in zip(trade.goods_zh, trade.goods_en, strict=True):
            rng = dice(seed, "good", len(made))
            price = Decimal(rng.choice((80, 150, 260, 480, 900, 1_800, 3_600, 7_500))) + rng.randint(0, 19)
            made.append(Good(len(made), f"{zh} {en}", trade.names_zh[0], rng.choice(_UNITS), price))
    return made


def of_trade(all_goods: list[Good], trade: Trade) -> list[Good]:
    return [each for each in all_goods if each.category == trade.names_zh[0]]
