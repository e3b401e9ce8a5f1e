"""Posting what a bill charges more or less: hold → spent of a sandbox, what nobody's credits pay to suspense.

Each whom and currency of a period is one entry of the ledger, with its days beside it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import joinedload

from incubator.cloud.engines import billing as engine
from incubator.cloud.models import BillCharge, BillChargeDay, BillPeriod, FxRate, Sandbox
from incubator.cloud.services import bill_owners, findings, holds, metering
from incubator.cloud.services.bill_rates import Rates
from incubator.cloud.states import FindingKind, SandboxState
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.ledger import services as ledger
from incubator.ledger.models import Account
from incubator.ledger.services import Leg

Key = tuple[str, str, dt.date]
"""Whom (a label of bill_owners), currency, day."""
OVER = (SandboxState.CLOSED, SandboxState.FAILED)
"""These hold nothing: what they still cost is taken from the venture's credits anew, what they cost less goes back."""


class Booked(NamedTuple):
    """What is charged for a day: in the bill's currency, and in that of the credits (0 where no rate is known)."""

    amount: int
    own: int


@dataclass
class _Whom:
    """One that is charged in a currency: what is so now and was before, by day."""

    label: str
    currency: str
    sandbox: Sandbox | None
    now: dict[dt.date, Booked] = field(default_factory=dict)
    before: dict[dt.date, Booked] = field(default_factory=dict)
    rates: dict[dt.date, FxRate] = field(default_factory=dict)
    exact: Fraction = Fraction(0)

    def changes(self) -> Iterator[tuple[dt.date, Booked]]:
        """The days that differ, in order."""
        for day in sorted({*self.now, *self.before}):
            new, old = self.now.get(day, Booked(0, 0)), self.before.get(day, Booked(0, 0))
            if new != old:
                yield day, Booked(new.amount - old.amount, new.own - old.own)


@dataclass
class _Purse:
    """What a sandbox may still spend, and what it has paid; carried from one currency of its bill to the next."""

    left: int
    paid: int


@dataclass
class _Plan:
    """One that is charged otherwise than before, with what is to be posted."""

    whom: _Whom
    days: list[tuple[dt.date, Booked]]
    split: engine.Split

    @property
    def amount(self) -> int:
        """The difference in the bill's currency."""
        return sum(booked.amount for _day, booked in self.days)


def book(
    period: BillPeriod,
    *,
    delivery_id: int,
    cause_id: int,
    charged: Mapping[Key, int],
    posted: Mapping[Key, Booked],
    booked_on: dt.date | None,
) -> int:
    """Post the differences of a period; how many days of somebody changed. booked_on: the day of a correction to closed
    books. Sandboxes are locked in the order of their ids."""
    sandboxes = locked({bill_owners.read(whom)[0] for whom, _currency, _day in {*charged, *posted}})
    everyone = _everyone(charged, posted, sandboxes)
    standing = _standing(period)
    changed = [(whom, days) for whom in everyone if (days := list(whom.changes()))]
    changed.sort(
        key=lambda pair: sum(booked.own for _day, booked in pair[1])
    )  # what goes back first, then may be spent
    accounts = _accounts([whom.sandbox for whom, _days in changed if whom.sandbox is not None])
    key = f"bill-{period.public_id}-{cause_id}"
    purses = {number: _Purse(accounts[number, "hold"].balance, accounts[number, "spent"].balance)
              for number in {whom.sandbox.id for whom, _days in changed if whom.sandbox is not None}}  # fmt: skip
    plans = [_plan(whom, days, standing, purses, key) for whom, days in changed]
    entries = _post(period, plans, accounts, cause_id)
    charges = [_charge(period, plan, entry, delivery_id, cause_id)
               for plan, entry in zip(plans, entries, strict=True)]  # fmt: skip
    _note(charges, plans, booked_on)
    for sandbox in {plan.whom.sandbox.id: plan.whom.sandbox for plan in plans if plan.whom.sandbox}.values():
        _afterwards(sandbox, plans, key)
    return sum(len(days) for _whom, days in changed)


