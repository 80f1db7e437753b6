"""The made-up company itself: its departments and the people who sign in."""

from dataclasses import dataclass

from crm.demo.customers import Sketch
from crm.demo.dice import Weighted, dice, skewed


@dataclass(frozen=True)
class Unit:
    key: str
    name: str
    above: str = ""


@dataclass(frozen=True)
class Colleague:
    key: str
    """Before the @ of their address at example.com."""
    name: str
    role: str
    unit: str
    language: str = "zh_CN"

    @property
    def email(self) -> str:
        return f"{self.key}@example.com"


UNITS = (
    Unit("hq", "总部 Headquarters"),
    Unit("sales", "销售中心 Sales", "hq"),
    Unit("east", "华东销售部 Sales East", "sales"),
    Unit("south", "华南销售部 Sales South", "sales"),
    Unit("north", "华北销售部 Sales North", "sales"),
    Unit("service", "客户服务部 Customer Service", "hq"),
    Unit("marketing", "市场部 Marketing", "hq"),
    Unit("it", "信息技术部 IT", "hq"),
)
COLLEAGUES = (
    Colleague("chen.siyuan", "陈思远", "administrator", "it"),
    Colleague("li.wanqing", "李婉清", "sales_manager", "sales"),  # leads sales: sees the three areas below
    Colleague("wang.jianguo", "王建国", "sales_manager", "east"),
    Colleague("zhou.min", "周敏", "sales_rep", "east"),
    Colleague("anna.schmidt", "Anna Schmidt", "sales_rep", "east", "en"),
    Colleague("huang.zhiqiang", "黄志强", "sales_rep", "south"),
    Colleague("liang.yating", "梁雅婷", "sales_rep", "south"),
    Colleague("james.okafor", "James Okafor", "sales_rep", "south", "en"),
    Colleague("liu.yang", "刘洋", "sales_rep", "north"),
    Colleague("zhao.huimin", "赵慧敏", "sales_rep", "north"),
    Colleague("sun.pengfei", "孙鹏飞", "sales_rep", "north"),
    Colleague("wu.xiaohong", "吴晓红", "service_agent", "service"),
    Colleague("priya.sharma", "Priya Sharma", "service_agent", "service", "en"),
    Colleague("zheng.kexin", "郑可欣", "marketing", "marketing"),
    Colleague("gao.ming", "高明", "auditor", "hq"),
)


def _sellers(area: str, language: str) -> Weighted[str]:
    """Who may own a customer of this area and language: the first most, those who speak the language before others."""
    there = [each.key for each in COLLEAGUES if each.unit == area]
    speaking = [each.key for each in COLLEAGUES if each.unit == area and each.language.startswith(language)]
    return skewed([*speaking, *(key for key in there if key not in speaking)], power=1.2)


_SELLERS = {(area, lang): _sellers(area, lang) for area in ("east", "south", "north") for lang in ("zh", "en")}
_SHARE_OF_OTHERS = 0.03
_OTHERS = ("wu.xiaohong", "priya.sharma")


def owner_of(seed: int, sketch: Sketch) -> str:
    """The key of the colleague who answers for a customer."""
    rng = dice(seed, "owner", sketch.index)
    if rng.random() < _SHARE_OF_OTHERS:
        return rng.choice(_OTHERS)
    return _SELLERS[sketch.place.sales_area, sketch.language].draw(rng)
