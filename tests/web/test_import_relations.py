"""Rows that are several records, and ids of other systems, through the doors of the wizard."""

from crm.jobs.imports import sweep
from tests.web.test_import_samples import said
from tests.web.test_imports import mapped, stored, text_of, the_import, upload

FILE = "Firma,Ref,Person,Handy\nAcme,001,Wang Fang,13800138000\nBeta,002,,\n"


def test_one_file_brings_customers_and_their_contacts(as_):
    url = upload(as_.rep, FILE)
    sweep()
    page = text_of(as_.rep.get(url + "/mapping"))
    assert 'value="contacts:name"' in page and 'value="contacts:customer"' not in page
    sent = {"column-0": "name", "column-2": "contacts:name", "column-3": "contacts:phone"}
    assert mapped(as_.rep, url, **sent, source_column="1").status_code == 422
    assert mapped(as_.rep, url, **sent, source_column="1", source="Old CRM").status_code == 303
    again = text_of(as_.rep.get(url + "/mapping"))
    assert '<option value="contacts:phone" selected>' in again and 'value="Old CRM"' in again
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    sweep()
    page = said(as_.rep.get(url + "/report"))
    assert "Of the same file" in page and "Contacts 1 created, 0 updated, 0 failed" in page
    assert the_import().record_type == "contacts"  # the last one there is
    theirs = said(as_.rep.get(f"/imports/{the_import().id}/report"))
    assert "Customers 2 created" in theirs
    second = upload(as_.rep, "Firma,Ref\nAcme Ltd,001\n", "again.csv")
    mapped(as_.rep, second, **{"column-0": "name"}, source="old crm", source_column="1")
    as_.rep.post(second + "/run", {"duplicates": "update"})
    sweep()
    assert [each.name for each in stored()] == ["Acme Ltd", "Beta"]


def test_an_import_is_shown_to_a_colleague_and_its_file_deleted_by_hand(as_, cast):
    url = upload(as_.rep, FILE)
    mapped(as_.rep, url, **{"column-0": "name"})
    assert as_.other_rep.get(url + "/check").status_code == 404
    place = f"/records/imports/{the_import().id}/shares"
    assert as_.rep.post(place, {"person": cast.other_rep.email}).status_code == 303
    theirs = said(as_.other_rep.get(url + "/check"))
    assert "What is in the file" in theirs and "Shared with" not in theirs
    assert as_.other_rep.post(url + "/mapping", {"column-0": "name"}).status_code == 409
    assert as_.administrator.get(place.replace("shares", "why")).status_code == 404
    assert as_.rep.post(url + "/file/removal").status_code == 409  # it is still needed
    as_.rep.post(url + "/run", {"duplicates": "skip"})
    sweep()
    assert as_.other_rep.post(url + "/file/removal").status_code == 409
    assert "The file itself is deleted on" in said(as_.rep.get(url + "/report"))
    as_.rep.post(url + "/file/removal")
    assert the_import().storage_key is None
    assert "The file was deleted; its rows stay" in said(as_.rep.get(url + "/report"))


def test_administrators_say_how_long_files_are_kept(as_):
    wrong = as_.administrator.post("/admin/retention", {"bin_days": "90", "import_file_days": "91"})
    assert wrong.status_code == 422 and "Between 1 and 90 days." in said(wrong)
    assert as_.administrator.post("/admin/retention", {"bin_days": "90", "import_file_days": "7"}).status_code == 303
    assert 'value="7"' in text_of(as_.administrator.get("/admin/retention"))
