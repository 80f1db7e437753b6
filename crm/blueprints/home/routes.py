"""The first page of the day: what waits for oneself, and for whoever leads others what waits for the team."""

from typing import Any

from flask import request

from crm.blueprints.home.boards import board_totals
from crm.blueprints.home.goals import goals
from crm.blueprints.home.team import DAYS, members
from crm.blueprints.home.tiles import leads_others, tiles
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render

bp = CrmBlueprint("home", __name__, url_prefix="/home")


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    leads = leads_others()
    team = leads and request.args.get("of") == "team"
    whose = "my_branch" if team else "me"
    return render(
        "home/index.html",
        tiles=tiles(whose),
        goals=goals(team=team),
        leads=leads,
        team=team,
        members=members() if team else (),
        boards=board_totals(whose) if team else (),
        days=DAYS,
    )
