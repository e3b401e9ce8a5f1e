"""What people do by hand at providers that have no interface: accounts, and tasks for who looks after them."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.models.catalogue import Provider
from incubator.cloud.states import AccountState, TaskKind, TaskState
from incubator.core.db import Data, Model, Public, Timestamp, Timestamped, Versioned, state_column
from incubator.people.models import Company


class ManualAccount(Timestamped, Model):
    """An account that people make and look after.

    key: of the sandbox; reference: what its provider calls it. limits: what was asked for. ciphertext: the access
    data that were typed in, encrypted until the operation takes them over. leftovers: what could not be removed.
    """

    __tablename__ = "manual_account"
    __table_args__ = (UniqueConstraint("provider_id", "key"),)

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    key: Mapped[str] = mapped_column(String(120))
    reference: Mapped[str] = mapped_column(String(120), default="")
    state: Mapped[AccountState] = mapped_column(
        state_column(AccountState, "state_known"), default=AccountState.CREATING
    )
    limits: Mapped[Data]
    ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    leftovers: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default="{}")
    provider: Mapped[Provider] = relationship()


class ManualTask(Public, Timestamped, Versioned, Model):
    """One thing that a person is to do at a provider; one of a kind is open for an account."""

    __tablename__ = "manual_task"
    __table_args__ = (
        Index("uq_manual_task_open", "account_id", "kind", unique=True, postgresql_where=text("state = 'open'")),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("manual_account.id"), index=True)
    kind: Mapped[TaskKind] = mapped_column(state_column(TaskKind, "kind_known"))
    state: Mapped[TaskState] = mapped_column(state_column(TaskState, "state_known"), default=TaskState.OPEN)
    done_at: Mapped[Timestamp | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    account: Mapped[ManualAccount] = relationship()

    @property
    def company(self) -> Company:
        """The company whose operators do it."""
        return self.account.provider.company
