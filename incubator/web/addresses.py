"""Addresses made from the page's own: any view is a link (filter, sort and page are in the address)."""

from urllib.parse import quote, quote_plus, urlencode

from flask import Flask, g, request

POSITION = ("before", "after")
"""Where a list stands; a changed filter or order starts at its beginning."""


def here(**changes: object) -> str:
    """This page's address with other arguments; None removes one; the position in a list is always dropped."""
    kept = [(name, values) for name, values in request.args.lists() if name not in POSITION and name not in changes]
    new = [(name, value) for name, value in changes.items() if value is not None]
    asked = urlencode([*kept, *new], doseq=True)
    return f"{quote(request.path)}?{asked}" if asked else quote(request.path)


def sorted_by(key: str, current: str | None) -> str:
    """The address that sorts by a column; a second press turns the order round ('total', then '-total')."""
    sort = quote_plus(f"-{key}" if current == key else key)
    return f"{_unsorted()}sort={sort}"


def _unsorted() -> str:
    """This page's address without its order, up to where the order goes; made once a page, for every column's head."""
    if "unsorted" not in g:
        address = here(sort=None)
        g.unsorted = f"{address}&" if "?" in address else f"{address}?"
    return str(g.unsorted)


def return_to() -> str:
    """Where a preference form leads back to: this page if it can be read again, else home."""
    if request.method != "GET":
        return "/"
    return request.full_path if request.query_string else request.path


def init_app(app: Flask) -> None:
    """Give templates `here`, `sorted_by` and `return_to`."""
    app.jinja_env.globals.update(here=here, sorted_by=sorted_by, return_to=return_to)
