"""Locks, so that two people who act at once do it one after the other."""

from sqlalchemy import select

from incubator.core.db import db
from incubator.patents.models import Disclosure


def hold(disclosure: Disclosure) -> None:
    """One at a time changes a disclosure and its shares, or decides on it."""
    db.session.flush()
    held = select(Disclosure).where(Disclosure.id == disclosure.id).with_for_update()
    db.session.scalars(held, execution_options={"populate_existing": True}).one()
