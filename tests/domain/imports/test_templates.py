"""Matchings that are kept for the next file, and what texts of files mean here."""

import pytest
from sqlalchemy import select

from crm.domain.customers.actions import create_many
from crm.domain.imports import actions, saying
from crm.domain.imports.targets import TARGETS
from crm.domain.imports.template import ImportTemplate
from crm.domain.imports.templates import (
    change,
    columns_of,
    fitting,
    keep,
    missing,
    remove,
    signature,
    templates_for,
)
from crm.domain.imports.translating import gone, unknown
from crm.domain.imports.turns import inspection_of
from crm.domain.timeline.models import FollowUp
from crm.infra.db import db
from crm.jobs.imports import sweep
from crm.kernel.errors import Conflict, Invalid, RuleBroken
from crm.kernel.events import Event
from tests.domain.imports.work import again, counts, csv_of, customers, outcomes, run, uploaded

HEADINGS = ["Firma", "Klasse", "Wer"]
ROWS = [["Acme", "Gold", "张三"], ["Beta", "Gold", ""], ["Gamma", "Silver", "张三"], ["Delta", "A", ""]]
MAPPING = {0: "name", 1: "level", 2: "owner"}


def matched(actor, rows=ROWS, headings=HEADINGS, mapping=MAPPING, type_="customers", template=None):
    import_ = uploaded(actor, csv_of(rows, headings), "their.csv", type_)
    import_.heading_row = 1
    actions.map_columns(actor, import_, mapping=mapping, template=template)
    db.session.commit()
    sweep()
    return again(import_.id)


def translated(actor, import_, given):
    saying.translate(actor, import_, given)
    db.session.commit()
    sweep()
    return again(import_.id)


def test_headings_in_any_order_and_case_are_the_same_file():
    assert signature(["Firma", "Klasse *"]) == signature(["KLASSE", " firma "]) != signature(["Firma"])


def test_what_texts_mean_is_said_once_for_all_rows_and_kept(cast):
    admin = cast.administrator.actor
    import_ = matched(admin)
    asked = [(each.key, each.text, each.rows) for each in unknown(import_, TARGETS["customers"].open_to(admin))]
    assert asked == [("level", "Gold", 2), ("owner", "张三", 2), ("level", "Silver", 1)]
    with pytest.raises(Invalid, match="not one of the choices"):
        saying.translate(admin, import_, {"level": {"Gold": "Platinum"}})
    with pytest.raises(Invalid, match="at least one"):
        saying.translate(admin, import_, {"level": {}, "remarks": {"x": "y"}})
    keep(admin, import_, "Their export", shared=True, mapping=MAPPING)
    import_ = translated(admin, import_, {"level": {"Gold": "a", "Silver": ""}, "owner": {"张三": cast.rep.email}})
    assert (import_.valid, import_.invalid) == (4, 0) and not unknown(import_, TARGETS["customers"].open_to(admin))
    event = db.session.scalars(select(Event).filter_by(name="import.translated")).one()
    assert event.payload["translations"]["owner"] == {"张三": cast.rep.email}
    run(admin, import_)
    acme, beta, gamma, delta = customers()
    assert [each.level for each in (acme, beta, gamma, delta)] == ["a", "a", None, "a"]
    assert (acme.owner_id, beta.owner_id, gamma.owner_id) == (cast.rep.id, admin.id, cast.rep.id)
    template = db.session.scalars(select(ImportTemplate)).one()  # it has learnt, since it is one's own
    assert template.translations["level"] == {"gold": "a", "silver": ""}
    following = matched(admin, [["New", "GOLD", "张三"]], template=template)
    assert (following.valid, following.template_id) == (1, template.id)


