"""Tags made, changed, put in order, retired, brought back and made one, by an administrator. No record is touched."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select, update

from crm.domain.fields.drafts import TONES, key_for
from crm.domain.tags.events import TagChanged, TagMade, TagMerged
from crm.domain.tags.models import Tag
from crm.domain.tags.queries import TYPES, all_tags
from crm.domain.tags.spellings import spelt
from crm.infra import clock
from crm.infra.db import db
from crm.kernel.access import Actor
from crm.kernel.errors import Invalid, RuleBroken
from crm.kernel.events import record
from crm.kernel.language import words_in
from crm.kernel.parsing import SEPARATORS
from crm.kernel.shape import reshaped
from crm.kernel.text import N_, clean, fold

_PREFIX = "t_"  # nobody types that, so that no name of a tag is the key of another
LONGEST, LONGEST_DESCRIPTION, MOST = 40, 300, 200


@dataclass(frozen=True)
class TagDraft:
    label: Mapping[str, str]
    description: Mapping[str, str] = field(default_factory=dict)
    tone: str = ""
    asks_why: bool = False
    types: Collection[str] = TYPES

    def cleaned(self) -> "TagDraft":
        label = _cleaned(self.label, LONGEST)
        if not label:
            raise Invalid(N_("It needs a name."), key="label-en")
        if any(SEPARATORS.search(words) for words in label.values()):
            raise Invalid(N_("The name of a tag has no comma in it: commas tell tags apart."), key="label-en")
        if self.tone not in TONES:
            raise Invalid(N_("Choose a colour that is offered."), key="tone")
        if not self.types or not set(TYPES).issuperset(self.types):
            raise Invalid(N_("Choose at least one type of record that it is for."), key="types")
        return replace(self, label=label, description=_cleaned(self.description, LONGEST_DESCRIPTION))

    def columns(self) -> dict[str, Any]:
        label, description = dict(self.label), dict(self.description)
        more = {"tone": self.tone, "asks_why": self.asks_why, "types": [each for each in TYPES if each in self.types]}
        return {"label": label, "description": description, **more}


def _cleaned(by_language: Mapping[str, str], longest: int) -> dict[str, str]:
    said = {language: words for language, each in by_language.items() if (words := clean(each))}
    for words in said.values():
        if len(words) > longest:
            raise Invalid(N_("It has %(length)s characters; at most %(most)s fit."), length=len(words), most=longest)
    return said


def make(actor: Actor, draft: TagDraft) -> Tag:
    """Whatever somebody has typed as a tag before and is called so has the meaning too from now on."""
    _take_turns()
    known = all_tags()
    if len(known) >= MOST:
        raise RuleBroken(N_("At most %(most)s tags fit."), most=MOST)
    draft = draft.cleaned()
    _refuse_taken(draft, None)
    key = key_for(draft.label, {each.key for each in known}, _PREFIX)
    made = Tag(key=key, position=max((each.position for each in known), default=0) + 1, **draft.columns())
    made.names = spelt(db.session.connection(), draft.label.values())
    db.session.add(made)
    record(actor, made, TagMade(title(made), draft.columns()))
    reshaped()
    return made


def change(actor: Actor, tag: Tag, draft: TagDraft) -> None:
    """What it was called stays a name of it, for files and for what somebody remembers."""
    _take_turns()
    draft = draft.cleaned()
    _refuse_taken(draft, tag)
    before = [*tag.label.values()]
    _set(actor, tag, draft.columns())
    gone = [each for each in before if each not in tag.label.values()]
    if new := set(tag.label.values()) - set(before):
        gone += spelt(db.session.connection(), new)
    if gone := [each for each in gone if each not in tag.names]:
        tag.names = [*tag.names, *gone]


def move(actor: Actor, tag: Tag, *, down: bool) -> None:
    _take_turns()
    rows = [each for each in all_tags() if each.retired_at is None]
    to = rows.index(tag) + (1 if down else -1) if tag in rows else -1
    if 0 <= to < len(rows):
        before, other = tag.position, rows[to]
        tag.position, other.position = other.position, before
        _tell(actor, tag, {"position": [before, tag.position]})


def retire(actor: Actor, tag: Tag) -> None:
    """It is not put on any more; where it is, it stays until somebody takes it away."""
    if tag.retired_at is None:
        tag.retired_at = clock.now()
        _tell(actor, tag, {"retired": [False, True]})


def bring_back(actor: Actor, tag: Tag) -> None:
    """One that was made one with another is a tag of its own again."""
    if tag.retired_at is not None:
        _take_turns()
        _refuse_taken(TagDraft(tag.label), tag)
        tag.retired_at, tag.merged_into_id = None, None
        _tell(actor, tag, {"retired": [True, False]})


def merge(actor: Actor, tag: Tag, into: Tag) -> None:
    """From now on whatever has the one has the other; what stands in records is only read otherwise."""
    _take_turns()
    db.session.refresh(into)
    if tag.id == into.id or into.retired_at is not None:
        raise Invalid(N_("Choose another tag that is offered."), key="into")
    tag.merged_into_id, tag.retired_at = into.id, tag.retired_at or clock.now()
    along = update(Tag).where(Tag.merged_into_id == tag.id).values(merged_into_id=into.id)
    db.session.execute(along)
    record(actor, tag, TagMerged(title(tag), title(into)))
    reshaped()


def title(tag: Tag) -> str:
    return str(words_in(tag.label))


def _refuse_taken(draft: TagDraft, tag: Tag | None) -> None:
    """Two tags of one name could not be told apart."""
    others = [each for each in all_tags() if each is not tag and each.retired_at is None]
    taken = {fold(words): each for each in others for words in each.label.values()}
    for words in draft.label.values():
        if fold(words) in taken:
            raise Invalid(N_("There is a tag called “%(name)s” already."), name=words, key="label-en")


def _set(actor: Actor, tag: Tag, columns: Mapping[str, Any]) -> None:
    changes = {key: [getattr(tag, key), value] for key, value in columns.items() if getattr(tag, key) != value}
    for key, (_, value) in changes.items():
        setattr(tag, key, value)
    if changes:
        _tell(actor, tag, changes)


def _tell(actor: Actor, tag: Tag, changes: dict[str, Any]) -> None:
    record(actor, tag, TagChanged(title(tag), changes))
    reshaped()


def _take_turns() -> None:
    """Two administrators do not shape the same at one moment."""
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext("tags"))))
