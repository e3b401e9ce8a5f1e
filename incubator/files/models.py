"""Files that people hand in and letters that the product writes: what they are; their bytes lie on disk."""

from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import APPEND_ONLY, Model, Public, Timestamped, install_sql
from incubator.people.models import Person


class File(Public, Timestamped, Model):
    """One file: the bytes are found by their SHA-256 (32 bytes), the type was told from them, never from the name.

    uploader: who handed it in; None for what the product itself wrote. A row never changes; it may be deleted while
    nothing refers to it.
    """

    __tablename__ = "file"
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", name="hashed"),
        CheckConstraint("size > 0", name="not_empty"),
    )

    sha256: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(160))
    uploader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    uploader: Mapped[Person | None] = relationship()


install_sql(
    cast(Table, File.__table__),
    [APPEND_ONLY, "CREATE TRIGGER frozen BEFORE UPDATE ON file FOR EACH ROW EXECUTE FUNCTION refuse_change()"],
)
