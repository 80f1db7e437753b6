"""The page of one record: its sections as facts or forms, its timeline, what belongs to it."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from flask import Response, abort, g, request, url_for

from crm.domain.confirming.holding import Changed
from crm.domain.records.external import ids_of
from crm.domain.registry import CALLED, DRAFT, REQUESTS, SHARES, what_surrounds
from crm.domain.timeline.fields import COMPOSED
from crm.kernel.conditions import is_shown, offered
from crm.kernel.fields import Field
from crm.kernel.layouts import Section
from crm.kernel.records import RecordType
from crm.kernel.text import N_
from crm.web import drafts
from crm.web.clashes import filled_over
from crm.web.confirming import Waiting, kept_words
from crm.web.fields import labels_for, show, show_rich
from crm.web.forms import FieldForm
from crm.web.htmx import render
from crm.web.i18n import gettext, noun
from crm.web.likeness import Doubles, hint_url, told_by
from crm.web.records.composing import FILES, Composed, accepted
from crm.web.records.related import Related, related_lists
from crm.web.records.tasks import OpenTasks
from crm.web.sharing import Sharing
from crm.web.timeline import TimelineView


def follow_up_place(record: Any) -> str:
    """Of the draft; customers' had no type in it when there were no others."""
    type_ = "" if record.__tablename__ == "customers" else f"{record.__tablename__}-"
    return f"follow-up-{type_}{record.id}"


class RecordPage:
    """A type may bring a class of its own with more to show: templates within the head and after the sections."""

    head_part: str = ""
    parts: tuple[str, ...] = ()
    composer_part: str = "records/_composer.html"
    head_buttons: str = ""  # beside those of every record
    swapped_parts: tuple[str, ...] = ()  # of `parts` those that are sent again with every section that is saved

    def __init__(self, type_: RecordType, record: Any) -> None:
        self.record = record
        self.type = type_.open_to(g.actor)

    def url(self, endpoint: str, **values: Any) -> str:
        """An address of this record."""
        return url_for(f"{self.type.key}.{endpoint}", record_id=self.record.id, **values)

    @property
    def list_url(self) -> str:
        return url_for(f"{self.type.key}.index")

    @property
    def noun(self) -> str:
        return noun(self.type.label)

    @property
    def draft_place(self) -> str:
        return follow_up_place(self.record)

    @cached_property
    def related(self) -> list[Related]:
        return related_lists(self.type.key, self.record, self.there)

    @cached_property
    def there(self) -> frozenset[str]:
        return what_surrounds(self.type.key, self.record.id, g.person.id, self.draft_place)

    def badges(self) -> list[tuple[str, str]]:
        """(words, tone) that stand beside the name."""
        return [(words, self.tone(key)) for key in self.type.badges if (words := self.words(key))]

    @cached_property
    def labels(self) -> Mapping[str, Mapping[Any, str]]:
        return labels_for(self.type.fields, [{each.key: each.value_in(self.record) for each in self.type.fields}])

    def facts(self, section: Section) -> list[tuple[str, Any, bool]]:
        """(label, words, whether it takes both columns)"""
        there = (each for each in section.fields if is_shown(each, self.known, self.value))
        shown = {each: show_rich(each, self.value(each), self.labels) for each in there}
        return [(gettext(each.label), words, each.key in section.wide) for each, words in shown.items()]

    @cached_property
    def called(self) -> list[tuple[str, str]]:
        """What other systems call it: (label, id there)."""
        ids = ids_of(self.type.key, self.record.id) if CALLED in self.there else ()
        return [(gettext(N_("Id in %(system)s"), system=system), id_) for system, id_ in ids]

    def words(self, key: str) -> str:
        field = self.type.list.by_key.get(key)
        return show(field, field.value_in(self.record), self.labels) if field else ""

    def tone(self, key: str) -> str:
        field = self.type.list.by_key.get(key)
        choice = field.choice(field.value_in(self.record)) if field else None
        return choice.tone if choice else ""

    @property
    def dialled(self) -> str | None:
        """The phone, for whoever may read it."""
        field = self.type.list.by_key.get("phone")
        return field.value_in(self.record) if field and not field.masked else None

    @cached_property
    def owner(self) -> str:
        return self.words("owner")

    @cached_property
    def sharing(self) -> Sharing:
        return Sharing(self.record, SHARES in self.there, REQUESTS in self.there)

    @cached_property
    def doubles(self) -> Doubles:
        return Doubles(self.type, self.record, self.there)

    @property
    def watch_url(self) -> str:
        return hint_url(self.type, self.record.id)

    def watched(self, form: FieldForm) -> list[str]:
        """The controls that tell who it is."""
        return told_by(self.type, form)

    @cached_property
    def waiting(self) -> Waiting:
        return Waiting(self.type, self.record)

    @cached_property
    def timeline(self) -> TimelineView:
        return TimelineView(self.record, self.type.fields, request.args.get("after", ""))

    @cached_property
    def newest(self) -> TimelineView:
        """What has just happened, to be put on top of a timeline that is shown already."""
        return TimelineView(self.record, self.type.fields, size=1)

    @cached_property
    def composer(self) -> FieldForm:
        return FieldForm(COMPOSED, {"kind": "call"} | self.draft)

    refused: Composed | None = None  # the composer that was sent and is not kept

    @property
    def composer_errors(self) -> list[tuple[str, str]]:
        files = self.refused.file_errors if self.refused else []
        return self.composer.errors + [(FILES, words) for words in files]

    @property
    def accepted(self) -> str:
        return accepted()

    @cached_property
    def tasks(self) -> OpenTasks:
        return OpenTasks(self.record, not self.record.gathers or "tasks.customer" in self.there)

    @cached_property
    def draft(self) -> dict[str, str]:
        """The follow-up this person was writing here, perhaps on another device."""
        return drafts.kept(self.draft_place) if DRAFT in self.there else {}

    def writable(self, key: str) -> tuple[Field, ...]:
        writable = [each for each in self._section(key).fields if each.writable_by(g.actor)]
        return offered(writable, self.known, self.value)

    @cached_property
    def known(self) -> Mapping[str, Field]:
        return self.type.by_key()

    def value(self, field: Field) -> Any:
        return field.value_in(self.record)

    def _section(self, key: str) -> Section:
        return self.type.section(key) or abort(404)

    def editing(self, key: str, form: FieldForm, status: int = 200, theirs: Any = ()) -> Response:
        return render(
            "records/section_edit.html",
            status,
            part="records/_section_form.html",
            page=self,
            section=self._section(key),
            form=form,
            theirs=theirs,
            before=filled_over(form.fields, self.record),
        )

    def section_or_page(self, key: str) -> Response:
        return render("records/show.html", part="records/_section.html", page=self, section=self._section(key))

    def section_swap(self, key: str, changed: Changed) -> Response:
        return render(
            "records/section_saved.swap.html",
            page=self,
            section=self._section(key),
            changed=changed,
            kept=kept_words(self.type, changed.waiting),
        )
