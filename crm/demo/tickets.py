"""Half a year of service: what customers asked for, complained about and sent back, and how it was answered."""

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.demo.customers import Sketch
from crm.demo.dice import Weighted, dice
from crm.demo.promises import promise
from crm.domain.contacts.models import Contact
from crm.domain.people import standing_in
from crm.domain.people.models import Department, Person
from crm.domain.tickets import actions, shaping
from crm.domain.tickets.answering import Said, say
from crm.domain.tickets.macros import save_macro
from crm.domain.tickets.models import Ticket
from crm.domain.tickets.queue import claim
from crm.domain.tickets.shaping import TopicDraft
from crm.domain.tickets.teams import CLAIM
from crm.domain.tickets.topics import CATEGORY
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import unscoped
from crm.kernel.company import company

DAYS = 180
_CATEGORIES = (
    ("产品", "Product", (("安装与调试", "Installation"), ("质量问题", "Quality"), ("使用方法", "How to use"))),
    ("物流", "Delivery", (("延迟", "Late"), ("破损", "Damaged"))),
    ("账务", "Billing", (("发票", "Invoice"), ("退款", "Refund"))),
)
# (type, category, subject, what is said, the answer), in both languages
_ASKED: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "zh": (
        (
            "repair",
            "001001",
            "设备安装后无法启动",
            "按说明书接线，指示灯不亮。",
            "请先检查保险丝，工程师明天上午联系您。",
        ),
        ("repair", "001002", "运行时有异响", "开机十分钟后噪音明显。", "已安排备件，预计三天内到货。"),
        ("question", "001003", "如何导出月度数据？", "找不到导出按钮。", "在“报表”右上角，附件里有图示。"),
        ("complaint", "002001", "货物晚到一周", "说好周一到，今天还没有到。", "非常抱歉，物流已加急，今晚前给您答复。"),
        ("complaint", "002002", "外包装破损，两件变形", "照片见附件。", "已登记，补发两件，旧件请暂留。"),
        ("question", "003001", "发票抬头需要修改", "公司名称变更了。", "新发票已开出，电子版已发送。"),
        ("return", "003002", "型号订错，申请退货", "尚未拆封。", "可以退货，请寄回仓库，运费我们承担。"),
    ),
    "en": (
        (
            "repair",
            "001001",
            "Unit does not start after installation",
            "Wired as in the manual.",
            "Please check the fuse; an engineer calls tomorrow.",
        ),
        (
            "repair",
            "001002",
            "Strange noise while running",
            "Starts after ten minutes.",
            "Spare parts are on their way: three days.",
        ),
        (
            "question",
            "001003",
            "How do I export monthly data?",
            "I cannot find the button.",
            "Top right in “Reports”; see the picture attached.",
        ),
        (
            "complaint",
            "002001",
            "Delivery is a week late",
            "It was promised for Monday.",
            "We are sorry: it is on its way, news by tonight.",
        ),
        (
            "complaint",
            "002002",
            "Box damaged, two pieces bent",
            "See the photos.",
            "Noted: two new pieces go out today.",
        ),
        ("return", "003002", "Wrong model ordered", "Still in its box.", "Please send it back, we pay for it."),
    ),
}
_ENDS = Weighted([("closed", 52), ("solved", 14), ("waiting", 10), ("open", 12), ("new", 12)])
_PRIORITIES = Weighted([("normal", 60), ("high", 20), ("low", 12), ("urgent", 8)])
_CHANNELS = Weighted([("phone", 45), ("email", 25), ("wecom", 20), ("web", 10)])
_MACROS = (
    (
        "已收到 Received",
        {
            "zh_CN": "{{contact}}您好，工单 {{number}} 已收到，我们会尽快处理。",
            "en": "Dear {{contact}}, we have {{number}} and are on it.",
        },
        "open",
    ),
    (
        "请补充 More needed",
        {"zh_CN": "请补充照片和序列号。", "en": "Please send us a photo and the serial number."},
        "waiting",
    ),
    (
        "已解决 Solved",
        {
            "zh_CN": "问题已解决，感谢您的耐心。{{agent}}",
            "en": "This is solved. Thank you for your patience. {{agent}}",
        },
        "solved",
    ),
)


