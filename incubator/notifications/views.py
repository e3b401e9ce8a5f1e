"""The messages of the person who reads."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.notifications import queries, services
from incubator.notifications.words import words
from incubator.people.session import me
from incubator.web import keyset
from incubator.web.routes import SIGNED_IN, Routes
from incubator.web.views import see_other

bp = Routes("notifications", __name__, url_prefix="/notices")


@bp.get("", right=SIGNED_IN)
def index() -> ResponseReturnValue:
    """My notices, newest first."""
    page = keyset.by_key(queries.of(me()), queries.MOMENT)
    messages = [(row[0], words(row[0])) for row in page.rows]
    unread = any(notice.read_at is None for notice, _ in messages)
    return render_template("notifications/index.html", page=page, messages=messages, unread=unread)


@bp.post("/read", right=SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    services.read_all(me())
    return see_other(url_for("notifications.index"))
