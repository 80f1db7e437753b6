"""Whom something that somebody keeps is shown to besides them: a saved view, a report."""

from collections.abc import Callable
from typing import Any

from crm.domain.people.queries import departments
from crm.domain.saved_views.actions import NOBODY, Audience
from crm.domain.saved_views.queries import roles
from crm.kernel.text import N_
from crm.web.i18n import gettext
from crm.web.rights import role_name


def audiences(chosen: str, may_share: Callable[[Audience], bool]) -> list[tuple[str, str]]:
    """(key, words) of everybody it may be shown to, and of whom it is shown to now."""
    known = [("", gettext(N_("only me")), NOBODY), ("everyone", gettext(N_("everyone")), Audience(everyone=True))]
    known += [
        (f"role:{each.id}", gettext(N_("role %(title)s"), title=role_name(each)), Audience(role_id=each.id))
        for each in roles()
    ]
    for each in departments():
        words = gettext(N_("department %(title)s"), title=each.name)
        known.append((f"department:{each.id}", words, Audience(department_id=each.id)))
    return [(key, words) for key, words, whom in known if key == chosen or may_share(whom)]


def key_of(kept: Any) -> str:
    if kept.role_id is not None:
        return f"role:{kept.role_id}"
    if kept.department_id is not None:
        return f"department:{kept.department_id}"
    return "everyone" if kept.everyone else ""


def read_audience(text: str, offered: list[tuple[str, str]]) -> Audience:
    """NOBODY for what is not on offer."""
    if text not in {key for key, _ in offered}:
        return NOBODY
    kind, _, id_ = text.partition(":")
    return Audience(
        everyone=kind == "everyone",
        role_id=int(id_) if kind == "role" else None,
        department_id=int(id_) if kind == "department" else None,
    )
