"""Every HX- header the product reads or writes is in this file.

The id of an element is the name of its block: a request whose target is `list-results`
gets the block `list_results` of the page, own or inherited, and nothing else.
"""

from typing import Any

from flask import Response, current_app, make_response, redirect, request
from jinja2.utils import concat


def is_htmx() -> bool:
    """A part is being replaced (a boosted or restored page is a whole page)."""
    headers = request.headers
    return "HX-Request" in headers and "HX-Boosted" not in headers and "HX-History-Restore-Request" not in headers


def render(template: str | list[str], status: int = 200, *, part: str = "", **context: Any) -> Response:
    """The whole page, or only what the browser is about to replace: `part`, a template of its own, else the block.

    Of several templates the first there is.
    """
    current_app.update_template_context(context)
    page = current_app.jinja_env.get_or_select_template(part if part and is_htmx() else template)
    block = _block(page, _wanted_block(), context)
    response = make_response(page.render(context) if block is None else block, status)
    response.vary.update(("HX-Request", "HX-Target"))
    return response


def see_other(url: str) -> Response:
    """After a change: the page to look at. htmx is told to go there as a whole page."""
    if is_htmx():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = url
        return response
    return redirect(url, 303)  # type: ignore[return-value]


def target() -> str:
    """The id of the element to be replaced, without tag or hash."""
    return request.headers.get("HX-Target", "").rpartition("#")[2]


def _wanted_block() -> str | None:
    return target().replace("-", "_") if is_htmx() else None


def _block(page: Any, name: str | None, context: dict[str, Any]) -> str | None:
    if not name:
        return None
    scope = page.new_context(context)
    next(page.root_render_func(scope), None)  # each {% extends %} hands its blocks to the scope
    return concat(scope.blocks[name][0](scope)) if name in scope.blocks else None
