"""The books of the pool: which account is whose. Each function is a short transaction of its own.

A row is the lock that tags at the provider cannot be. Orders of one provider decide one after another (its row is
locked), so that no account is taken twice and no more are made than may be; nothing is asked of the provider meanwhile.
"""

import datetime as dt
import itertools
from dataclasses import dataclass

from sqlalchemy import Select, delete, func, select

from incubator.cloud.drivers.base import Pending, QuotaExhausted
from incubator.cloud.models import PooledAccount, Provider
from incubator.cloud.states import PoolState
from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction

P = PoolState
CLOSE_SHARE, CLOSE_LEAST, CLOSE_MOST = 10, 10, 1000
CLOSE_DAYS = dt.timedelta(days=30)


@dataclass(frozen=True)
class Row:
    """An account of the pool as it stood when it was read."""

    id: int
    email: str
    reference: str | None
    request: str | None
    state: PoolState
    key: str | None
    is_wide: bool


def _row(account: PooledAccount) -> Row:
    return Row(
        account.id, account.email, account.reference, account.request, account.state, account.key, account.is_wide
    )


class Pool:
    """The accounts of one provider."""

    def __init__(self, provider_id: int) -> None:
        self._provider_id = provider_id

    def all(self) -> list[Row]:
        """Every account that was not closed."""
        with transaction():
            return [_row(account) for account in db.session.scalars(self._found().order_by(PooledAccount.id))]

    def of(self, key: str) -> Row | None:
        """The one that a sandbox has."""
        with transaction():
            account = db.session.scalar(self._found().where(PooledAccount.key == key))
            return None if account is None else _row(account)

    def take(self, key: str, email: str, most: int) -> Row:
        """One for a sandbox: the one it has; else a clean one, rested longest; else one to be made with this e-mail.

        Raises Pending while all there may be are taken or rest, QuotaExhausted when none rests either.
        """
        with transaction():
            self._lock()
            account = db.session.scalar(self._found().where(PooledAccount.key == key)) or self._free()
            if account is None:
                self._check_room(most)
                account = PooledAccount(provider_id=self._provider_id, email=self._unused(email))
                db.session.add(account)
            if account.key is None:
                account.key, account.state = key, P.MAKING
            db.session.flush()
            return _row(account)

    def widen(self, reference: str) -> None:
        """Its team may use what a wipe does not see: it is not used again."""
        with transaction():
            account = db.session.scalar(self._found().where(PooledAccount.reference == reference).with_for_update())
            if account is not None:
                account.is_wide = True

    def adopt(self, key: str, email: str, reference: str) -> Row:
        """What stands open at the provider with our key and is not in the books, into them; one that they call closed,
        as its closing was written down and never came to pass, is the sandbox's again."""
        with transaction():
            self._lock()
            account = db.session.scalar(
                select(PooledAccount)
                .where(PooledAccount.provider_id == self._provider_id, PooledAccount.reference == reference)
                .execution_options(populate_existing=True)
            )
            if account is None:
                account = PooledAccount(provider_id=self._provider_id, email=email, reference=reference)
                db.session.add(account)
            account.is_wide = True  # what it was open to is not known
            account.key, account.state, account.closed_at = key, P.TAKEN, None
            db.session.flush()
            return _row(account)

    def asked(self, row: Row, request: str | None) -> None:
        """The provider makes it, under this number; None: it does not any more."""
        self._set(row, request=request)

    def made(self, row: Row, reference: str) -> None:
        """It is there."""
        self._set(row, reference=reference, request=None)

    def hand_over(self, row: Row) -> None:
        """It is the sandbox's."""
        self._set(row, state=P.TAKEN)

    def leave(self, row: Row) -> None:
        """It goes back to the pool."""
        self._set(row, state=P.LEAVING)

    def give_back(self, row: Row, rest: dt.timedelta, *, is_wide: bool) -> None:
        """It is clean; it may be taken again when it has rested. is_wide: it waits to be closed instead."""
        now = clock.now()
        with transaction():
            account = self._locked(row)
            account.key, account.state, account.rests_until = None, P.CLEAN, now + rest
            account.uses += 1
            account.is_wide = is_wide

    def let_go(self, key: str) -> None:
        """Nobody waits any more for one that is being made: the next order takes it."""
        if (row := self.of(key)) is not None:
            self._set(row, key=None)

    def lose(self, row: Row) -> None:
        """Somebody closed or moved it: it is not taken again."""
        self._set(row, key=None, state=P.LOST)

    def forget(self, row: Row) -> None:
        """It was never made."""
        with transaction():
            db.session.execute(
                delete(PooledAccount).where(PooledAccount.id == row.id, PooledAccount.reference.is_(None))
            )

    def close(self, reference: str, members: int, key: str | None) -> Row:
        """One that nobody has, or the sandbox with this key, is to be closed for good; answers it as it was. members:
        accounts of the organization.

        Raises QuotaExhausted when as many were closed within 30 days as AWS allows: a tenth of them, 10 at least.
        """
        with transaction():
            self._lock()
            account = db.session.scalar(self._found().where(PooledAccount.reference == reference))
            if account is None or account.key != key or account.state is P.MAKING:
                raise QuotaExhausted(f"{reference} is not an account of the pool that nobody has")
            since = clock.now() - CLOSE_DAYS
            closed = select(func.count()).where(
                PooledAccount.provider_id == self._provider_id, PooledAccount.closed_at > since
            )
            allowed = min(max(members // CLOSE_SHARE, CLOSE_LEAST), CLOSE_MOST)
            if (db.session.scalar(closed) or 0) >= allowed:
                raise QuotaExhausted(f"AWS closes {allowed} accounts within 30 days, and they are used up")
            was = _row(account)
            account.state, account.closed_at, account.key = P.CLOSED, clock.now(), None
            return was

    def stay(self, was: Row) -> None:
        """It was not closed after all: as it was before."""
        self._set(was, state=was.state, closed_at=None, key=was.key)

    def _found(self) -> Select[PooledAccount]:
        return select(PooledAccount).where(
            PooledAccount.provider_id == self._provider_id, PooledAccount.state != P.CLOSED
        ).execution_options(populate_existing=True)  # fmt: skip

    def _free(self) -> PooledAccount | None:
        """Clean and rested, else one that was asked for by an order since given up. What may hold more than a wipe sees
        waits to be closed."""
        rested = self._found().where(
            PooledAccount.state == P.CLEAN, PooledAccount.rests_until <= clock.now(), PooledAccount.is_wide.is_(False)
        )
        nobodys = self._found().where(PooledAccount.state == P.MAKING, PooledAccount.key.is_(None))
        return db.session.scalar(
            rested.order_by(PooledAccount.rests_until, PooledAccount.id).limit(1)
        ) or db.session.scalar(nobodys.order_by(PooledAccount.id).limit(1))

    def _unused(self, email: str) -> str:
        """This address, numbered where it was used before: AWS takes none twice, that of a closed account neither."""
        used = set(
            db.session.scalars(select(PooledAccount.email).where(PooledAccount.provider_id == self._provider_id))
        )
        name, _sign, host = email.rpartition("@")
        numbered = (f"{name}-{number}@{host}" for number in itertools.count(2))
        return next(one for one in itertools.chain([email], numbered) if one not in used)

    def _check_room(self, most: int) -> None:
        rows = db.session.scalars(self._found()).all()
        if len(rows) < most:
            return
        resting = [
            account.rests_until for account in rows
            if account.state is P.CLEAN and account.rests_until and not account.is_wide
        ]  # fmt: skip
        if not resting:
            raise QuotaExhausted(f"all {most} accounts of the pool are taken, or wait to be closed")
        left = min(resting) - clock.now()
        raise Pending("an account of the pool rests until what it cost is known", max(60, int(left.total_seconds())))

    def _lock(self) -> None:
        db.session.execute(select(Provider.id).where(Provider.id == self._provider_id).with_for_update())

    def _locked(self, row: Row) -> PooledAccount:
        return db.session.get_one(PooledAccount, row.id, with_for_update=True, populate_existing=True)

    def _set(self, row: Row, **values: object) -> None:
        with transaction():
            account = self._locked(row)
            for name, value in values.items():
                setattr(account, name, value)
