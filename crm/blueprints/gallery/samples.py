"""Believable data for the gallery: bilingual, with the long, the short and the missing."""

from typing import Any

PAGES = (
    ("parts", "Components"),
    ("list", "List of 25 rows"),
    ("list_empty", "Empty lists"),
    ("record", "Record"),
    ("import_upload", "Import: upload"),
    ("import_map", "Import: map"),
    ("import_check", "Import: check"),
    ("import_run", "Import: run"),
    ("import_verify", "Import: verify"),
    ("keyboard", "Keyboard"),
    ("sign_in", "Sign-in"),
    ("sign_in_wrong", "Sign-in, refused"),
    ("setup", "First set-up"),
    ("error", "Error"),
)

_NAMES = (
    "上海云海智能科技有限公司",
    "Northwind Trading Co., Ltd.",
    "深圳市前海微联供应链管理股份有限公司",
    "北京中科创达软件技术有限公司",
    "广州白云山医药集团",
    "Contoso Precision Instruments (Suzhou) Manufacturing and Trading Co., Ltd.",
    "杭州西湖龙井茶叶专业合作社",
    "成都蜀味餐饮管理有限公司",
    "李建国",
    "Müller & Söhne GmbH",
    "武汉长江航运物流有限责任公司",
    "青岛海丽雅家电配件厂",
    "厦门海沧区建发酒业",
)
_STAGES = (("In use", "ok"), ("Offer", "info"), ("New", ""), ("At risk", "warn"), ("Lost", "bad"))
_REGIONS = ("上海 浦东", "江苏 苏州", "", "北京 海淀", "广东 深圳")
_OWNERS = ("李伟", "王芳", "Anna Schmidt", "欧阳静")
_CHANGED = ("2 min ago", "1 h ago", "yesterday", "3 days ago", "2026-10-30")


def customers(count: int = 25) -> list[tuple[Any, ...]]:
    """(id, number, name, stage, tone, level, region, phone, owner, value, changed)"""
    rows: list[tuple[Any, ...]] = []
    for i in range(count):
        stage, tone = _STAGES[i * 3 % 5]
        phone = f"138 {1000 + i * 37} {8000 - i * 53}" if i % 4 else ""
        value = f"{(i * 7919 % 5000) * 1000:,}" if i % 3 else ""
        head = (i + 1, f"CUST20261121{i + 1:04d}", _NAMES[i % len(_NAMES)], stage, tone, "ABC"[i % 3])
        rows.append((*head, _REGIONS[i % 5], phone, _OWNERS[i % 4], value, _CHANGED[i % 5]))
    return rows


RECORD = {
    "name": "上海云海智能科技有限公司",
    "no": "CUST202611210001",
    "owner": "李伟",
    "region": "上海市 浦东新区",
    "address": "上海市浦东新区张江路 1238 号 2 号楼 6 层",
    "industry": "I6513 应用软件开发",
    "remarks": "Wants one contract for all three plants.\nSecond contact: 陈经理, mornings only.",
}


def _entry(icon: str, who: str, what: str, ago: str, **more: Any) -> dict[str, Any]:
    bare = {"state": "", "said": "", "next": "", "changes": ()}
    return (
        bare
        | {
            "icon": icon,
            "who": who,
            "what": what,
            "iso": "2026-11-21T09:14:00+08:00",
            "ago": ago,
            "exact": "2026-11-21 09:14",
        }
        | more
    )


TIMELINE = (
    _entry("phone", "李伟", "called", "20 min ago", state="info", next="send the offer · 24 Nov",
           said="谈了续约。对方希望明年合同改为按季度付款，并把苏州工厂加进来。"),
    _entry("pencil", "王芳", "changed 2 fields", "3 h ago",
           changes=(("Level", "B", "A"), ("Phone", "", "021 6100 8888"))),
    _entry("map-pin", "Anna Schmidt", "visited", "3 days ago", state="info",
           said="Toured the Zhangjiang plant with Mr. Chen.\nThey run 40 terminals; 12 are older than six years."),
    _entry("file-spreadsheet", "System", "updated from the file 客户名单 2026.xlsx", "12 Nov",
           changes=(("Region", "", "上海市 浦东新区"),)),
    _entry("plus", "王芳", "created this customer", "1 Apr 2019", state="ok"),
)  # fmt: skip

COLUMNS = (
    (1, "客户名称", "上海云海智能科技有限公司; 李建国; Northwind…", "Name", "100 %", "ok"),
    (2, "联系电话", "021-61008888; 13810008000", "Phone", "100 %", "ok"),
    (3, "E-Mail 地址", "info@yunhai.example", "E-mail", "92 %", "ok"),
    (4, "所在地", "上海浦东; 苏州", "Region", "74 %", "warn"),
    (5, "备注2", "老客户; ; 需回访", "", "not recognised", ""),
)
FIELD_NAMES = ("Name", "Phone", "E-mail", "Region", "Industry", "Remarks")
PROBLEMS = (
    (14, "联系电话", "1381000", "This is not a phone number."),
    (203, "E-Mail 地址", "wang@@example", "An e-mail address has one @ sign."),
    (204, "客户名称", "", "This cannot be empty."),
    (1877, "所在地", "东京", "There is no such region."),
)

OPTIONS = (
    "C2710 化学药品原料药制造",
    "C2720 化学药品制剂制造",
    "I6513 应用软件开发",
    "I6520 集成电路设计",
    "F5171 通讯设备批发",
)


def sample(url: str) -> dict[str, Any]:
    """Everything the gallery's templates show; `url` is where the gallery is mounted, with a slash at its end."""
    return {
        "gallery_url": url,
        "lookup_url": url + "options",
        "pages": PAGES,
        "customers": customers(),
        "record": RECORD,
        "timeline": TIMELINE,
        "columns": COLUMNS,
        "field_names": FIELD_NAMES,
        "problems": PROBLEMS,
        "sign_in_errors": (),
    }
