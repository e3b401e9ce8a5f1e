"""Files of the Open Cap Format that came in, and their objects as they were written."""

from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Data, Model, Public, Timestamped, Versioned, state_column
from incubator.equity.models.issuers import Issuer
from incubator.equity.states import ImportState
from incubator.people.models import Company, Person


class OcfImport(Public, Timestamped, Caused, Versioned, Model):
    """A file of valid objects and what it would change (counts and reasons); nothing changes before it is approved.

    sha256: of the objects' canonical JSON (RFC 8785).
    """

    __tablename__ = "ocf_import"

    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    maker_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    difference: Mapped[Data]
    state: Mapped[ImportState] = mapped_column(state_column(ImportState, "state_known"), default=ImportState.DRAFT)
    issuer: Mapped[Issuer] = relationship()
    company: Mapped[Company] = relationship()
    maker: Mapped[Person] = relationship()


class OcfObject(Timestamped, Model):
    """An object that came in, as it was written; own_key: the key of the holder, class or security made of it."""

    __tablename__ = "ocf_object"
    __table_args__ = (UniqueConstraint("issuer_id", "ocf_id"),)

    issuer_id: Mapped[int] = mapped_column(ForeignKey("issuer.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("ocf_import.id"), index=True)
    ocf_id: Mapped[str] = mapped_column(String(200))
    own_key: Mapped[str | None] = mapped_column(String(16), index=True)
    item: Mapped[Data]
