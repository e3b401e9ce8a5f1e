"""The messages of the person who reads."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.core.settings import current
from incubator.notifications import queries, services
from incubator.notifications.words import words
from incubator.people.session import me
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN, Routes
from incubator.web.views import see_other

bp = Routes("notifications", __name__)


@bp.get("/notices", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """My notices, newest first."""
    page = keyset.by_key(queries.of(me()), queries.MOMENT)
    messages = [(row[0], words(row[0])) for row in page.rows]
    unread = any(row[0].read_at is None for row in page.rows)
    return render_template("notifications/index.html", page=page, messages=messages, unread=unread)


@bp.post("/notices/read", right=SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    services.read_all(me())
    return see_other(url_for("notifications.index"))


@bp.post("/me/calendar", right="calendar.make")
def make_calendar() -> ResponseReturnValue:
    """Make my calendar's secret address and show it, once."""
    token = services.make_calendar(me(), me())
    return render_template("notifications/calendar.html", address=f"{current().public_url}/calendar/{token}.ics")


@bp.post("/me/calendar/end", right="calendar.end")
def end_calendar() -> ResponseReturnValue:
    """Revoke my calendar's secret address."""
    services.end_calendar(me(), me())
    flash(_("The address opens nothing any more."))
    return see_other(url_for("people.profile"))
