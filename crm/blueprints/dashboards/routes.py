"""Dashboards: pictures of what there is, as pages, tiles and files."""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import abort, g, request, send_file, url_for

from crm.blueprints.dashboards.page import DashboardPage
from crm.blueprints.dashboards.tile import TileView
from crm.domain.dashboards.table import dashboards_of
from crm.domain.exports.rights import may_export
from crm.infra import sheets
from crm.kernel.text import N_
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render, see_other
from crm.web.i18n import gettext

bp = CrmBlueprint("dashboards", __name__, url_prefix="/dashboards", module="dashboards")
_WRITE = {"csv": sheets.write_csv, "xlsx": sheets.write_xlsx}


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    first = next(iter(dashboards_of(g.actor)), None) or abort(403)
    return see_other(url_for("dashboards.show", key=first.key))


def _page(key: str) -> DashboardPage:
    found = next((each for each in dashboards_of(g.actor) if each.key == key), None)
    return DashboardPage(found or abort(404), request.args)


@bp.get("/<key>", needs=SIGNED_IN)
def show(key: str) -> Any:
    page = _page(key)
    return render("dashboards/index.html", page=page, tiles=page.tiles)


def _tile(page: DashboardPage, key: str) -> TileView:
    tile = next((each for each in page.tiles_there if each.key == key), None) or abort(404)
    view = TileView(tile, page.dashboard, page.asked, page.here)
    view.told()
    return view


@bp.get("/<key>/<tile_key>", needs=SIGNED_IN)
def tile(key: str, tile_key: str) -> Any:
    page = _page(key)
    view = _tile(page, tile_key)
    return render("dashboards/index.html", part="dashboards/_tile.html", page=page, tiles=[view], tile=view)


@bp.get("/<key>/<tile_key>/<any(csv, xlsx):suffix>", needs=SIGNED_IN)
def file(key: str, tile_key: str, suffix: str) -> Any:
    """The table of a tile. Sums and counts, no records: what a picture of the screen would hold."""
    page = _page(key)
    view = _tile(page, tile_key)
    if not may_export(g.actor, view.tile.type):
        abort(403)
    rows = [[line.words, *(words for words, _ in line.cells)] for line in view.lines]
    with tempfile.TemporaryDirectory(prefix="crm-tile-") as folder:
        path = Path(folder) / f"tile.{suffix}"
        _WRITE[suffix](path, [view.label, *view.heads], [*rows, [page.subtitle]])
        content = BytesIO(path.read_bytes())
    name = gettext(N_("dashboard"))
    return send_file(content, download_name=f"{name}-{tile_key}-{page.last}.{suffix}", as_attachment=True)
