"""What every view uses."""

from typing import Any, TypeVar

from flask import g, redirect
from flask_babel import gettext as _
from sqlalchemy import Select, String, bindparam
from werkzeug.wrappers import Response

from incubator.core.db import Model, db, derived
from incubator.core.errors import Hidden, NotFound

M = TypeVar("M", bound=Model)


def load(visible: Select[M], public_id: str) -> M:
    """Fetch the one row with this public id among those the reader may see, or answer 404."""
    row: M | None = (
        db.session.scalars(derived(visible, "load", _with_public_id), {"loaded": public_id}).unique().one_or_none()
    )
    if row is None:
        about = Hidden(visible.column_descriptions[0]["entity"], public_id)
        raise NotFound(_("There is no such page, or it is not for you to see."), about=about)
    g.loaded = row
    return row


def _with_public_id(visible: Select[M]) -> Select[M]:
    model: Any = visible.column_descriptions[0]["entity"]
    return visible.where(model.public_id == bindparam("loaded", type_=String))


def see_other(address: str) -> Response:
    """303: the step is taken, look there."""
    return redirect(address, 303)


def is_local(address: str | None) -> bool:
    """Tell whether an address stays within this site (a safe target of a redirect).

    Browsers leave tabs and line ends out and read a backslash as a slash, after which two of them may come first.
    """
    text = str(address or "")
    return text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
