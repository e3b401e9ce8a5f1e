"""Inventions out of a table: each is disclosed in the name of its first inventor, and all inventors are asked."""

from functools import partial

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.patents.engines.novelty import Showing
from incubator.patents.models import Disclosure
from incubator.patents.services import care
from incubator.patents.services.descriptions import Told, cleaned
from incubator.patents.services.disclosures import write_down
from incubator.patents.services.exchange.lines import DisclosureLine
from incubator.patents.services.exchange.plans import KNOWN, NEW, Item, Plan
from incubator.patents.services.shares import Shares, check_shares
from incubator.people import queries as people
from incubator.people.models import Person, Role
from incubator.people.predicates import has_role
from incubator.ventures.models import Venture
from incubator.web.sheets import RowError, read


def plan(actor: Person, data: bytes, name: str) -> Plan:
    """What the table is going to make. Raises Invalid at file for what is no table."""
    sheet = read(data, name, DisclosureLine)
    made = Plan(errors=list(sheet.errors), more_errors=sheet.more_errors)
    seen: set[tuple[int, str]] = set()
    for line, row in sheet.rows:
        try:
            made.items.append(_item(actor, line, row, seen))
        except Invalid as refusal:
            made.errors.append(RowError(line, refusal.field or "", str(refusal.message)))
    made.errors.sort(key=lambda error: error.line)
    return made


def _item(actor: Person, line: int, row: DisclosureLine, seen: set[tuple[int, str]]) -> Item:
    venture = db.session.scalar(select(Venture).where(Venture.number == row.venture))
    if venture is None or not has_role(Role.IP_COUNSEL)(actor, venture):
        raise Invalid(_("There is no venture %(number)s in your care.", number=row.venture), field="venture")
    if (venture.company_id, row.reference) in seen:
        raise Invalid(_("This reference stands twice in the file."), field="reference")
    seen.add((venture.company_id, row.reference))
    title = f"{row.reference} · {row.title}"
    if _is_known(venture, row.reference):
        return Item(line, title, KNOWN)
    shares, told = _shares(row), _told(row)
    cleaned(told)
    check_shares(shares)
    return Item(line, title, NEW, partial(_make, venture=venture, shares=shares, told=told, row=row))


def _is_known(venture: Venture, reference: str) -> bool:
    known = select(Disclosure.id).where(
        Disclosure.company_id == venture.company_id, Disclosure.reference == reference
    )  # fmt: skip
    return db.session.scalar(known) is not None


def _shares(row: DisclosureLine) -> Shares:
    found = []
    for hr_number, points in row.shares:
        person = people.by_hr_number(hr_number)
        if person is None or not person.is_active:
            raise Invalid(_("Nobody here has the HR number %(number)s.", number=hr_number), field="inventors")
        found.append((person, points))
    return found


def _told(row: DisclosureLine) -> Told:
    return Told(
        title=row.title, problem=row.problem, solution=row.solution, prior_art=row.prior_art, rights=row.rights,
        published_on=row.published_on, planned_on=row.planned_on, sold_on=row.sold_on,
        published_how=Showing.ARTICLE if row.published_on else None,
        planned_how=Showing.ARTICLE if row.planned_on else None,
    )  # fmt: skip


def _make(actor: Person, *, venture: Venture, shares: Shares, told: Told, row: DisclosureLine) -> Disclosure:
    made = write_down(
        actor, venture, shares=shares, lang=row.language, told=told, reference=row.reference, author=shares[0][0]
    )
    care.give(actor, made, reason=_("Read in from a list"))
    return made
