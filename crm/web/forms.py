"""A form made of fields: what each control holds, what was wrong with it, and what comes out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import g, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from crm.domain.fields.needed import UNSHOWN
from crm.kernel.conditions import FILLED, is_shown
from crm.kernel.errors import Invalid
from crm.kernel.fields import Context, Field, read_rows
from crm.kernel.kinds import SOURCED, FieldKind
from crm.kernel.language import naming, reading
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.fields import CONTROL, defaults, edit_text, labels_for
from crm.web.i18n import gettext


@dataclass
class Control:
    """One field as the template draws it."""

    field: Field
    text: str = ""
    prefix: str = ""  # of the id, where a page has two forms of the same fields
    errors: list[str] = field(default_factory=list)
    asking: "Control | None" = None  # of the same form, on whose answer it hangs whether this is asked
    shown: bool = True
    untouched: bool = True  # not shown to whoever filled in the form, or left as it was
    wants_reason: bool = False  # the verb asks for one before it takes this
    says_why: bool = True  # the reason of a tag that needs one is asked here, and not elsewhere in the form

    @property
    def required(self) -> bool:
        """Whether it is where it is shown."""
        one = self.field
        return one.required or (one.shown_if is not None and one.shown_if == one.required_from)

    @property
    def hint(self) -> str:
        """When this is asked, for whom no script shows and hides it."""
        if self.asking is None or self.field.shown_if is None:
            return ""
        words = [words for key, words in self.asking.options if key in self.field.shown_if.values]
        if FILLED in self.field.shown_if.values:
            return gettext(N_("Only if “%(field)s” is filled in."), field=self.asking.label)
        values = gettext(N_(" or ")).join(words)
        return gettext(N_("Only if “%(field)s” is: %(values)s."), field=self.asking.label, values=values)

    @property
    def shown_values(self) -> str:
        return " ".join(sorted(self.field.shown_if.values)) if self.field.shown_if else ""

    @property
    def name(self) -> str:
        return self.field.key

    @property
    def id(self) -> str:
        return self.prefix + self.field.key

    @property
    def label(self) -> str:
        return gettext(self.field.label)

    @property
    def help(self) -> str:
        said = [gettext(self.field.help)] if self.field.help else []
        if self.field.sensitive:
            said.append(gettext(N_("A later change takes effect when a second person has confirmed it.")))
        return " ".join(said)

    @property
    def control(self) -> str:
        return "tags" if self.is_tags else CONTROL[self.field.kind][0]

    @property
    def is_tags(self) -> bool:
        """Tags of which some have a meaning, to be chosen by it."""
        return self.field.kind is FieldKind.TAGS and bool(self.field.choices)

    @property
    def meanings(self) -> list[tuple[str, str, str]]:
        """(key, words, what it means) of the tags that are offered."""
        known = self.field.tags.by_key
        return [(key, words, gettext(known[key].help) if known[key].help else "") for key, words in self.options]

    @property
    def others(self) -> str:
        """The tags without a meaning."""
        return ", ".join(each for each in self.chosen if each and each not in self.field.tags.by_key)

    @property
    def asks_why(self) -> bool:
        return self.says_why and any(each.asks_why and not each.retired for each in self.field.choices)

    @property
    def why(self) -> str:
        return request.form.get("reason", "")

    @property
    def type(self) -> str:
        return CONTROL[self.field.kind][1]

    @property
    def options(self) -> list[tuple[str, str]]:
        if self.field.kind is FieldKind.YES_NO:
            return [("yes", gettext(N_("Yes"))), ("no", gettext(N_("No")))]
        offered = [each for each in self.field.choices if not each.retired or each.key in self.chosen]
        return [(each.key, gettext(each.label)) for each in offered]

    @property
    def chosen(self) -> list[str]:
        """Of several choices the keys that are ticked."""
        return [each.strip() for each in self.text.split(",")]

    @property
    def lookup_url(self) -> str:
        return url_for("lookup.options", field=self.field.key) if self.field.kind in SOURCED else ""

    def drawn(self, macro: Callable[["Control", bool], Markup], wide: bool) -> Markup:
        """As the macro draws it. Most controls of a new form are empty, and those are drawn once for all who see it."""
        if self.errors or self.asking or self.is_tags or (self.text and self.field.choice(self.text) is None):
            return macro(self, wide)
        return _drawn(macro, self.field, self.text, self.prefix, wide, reading.get(), naming.get())

    @property
    def attrs(self) -> dict[str, Any]:
        secret = self.field.kind is FieldKind.ENCRYPTED  # no browser is to keep it, nor our drafts in it
        return {"maxlength": self.field.max_length} | ({"autocomplete": "off", "data-secret": True} if secret else {})


@lru_cache(1024)
def _drawn(
    macro: Callable[[Control, bool], Markup],
    field: Field,
    text: str,
    prefix: str,
    wide: bool,
    _language: str,
    _shape: int,  # which has the company's words
) -> Markup:
    return macro(Control(field, text, prefix), wide)


class FieldForm:
    """`FieldForm(fields, texts)` draws; `read()` checks. The texts people typed come back untouched when refused."""

    def __init__(self, fields: Sequence[Field], texts: Mapping[str, str] | None = None, *, prefix: str = "") -> None:
        texts = texts or {}
        self.fields = tuple(fields)
        self.controls = [Control(each, texts.get(each.key, ""), prefix) for each in self.fields]
        self.values: dict[str, Any] = {}
        self._hang()

    def _hang(self) -> None:
        fields, controls = {each.key: each for each in self.fields}, self.by_name
        for each in self.controls:
            if each.field.shown_if is not None and each.field.shown_if.field in fields:
                each.asking = controls[each.field.shown_if.field]
                each.shown = is_shown(each.field, fields, lambda it: list(filter(None, controls[it.key].chosen)))

    @classmethod
    def of(cls, fields: Sequence[Field], record: Any, *, prefix: str = "") -> "FieldForm":
        values = {each.key: each.value_in(record) for each in fields}
        labels = labels_for(fields, [values])
        return cls(fields, {each.key: edit_text(each, values[each.key], labels) for each in fields}, prefix=prefix)

    @classmethod
    def posted(cls, fields: Sequence[Field], form: Mapping[str, str], *, prefix: str = "") -> "FieldForm":
        posted = cls(fields, {each.key: _posted(each, form) for each in fields}, prefix=prefix)
        for each in posted.controls:
            if not each.shown:
                first = form.get(f"before-{each.name}", defaults([each.field]).get(each.name, ""))
                each.untouched = f"unseen-{each.name}" in form or each.text in ("", first)
        return posted

    def read(self) -> bool:
        """Check every control by its field's own rule; the good values are in `values`.

        What is not shown is not asked, and what stands there stays; but nothing that somebody wrote there is dropped
        without a word.
        """
        texts = {each.name: each.text for each in self.controls if each.shown or not each.untouched}
        reading = read_rows(self.fields, [texts], Context(g.actor))[0]
        for each in self.controls:
            if each.asking is not None and not each.shown and not each.untouched:
                reading.problems[each.name] = Invalid(UNSHOWN, field=each.field.label, other=each.asking.field.label)
        for control in self.controls:
            if problem := reading.problems.get(control.name):
                control.errors = [told(problem)]
        self.values = reading.values
        return not reading.problems

    def refuse(self, error: Invalid, name: str = "") -> None:
        """A rule that only the verb knows, shown beside its field or on top."""
        control = next((each for each in self.controls if each.name == name), self.controls[0])
        control.errors, control.wants_reason = [told(error)], bool(error.params.get("asks_why"))

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(control id, sentence) for the summary on top."""
        sentence = N_("%(label)s: %(words)s")
        return [
            (each.id, gettext(sentence, label=each.label, words=words))
            for each in self.controls
            for words in each.errors
        ]

    @property
    def by_name(self) -> dict[str, Control]:
        return {each.name: each for each in self.controls}

    def __iter__(self) -> Any:
        return iter(self.controls)


def _posted(field: Field, form: Mapping[str, str]) -> str:
    """Ticked boxes come one by one."""
    if field.kind is FieldKind.MULTI_CHOICE and isinstance(form, MultiDict):
        return ",".join(form.getlist(field.key))
    if field.kind is FieldKind.TAGS and field.choices and isinstance(form, MultiDict):
        return ", ".join(filter(None, map(str.strip, form.getlist(field.key))))
    return form.get(field.key, "")
