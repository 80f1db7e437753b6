"""What the composer sends: the follow-up's fields, whom it tells, its files."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from flask import flash, g, request
from werkzeug.datastructures import FileStorage

from crm.domain.attachments.actions import Checked, Limits, Upload, check
from crm.domain.people.queries import PEOPLE
from crm.domain.tasks.following import Outcome, write
from crm.domain.timeline.fields import COMPOSED
from crm.infra.storage import Storage, storage_for
from crm.kernel.errors import Invalid
from crm.kernel.text import N_
from crm.web.errors import told
from crm.web.forms import FieldForm
from crm.web.i18n import gettext

FILES = "files"
_UNTOLD = N_("Not told, since they may not see this %(record)s: %(names)s.")


class Composed:
    """One posted composer. Files cannot be put back into a page: `file_errors` says what was wrong with them, and
    where the script is away the page says that they are to be chosen again."""

    def __init__(self) -> None:
        self.form = FieldForm.posted(COMPOSED, request.form)
        self.files: list[Checked] = []
        self.file_errors: list[str] = []
        self.had_files = bool(_chosen())
        self.told: list[int] = []

    def read(self) -> bool:
        good = self.form.read()
        return all((good, self._read_tell(), self._read_files()))

    def _read_tell(self) -> bool:
        """All the names that nobody has, or several have, in one sentence each."""
        names = self.form.values.pop("tell", None) or []
        found = PEOPLE.resolve(g.actor, names) if names else {}
        wrong = [told(each) for each in found.values() if isinstance(each, Invalid)]
        if wrong:
            self.form.by_name["tell"].errors = wrong
        self.told = [each for each in found.values() if not isinstance(each, Invalid)]
        return not wrong

    def _read_files(self) -> bool:
        try:
            self.files = check([_upload(each) for each in _chosen()], limits())
        except Invalid as problem:
            self.file_errors = [told(problem)]
        return not self.file_errors

    def write(self, subject: Any) -> Outcome | None:
        """None where something is wrong."""

        def write_it(storage: Storage | None) -> Outcome:
            return write(g.actor, subject, self.form.values, tell=self.told, files=self.files, storage=storage)

        return self.kept(write_it)

    def kept(self, write_it: Callable[[Storage | None], Outcome]) -> Outcome | None:
        """What it is written by; None where something is wrong."""
        if not self.read():
            return None
        try:
            return write_it(storage_for(g.settings) if self.files else None)
        except Invalid as problem:
            self.form.refuse(problem, problem.params.get("key", ""))
            return None


def limits() -> Limits:
    settings = g.settings
    return Limits(settings.attachment_mb * 1_048_576, frozenset(settings.attachment_types.lower().split()))


def accepted() -> str:
    """For the file chooser."""
    return ",".join(f".{each}" for each in sorted(limits().endings))


def tell_untold(names: Sequence[str], noun: str) -> None:
    if names:
        flash(gettext(_UNTOLD, record=noun, names=gettext(N_(", ")).join(names)), "warn")


def _chosen() -> list[FileStorage]:
    """A file input left empty sends one file without a name."""
    return [each for each in request.files.getlist(FILES) if each.filename]


def _upload(file: FileStorage) -> Upload:
    size = file.stream.seek(0, os.SEEK_END)
    file.stream.seek(0)
    return Upload(file.filename or "", file.stream, size)
