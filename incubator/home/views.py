"""The first page, the menu, and whether we are alive."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core import health
from incubator.core.errors import NotFound
from incubator.home import installation, pages, queries, starting
from incubator.home.calendar import feed_of
from incubator.notifications.queries import reader_of_calendar
from incubator.people.session import me
from incubator.web.calendar import MEDIA_TYPE
from incubator.web.limits import limiter
from incubator.web.routes import PUBLIC, SIGNED_IN, Routes

bp = Routes("home", __name__)


@bp.get("/", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """What needs me, and what I can start."""
    starts, waiting = starting.startable_by(me()), queries.waiting_for(me())
    rows = {"waiting": pages.things(waiting), "starts": pages.things(starts, _("until") + " ")}
    return render_template("home/index.html", number=len(waiting), **rows)


@bp.get("/menu", right=SIGNED_IN)
def menu() -> ResponseReturnValue:
    """The side menu as a page, for telephones."""
    return render_template("home/menu.html")


@bp.get("/administration", right="installation.show")
def administration() -> ResponseReturnValue:
    """What the installation is set to, and whether it answers."""
    return render_template("home/administration.html", facts=installation.facts())


@bp.get("/calendar/<token>.ics", right=PUBLIC)
@limiter.limit("60/minute")
def calendar(token: str) -> ResponseReturnValue:
    """A person's days, for the calendar program that knows their secret address."""
    person = reader_of_calendar(token)
    if person is None:
        raise NotFound(_("There is no such page, or it is not for you to see."))
    return Response(feed_of(person), content_type=MEDIA_TYPE, headers={"Cache-Control": "private, no-store"})


@bp.get("/live", right=PUBLIC)
def live() -> ResponseReturnValue:
    """The process answers."""
    return {"live": True}


@bp.get("/ready", right=PUBLIC)
def ready() -> ResponseReturnValue:
    """503 until PostgreSQL answers with our schema; without the queue we are degraded, not down."""
    state = health.check()
    return state.as_data(), 200 if state.ready else 503
