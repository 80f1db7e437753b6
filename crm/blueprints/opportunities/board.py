"""The board of a pipeline, more cards of a column, and the word that somebody changed something."""

from typing import Any

from flask import abort, g, render_template, request

from crm.blueprints.opportunities.area import READ, bp
from crm.blueprints.opportunities.board_view import BoardPlace, BoardView, CardWords, board_of, pipeline_or_404
from crm.domain.opportunities.board import Board, standing
from crm.domain.opportunities.history import NEWS
from crm.domain.opportunities.pipelines import pipelines_of
from crm.kernel.asking import Query
from crm.web.htmx import render
from crm.web.streams import Message, stream


@bp.get("/board", needs=READ)
def board() -> Any:
    pipeline = pipeline_or_404(pipelines_of(g.actor), request.args.get("pipeline", ""))
    return render("opportunities/board.html", view=BoardView(pipeline))


@bp.get("/board/cards", needs=READ)
def cards() -> Any:
    """What follows in one column; without the script a page of its own."""
    pipeline = pipeline_or_404(pipelines_of(g.actor), request.args.get("pipeline", ""))
    stage = next((each for each in pipeline.stages if each.key == request.args.get("stage")), None) or abort(404)
    args = [each for each in request.args.items(multi=True) if each[0] != "after"]
    view = BoardPlace(pipeline, Query.from_args(args))
    found = Board(g.actor, view.spec, view.query).cards([stage], request.args.get("after", ""))[stage.key]
    words = CardWords(found.rows, view.spec)
    return render(
        "opportunities/cards.html",
        part="opportunities/_more.html",
        view=view,
        stage=stage,
        cards=[words.card(row, stage) for row in found.rows],
        more_url=view.more_url(stage, found.after),
    )


@bp.get("/board/news", needs=READ, unasked=True)
def news() -> Any:
    return _told(board_of(request.args.get("list", "")), polling=True)


@bp.get("/board/stream", needs=READ, unasked=True)
def stream_news() -> Any:
    """Says only that there is something new; what it is, the reader asks for with rights of their own."""
    place = request.args.get("list", "")
    board_of(place)
    return stream(NEWS, lambda: Message(_told(board_of(place))), instead=news)


def _told(view: BoardPlace, *, polling: bool = False) -> str:
    seen = request.args.get("seen", "")
    changed = standing(g.actor, view.pipeline) != seen
    return render_template("opportunities/_news.html", view=view, changed=changed, polling=polling, seen=seen)
