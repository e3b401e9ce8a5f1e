"""Reading the ledger, and proving it."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select

from incubator.core.db import db
from incubator.ledger.models import Account, Entry, Posting


@dataclass(frozen=True)
class Proof:
    """What the nightly proof found: accounts whose balance is not the sum of their postings, and unbalanced entries."""

    drifted: list[int]
    unbalanced: list[int]

    @property
    def holds(self) -> bool:
        """True when nothing was found."""
        return not self.drifted and not self.unbalanced


def prove() -> Proof:
    """Recompute every balance and every entry's sum from the postings."""
    total = func.coalesce(func.sum(Posting.amount), 0)
    drifted = (
        select(Account.id)
        .outerjoin(Posting, Posting.account_id == Account.id)
        .group_by(Account.id)
        .having(total != Account.balance)
    )
    unbalanced = (
        select(Entry.id)
        .outerjoin(Posting, Posting.entry_id == Entry.id)
        .group_by(Entry.id, Posting.currency)
        .having(total != 0)
    )
    return Proof(list(db.session.scalars(drifted)), list(db.session.scalars(unbalanced)))


def postings_of(account: Account) -> Select[Posting, Entry]:
    """An account's movements, newest first."""
    return (
        select(Posting, Entry)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Posting.account_id == account.id)
        .order_by(Posting.id.desc())
    )
