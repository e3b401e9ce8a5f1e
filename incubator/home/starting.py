"""What a person can start now, from what the packages let them see: one statement, a few rows of a kind."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import DateTime, Select, cast, exists, literal, null, select, union_all

from incubator.calls import queries as calls
from incubator.calls.models import Call
from incubator.cloud.models import Lease
from incubator.core.sent import rows_of
from incubator.equity import queries as equity
from incubator.equity.models import EquityGrant, EquityPlan
from incubator.equity.states import PlanState
from incubator.home.words import STARTS
from incubator.ledger.models import Account
from incubator.patents import queries as patents
from incubator.people.access import within
from incubator.people.models import Person, Role
from incubator.people.predicates import scopes
from incubator.people.reader import for_reader, roles_of
from incubator.ventures import queries as ventures
from incubator.ventures.models import Venture
from incubator.ventures.states import RUNNING
from incubator.web.language import language

EACH = 5
"""Most rows of a kind; the page of the kind has them all."""
NEVER = cast(null(), DateTime(timezone=True))


@dataclass(frozen=True)
class Start:
    """One thing a person can begin: what it is about, where it begins, and until when it can."""

    kind: str
    title: object
    address: str
    due_at: dt.datetime | None = None

    tint = ""

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return STARTS[self.kind][0]

    @property
    def words(self) -> object:
        """What can be begun, in the reader's language."""
        return STARTS[self.kind][1]


PLACES = (
    (Role.OFFICE, Start("call.prepare", _l("A new call"), "/calls/manage/new")),
    (Role.IP_COUNSEL, Start("docket.keep", _l("The patent docket"), "/patents/")),
    (Role.CLOUD_OPERATOR, Start("operation.look", _l("What runs at the providers"), "/sandboxes/operations")),
    (Role.AUDITOR, Start("case.open", _l("A case"), "/audit/")),
)
"""Where work begins without a thing to begin it on: for whom, and the row."""


def startable_by(person: Person) -> list[Start]:
    """What this person can start: things with a last day first, then by kind; at most five rows of a kind."""
    found = list(_things(person))
    return found + [start for role, start in PLACES if scopes(person, role)]


def _things(person: Person) -> Iterator[Start]:
    return (Start(*row) for row in rows_of(_everything(person, language())))


@for_reader
def _everything(person: Person, lang: str) -> Select[Any]:
    each = [select(*some.limit(EACH).subquery().c) for some in _selects(person, lang)]
    everything = union_all(*each).subquery()
    kind, title, address, due_at = everything.c
    return everything.select().order_by(due_at.asc().nulls_last(), kind, title, address)


def _selects(person: Person, lang: str) -> list[Select[Any]]:
    found = [_calls(person, lang), _disclosures(person), _sandboxes(person)]
    return found + ([_plans(person), _grants(person)] if Role.HR in roles_of(person) else [])


def _row(kind: str, title: Any, address: Any, due_at: Any = NEVER) -> tuple[Any, ...]:
    return literal(kind).label("kind"), title.label("title"), address.label("address"), due_at.label("due_at")


def _calls(person: Person, lang: str) -> Select[Any]:
    """Open calls, the first to close first."""
    row = _row("call.answer", Call.title[lang].as_string(), "/calls/" + Call.public_id, Call.closes_at)
    return calls.open_for(person).with_only_columns(*row)


def _disclosures(person: Person) -> Select[Any]:
    """An invention can come out of every venture the person works in."""
    row = _row("disclosure.start", Venture.name, "/inventions/new?venture=" + Venture.public_id)
    return patents.ventures_of(person).with_only_columns(*row)


def _sandboxes(person: Person) -> Select[Any]:
    """Ventures with credits left that have ordered before; the first order stands with what waits."""
    ordered = exists().where(Lease.venture_id == Venture.id)
    has_credits = exists().where(
        Account.kind == "grant", Account.owner_type == "venture", Account.owner_id == Venture.id, Account.balance > 0
    )
    return (
        ventures.led_by(person)
        .where(Venture.state.in_(RUNNING), ordered, has_credits)
        .with_only_columns(*_row("sandbox.order", Venture.name, literal("/catalogue/")))
    )


def _plans(person: Person) -> Select[Any]:
    """Running ventures without a plan."""
    has_plan = exists().where(EquityPlan.venture_id == Venture.id, EquityPlan.state != PlanState.REFUSED)
    row = _row("equity_plan.start", Venture.name, "/equity/plans/new?venture=" + Venture.public_id)
    return equity.ventures_for_plans(person).where(Venture.state.in_(RUNNING), ~has_plan).with_only_columns(*row)


def _grants(person: Person) -> Select[Any]:
    """Plans in force from which nothing has been granted."""
    has_grant = exists().where(EquityGrant.plan_id == EquityPlan.id)
    row = _row("equity_grant.start", Venture.name, "/equity/plans/" + EquityPlan.public_id + "/grants/new")
    return (
        select(*row)
        .join(Venture, Venture.id == EquityPlan.venture_id)
        .where(within(EquityPlan.company_id, person, Role.HR), EquityPlan.state == PlanState.ACTIVE, ~has_grant)
        .order_by(EquityPlan.id.desc())
    )
