"""What names are made of. Strings of single characters stay strings; words stand between blanks."""

from crm.demo.dice import Weighted


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# The two characters of a company's own name (字号): wishes for luck, size and height.
BRAND_FIRST = (
    "瑞恒华博中天宏鼎泰云海远盛嘉联金银德信诚达新明启智凯润万佳永元亚东南北西江河山川星辰晨旭朗昊景正安康"
    "福祥和兴创科力飞腾龙凤麒鹏骏锐锦百千亿巨立优卓越奥迪乐美雅思睿慧"
)
BRAND_SECOND = (
    "达源丰通祥隆泰盛昌兴辉腾翔峰岳霖洋海川谷原石林森木禾田野城邦域界途程航帆桥舟讯联汇聚合众益利财宝鑫钰"
    "玺琪晟昱煜曜烨尔斯图特维捷迅卓越诺创拓展成业基宇宙恒久远志诚信德仁义方圆科"
)
FOREIGN_BRANDS = _words(
    "Harbourline Northgate Silverbrook Oakfield Redstone Bluepeak Kestrel Meridian Larkspur Stonebridge "
    "Clearwater Ironwood Fairhaven Brightwell Westmark Eastbourne Copperfield Highmoor Riverside Summit "
    "Evergreen Lindqvist Bergstrom Hoffmann Krause Weidner Rossetti Marchetti Dubois Laurent Fontaine Moreau "
    "Castillo Herrera Vega Almeida Novak Kowalski Petrov Sokolov Tanaka Mori Nakamura Okafor Mensah Halvorsen "
    "Jensen Vanderberg Claes Aldgate Pinnacle Solstice Juniper Cobalt Quartz Falcon Heron Orchard Granite "
    "Willow Thornbury Ashdown Calder"
)
FORMS_ZH = Weighted(
    [
        ("有限公司", 76),
        ("有限责任公司", 7),
        ("股份有限公司", 8),
        ("厂", 3),
        ("经营部", 2),
        ("中心(有限合伙)", 2),
        ("工作室", 2),
    ]
)
FORMS_EN = Weighted(
    [("Ltd.", 30), ("Co., Ltd.", 34), ("Inc.", 14), ("GmbH", 8), ("LLC", 8), ("Group plc", 3), ("SAS", 3)]
)

SURNAMES = Weighted(
    [(name, 12) for name in "王李张刘陈"]
    + [(name, 6) for name in "杨黄赵吴周徐孙马朱胡"]
    + [(name, 2) for name in "郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"]
    + [(name, 0.5) for name in "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温"]
    + [("欧阳", 0.4), ("上官", 0.1), ("司马", 0.1), ("诸葛", 0.1)]
)
GIVEN_ZH = _words(
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 建国 建华 志强 秀兰 秀英 海燕 晓东 晓红 "
    "小军 子涵 浩然 梓萱 宇航 欣怡 诗涵 俊杰 思远 雨桐 佳怡 天佑 文博 嘉豪 雅婷 雪梅 国栋 立新 春燕 红梅 永强 "
    "家明 慧敏 振华 丹丹 婷婷 鹏飞 志远 亚楠 景行 一鸣 若曦 可欣 泽宇 奕辰 安琪 凯文 世杰 玉兰 金龙 卫东 新民 "
    "庆生"
)
GIVEN_EN = _words(
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Susan Anna Thomas Sarah "
    "Karen Daniel Nancy Lisa Matthew Sofia Lukas Emma Noah Olivia Liam Chloé Léa Hugo Mateo Lucía Diego Ingrid "
    "Sven Freya Aisha Omar Priya Arjun Kenji Yuki Mei Hannah Jonas Marta Piotr Ewa Ivan Olga Nina Viktor"
)
SURNAMES_EN = _words(
    "Smith Johnson Brown Taylor Wilson Davies Evans Walker Wright Thompson O'Connor MacLeod Schmidt Müller "
    "Weber Fischer Schäfer Dubois Lefèvre Moreau García Fernández Rossi Bianchi Costa Silva Jansen Bakker "
    "Andersson Nilsson Hansen Kowalski Nowak Petrova Ivanov Tanaka Suzuki Kim Park Nguyen Tran Patel Sharma "
    "Khan Haddad Okafor Mensah Bakker"
)

ROADS_ZH = _words(
    "人民路 中山路 解放路 建设路 文化路 科技路 创新大道 工业大道 滨江路 迎宾大道 长江路 黄河路 和平路 新华路 "
    "学府路 高新大道 振兴路 金融街 世纪大道 环城东路 湖滨路 花园路 朝阳路 胜利路 民生路 开发大道 软件园路 "
    "港口路"
)
ROADS_EN = _words("Renmin Jiefang Keji Chuangxin Binjiang Yingbin Heping Xinhua Gaoxin Shiji Hubin Huayuan")
STREETS = _words("Harbour Mill Station Church King Queen Market Park Victoria Canal Bridge Garden Orchard Linden")
TAGS = Weighted(
    [
        (("高潜力客户",), 12),
        (("流失预警客户",), 6),
        (("年框客户",), 8),
        (("老客户",), 10),
        (("展会",), 7),
        (("价格敏感",), 7),
        (("需开专票",), 5),
        (("决策慢",), 4),
        (("复购", "老客户"), 5),
        (("高潜力客户", "展会"), 4),
        (("年框客户", "需开专票"), 4),
        (("key account",), 5),
        (("export",), 4),
        (("key account", "export"), 2),
    ]
)
# (English, Chinese, what it means in both, colour, whether it asks why): what else is typed above has no meaning.
MEANINGS = (
    ("High potential", "高潜力客户", "May buy much more within a year.", "一年内有望大幅增加采购。", "ok", False),
    ("At risk of leaving", "流失预警客户", "Call within a week.", "须在一周内联系。", "warn", False),
    ("Yearly contract", "年框客户", "Has a contract for the whole year.", "已签年度框架协议。", "info", False),
    ("Key account", "重点客户", "Ask the manager before promising prices.", "报价前请先与经理确认。", "info", False),
    ("Do not contact", "请勿联系", "They asked us not to call.", "客户要求不再联系。", "bad", True),
)
RIVALS = ("远望系统", "蓝鲸软件", "同舟数据", "Brightdesk", "Corvo Systems", "Palisade One", "鼎新在线", "北辰云")
