"""The gallery: every component and whole example pages, for review and tests. Mounted only in testing mode."""

from typing import Any

from flask import abort, request, url_for
from markupsafe import Markup

from crm.blueprints.gallery.samples import OPTIONS, PAGES, sample
from crm.web.blueprint import SIGNED_IN, CrmBlueprint
from crm.web.htmx import render

bp = CrmBlueprint("gallery", __name__, url_prefix="/__gallery")


@bp.get("/", needs=SIGNED_IN)
def index() -> Any:
    return render("ui/gallery.html", sample=sample(url_for("gallery.index")))


@bp.get("/<name>", needs=SIGNED_IN)
def page(name: str) -> Any:
    if name not in dict(PAGES):
        abort(404)
    shown = sample(url_for("gallery.index"))
    if name == "sign_in_wrong":
        name = "sign_in"
        shown["sign_in_errors"] = [("email", "The e-mail address or the password is wrong.")]
    return render(f"ui/gallery/{name}.html", sample=shown)


@bp.get("/options", needs=SIGNED_IN)
def options() -> Any:
    option = Markup('<li role="option" data-value="{0}">{0}</li>')
    return Markup("").join(option.format(words) for words in OPTIONS if request.args.get("q", "") in words)
