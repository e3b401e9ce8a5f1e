"""Pages of ventures."""

from flask import render_template
from flask.typing import ResponseReturnValue

from incubator.people.session import me
from incubator.ventures import queries
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN, Routes
from incubator.web.views import load

bp = Routes("ventures", __name__)


@bp.get("/ventures/", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """The ventures I work in, or see by a role."""
    found = queries.listed(me())
    page = keyset.by_key(found, found.selected_columns.moment)
    return render_template("ventures/index.html", page=page)


@bp.get("/ventures/<public_id>", right=SIGNED_IN)
def show(public_id: str) -> ResponseReturnValue:
    """One venture: where it stands, who works in it, its credits, and the parts of other packages."""
    venture = load(queries.shown(me()), public_id)
    facts = queries.facts_of(me(), venture)
    return render_template("ventures/show.html", venture=venture, facts=facts, credit=facts.credit)