def locked(ids: set[int | None]) -> dict[int, Sandbox]:
    """Sandboxes, each locked, in the order of their ids."""
    wanted = sorted(one for one in ids if one is not None)
    rows = db.session.scalars(
        select(Sandbox)
        .where(Sandbox.id.in_(wanted))
        .order_by(Sandbox.id)
        .options(joinedload(Sandbox.lease, innerjoin=True))
        .with_for_update(of=Sandbox, key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _everyone(
    charged: Mapping[Key, int], posted: Mapping[Key, Booked], sandboxes: Mapping[int, Sandbox]
) -> list[_Whom]:
    """Each that is charged, or was, with both amounts of each day."""
    found: dict[tuple[str, str], _Whom] = {}

    def of(label: str, currency: str) -> _Whom:
        sandbox_id, _sub_account = bill_owners.read(label)
        sandbox = sandboxes[sandbox_id] if sandbox_id is not None else None
        return found.setdefault((label, currency), _Whom(label, currency, sandbox))

    for (label, currency, day), booked in posted.items():
        of(label, currency).before[day] = booked
    rates = Rates()
    for (label, currency, day), amount in sorted(charged.items()):
        if amount:
            whom = of(label, currency)
            whom.now[day] = Booked(amount, _own(whom, day, amount, rates))
    return list(found.values())


def _own(whom: _Whom, day: dt.date, amount: int, rates: Rates) -> int:
    """An amount in the currency of the sandbox's credits: the rounded total up to the day less that before it, so that
    days below a minor unit are not lost. 0 where a rate is missing: nobody pays it until there is one."""
    if whom.sandbox is None:
        return 0
    found = rates.exact(amount, whom.currency, whom.sandbox.lease.currency, day)
    if found is None:
        return 0
    exact, rate = found
    if rate is not None:
        whom.rates[day] = rate
    before, whom.exact = round(whom.exact), whom.exact + exact
    return round(whom.exact) - before


def _standing(period: BillPeriod) -> dict[tuple[str, str], engine.Standing]:
    """What stands posted of a period: (label, currency) → totals."""
    own = (
        select(BillChargeDay.charge_id, func.sum(BillChargeDay.own).label("own"))
        .join(BillCharge, BillCharge.id == BillChargeDay.charge_id)
        .where(BillCharge.period_id == period.id)
        .group_by(BillChargeDay.charge_id)
        .subquery()
    )
    rows = db.session.execute(
        select(BillCharge.sandbox_id, BillCharge.sub_account, BillCharge.currency, func.sum(own.c.own),
               func.sum(BillCharge.spent), func.sum(BillCharge.suspended))
        .join(own, own.c.charge_id == BillCharge.id)
        .where(BillCharge.period_id == period.id)
        .group_by(BillCharge.sandbox_id, BillCharge.sub_account, BillCharge.currency)
    )  # fmt: skip
    return {
        (bill_owners.label(row[0], row[1]), row[2]): engine.Standing(int(row[3]), int(row[4]), int(row[5]))
        for row in rows
    }


def _accounts(sandboxes: Sequence[Sandbox]) -> dict[tuple[int, str], Account]:
    """(sandbox id, 'hold' or 'spent') → account in the currency of its lease, as it is now."""
    found = metering.accounts_of(sandboxes)
    for sandbox in sandboxes:
        for kind in ("hold", "spent"):
            if (sandbox.id, kind) not in found:
                found[sandbox.id, kind] = ledger.account_of(kind, sandbox, sandbox.lease.currency)
    return found


def _plan(
    whom: _Whom,
    days: list[tuple[dt.date, Booked]],
    standing: Mapping[tuple[str, str], engine.Standing],
    purses: Mapping[int, _Purse],
    key: str,
) -> _Plan:
    before = standing.get((whom.label, whom.currency), engine.Standing())
    owed = sum(booked.amount for booked in whom.now.values())
    if whom.sandbox is None:
        return _Plan(whom, days, engine.Split(0, owed - before.suspended))
    own = sum(booked.own for _day, booked in days)
    convertible = None
    if whom.sandbox.lease.currency != whom.currency:
        convertible = sum(booked.amount for day, booked in whom.now.items() if day in whom.rates)
    purse = purses[whom.sandbox.id]
    purse.left += _held_again(whom.sandbox, own, purse, f"{key}-{whom.sandbox.public_id}-{whom.currency}")
    split = engine.split(before, own, owed=owed, convertible=convertible, left=purse.left, paid=purse.paid)
    purse.left -= split.spent
    purse.paid += split.spent
    return _Plan(whom, days, split)


def _held_again(sandbox: Sandbox, own: int, purse: _Purse, key: str) -> int:
    """What a sandbox that is closed still cost, out of the venture's credits again, within the limit it had; how much
    more it may spend now."""
    wanted = min(own - purse.left, sandbox.lease.spend_limit - purse.paid)
    if sandbox.state not in OVER or wanted <= 0:
        return 0
    try:
        holds.hold(sandbox, wanted, key, available_at="limit")
    except Invalid:
        return 0  # the venture has not that much left, or there is no rate: it is suspended
    return wanted


def _post(
    period: BillPeriod, plans: Sequence[_Plan], accounts: Mapping[tuple[int, str], Account], cause_id: int
) -> list[int | None]:
    """The ledger's entries, one a plan (None where nothing moves between accounts), in their order."""
    movements: list[ledger.Movement] = []
    numbers: list[int | None] = []
    for plan in plans:
        legs = _legs(period, plan, accounts)
        numbers.append(len(movements) if legs else None)
        if legs:
            key = f"bill-{period.public_id}-{cause_id}-{plan.whom.currency}-{len(movements)}"
            memo = f"Billed for {period.begins_on:%Y-%m}: {plan.whom.sandbox.number if plan.whom.sandbox else 'nobody'}"
            movements.append(ledger.Movement(key, legs, memo, cause_id))
    entries = ledger.post_many(movements) if movements else []
    return [None if number is None else entries[number].id for number in numbers]


def _legs(period: BillPeriod, plan: _Plan, accounts: Mapping[tuple[int, str], Account]) -> list[Leg]:
    """hold → spent; over the fx accounts where the bill is in another currency; the rest to suspense."""
    moved: dict[int, int] = defaultdict(int)
    known: dict[int, Account] = {}

    def move(account: Account, amount: int) -> None:
        known[account.id] = account
        moved[account.id] += amount

    whom, company, split = plan.whom, period.provider.company, plan.split
    if split.suspended:
        move(_suspense(period, whom.currency), split.suspended)
        move(ledger.account_of("billed", company, whom.currency, min_balance=None), -split.suspended)
    if whom.sandbox is not None and split.spent:
        move(accounts[whom.sandbox.id, "hold"], -split.spent)
        move(accounts[whom.sandbox.id, "spent"], split.spent)
    if whom.sandbox is not None and whom.sandbox.lease.currency != whom.currency:
        for currency, amount in ((whom.sandbox.lease.currency, split.spent),
                                 (whom.currency, split.suspended - plan.amount)):  # fmt: skip
            move(ledger.account_of("fx", company, currency, min_balance=None), amount)
            move(ledger.account_of("billed", company, currency, min_balance=None), -amount)
    return [Leg(known[number], amount) for number, amount in moved.items() if amount]


def _suspense(period: BillPeriod, currency: str) -> Account:
    """Where bills wait that nobody's credits pay; a correction of what finance has charged already may bring it below
    zero, for finance to give back."""
    found = ledger.account_of("suspense", period.provider.company, currency, min_balance=None)
    if found.min_balance is not None:
        found.min_balance = None
        db.session.flush()
    return found


def _charge(period: BillPeriod, plan: _Plan, entry_id: int | None, delivery_id: int, cause_id: int) -> BillCharge:
    sandbox_id, sub_account = bill_owners.read(plan.whom.label)
    return BillCharge(
        period_id=period.id, delivery_id=delivery_id, sandbox_id=sandbox_id, sub_account=sub_account,
        currency=plan.whom.currency, amount=plan.amount, spent=plan.split.spent, suspended=plan.split.suspended,
        entry_id=entry_id, cause_id=cause_id,
    )  # fmt: skip


def _note(charges: Sequence[BillCharge], plans: Sequence[_Plan], booked_on: dt.date | None) -> None:
    db.session.add_all(charges)
    db.session.flush()
    rows = [
        {"charge_id": charge.id, "on_day": day, "amount": booked.amount, "own": booked.own,
         "rate_id": rate.id if (rate := plan.whom.rates.get(day)) else None, "booked_on": booked_on or day}
        for charge, plan in zip(charges, plans, strict=True)
        for day, booked in plan.days
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(BillChargeDay), rows)


def _afterwards(sandbox: Sandbox, plans: Sequence[_Plan], key: str) -> None:
    """What it has paid; what a closed one has too much goes back; what was not covered is a finding.
    key: of the period and of what caused its booking."""
    mine = [plan for plan in plans if plan.whom.sandbox is sandbox]
    spent = sum(plan.split.spent for plan in mine)
    metering.posted_by_bill(sandbox, spent)
    if sandbox.state in OVER and spent < 0:
        holds.give_back(sandbox, f"{key}-{sandbox.public_id}-back")
    beyond = sum(plan.split.suspended for plan in mine)
    if beyond > 0:
        detail = f"{mine[0].whom.currency} {beyond}"
        findings.see(sandbox.provider, FindingKind.OVERRUN, sandbox.public_id, detail)
