"""Themes and their funds: where they come from, and what they have for each year."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.calls.models import Theme, ThemeYear
from incubator.calls.services.calls import Text, check_words
from incubator.core import audit, clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.money import MINOR_DIGITS


@action("theme.update")
def update_theme(actor: Actor, theme: Theme, *, name: Text, source: str) -> Theme:
    """Call a theme otherwise, or name another source. Raises Invalid at name_<language> or source."""
    check_words(name, "name")
    if len(source.strip()) > 200:
        raise Invalid(_("Shorten this to at most %(n)s characters.", n=200), field="source")
    audit.record("theme.update", theme, {"name": dict(name), "source": source.strip()})
    theme.name, theme.source = dict(name), source.strip()
    return theme


@action("theme.set_budget")
def set_budget(actor: Actor, theme: Theme, *, year: int, budget: int, currency: str = "CNY") -> ThemeYear:
    """Say what a theme's fund has for a year (minor units); what stood before is in the events.

    Raises Invalid at year or budget.
    """
    if not 2000 <= year <= 2999:
        raise Invalid(_("Enter a year such as 2027."), field="year")
    if currency not in MINOR_DIGITS or not 0 <= budget <= 10**15:
        raise Invalid(_("Enter an amount, such as 1,200.50"), field="budget")
    key = {"theme_id": theme.id, "year": year, "currency": currency}
    before = db.session.scalar(select(ThemeYear.budget).filter_by(**key))
    statement = insert(ThemeYear).values(**key, budget=budget, created_at=clock.now())
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["theme_id", "year", "currency"], set_={"budget": budget})
    )
    audit.record("theme.set_budget", theme, {"year": year, "from": before, "to": budget, "currency": currency})
    fresh = {"populate_existing": True}
    return db.session.scalars(select(ThemeYear).filter_by(**key).execution_options(**fresh)).one()
