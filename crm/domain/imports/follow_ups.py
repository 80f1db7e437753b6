"""Follow-ups out of a file: what was said of records that are here, by whom and when."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from crm.domain.imports.follow_up_fields import ABOUT, FIELDS, SAID
from crm.domain.records.anything import parted
from crm.domain.timeline.actions import Dealing, add_follow_ups, check_moment
from crm.domain.timeline.models import Followed, FollowUp
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import RuleBroken
from crm.kernel.fields import Field
from crm.kernel.layouts import Section
from crm.kernel.permissions import Permission
from crm.kernel.shaping import fields_for
from crm.kernel.text import N_

KEY = FollowUp.__tablename__
_SEPARATOR = "\x1f"
_IDS, _MOMENTS = ARRAY(BigInteger), ARRAY(DateTime(timezone=True))


class _Matching:
    """The same words about the same record at the same time: a file that comes again brings nothing twice."""

    def match_key(self, values: Mapping[str, Any]) -> str | None:
        about, at, body = values.get("about"), values.get("happened_at"), values.get("body")
        if not (about and at and body):
            return None
        return _SEPARATOR.join((about, at.astimezone(dt.UTC).isoformat(), _told(body)))

    def matches(self, actor: Actor, keys: Collection[str]) -> dict[str, int]:
        """Match key → the oldest that the actor may see; by ix_follow_ups_timeline."""
        found: dict[str, int] = {}
        wanted: dict[str, set[tuple[int, dt.datetime]]] = {}
        for key in keys:
            about, at, _ = key.split(_SEPARATOR)
            type_, id_ = parted(about)
            wanted.setdefault(type_, set()).add((id_, dt.datetime.fromisoformat(at)))
        for type_, places in wanted.items():
            entity = Followed.known[type_]
            ids, moments = literal([id_ for id_, _ in places], _IDS), literal([at for _, at in places], _MOMENTS)
            asked = func.unnest(ids, moments).table_valued("id", "at").render_derived()
            statement = (
                select(FollowUp.id, FollowUp.subject_id, FollowUp.happened_at, FollowUp.body)
                .join(asked, (FollowUp.subject_id == asked.c.id) & (FollowUp.happened_at == asked.c.at))
                .where(FollowUp.subject_type == type_, FollowUp.deleted_at.is_(None))
                .where(FollowUp.subject_id.in_(entity.visible_to(actor).with_only_columns(entity.id)))
                .order_by(FollowUp.id.desc())
            )
            for row in db.session.execute(statement.execution_options(scoped=True)):
                at = row.happened_at.astimezone(dt.UTC).isoformat()
                found[_SEPARATOR.join((f"{type_}:{row.subject_id}", at, _told(row.body)))] = row.id
        return {key: id_ for key, id_ in found.items() if key in keys}


def _told(body: str) -> str:
    return blake2b(body.encode(), digest_size=12).hexdigest()


class _Verbs:
    def create_many(
        self, actor: Actor, rows: Sequence[Mapping[str, Any]], *, import_id: int, lines: Sequence[int]
    ) -> list[int]:
        """Ids in the order of `rows`."""
        of_type: dict[str, list[tuple[int, Dealing]]] = {}
        for at, (values, line) in enumerate(zip(rows, lines, strict=True)):
            check_moment(values)
            type_, id_ = parted(values["about"])
            author = values.get("author")
            said = {each.key: values.get(each.key) or each.default for each in SAID}
            dealing = Dealing(id_, actor.id if author is None else author, values["happened_at"], said, line)
            of_type.setdefault(type_, []).append((at, dealing))
        ids = [0] * len(rows)
        for type_ in sorted(of_type):
            places, dealings = zip(*of_type[type_], strict=True)
            made = add_follow_ups(actor, Followed.known[type_], dealings, import_id=import_id)
            for at, id_ in zip(places, made, strict=True):
                ids[at] = id_
        return ids

    def change_many(self, actor: Actor, changes: Sequence[Any], **origin: Any) -> list[int]:
        raise RuleBroken(N_("What somebody wrote is not written over by a file: leave the duplicates out."))


@dataclass(frozen=True)
class FollowUps:
    """What an import knows of a type of record, of something that is none: crm/kernel/records.py says what each is."""

    fields: tuple[Field, ...] = FIELDS
    key: ClassVar[str] = KEY
    label: ClassVar[str] = N_("Follow-up")
    label_plural: ClassVar[str] = N_("Follow-ups")
    icon: ClassVar[str] = "message-square"
    verbs: ClassVar[_Verbs] = _Verbs()
    matching: ClassVar[_Matching] = _Matching()
    left_out: ClassVar[tuple[Field, ...]] = ()
    main: ClassVar[Field] = ABOUT  # what a row is known by
    noun: ClassVar[str] = N_("follow-up")  # within a sentence
    nouns: ClassVar[str] = N_("follow-ups")
    may_read: ClassVar[Permission] = Permission.FOLLOW_UPS_IMPORT
    may_import: ClassVar[Permission] = Permission.FOLLOW_UPS_IMPORT
    may_create: ClassVar[Permission] = Permission.FOLLOW_UPS_WRITE
    may_edit: ClassVar[Permission] = Permission.FOLLOW_UPS_WRITE

    def open_to(self, actor: Actor) -> "FollowUps":
        return FollowUps(fields_for(actor, KEY, FIELDS))

    @property
    def sections(self) -> tuple[Section, ...]:
        return (Section(KEY, self.label, self.fields),)

    def writable(self, actor: Actor) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.writable_by(actor))

    def by_key(self) -> Mapping[str, Field]:
        return {each.key: each for each in self.fields}


FOLLOW_UPS = FollowUps()
