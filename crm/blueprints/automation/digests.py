"""What an import, or a change of many records, brought somebody: one page for one message."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import g

from crm.blueprints.automation.words import type_word
from crm.domain.automation import ruling
from crm.domain.automation.digests import NEW, TABLE, digest_of
from crm.domain.automation.models import AutomationDigest
from crm.domain.notifications.queries import names_of, rules_named
from crm.domain.registry import RECORD_TYPES
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.formats import moment, number
from crm.web.htmx import render
from crm.web.i18n import gettext

bp = CrmBlueprint(TABLE, __name__, url_prefix=f"/{TABLE}")
SHOWN = 50
_PAIR = N_("%(who)s: %(name)s")


@bp.get("/<int:digest_id>", needs=SIGNED_IN)
def show(digest_id: int) -> Any:
    digest = db.one_or_404(digest_of(g.actor.id, digest_id))
    rules = _rules({int(key) for key in digest.counts if key != NEW})
    counts = [
        gettext(_PAIR, who=_new(digest) if key == NEW else rules.get(int(key), ""), name=number(count))
        for key, count in sorted(digest.counts.items())
    ]
    at = moment(digest.told_at) if digest.told_at else ""
    return render("automation/digest.html", counts=counts, records=_records(digest), at=at)


def _new(digest: AutomationDigest) -> str:
    return gettext(N_("Came in as yours: %(records)s"), records=type_word(digest.record_type))


def _records(digest: AutomationDigest) -> list[tuple[str, str]]:
    """Of an import those that are the reader's, as far as they see them now."""
    table, _, id_ = digest.source.partition(":")
    type_ = RECORD_TYPES[digest.record_type]
    if table != "imports" or not g.actor.may(type_.may_read):
        return []
    entity = type_.entity
    mine = entity.visible_to(g.actor).where(entity.import_id == int(id_), entity.owner_id == g.actor.id)
    rows = db.session.scalars(mine.order_by(entity.id).limit(SHOWN))
    return [(f"{each.name} ({each.number})", f"/{type_.key}/{each.id}") for each in rows]


def _named(actor: Actor, ids: Collection[int]) -> Mapping[int, str]:
    """How many records of which type, which is all that is told before the page is opened."""
    rows = db.session.query(AutomationDigest).filter(
        AutomationDigest.id.in_(ids), AutomationDigest.person_id == actor.id
    )
    return {
        each.id: gettext(_PAIR, who=type_word(each.record_type), name=number(max(each.counts.values(), default=0)))
        for each in rows
    }


def _rules(ids: Collection[int]) -> Mapping[int, str]:
    return {id_: gettext(name) for id_, name in ruling.named(ids).items()}


names_of[TABLE] = _named
rules_named[:] = [_rules]
