"""The portfolio page."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l

from incubator.core import clock
from incubator.people.session import me
from incubator.portfolio import queries
from incubator.ventures.states import VentureState
from incubator.web.routes import Routes

bp = Routes("portfolio", __name__)
PASSED: dict[str, object] = {
    "submitted": _l("proposals"),
    "reviewed": _l("in review or beyond"),
    "decided": _l("decided"),
    "accepted": _l("accepted"),
    "ventures": _l("ventures"),
}


@bp.get("/portfolio/", right="portfolio.list")
def index() -> ResponseReturnValue:
    """Proposals and ventures in my scope, by state, company and theme."""
    figures = queries.portfolio(me())
    return render_template(
        "portfolio/index.html", p=figures, words=PASSED, today=clock.today(), stages=list(VentureState)
    )
