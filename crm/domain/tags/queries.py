"""The tags there are, and what that says of a field that has them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.domain.tags.models import Tag
from crm.infra.db import db
from crm.kernel.fields import Choice
from crm.kernel.language import words_in


def all_tags() -> Sequence[Tag]:
    """Those that are offered first, in their order."""
    return db.session.scalars(select(Tag).order_by(Tag.retired_at.is_not(None), Tag.position, Tag.id)).all()


TYPES = ("customers", "contacts", "leads", "opportunities", "tickets")


def configured(type_: str) -> Mapping[str, Mapping[str, Any]]:
    """For `configurations`: read once for each version of the shape."""
    tags = all_tags()
    if not tags:
        return {}
    keys = {each.id: each.key for each in tags}
    return {"tags": {"choices": tuple(_choice(each, keys, type_) for each in tags)}}


def _choice(tag: Tag, keys: Mapping[int, str], type_: str) -> Choice:
    """What is not offered for the type keeps its meaning where it stands."""
    return Choice(
        tag.key,
        words_in(tag.label),
        tag.tone,
        tuple(tag.names),
        retired=tag.retired_at is not None or type_ not in tag.types,
        help=words_in(tag.description),
        asks_why=tag.asks_why,
        means=keys[tag.merged_into_id] if tag.merged_into_id is not None else "",
    )
