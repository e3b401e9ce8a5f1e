"""A text as it will be read, while it is written."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN

LONGEST = 20_000
"""Characters that are shown: more than any question takes."""


@bp.post("/preview", right=SIGNED_IN)
def preview() -> ResponseReturnValue:
    """The field of a form that its button names, put into HTML as its readers will see it; nothing is kept."""
    text = request.form.get(request.form.get("preview", ""), "")[:LONGEST]
    return render_template("proposals/preview.html", text=text, is_part="HX-Request" in request.headers)
