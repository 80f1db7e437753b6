"""Notifications as mail: one at once, or those of a digest; of what the receiver may see and has not read by then."""

from collections.abc import Sequence

from flask import current_app
from markupsafe import Markup

from crm.config import Settings
from crm.domain.notifications.models import NEVER
from crm.domain.notifications.preferences import Wishes
from crm.domain.notifications.queries import not_read
from crm.kernel.access import Actor
from crm.kernel.text import N_
from crm.web.formats import moment, number
from crm.web.i18n import gettext
from crm.web.letters import Letter, address_of, framed, read_by
from crm.web.notifications import address, words

PREFERENCES = "/account/notifications"
_ITEM = Markup('<p><a href="{}">{}</a><br><small>{}</small></p>')
_LINK = Markup('<a href="{}">{}</a>')


def notification_letter(
    eyes: Actor, language: str, wishes: Wishes, ids: Sequence[int], *, digest: bool
) -> Letter | None:
    """None where nothing is left to tell."""
    settings: Settings = current_app.config["SETTINGS"]
    with read_by(eyes, language):
        told = [each for each in not_read(eyes, ids) if wishes.of(each.notification.kind).by_mail != NEVER]
        items = [
            (said, address_of(settings, address(each)), moment(each.notification.occurred_at))
            for each in told
            if (said := words(eyes, each))
        ]
        if not items:
            return None
        count = number(len(items))
        subject = gettext(N_("What is new: %(count)s"), count=count) if digest else " ".join(items[0][0].split())
        how, preferences = gettext(N_("Choose how you are told")), address_of(settings, PREFERENCES)
    text = "\n\n".join(f"{said}\n{when}\n{url}" for said, url, when in items) + f"\n\n--\n{how}: {preferences}\n"
    body = Markup("\n").join(_ITEM.format(url, said, when) for said, url, when in items)
    return Letter(subject, text, framed(subject, body, language, _LINK.format(preferences, how)))
