"""What somebody is told of each record of a world, by page and by mail: lines of the leak matrix."""

import datetime as dt

from crm.domain.mail.actions import To
from crm.domain.mail.models import MailRow
from crm.domain.mail_templates.actions import post_from
from crm.domain.mail_templates.models import MailTemplate
from crm.domain.mail_templates.places import own_name
from crm.domain.notifications.actions import Kind, News, notify
from crm.domain.notifications.digests import gather
from crm.infra import clock
from crm.infra.db import db
from crm.infra.mail import Mail
from crm.web.outgoing import outgoing


def _news(world, who, kind, **more):
    return [News(who.id, world.type.key, id_, key=f"{who.id}:{kind}:{id_}", **more) for id_ in world.ids.values()]


def _template(world, channel):
    place = f"{{{{{own_name(world.type)}.name}}}}"
    made = MailTemplate(
        name="x", channel=channel, record_type=world.type.key, subject={"en": place}, body={"en": place}
    )
    db.session.add(made)
    db.session.flush()
    return made


def _marks(world, words):
    return {each for each, mark in world.marks.items() if any(mark in each.split() for each in words)}


def _mails(world, who):
    """What stands in subject, text and markup of what would go out to them now, markup apart from words."""
    rows = db.session.query(MailRow).filter_by(person_id=who.id, state="waiting")
    made = [each for each in map(outgoing, rows) if isinstance(each, Mail)]
    spoken = [(each.subject, each.text, each.html.replace("<", " <").replace(">", "> ")) for each in made]
    found = [{*_marks(world, [words])} for words in map(" ".join, zip(*spoken, strict=True))] if spoken else [set()]
    union = set().union(*found)
    assert all(each == union for each in found[1:]), "Text and markup say the same."
    return union


def page(world, who):
    notify(Kind.DUE, _news(world, who, "page"))
    db.session.commit()
    return _marks(world, [world.words(who, "/notifications/").replace("<", " <").replace(">", "> ")])


def message(world, who):
    notify(Kind.MESSAGE, _news(world, who, "message", template_id=_template(world, "message").id))
    db.session.commit()
    return _marks(world, [world.words(who, "/notifications/").replace("<", " <").replace(">", "> ")])


def mail(world, who):
    notify(Kind.MENTIONED, _news(world, who, "mail"))
    return _mails(world, who)


def digest(world, who):
    notify(Kind.POOL_NEAR, _news(world, who, "digest"))
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        assert gather(who.id)
    return _mails(world, who)


def template_mail(world, who):
    """To one of ours; and to somebody else with their eyes."""
    template, to = _template(world, "mail"), To(who.id)
    for id_ in world.ids.values():
        post_from(who.actor, template, world.type.key, id_, to, key=f"t:{who.id}:{id_}")
        outside = To(address="somebody@example.com")
        post_from(who.actor, template, world.type.key, id_, outside, key=f"o:{who.id}:{id_}")
    theirs = db.session.query(MailRow).filter_by(by_id=who.id, address="somebody@example.com")
    words = [each.text for each in map(outgoing, theirs) if isinstance(each, Mail)]
    told = _mails(world, who)
    assert _marks(world, words) == told
    return told
