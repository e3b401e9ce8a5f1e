"""Pages of a holder."""

from flask import render_template
from flask.typing import ResponseReturnValue

from incubator.core import clock
from incubator.equity import pages, queries
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web.routes import SIGNED_IN


@bp.get("/equity/mine", right=SIGNED_IN)
def mine() -> ResponseReturnValue:
    """What I hold, what has vested and what comes next."""
    found = pages.holdings(me())
    growth = queries.growth_parts_of(me()) if pages.has_growth(found) else []
    return render_template(
        "equity/mine.html", holdings=found, today=clock.today(), growth=growth, quantity=pages.quantity,
        windows=queries.windows_of(me()) if found else [],
    )  # fmt: skip