def test_a_template_fits_files_of_the_same_headings_and_is_offered_for_like_ones(cast):
    rep = cast.rep.actor
    first = uploaded(rep, csv_of([["Acme", "A", "x", "y", "z"]], ["Firma", "Klasse", "c", "d", "e"]))
    first.heading_row = 1
    kept = keep(rep, first, "Mine", shared=False, mapping={0: "name", 1: "level"})
    assert kept.columns == {"firma": "name", "klasse": "level", "c": "", "d": "", "e": ""}

    def found(actor, headings):
        other = uploaded(actor, csv_of([["1"] * len(headings)], headings))
        other.heading_row = 1
        return fitting(actor, other), inspection_of(other).headings

    exact, headings = found(rep, ["KLASSE", "Firma", "e", "d", "c"])
    assert (exact.template.id, exact.exact) == (kept.id, True)
    assert columns_of(kept, headings) == {0: "level", 1: "name", 2: "", 3: "", 4: ""}
    near, _ = found(rep, ["Klasse", "Firma", "e", "d", "new"])
    assert (near.template.id, near.exact) == (kept.id, False)
    assert found(rep, ["Klasse", "Firma", "q", "r", "s"])[0] is None
    assert found(cast.manager.actor, ["Firma", "Klasse", "c", "d", "e"])[0] is None  # not shared
    change(rep, kept, name="Mine", shared=True, seen=kept.version)
    assert found(cast.manager.actor, ["Firma", "Klasse", "c", "d", "e"])[0].template.id == kept.id
    replaced = keep(rep, first, "Mine", shared=True, mapping={0: "name"})
    assert replaced.id == kept.id and replaced.columns["klasse"] == ""


def test_what_does_not_hold_any_more_is_told_and_the_rest_applied(cast):
    admin, rep = cast.administrator.actor, cast.rep.actor
    import_ = matched(admin)
    import_ = translated(admin, import_, {"owner": {"张三": cast.other_rep.email}})
    kept = keep(admin, import_, "T", shared=True, mapping=MAPPING)
    kept.columns = {**kept.columns, "gone": "x_gone"}
    assert missing(admin, TARGETS["customers"].open_to(admin), kept) == ["x_gone"]
    assert missing(rep, TARGETS["customers"].open_to(rep), kept) == ["owner", "x_gone"]  # not theirs to fill in
    cast.other_rep.active = False
    db.session.flush()
    ((_, told),) = gone(admin, TARGETS["customers"].open_to(admin), kept.translations)
    assert (told["said"], told["means"]) == ("张三", cast.other_rep.email)


def test_only_whoever_made_it_changes_it_and_of_two_the_second_is_told(cast):
    rep = cast.rep.actor
    import_ = uploaded(rep, csv_of([["Acme"]], ["Firma"]))
    import_.heading_row = 1
    kept = keep(rep, import_, "Mine", shared=True, mapping={0: "name"})
    for deed in (
        lambda: change(cast.manager.actor, kept, name="x", shared=True, seen=1),
        lambda: remove(cast.manager.actor, kept),
    ):
        with pytest.raises(RuleBroken, match="Only whoever made"):
            deed()
    change(rep, kept, name="Renamed", shared=False, seen=kept.version)
    with pytest.raises(Conflict):
        change(rep, kept, name="Again", shared=False, seen=1)
    assert db.session.scalars(templates_for(cast.manager.actor)).all() == []
    remove(cast.administrator.actor, kept)
    assert db.session.scalars(templates_for(rep)).all() == []


def test_records_that_texts_name_stay_with_the_import(cast):
    """Which customer somebody's text means is of this file, and not for everybody's eyes."""
    create_many(cast.rep.actor, [{"name": "Acme"}])
    headings, mapping = ["Wen", "Wann", "Was", "Wer"], {0: "about", 1: "happened_at", 2: "body", 3: "author"}
    rows = [["ACME Old", "2024-03-05", "Talked", "Lao Wang"]]
    rep = cast.rep.actor
    import_ = matched(rep, rows, headings, mapping, "follow_ups")
    given = {"about": {"ACME Old": "Acme"}, "author": {"Lao Wang": cast.rep.email}}
    import_ = translated(rep, import_, given)
    kept = keep(rep, import_, "Visits", shared=True, mapping=mapping)
    assert kept.translations == {"author": {"lao wang": cast.rep.email}}
    done = run(rep, import_)
    assert counts(done) == {"rows": 1, "created": 1} and outcomes(done) == {2: "created"}
    assert db.session.scalars(select(FollowUp)).one().author_id == cast.rep.id
