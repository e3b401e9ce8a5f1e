"""A provider that does not answer is left alone for a while: its calls wait for their time-outs and would hold up what
others are asked. After that one call tries; when it is answered, everything goes on."""

import datetime as dt

from sqlalchemy import case, or_, update

from incubator.cloud.models import Provider
from incubator.core import clock
from incubator.core.db import db

OPENS_AT = 5
"""Calls in a row without an answer."""
PAUSE = dt.timedelta(seconds=60)


def lets_through(provider: Provider) -> dt.datetime | None:
    """None when the provider may be asked now, else when it may. The first to ask after a pause is let through alone:
    the others wait another pause, or until it is answered."""
    now = clock.now()
    if provider.paused_until is not None and provider.paused_until > now:
        return provider.paused_until
    if provider.failures < OPENS_AT:
        return None
    pause = now + PAUSE
    over = or_(Provider.paused_until.is_(None), Provider.paused_until <= now)
    mine = update(Provider).where(Provider.id == provider.id, over).values(paused_until=pause).returning(Provider.id)
    return None if db.session.scalar(mine) else pause


def unanswered(provider_id: int) -> None:
    """Count a call without an answer; the last of several in a row pauses the provider."""
    failures = Provider.failures + 1
    pause = case((failures >= OPENS_AT, clock.now() + PAUSE), else_=Provider.paused_until)
    db.session.execute(update(Provider).where(Provider.id == provider_id).values(failures=failures, paused_until=pause))


def answered(provider_id: int) -> None:
    """An answer after failures: everything goes on."""
    failing = update(Provider).where(Provider.id == provider_id, Provider.failures > 0)
    db.session.execute(failing.values(failures=0, paused_until=None))


def pause(provider_id: int) -> None:
    """Our credentials are not accepted: ask nothing for a while."""
    db.session.execute(update(Provider).where(Provider.id == provider_id).values(paused_until=clock.now() + PAUSE))
