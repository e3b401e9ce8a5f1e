"""Who else gets into a sandbox, what was saved of it, and what was said before its days were over."""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.cloud.models.sandboxes import Lease, Sandbox
from incubator.cloud.states import MemberState
from incubator.core.db import Model, Public, Timestamp, Timestamped, Versioned, state_column
from incubator.files.models import File
from incubator.people.models import Company, Person


class SandboxMember(Public, Timestamped, Versioned, Model):
    """A person of the team with access of their own; public_id is the name under which the provider knows them.

    ciphertext: their secret, encrypted until they have seen it, once.
    """

    __tablename__ = "sandbox_member"
    __table_args__ = (
        UniqueConstraint("sandbox_id", "person_id"),
        CheckConstraint("ciphertext IS NULL OR (shown_at IS NULL AND state = 'in')", name="secret_of_who_is_in"),
    )

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    state: Mapped[MemberState] = mapped_column(state_column(MemberState, "state_known"), default=MemberState.ASKED)
    ciphertext: Mapped[bytes | None] = mapped_column(LargeBinary)
    shown_at: Mapped[Timestamp | None]
    sandbox: Mapped[Sandbox] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def company(self) -> Company:
        """The company that the sandbox is of."""
        return self.sandbox.company


class SandboxExport(Public, Timestamped, Model):
    """A copy of what was in a sandbox, to be downloaded by its team until it expires; then its bytes are deleted."""

    __tablename__ = "sandbox_export"
    __table_args__ = (CheckConstraint("(file_id IS NULL) = (deleted_at IS NOT NULL)", name="file_until_deleted"),)

    sandbox_id: Mapped[int] = mapped_column(ForeignKey("sandbox.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(ForeignKey("file.id"), unique=True)
    expires_at: Mapped[Timestamp] = mapped_column(index=True)
    deleted_at: Mapped[Timestamp | None]
    sandbox: Mapped[Sandbox] = relationship()
    file: Mapped[File | None] = relationship()


class LeaseNotice(Timestamped, Model):
    """That the lead was told how many days are left; the row makes the notice go out once for an end."""

    __tablename__ = "lease_notice"
    __table_args__ = (UniqueConstraint("lease_id", "ends_at", "days"),)

    lease_id: Mapped[int] = mapped_column(ForeignKey("lease.id"))
    ends_at: Mapped[Timestamp]
    days: Mapped[int]
    lease: Mapped[Lease] = relationship()
