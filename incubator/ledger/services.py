"""Opening accounts and moving amounts between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from incubator.core import audit, clock
from incubator.core.db import Model, db
from incubator.core.errors import DomainError, NotInTransaction
from incubator.ledger.models import Account, Entry, Posting


class Overdrawn(DomainError):
    """An account holds less than the movement takes (409). `account`, `available`: minor units above its minimum."""

    status = 409
    code = "overdrawn"

    def __init__(self, message: object, account: Account, available: int) -> None:
        super().__init__(message)
        self.account = account
        self.available = available


class KeyReused(DomainError):
    """The idempotency key already stands for another movement (409)."""

    status = 409
    code = "key_reused"


@dataclass(frozen=True)
class Leg:
    """One side of a movement: amount in minor units, positive onto the account, negative from it."""

    account: Account
    amount: int


@dataclass(frozen=True)
class Movement:
    """One movement of many: as the arguments of `post`."""

    key: str
    legs: Sequence[Leg]
    memo: str
    cause_id: int


def account_of(kind: str, owner: Model, currency: str, *, min_balance: int | None = 0) -> Account:
    """The owner's account of a kind and currency; opened at the first call, also when two callers race."""
    key = {"kind": kind, "owner_type": owner.__tablename__, "owner_id": owner.id, "currency": currency}
    found = db.session.scalar(select(Account).filter_by(**key))
    if found is not None:
        return found
    from incubator.core.keys import public_id

    values = {**key, "min_balance": min_balance, "public_id": public_id(), "created_at": clock.now()}
    db.session.execute(insert(Account).values(**values).on_conflict_do_nothing())
    return db.session.scalars(select(Account).filter_by(**key)).one()


def post(key: str, legs: Sequence[Leg], *, memo: str, cause_id: int | None = None) -> Entry:
    """Move amounts; the same key again answers the first entry and moves nothing.

    Accounts are locked in id order, so two movements never wait for each other in a circle.
    Raises Overdrawn when an account would fall below its minimum, KeyReused when the key stands for other legs,
    ValueError when the legs do not sum to zero a currency.
    """
    _check_balanced(legs)
    locked = _lock([leg.account for leg in legs])
    existing = db.session.scalar(select(Entry).where(Entry.key == key))
    if existing is not None:
        return _same(existing, legs)
    _check_funds(locked, legs)
    cause = cause_id if cause_id is not None else audit.current().latest_parent
    if cause is None:
        raise NotInTransaction("a movement needs the event that led to it")
    return _write(Entry(at=clock.now(), key=key, memo=memo, cause_id=cause), legs)


def post_many(movements: Sequence[Movement]) -> list[Entry]:
    """Move many amounts, all or none, in few statements; each as `post` does, but with a key that was never used.

    The balances of the accounts that the caller holds are not read anew.
    """
    for movement in movements:
        _check_balanced(movement.legs)
    locked = _lock([leg.account for movement in movements for leg in movement.legs])
    if db.session.scalar(select(Entry.id).where(Entry.key.in_([movement.key for movement in movements])).limit(1)):
        raise KeyReused(_("This movement was booked before with other amounts."))
    _check_funds(locked, [leg for movement in movements for leg in movement.legs])
    now = clock.now()
    entries = [Entry(at=now, key=each.key, memo=each.memo, cause_id=each.cause_id) for each in movements]
    db.session.add_all(entries)
    db.session.flush()
    for entry, movement in zip(entries, movements, strict=True):
        db.session.add_all(_posting(entry, leg) for leg in movement.legs)
    db.session.flush()
    return entries


def reverse(entry: Entry, key: str, *, memo: str) -> Entry:
    """Undo an entry by its counter-entry, once."""
    legs = [Leg(posting.account, -posting.amount) for posting in entry.postings]
    locked = _lock([leg.account for leg in legs])
    existing = db.session.scalar(select(Entry).where(Entry.reverses_id == entry.id))
    if existing is not None:
        return existing
    _check_funds(locked, legs)
    cause = audit.current().latest_parent or entry.cause_id
    return _write(Entry(at=clock.now(), key=key, memo=memo, cause_id=cause, reverses_id=entry.id), legs)


def _check_balanced(legs: Sequence[Leg]) -> None:
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.account.currency] = sums.get(leg.account.currency, 0) + leg.amount
    if len(legs) < 2 or any(sums.values()) or not all(leg.amount for leg in legs):
        raise ValueError("a movement has at least two legs, none of zero, that sum to zero a currency")


def _lock(accounts: Sequence[Account]) -> dict[int, Account]:
    ids = sorted({account.id for account in accounts})
    rows = db.session.scalars(
        select(Account)
        .where(Account.id.in_(ids))
        .order_by(Account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {account.id: account for account in rows}


def _same(entry: Entry, legs: Sequence[Leg]) -> Entry:
    before = sorted((posting.account_id, posting.amount) for posting in entry.postings)
    if before != sorted((leg.account.id, leg.amount) for leg in legs):
        raise KeyReused(_("This movement was booked before with other amounts."))
    return entry


def _check_funds(locked: dict[int, Account], legs: Sequence[Leg]) -> None:
    change: dict[int, int] = {}
    for leg in legs:
        change[leg.account.id] = change.get(leg.account.id, 0) + leg.amount
    for account_id, amount in change.items():
        account = locked[account_id]
        if account.min_balance is not None and account.balance + amount < account.min_balance:
            available = account.balance - account.min_balance
            raise Overdrawn(_("The account does not hold that much."), account, available)


def _write(entry: Entry, legs: Sequence[Leg]) -> Entry:
    db.session.add(entry)
    db.session.flush()
    entry.postings = [_posting(entry, leg) for leg in legs]
    db.session.flush()
    for leg in legs:
        db.session.refresh(leg.account, ["balance"])
    return entry


def _posting(entry: Entry, leg: Leg) -> Posting:
    return Posting(entry_id=entry.id, account_id=leg.account.id, amount=leg.amount, currency=leg.account.currency)
