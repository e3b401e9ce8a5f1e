"""Operations at providers: what is to be done, by which copy, and how far it has come."""

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.models.sandboxes import Sandbox
from incubator.cloud.states import FreezeReason, Kind, OperationState
from incubator.core.db import Caused, Model, Public, Timestamp, Timestamped, state_column
from incubator.people.models import Company


class Operation(Public, Timestamped, Caused, Model):
    """One thing to bring about at a provider. PostgreSQL holds it; the queue only wakes a worker.

    fence: raised by each copy that takes it up, and named in every write of that copy, so that an older one can't
    write any more. due_at: not before. issue_at: when it may be handed to the queue (again); issues: how often it was
    since it last moved.
    """

    __tablename__ = "operation"
    __table_args__ = (
        Index(
            "uq_operation_open",
            "sandbox_id",
            "kind",
            unique=True,
            postgresql_where=text("state NOT IN ('done', 'compensated')"),
        ),
        Index("ix_operation_issue", "issue_at", postgresql_where=text("state IN ('pending', 'running', 'waiting')")),
    )

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), index=True)
    kind: Mapped[Kind] = mapped_column(state_column(Kind, "kind_known"))
    state: Mapped[OperationState] = mapped_column(
        state_column(OperationState, "state_known"), default=OperationState.PENDING
    )
    reason: Mapped[FreezeReason | None] = mapped_column(state_column(FreezeReason, "reason_known"))
    level: Mapped[int] = mapped_column(default=0)
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    issues: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Timestamp]
    issue_at: Mapped[Timestamp]
    done_at: Mapped[Timestamp | None]
    error: Mapped[str | None] = mapped_column(Text)
    sandbox: Mapped[Sandbox] = relationship()
    steps: Mapped[list["OperationStep"]] = relationship(order_by="OperationStep.position")

    @property
    def company(self) -> Company:
        """The company whose operators look after it."""
        return self.sandbox.provider.company


class OperationStep(Model):
    """One step of an operation, shown while it runs."""

    __tablename__ = "operation_step"
    __table_args__ = (UniqueConstraint("operation_id", "position"), UniqueConstraint("operation_id", "key"))

    operation_id: Mapped[int] = mapped_column(ForeignKey("operation.id"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[Timestamp | None]
    done_at: Mapped[Timestamp | None]
