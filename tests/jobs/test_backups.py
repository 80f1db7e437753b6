"""The backup of the night: made, shown, and told of where it fails."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from crm.domain.notifications.models import Notification
from crm.infra import clock
from crm.infra.backups import shelf
from crm.infra.db import db
from crm.jobs.backups import make_nightly
from tests.web.conftest import as_  # noqa: F401 (a fixture)


@pytest.fixture
def to(app, tmp_path):
    """Where backups go in this test."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, backup_to=str(tmp_path / "backups"), secret_key="t" * 40)
    yield tmp_path / "backups"
    (before.instance / "last_backup.json").unlink(missing_ok=True)
    app.config["SETTINGS"] = before


def page(as_):  # noqa: F811
    answer = as_.administrator.get("/admin/backups")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def told():
    return db.session.execute(db.select(Notification.person_id).where(Notification.kind == "not_saved")).scalars().all()


def test_one_that_fails_is_told_once_and_shown_until_one_succeeds(app, as_, cast, to):  # noqa: F811
    to.write_text("in the way")
    make_nightly()
    make_nightly()
    assert told() == [cast.administrator.id]
    said = page(as_)
    assert "its folder cannot be written" in said and str(to) in said and "no backup of the last two days" in said
    assert "The backup could not be made" in as_.administrator.get("/notifications/").get_data(as_text=True)
    assert as_.rep.get("/admin/backups").status_code == 403
    to.unlink()
    make_nightly()
    [found] = shelf.backups_in(to)
    said = page(as_)
    assert found.folder.name in said and "Checked" in said
    assert "last backup could not be made" not in said and "last two days" not in said
    with clock.frozen(clock.now() + dt.timedelta(days=3)):
        assert "no backup of the last two days" in page(as_)
    replace(found.manifest, missing=("ab12",)).write(found.folder)
    assert "Files missing" in page(as_), "which the database names and nobody has"
    shelf.note_check(found.folder, ["database.dump"])
    assert "Damaged" in page(as_)


def test_without_a_folder_nothing_is_made_and_the_page_says_so(app, as_, cast, to):  # noqa: F811
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], backup_to="")
    make_nightly()
    assert not told() and not Path(shelf.usual(app.config["SETTINGS"])).exists()
    assert "No regular backups are set up" in page(as_)
