"""A saved view keeps how wide its columns were; whoever draws others in it has these for themselves."""

import pytest
from sqlalchemy import select

from crm.domain.customers import actions as customers
from crm.domain.people.models import Role
from crm.domain.saved_views.actions import delete
from crm.domain.saved_views.models import SavedView
from crm.infra.db import db
from crm.kernel.events import Event
from tests.web.test_columns import heads, keep, page
from tests.web.test_saved_views import share

LIST = "level__is=a&cols=phone,level"
SHOWN = f"/customers/?{LIST}"


@pytest.fixture
def view(as_, cast):
    """Saved by the administrator with a wide phone, and shown to every sales rep."""
    customers.create(cast.rep.actor, {"name": "Acme", "level": "a"})
    db.session.commit()
    as_.administrator.post("/columns/customers/widths", {"widths": "name:4,phone:5,email:2"})
    as_.administrator.post("/views/customers", {"name": "Best", "list": LIST})
    view = db.session.scalars(select(SavedView)).one()
    share(cast.administrator, view, role_id=db.session.scalars(select(Role.id).where(Role.key == "sales_rep")).one())
    return view


def draw(browser, widths, address=SHOWN):
    """As the script does it: to where the list says."""
    _, _, rest = page(browser, address).partition('data-widths="')
    assert browser.post(rest.partition('"')[0].replace("&amp;", "&"), {"widths": widths}).status_code == 204


def test_a_view_has_the_widths_of_the_columns_it_shows_for_everybody_it_is_shown_to(as_, view):
    assert view.widths == {"name": 4, "phone": 5}
    assert heads(as_.rep, SHOWN) == {"phone": "w-5", "level": ""}
    assert 'class="main w-4"' in page(as_.rep, SHOWN) and 'class="list sized"' in page(as_.rep, SHOWN)
    assert "sized" not in page(as_.rep, "/customers/?cols=phone,level")
    assert "sized" not in page(as_.rep, "/customers/")


def test_the_address_of_a_view_says_nothing_of_widths(as_, view):
    answer = as_.administrator.post("/views/customers", {"name": "Again", "list": "level__is=b&cols=phone"})
    assert answer.location.replace("%2C", ",") == "/customers/?level__is=b&cols=phone"
    assert "width" not in page(as_.rep, SHOWN).partition('class="tabs"')[2].partition("</nav>")[0]


def test_what_is_drawn_in_a_view_is_the_drawers_alone_until_it_is_reset(as_, view):
    draw(as_.rep, "phone:2")
    assert heads(as_.rep, SHOWN) == {"phone": "w-2", "level": ""}
    assert heads(as_.administrator, SHOWN) == {"phone": "w-5", "level": ""}
    assert "sized" not in page(as_.rep, "/customers/?cols=phone,level")
    keep(as_.rep, do="reset", list=LIST)
    assert heads(as_.rep, SHOWN) == {"phone": "w-5", "level": ""}


def test_what_was_drawn_elsewhere_does_not_change_a_view(as_, view):
    draw(as_.rep, "phone:1,level:3", "/customers/")
    assert heads(as_.rep, "/customers/?cols=phone,level") == {"phone": "w-1", "level": "w-3"}
    assert heads(as_.rep, SHOWN) == {"phone": "w-5", "level": "w-3"}


def test_without_a_script_widths_are_chosen_on_a_page_for_the_view_that_is_shown(as_, view):
    as_.rep.post("/views/customers", {"name": "Mine", "list": "level__is=b"})
    own = "/columns/customers?list=level__is%3Db"
    keep(as_.rep, cols=["phone", "level"], list="level__is=b", **{"width-phone": "2"})
    kept = page(as_.rep, own)
    assert '<option value="2" selected>' in kept
    assert "selected" not in page(as_.rep, "/columns/customers").replace('value="" selected', "")


def test_its_owner_gives_a_view_the_widths_drawn_in_it(as_, cast, view):
    assert 'name="widths"' not in page(as_.administrator, f"/views/{view.id}")
    draw(as_.administrator, "name:4,phone:3,level:6")
    assert heads(as_.rep, SHOWN) == {"phone": "w-5", "level": ""}
    assert 'name="widths"' in page(as_.administrator, f"/views/{view.id}")
    form = {"name": "Best", "position": "0", "audience": f"role:{view.role_id}"}
    as_.administrator.post(f"/views/{view.id}", form)
    assert heads(as_.rep, SHOWN) == {"phone": "w-5", "level": ""}
    as_.administrator.post(f"/views/{view.id}", form | {"widths": "1"})
    assert heads(as_.rep, SHOWN) == {"phone": "w-3", "level": "w-6"}
    event = db.session.scalars(
        select(Event).where(Event.name == "saved_view.changed").order_by(Event.id.desc())
    ).first()
    assert event.payload["changes"] == {"widths": [{"name": 4, "phone": 5}, {"name": 4, "phone": 3, "level": 6}]}


def test_another_question_under_the_same_name_keeps_the_widths_of_what_still_stands_in_it(as_, view):
    form = {"view": view.id, "list": "level__is=b&cols=phone,email"}
    assert as_.administrator.post("/views/customers/replacement", form).status_code == 303
    db.session.expire_all()
    assert view.widths == {"name": 4, "phone": 5, "email": 2}


def test_what_somebody_may_not_see_is_not_shown_by_its_width(as_, cast, view):
    share(cast.administrator, view, everyone=True)
    assert "phone" not in heads(as_.marketer, SHOWN)
    assert "w-5" not in page(as_.marketer, SHOWN)


def test_a_view_of_others_cannot_be_drawn_in_by_its_number(as_, cast, view):
    as_.other_rep.post("/views/customers", {"name": "Hers", "list": "level__is=c&cols=phone"})
    hers = db.session.scalars(select(SavedView).where(SavedView.name == "Hers")).one()
    as_.rep.post(f"/columns/customers/widths?view={hers.id}", {"widths": "phone:1"})
    assert heads(as_.rep, "/customers/?cols=phone,level")["phone"] == "w-1"


def test_a_view_that_is_gone_takes_nothing_with_it(as_, cast, view):
    draw(as_.administrator, "phone:3")
    delete(cast.administrator.actor, view)
    db.session.commit()
    assert heads(as_.administrator, SHOWN) == {"phone": "w-5", "level": ""}
