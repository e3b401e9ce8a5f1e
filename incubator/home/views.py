"""The first page, the menu, and whether we are alive."""

from flask import render_template
from flask.typing import ResponseReturnValue

from incubator.core import health
from incubator.home import queries, starting
from incubator.people.session import me
from incubator.web.routes import PUBLIC, SIGNED_IN, Routes

bp = Routes("home", __name__)


@bp.get("/", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """What needs me, and what I can start."""
    starts = starting.startable_by(me())
    return render_template("home/index.html", waiting=queries.waiting_for(me()), starts=starts)


@bp.get("/menu", right=SIGNED_IN)
def menu() -> ResponseReturnValue:
    """The side menu as a page, for telephones."""
    return render_template("home/menu.html")


@bp.get("/live", right=PUBLIC)
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"live": True}


@bp.get("/ready", right=PUBLIC)
def ready() -> ResponseReturnValue:
    """503 until PostgreSQL answers with our schema; without the queue we are degraded, not down."""
    state = health.check()
    return state.as_data(), 200 if state.ready else 503
