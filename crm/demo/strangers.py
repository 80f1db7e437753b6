"""What people without an account did: said how content they are, and wrote by the forms of the website."""

import datetime as dt

from crm.demo.dice import Weighted, dice
from crm.domain.intake.forming import Wanted, save_form
from crm.domain.intake.models import LEADS, TICKETS
from crm.domain.intake.taking import Sent, take
from crm.domain.people.models import Department, Person
from crm.domain.satisfaction.answering import answer
from crm.domain.satisfaction.asking import make_link
from crm.domain.tickets.choices import DONE
from crm.domain.tickets.models import Ticket
from crm.infra import clock
from crm.infra.db import db

_ASKED, _ANSWERED = 0.7, 0.65
_RATINGS = Weighted([(5, 45), (4, 30), (3, 12), (2, 8), (1, 5)])
_SAID = {
    5: ("很快就解决了，谢谢！", "Quick and friendly.", ""),
    4: ("不错，回复再快一点就更好了。", "Good, though I had to call twice.", ""),
    3: ("", "It works now.", ""),
    2: ("等了很久才有人联系。", "Nobody called back for two days.", ""),
    1: ("问题没有解决。", "It broke again the next day.", ""),
}
_CONSENT = {
    "en": "You may keep what I write and answer me. I can take that back at any time.",
    "zh_CN": "我同意贵公司保存我填写的内容并与我联系，我可随时撤回同意。",
}
_HELD = (
    ("刘芳", "liufang@example.com", "想了解批量采购价格。", "no_proof"),
    ("Tom Baker", "tom.baker@example.com", "Please send me your price list.", "quick"),
    ("SEO Master", "rank@example.net", "We bring your site to the top!", "trap"),
)


def make_answers(seed: int, boss: Person, now: dt.datetime) -> int:
    """Of tickets that are solved; returns how many customers answered."""
    answered = 0
    solved = Ticket.visible_to(boss.actor).where(Ticket.status.in_(DONE), Ticket.solved_at.is_not(None))
    for at, ticket in enumerate(db.session.scalars(solved.order_by(Ticket.id)).all()):
        rng = dice(seed, "satisfaction", at)
        if ticket.solved_at is None or rng.random() > _ASKED:
            continue
        moment = min(ticket.solved_at + dt.timedelta(minutes=rng.randint(5, 60)), now)
        with clock.frozen(moment):
            token = make_link(boss.actor, ticket)
        if rng.random() < _ANSWERED:
            rating = _RATINGS.draw(rng)
            with clock.frozen(min(moment + dt.timedelta(hours=rng.randint(1, 70)), now)):
                answered += answer(token, rating, rng.choice(_SAID[rating]))
    return answered


def make_forms(boss: Person, departments: dict[str, Department]) -> None:
    """One for leads, with what was held, and one for tickets."""
    trial = Wanted(
        "trial",
        LEADS,
        {"en": "Ask for a trial", "zh_CN": "申请试用"},
        {"en": "We call you within one working day.", "zh_CN": "我们将在一个工作日内与您联系。"},
        [("name", True), ("company", False), ("phone", False), ("email", True), ("remarks", False)],
        {"source": "website"},
        _CONSENT,
    )
    asked = [("name", True), ("sender_name", False), ("sender_email", True), ("sender_phone", False)]
    help_ = Wanted(
        "help",
        TICKETS,
        {"en": "Ask for help", "zh_CN": "售后服务"},
        {"en": "", "zh_CN": ""},
        [*asked, ("description", True)],
        {},
        _CONSENT,
        department_id=departments["service"].id,
    )
    form = save_form(boss.actor, None, trial)
    save_form(boss.actor, None, help_)
    for name, email, remarks, suspicion in _HELD:
        texts = {"name": name, "email": email, "remarks": remarks}
        take(form, Sent(texts, texts, remarks, email, "zh_CN", suspicion, consent_version=1))
