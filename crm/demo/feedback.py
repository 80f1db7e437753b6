"""What people of the made-up company said of the program, and one answer."""

from collections.abc import Sequence

from crm.domain.feedback.actions import Said, answer, say
from crm.domain.feedback.models import BROKEN, GOOD, MISSING, PLANNED, UNCLEAR
from crm.domain.people.models import Person

_SAID = (
    (MISSING, "I would like to see my visits of a week on one page, to print it.", "/tasks/calendar"),
    (UNCLEAR, "“公海”和“没有负责人”有什么区别？", "/customers/"),
    (BROKEN, "地铁里点了保存，提示网络断开；出站后自动保存了，但我不知道是否会重复。", "/customers/"),
    (GOOD, "Very fast, even on the train.", "/"),
)
_BROWSER = "Mozilla/5.0 (Linux; Android 14) Chrome/142.0 Mobile"


def make_feedback(boss: Person, people: Sequence[Person]) -> None:
    for person, (kind, body, page) in zip(people, _SAID, strict=False):
        one = say(person.actor, Said(kind, body, page, page, _BROWSER))
        if kind == MISSING:
            answer(boss.actor, one, PLANNED, "It comes with the next version.", seen=0)
