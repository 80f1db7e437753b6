"""Attaching files to a follow-up, and removing them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from sqlalchemy import update

from crm.domain.attachments.events import FileRemoved
from crm.domain.attachments.kinds import KINDS, kind_of
from crm.domain.attachments.models import Attachment
from crm.domain.timeline.models import FollowUp
from crm.infra import clock
from crm.infra.db import db
from crm.infra.storage import Storage
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.text import N_, clean

MOST = 10
_LONGEST = 160


@dataclass(frozen=True)
class Limits:
    """What this installation takes: bytes of one file, and endings without dot."""

    size: int
    endings: frozenset[str]


@dataclass(frozen=True)
class Upload:
    """A file on its way in; the stream stands at its beginning."""

    name: str
    stream: IO[bytes]
    size: int


@dataclass(frozen=True)
class Checked:
    upload: Upload
    name: str
    content_type: str


def check(uploads: Sequence[Upload], limits: Limits) -> list[Checked]:
    """Before anything is kept; raises Invalid with the sentence about the first that is not taken."""
    if len(uploads) > MOST:
        raise Invalid(N_("At most %(most)s files fit one follow-up."), key="files", most=MOST)
    return [_checked(each, limits) for each in uploads]


def _checked(upload: Upload, limits: Limits) -> Checked:
    name = _plain_name(upload.name)
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in limits.endings & KINDS.keys():
        known = ", ".join(sorted(limits.endings & KINDS.keys()))
        raise Invalid(
            N_("“%(name)s” cannot be attached. Files that can: %(known)s."), key="files", name=name, known=known
        )
    if upload.size > limits.size:
        most = limits.size // 1_048_576
        raise Invalid(N_("“%(name)s” is larger than %(most)s MB."), key="files", name=name, most=most)
    if upload.size == 0:
        raise Invalid(N_("“%(name)s” is empty."), key="files", name=name)
    kind = kind_of(name, upload.stream)
    if kind is None:
        raise Invalid(N_("“%(name)s” is not what its ending says it is."), key="files", name=name)
    return Checked(upload, name, kind.content_type)


def _plain_name(name: str) -> str:
    """Without folders, and short enough; the ending stays."""
    name = clean(PurePosixPath(name.replace("\\", "/")).name)
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: _LONGEST - len(ending)]}{dot}{ending}" if dot else name[:_LONGEST]


def attach(actor: Actor, follow_up: FollowUp, files: Sequence[Checked], storage: Storage) -> None:
    """The files first, then their rows: what is told is there."""
    for each in files:
        stored = storage.put(each.upload.stream, suffix=f".{each.name.rpartition('.')[2]}")
        attachment = Attachment(
            subject_type=follow_up.subject_type,
            subject_id=follow_up.subject_id,
            follow_up_id=follow_up.id,
            author_id=actor.id,
            name=each.name,
            content_type=each.content_type,
            size=stored.size,
            sha256=stored.sha256,
            storage_key=stored.key,
        )
        db.session.add(attachment)
    db.session.flush()


def remove(actor: Actor, subject: Any, attachment: Attachment) -> None:
    """By whoever attached it."""
    if attachment.author_id != actor.id:
        raise RuleBroken(N_("Only the person who wrote a follow-up can change or delete it."))
    if attachment.removed_at is None:
        attachment.removed_at = clock.now()
        record(actor, subject, FileRemoved(attachment.follow_up_id, attachment.name))


def remove_with(follow_up: FollowUp) -> None:
    """With the follow-up they belong to."""
    _remove(Attachment.follow_up_id == follow_up.id)


def remove_of(subject_type: str, ids: Collection[int]) -> None:
    """With records that leave for good."""
    _remove(Attachment.subject_type == subject_type, Attachment.subject_id.in_(ids))


def _remove(*which: Any) -> None:
    there = update(Attachment).where(*which, Attachment.removed_at.is_(None))
    db.session.execute(there.values(removed_at=clock.now()).execution_options(synchronize_session=False))
