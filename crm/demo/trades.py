"""What companies do: words for their names, codes of GB/T 4754-2017, and what one would talk about with them."""

from dataclasses import dataclass

from crm.demo.dice import Weighted


@dataclass(frozen=True)
class Trade:
    names_zh: tuple[str, ...]
    names_en: tuple[str, ...]
    codes: tuple[str, ...]
    goods_zh: tuple[str, ...]
    goods_en: tuple[str, ...]


def _trade(names_zh: str, names_en: str, codes: str, goods_zh: str, goods_en: str) -> Trade:
    return Trade(*(tuple(text.split("|")) for text in (names_zh, names_en, codes, goods_zh, goods_en)))


TRADES = Weighted(
    [
        (_trade("科技|信息科技|网络科技|数据科技", "Software|Digital|Data Systems", "6513|6511|6550",
                "数据平台|订单系统|服务器扩容", "data platform|order system|server upgrade"), 14),
        (_trade("信息技术|信息系统|计算机系统", "Information Systems|IT Services", "6531|6560|6540",
                "系统集成|机房改造|运维合同", "systems integration|server room refit|support contract"), 6),
        (_trade("智能科技|机器人|自动化设备", "Robotics|Automation|Control Systems", "3491|4011",
                "机械臂|控制柜|视觉检测线", "robot arm|control cabinet|vision inspection line"), 6),
        (_trade("精密机械|机械制造|机电设备", "Precision Engineering|Machinery|Tooling", "3421|3484|3489|34",
                "数控机床|主轴|夹具", "CNC lathe|spindles|fixtures"), 7),
        (_trade("电子|电子科技|微电子", "Electronics|Semiconductor|Circuits", "3973|3982|3976|39",
                "贴片线|连接器|测试板", "SMT line|connectors|test boards"), 6),
        (_trade("医疗器械|医疗科技", "Medical Devices|Healthcare", "3581|3584|358",
                "监护仪|耗材|超声探头", "patient monitors|consumables|ultrasound probes"), 4),
        (_trade("生物科技|药业|制药", "Biotech|Pharmaceuticals", "276|2710|2720|2740",
                "冷链柜|原料药|试剂", "cold storage|active ingredients|reagents"), 4),
        (_trade("新能源|光伏科技|电池技术", "Energy|Solar|Battery Systems", "3825|3841|38",
                "逆变器|储能柜|电芯", "inverters|storage cabinets|battery cells"), 4),
        (_trade("汽车零部件|汽车部件", "Automotive Parts|Mobility", "3670|3660",
                "制动盘|线束|车身冲压件", "brake discs|wiring harnesses|stampings"), 4),
        (_trade("物流|供应链管理|国际货运", "Logistics|Freight|Supply Chain", "5810|5990|54",
                "仓储位|干线运输|报关服务", "warehouse space|line haul|customs clearance"), 6),
        (_trade("贸易|商贸|进出口", "Trading|Import & Export", "51|5135|5136|5192",
                "家居用品|灯具|宠物食品", "household goods|lighting|pet food"), 9),
        (_trade("食品|食品科技|粮油", "Foods|Bakery", "1411|1432|1491|13",
                "冷冻面团|包装线|调味料", "frozen dough|packing line|seasonings"), 4),
        (_trade("茶业|酒业", "Tea|Beverages", "1530|1512|5127",
                "礼盒装|原叶茶|白酒", "gift boxes|loose tea|spirits"), 2),
        (_trade("餐饮管理|酒店管理", "Restaurants|Hospitality", "6210|6291|6110",
                "收银系统|厨房设备|会员卡", "tills|kitchen equipment|loyalty cards"), 4),
        (_trade("服饰|纺织|制衣", "Textiles|Apparel", "1811|1819|1751|17",
                "面料|工装|印染", "fabric|work clothes|dyeing"), 3),
        (_trade("家具|家居", "Furniture|Interiors", "2110|2130",
                "办公桌椅|展厅|板材", "office chairs|showroom|panels"), 2),
        (_trade("包装材料|印刷|塑胶制品", "Packaging|Printing|Plastics", "2319|2231|2929|2927",
                "彩盒|标签|注塑件", "printed boxes|labels|mouldings"), 4),
        (_trade("化工|新材料", "Chemicals|Materials", "2614|2641|2651|26",
                "涂料|树脂|助剂", "coatings|resin|additives"), 3),
        (_trade("建筑工程|建设|装饰工程", "Construction|Building", "4710|4813|5011|4999",
                "幕墙|消防工程|样板间", "facade|fire protection|show flat"), 6),
        (_trade("房地产开发|物业管理", "Property|Estates", "7010|7020",
                "门禁系统|停车系统|保洁合同", "access control|parking system|cleaning contract"), 2),
        (_trade("广告|文化传媒|会展服务", "Media|Advertising|Events", "7251|7259|7281",
                "展台|投放方案|年会", "exhibition stand|campaign|annual party"), 4),
        (_trade("教育咨询|培训", "Education|Training", "8391|83",
                "课程系统|教室设备|教材", "course platform|classroom equipment|textbooks"), 2),
        (_trade("检测技术|环保科技", "Testing|Environmental", "7452|77",
                "水质检测|废气治理|年检", "water testing|exhaust treatment|yearly inspection"), 2),
        (_trade("农业科技|生态农业", "Agri|Farms", "0141|0149|0111",
                "滴灌设备|育苗棚|冷库", "drip irrigation|greenhouse|cold store"), 2),
    ]
)  # fmt: skip
