"""The page by which a customer says how content they are: whoever has the link may, once."""

from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from crm.domain.satisfaction.answering import Asked, answer, asked
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.text import N_
from crm.web.blueprint import PUBLIC, CrmBlueprint
from crm.web.errors import told
from crm.web.formats import day
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext
from crm.web.throttle import visitor_limits
from crm.web.visitors import chosen, others, speak

bp = CrmBlueprint("satisfaction_page", __name__, url_prefix="/s")

WORDS = {5: N_("Very good"), 4: N_("Good"), 3: N_("So-so"), 2: N_("Bad"), 1: N_("Very bad")}
_GONE = N_("This link is not good any more")
_WHY_GONE = N_("It has run out, or a newer one was made. Nothing was changed. Ask us for a new link if you like.")


@bp.get("/<token>", needs=PUBLIC)
def show(token: str) -> Any:
    speak()
    found = asked(token)
    if found is None:
        return _said(gettext(_GONE), gettext(_WHY_GONE), 404)
    if found.answered:
        return _said(gettext(N_("Thank you")), gettext(N_("Your answer has arrived, and we read each of them.")))
    return _ask(found)


@bp.post("/<token>", needs=PUBLIC)
@visitor_limits
def send(token: str) -> Any:
    speak()
    typed, comment = request.form.get("rating", ""), request.form.get("comment", "")
    rating = int(typed) if typed in ("1", "2", "3", "4", "5") else None
    try:
        good = answer(token, rating, comment)
    except Invalid as problem:
        found = asked(token)
        if found is not None:
            return _ask(found, 422, told(problem), rating, comment)
        good = False
    except RuleBroken as problem:
        return _said(gettext(N_("Thank you")), told(problem), 409)
    if not good:
        return _said(gettext(_GONE), gettext(_WHY_GONE), 404)
    return see_other(url_for("satisfaction_page.show", token=token, lang=chosen()))


def _ask(found: Asked, status: int = 200, problem: str = "", rating: int | None = None, comment: str = "") -> Response:
    return render(
        "satisfaction/ask.html",
        status,
        asked=found,
        day=day(found.solved_at),
        ratings=[(value, gettext(words)) for value, words in WORDS.items()],
        problem=problem,
        rating=rating,
        comment=comment,
        lang=chosen(),
        others=others(),
    )


def _said(heading: str, words: str, status: int = 200) -> Response:
    return render(
        "satisfaction/said.html", status, heading=heading, words=words, refused=status >= 400, others=others()
    )
