"""The rows of the first page as HTML: each is the kept text of its look around its values."""

from collections.abc import Iterable

from flask import get_template_attribute
from markupsafe import Markup, escape

from incubator.home.queries import Waiting
from incubator.home.starting import Start
from incubator.web.formats import last_day, time_left
from incubator.web.language import lines

NAMES = ("address", "title", "at", "day", "left")


def things(rows: Iterable[Waiting | Start], before_day: str = "") -> Markup:
    """Things that wait, or that can be begun; before_day: what stands before their last day."""
    found = (
        ((row.icon, row.tint, str(row.words), before_day, row.due_at is not None), (
            escape(row.address), escape(row.title), row.due_at.isoformat() if row.due_at else "",
            last_day(row.due_at), time_left(row.due_at),
        ))
        for row in rows
    )  # fmt: skip
    return lines("home.thing", get_template_attribute("home/_things.html", "thing"), NAMES, found)