def make_tickets(
    seed: int,
    sketches: Sequence[Sketch],
    ids: Sequence[int],
    people: Mapping[str, Person],
    departments: Mapping[str, Department],
    now: dt.datetime,
) -> int:
    """One for every eighth customer, 250 at most, as the half year went; returns how many."""
    boss = people["chen.siyuan"]
    begin = now - dt.timedelta(days=DAYS)
    with clock.frozen(begin - dt.timedelta(days=1)):
        _shape(boss, people, departments)
    agents = [people[each] for each in ("wu.xiaohong", "priya.sharma")]
    chosen = [at for at in range(len(ids)) if at % 8 == 3][:250]
    contacts = _contacts([ids[at] for at in chosen])
    for place, at in enumerate(chosen):
        rng = dice(seed, "ticket", at)
        moment = _at(begin, place * DAYS // len(chosen), rng)
        agent = agents[sketches[at].language == "en"]
        customer = ids[at]
        _one(rng, sketches[at].language, (customer, contacts.get(customer)), agent, moment, now)
    return len(chosen)


def _shape(boss: Person, people: Mapping[str, Person], departments: Mapping[str, Department]) -> None:
    standing_in.lead(boss.actor, departments["sales"], people["li.wanqing"])
    standing_in.lead(boss.actor, departments["east"], people["wang.jianguo"])
    standing_in.lead(boss.actor, departments["service"], people["wu.xiaohong"])
    shaping.set_team(boss.actor, departments["service"].id, CLAIM, [])
    for zh, en, below in _CATEGORIES:
        above = shaping.make_topic(boss.actor, CATEGORY, TopicDraft({"en": en, "zh_CN": zh}))
        for zh_below, en_below in below:
            shaping.make_topic(boss.actor, CATEGORY, TopicDraft({"en": en_below, "zh_CN": zh_below}), above.code)
    promise(boss)
    for name, body, status in _MACROS:
        save_macro(boss.actor, None, {"name": name, "body": body, "public": True, "status": status})


def _contacts(customers: Sequence[int]) -> dict[int, int]:
    wanted = (
        select(Contact.customer_id, Contact.id).where(Contact.customer_id.in_(customers)).order_by(Contact.id.desc())
    )
    with unscoped("contacts of customers of the demonstration"):
        return {row[0]: row[1] for row in db.session.execute(wanted)}


def _at(begin: dt.datetime, day: int, rng: Random) -> dt.datetime:
    zone = ZoneInfo(company.timezone)
    there = (begin.astimezone(zone) + dt.timedelta(days=day)).date()
    clock_time = dt.time(9 + rng.randrange(8), rng.randrange(60))
    return dt.datetime.combine(there, clock_time, zone).astimezone(dt.UTC)


def _one(
    rng: Random,
    language: str,
    whose: tuple[int, int | None],
    agent: Person,
    moment: dt.datetime,
    now: dt.datetime,
) -> None:
    type_, category, subject, said, answer = rng.choice(_ASKED["zh" if language == "zh" else "en"])
    end = _ENDS.draw(rng)
    if end in ("new", "open", "waiting") and moment < now - dt.timedelta(days=14):
        end = "closed"
    values: dict[str, Any] = {"name": subject, "type": type_, "category": category, "description": said}
    values |= {"priority": _PRIORITIES.draw(rng), "channel": _CHANNELS.draw(rng), "customer": whose[0]}
    if whose[1] is not None:
        values["contact"] = whose[1]
    with clock.frozen(moment):
        id_ = actions.create(agent.actor, values)
    if end == "new":
        return
    ticket = db.session.scalars(Ticket.visible_to(agent.actor).where(Ticket.id == id_)).one()
    moment = min(moment + dt.timedelta(minutes=rng.randint(10, 300)), now)
    with clock.frozen(moment):
        claim(agent.actor, ticket)
        status = "waiting" if end == "waiting" else "open"
        say(agent.actor, ticket, Said({"kind": "note", "body": answer}, public=True, status=status))
        if type_ == "complaint" and rng.random() < 0.3:
            actions.change(agent.actor, ticket, {"needs_sales": True})
    if end in ("solved", "closed"):
        for status in ("solved", "closed")[: 1 + (end == "closed")]:
            moment = min(moment + dt.timedelta(hours=rng.randint(2, 60)), now)
            with clock.frozen(moment):
                actions.change(agent.actor, ticket, {"status": status})
