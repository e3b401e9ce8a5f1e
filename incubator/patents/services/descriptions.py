"""What a disclosure says of an invention, as it is given: made clean and checked before anything is written."""

import datetime as dt
import hashlib
from typing import Any, Required, TypedDict

import rfc8785
from flask_babel import gettext as _

from incubator.core import clock
from incubator.core.errors import Invalid
from incubator.patents.engines.completeness import Check, Facts, Funding, check
from incubator.patents.engines.novelty import Showing
from incubator.patents.models import Disclosure, Secrecy

TEXTS = ("title", "problem", "solution", "prior_art", "funding_details", "rights")
LONGEST = 50_000
"""Characters of one of its texts."""


class Told(TypedDict, total=False):
    """What the author tells; days made and planned with how, money and rights of others, how secret it is."""

    title: Required[str]
    problem: Required[str]
    solution: Required[str]
    prior_art: str
    published_on: dt.date | None
    published_how: Showing | None
    planned_on: dt.date | None
    planned_how: Showing | None
    sold_on: dt.date | None
    sale_planned_on: dt.date | None
    nothing_shown: bool
    funding: Funding | None
    funding_details: str
    rights: str
    no_rights: bool
    made_in_china: bool
    secrecy: Secrecy


def cleaned(told: Told) -> dict[str, Any]:
    """The values as they are stored. Raises Invalid at the field that is wrong."""
    values: dict[str, Any] = dict(told)
    for name in TEXTS:
        if name in values:
            values[name] = (values[name] or "").strip()
    _check_texts(values)
    check_days(values)
    if values.get("no_rights") and values.get("rights"):
        raise Invalid(_("You name rights of others, so it is not free of them."), field="no_rights")
    return values


def _check_texts(values: dict[str, Any]) -> None:
    words = {
        "title": _("Give the invention a title."),
        "problem": _("Say which problem it solves."),
        "solution": _("Say how it solves the problem."),
    }
    for field, missing in words.items():
        if not values[field]:
            raise Invalid(missing, field=field)
    if len(values["title"]) > 200:
        raise Invalid(_("A title has at most 200 characters."), field="title")
    for field in TEXTS[1:]:
        if len(values.get(field, "")) > LONGEST:
            raise Invalid(_("Shorten this to at most %(limit)s characters.", limit=LONGEST), field=field)


def check_days(values: dict[str, Any]) -> None:
    """Raise Invalid at a day that lies on the wrong side of today, or beside the word that nothing was shown."""
    today = clock.today()
    for field in ("published_on", "sold_on"):
        if values.get(field) is not None and values[field] > today:
            raise Invalid(_("This day is yet to come. If a publication is planned, enter it as planned."), field=field)
    for field in ("planned_on", "sale_planned_on"):
        if values.get(field) is not None and values[field] < today:
            raise Invalid(_("This day is past. If it was published then, enter it as published."), field=field)
    days = ("published_on", "sold_on", "planned_on", "sale_planned_on")
    if values.get("nothing_shown") and any(values.get(field) is not None for field in days):
        raise Invalid(_("You give a day, so something was shown or will be."), field="nothing_shown")


def text_hash(disclosure: Disclosure) -> str:
    """SHA-256 (hex) of the canonical text, which tells nothing of it."""
    text = {name: getattr(disclosure, name) for name in ("title", "problem", "solution", "prior_art")}
    return hashlib.sha256(rfc8785.dumps(text)).hexdigest()


def completeness(disclosure: Disclosure, files: int = 0) -> tuple[Check, ...]:
    """What of a disclosure is there and what is missing; files: how many are attached."""
    return check(
        Facts(
            problem=disclosure.problem, solution=disclosure.solution, prior_art=disclosure.prior_art,
            dates_given=bool(disclosure.shown), nothing_shown=disclosure.nothing_shown, funding=disclosure.funding,
            funding_details=disclosure.funding_details, rights=disclosure.rights, no_rights=disclosure.no_rights,
            shares_agreed=disclosure.is_agreed, files=files,
        )
    )  # fmt: skip
