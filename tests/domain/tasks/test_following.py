"""What comes of a follow-up: its task, its files, whom it tells."""

import datetime as dt
import io
import zipfile

import pytest
from sqlalchemy import select

from crm.domain.attachments.actions import Limits, Upload, check
from crm.domain.attachments.models import Attachment
from crm.domain.attachments.queries import attachments_of
from crm.domain.customers import actions as customers
from crm.domain.customers.models import Customer
from crm.domain.notifications.queries import unread
from crm.domain.tasks.following import unwrite, write
from crm.domain.tasks.models import Task
from crm.infra import clock
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs.tasks import forget_files
from crm.kernel.errors import Invalid
from crm.kernel.events import Event

LIMITS = Limits(1_000, frozenset({"pdf", "txt", "docx", "png", "zip"}))
PDF = b"%PDF-1.7 and so on"
SAID = {"kind": "call", "body": "Talked"}


def upload(name, content=PDF):
    return Upload(name, io.BytesIO(content), len(content))


def archive(*names):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return packed.getvalue()


@pytest.fixture
def acme(cast):
    id_ = customers.create(cast.rep.actor, {"name": "Acme"})
    return db.session.scalars(Customer.visible_to(cast.rep.actor).where(Customer.id == id_)).one()


@pytest.fixture
def storage(app):
    return storage_for(app.config["SETTINGS"])


def test_a_next_date_makes_a_task_of_the_authors(cast, acme):
    outcome = write(cast.rep.actor, acme, SAID | {"next_step": "Send the offer", "next_on": dt.date(2031, 2, 3)})
    task = db.session.scalars(Task.visible_to(cast.rep.actor)).one()
    assert (task.id, task.name, task.due_on) == (outcome.task_id, "Send the offer", dt.date(2031, 2, 3))
    assert (task.owner_id, task.customer_id, task.remind) == (cast.rep.id, acme.id, "0")
    assert write(cast.rep.actor, acme, SAID | {"next_step": "Some day"}).task_id is None
    assert write(cast.rep.actor, acme, SAID | {"next_on": dt.date(2031, 2, 3)}).task_id is not None


def test_it_tells_only_who_may_see_the_record(cast, acme):
    outcome = write(cast.rep.actor, acme, SAID, tell=[cast.manager.id, cast.other_rep.id, cast.rep.id])
    assert outcome.untold == ["Mia Rep"]
    assert [unread(each.actor) for each in (cast.manager, cast.other_rep, cast.rep)] == [1, 0, 0]
    assert outcome.follow_up.told == [cast.manager.id, cast.rep.id]


def test_it_happened_when_it_did_but_not_yet_to_come(cast, acme):
    yesterday = clock.now() - dt.timedelta(days=1)
    assert write(cast.rep.actor, acme, SAID | {"happened_at": yesterday}).follow_up.happened_at == yesterday
    with pytest.raises(Invalid, match="to come"):
        write(cast.rep.actor, acme, SAID | {"happened_at": clock.now() + dt.timedelta(days=1)})


def test_files_go_with_the_follow_up_and_at_last_from_the_disk(cast, acme, storage):
    files = check([upload("Offer.pdf"), upload("C:\\docs\\报价.docx", archive("word/document.xml"))], LIMITS)
    follow_up = write(cast.rep.actor, acme, SAID, files=files, storage=storage).follow_up
    kept = attachments_of([follow_up.id])[follow_up.id]
    assert [(each.name, each.content_type.rpartition(".")[2]) for each in kept] == [
        ("Offer.pdf", "application/pdf"),
        ("报价.docx", "document"),
    ]
    assert storage.open(kept[0].storage_key).read() == PDF
    event = db.session.scalars(select(Event).filter_by(name="follow_up.added")).one()
    assert event.payload["values"]["files"] == ["Offer.pdf", "报价.docx"]
    keys = [each.storage_key for each in kept]
    unwrite(cast.rep.actor, acme, follow_up)
    assert attachments_of([follow_up.id]) == {}
    assert all(map(storage.exists, keys))  # until the change is sure
    db.session.commit()
    forget_files()
    assert not any(map(storage.exists, keys))
    assert db.session.scalar(select(Attachment.id)) is None


def test_files_go_with_a_record_that_is_purged(cast, acme, storage):
    write(cast.rep.actor, acme, SAID, files=check([upload("a.pdf")], LIMITS), storage=storage)
    customers.delete(cast.administrator.actor, acme)
    customers.purge(cast.administrator.actor, acme)
    assert db.session.scalars(select(Attachment)).one().removed_at is not None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.pdf", b"<html><script>alert(1)</script>"),
        ("picture.png", b"MZ\x90\x00 a program"),
        ("letter.docx", archive("xl/workbook.xml")),
        ("letter.docx", b"PK\x03\x04 no archive at all"),
        ("words.txt", b"\x00\x01\x02\x03"),
        ("program.exe", b"MZ"),
        ("page.html", b"<html>"),
        ("noending", PDF),
        ("empty.pdf", b""),
        ("large.pdf", PDF + b"x" * 1_000),
    ],
)
def test_what_is_not_taken_is_refused_with_its_name(name, content):
    with pytest.raises(Invalid) as refused:
        check([upload(name, content)], LIMITS)
    assert refused.value.params["name"] == name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("A.PDF", b"\xef\xbb\xbf%PDF-1.4"),
        ("gb.txt", "拜访记录".encode("gb18030")),
        ("long.txt", ("拜" * 40_000).encode()),
        ("a.zip", archive("anything")),
    ],
)
def test_what_is_taken(name, content):
    (checked,) = check([upload(name, content)], Limits(1_000_000, LIMITS.endings))
    assert checked.upload.stream.tell() == 0
    with pytest.raises(Invalid, match="At most"):
        check([upload(name, content)] * 11, Limits(1_000_000, LIMITS.endings))
