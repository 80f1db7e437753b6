"""What is exported comes back by import as it was: every type of record, every field of it, every kind of field."""

import io

import pytest
from flask import g
from sqlalchemy import delete, select

from crm.config import LANGUAGES
from crm.domain.exports.formats import FORMATS
from crm.domain.fields import actions as fields
from crm.domain.imports import actions as imports
from crm.domain.imports.mapping import suggest
from crm.domain.imports.models import Import
from crm.domain.imports.turns import inspection_of
from crm.domain.registry import RECORD_TYPES
from crm.domain.tickets.models import TicketTopic
from crm.infra.db import db
from crm.infra.storage import storage_for
from crm.jobs.imports import sweep
from crm.kernel.access import unscoped
from crm.kernel.fields import Context, read_rows
from crm.kernel.kinds import FieldKind as K
from crm.kernel.sealed import opened
from crm.web.i18n import into
from tests.domain.fields.making import SAMPLES, draft
from tests.web.exporting import exported

TYPED = {
    K.TEXT: "=Über, “密语”",
    K.LONG_TEXT: "one\n'two', 三",
    K.NUMBER: "-1234.5",
    K.MONEY: "2000.10",
    K.YES_NO: "yes",
    K.TAGS: "重点, +x",
    K.DATE: "2026-02-03",
    K.DATETIME: "2026-02-03 08:30:05",
    K.TIME: "08:05",
    K.PHONE: "+862162345678;ext=12",
    K.EMAIL: "Li@example.com",
    K.URL: "https://example.com/a?b=c",
    K.PERSON: "sam@example.com",
    K.LINK: "Nachtigall 贸易",
    K.ENCRYPTED: "Geheim Ｘ42",
}
REFERENCES = {"industry": "6513", "region": "330203", "category": "001"}
# What follows from other fields, or has a place only in some of them.
FOLLOWING = {"pipeline", "stage", "lost_reason", "status", "discard_reason", "discard_text", "resolution", "solved"}
NAME = "-Round 之旅"


def typed(field):
    if field.kind is K.REFERENCE:
        return REFERENCES[field.key]
    if field.kind is K.CHOICE:
        return field.choices[-1].key
    if field.kind is K.MULTI_CHOICE:
        return ",".join(each.key for each in field.choices[:2])
    return NAME if field.key == "name" else TYPED[field.kind]


def entity_of(type_, actor):
    found = type_.entity.visible_to(actor).where(type_.entity.name == NAME)
    return db.session.scalars(found.execution_options(populate_existing=True)).all()


def values_of(type_, record):
    """By key, an encrypted one opened."""
    found = {each.key: each.value_in(record) for each in type_.fields if each.editable}
    places = {each.key: each.place for each in type_.fields if each.kind is K.ENCRYPTED}
    return {key: opened(places[key], value) if key in places and value else value for key, value in found.items()}


def brought_in(actor, type_, content, filename):
    """By the columns that the program itself suggests."""
    settings = g.settings if "settings" in g else None
    stored = storage_for(settings or _settings()).put(io.BytesIO(content), suffix="." + filename.rpartition(".")[2])
    begun = imports.upload(actor, type_, filename=filename, stored=stored)
    db.session.commit()
    sweep()
    import_ = _again(begun.id)
    import_.heading_row = 1  # of files as small as these it is anybody's guess
    inspection = inspection_of(import_)
    known = type_.writable(actor)
    labels = {each.key: {into(language, each.label) for language in LANGUAGES} for each in known}
    sample = [cells for line, cells in inspection.sample if line > 1]
    found = suggest(known, inspection.headings, sample, Context(actor), labels)
    mapping = {column: each.key for column, each in found.items() if each.is_taken}
    imports.map_columns(actor, import_, mapping=mapping)
    db.session.commit()
    sweep()
    imports.start(actor, _again(begun.id), duplicates="create")
    db.session.commit()
    sweep()
    return _again(begun.id), mapping


def _settings():
    from flask import current_app

    return current_app.config["SETTINGS"]


def _again(import_id):
    with unscoped("a test looks at everything"):
        return db.session.get(Import, import_id, populate_existing=True)


@pytest.mark.parametrize("key", RECORD_TYPES)
def test_every_field_of_every_type_comes_back_as_it_was(app, as_, cast, key):
    actor = cast.administrator.actor
    for link in {"customers", *(each.links for each in RECORD_TYPES[key].fields if each.links)}:
        RECORD_TYPES[link].verbs.create_many(actor, [{"name": TYPED[K.LINK]}])
    db.session.add(TicketTopic(kind="category", code="001", label={"en": "Hardware", "zh_CN": "硬件"}, position=1))
    section = RECORD_TYPES[key].sections[0].key
    for kind in SAMPLES:
        fields.make(actor, key, draft(kind, f"Own {kind.value}", section=section))
    db.session.commit()
    actor = cast.administrator.actor
    type_ = RECORD_TYPES[key].open_to(actor)
    wanted = [each for each in type_.writable(actor) if each.key not in FOLLOWING]
    (reading,) = read_rows(wanted, [{each.key: typed(each) for each in wanted}], Context(actor))
    assert not reading.problems and {each.kind for each in wanted} >= set(SAMPLES)
    type_.verbs.create_many(actor, [reading.values])
    db.session.commit()
    (before,) = entity_of(type_, actor)
    values = values_of(type_, before)
    assert all(values[each.key] is not None for each in wanted)
    for language, format_ in zip(("en", "zh_CN") * 2, FORMATS, strict=True):
        cast.administrator.language = language
        every = [each.key for each in type_.list.fields]
        content = exported(as_.administrator, key, "sort=name&name__is=" + NAME, fields=every, form=format_)
        with unscoped("the type is emptied"):
            db.session.execute(delete(type_.entity).where(type_.entity.name == NAME))
        db.session.commit()
        suffix = FORMATS[format_].suffix
        import_, mapping = brought_in(actor, type_, content, f"{key}.{suffix}")
        assert set(mapping.values()) == {each.key for each in type_.writable(actor)}, (format_, mapping)
        found = _problems(import_)
        assert (import_.rows, import_.created, import_.blank) == (1, 1, 1), (format_, found)
        (after,) = entity_of(type_, actor)
        assert values_of(type_, after) == values, format_


def _problems(import_):
    from crm.domain.imports.models import ImportResult, ImportRow

    rows = db.session.scalars(select(ImportRow).filter_by(import_id=import_.id)).all()
    results = db.session.scalars(select(ImportResult).filter_by(import_id=import_.id)).all()
    return [each.problems for each in rows], [each.problem for each in results], import_.problem
