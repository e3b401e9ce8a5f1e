"""Accounts at a provider that are wiped and used again: which there are, and whose each is now."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.models.catalogue import Provider
from incubator.cloud.states import PoolState
from incubator.core.db import Model, Timestamp, Timestamped, state_column


class PooledAccount(Timestamped, Model):
    """An account of a provider's pool. Whose it is stands here and not in a tag at the provider: two orders at once
    can both read a tag and both write one, while a row is taken by one transaction.

    email: that it was asked for with, unique at the provider and the key of its creation; reference: the provider's
    own number; request: of a creation that takes its time. key: of the sandbox that has it. rests_until: what it cost
    is known by then. closed_at: when we had it closed.
    is_wide: a team could use services of which a wipe does not see everything, so it is closed and not used again.
    """

    __tablename__ = "pooled_account"
    __table_args__ = (
        UniqueConstraint("provider_id", "key"),
        UniqueConstraint("provider_id", "email"),
        UniqueConstraint("provider_id", "reference"),
        CheckConstraint("state = 'making' OR reference IS NOT NULL", name="known_when_made"),
        CheckConstraint("state = 'making' OR (state IN ('taken', 'leaving')) = (key IS NOT NULL)", name="whose"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_when"),
        CheckConstraint("uses >= 0", name="uses_counted"),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    email: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str | None] = mapped_column(String(40))
    request: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[PoolState] = mapped_column(state_column(PoolState, "state_known"), default=PoolState.MAKING)
    key: Mapped[str | None] = mapped_column(String(120))
    uses: Mapped[int] = mapped_column(default=0, server_default="0")
    is_wide: Mapped[bool] = mapped_column(default=False, server_default="false")
    rests_until: Mapped[Timestamp | None]
    closed_at: Mapped[Timestamp | None]
    provider: Mapped[Provider] = relationship()
