"""Security reviews: an invention made in China is filed abroad only when the office has cleared it."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import Caused, Model, Public, Timestamped, Versioned, frozen, install_sql, state_column
from incubator.patents.models.disclosures import Disclosure
from incubator.patents.models.matters import MatterEvent
from incubator.patents.states import SecurityState
from incubator.people.models import Company


class SecurityReview(Public, Timestamped, Caused, Versioned, Model):
    """The review of one invention: when it was asked for, when the office answered, and what shows it.

    extended: the office took the two months more that complex cases have. by_silence: cleared because no notice came
    in time. request_number: the office's number of the request.
    """

    __tablename__ = "security_review"
    __table_args__ = (
        CheckConstraint("state = 'needed' OR requested_on IS NOT NULL", name="requested_with_day"),
        CheckConstraint("NOT (state = 'cleared' OR state = 'refused') OR decided_on IS NOT NULL", name="decided_day"),
        CheckConstraint("decided_on IS NULL OR decided_on >= requested_on", name="decided_after_request"),
    )

    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    requested_on: Mapped[dt.date | None]
    request_number: Mapped[str] = mapped_column(String(60), default="")
    notified_on: Mapped[dt.date | None]
    extended: Mapped[bool] = mapped_column(default=False)
    decided_on: Mapped[dt.date | None]
    by_silence: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[SecurityState] = mapped_column(
        state_column(SecurityState, "state_known"), default=SecurityState.NEEDED
    )
    disclosure: Mapped[Disclosure] = relationship()
    company: Mapped[Company] = relationship()


CLEARED_BEFORE_ABROAD = """
CREATE OR REPLACE FUNCTION cleared_before_abroad() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM matter m JOIN disclosure d ON d.id = m.disclosure_id
     WHERE m.id = NEW.matter_id AND d.made_in_china AND m.kind <> 'design' AND m.office <> 'CN' AND m.office <> 'CNIPA'
       AND NOT EXISTS (SELECT 1 FROM security_review s WHERE s.disclosure_id = d.id AND s.state = 'cleared')
  ) THEN
    RAISE EXCEPTION 'matter % waits for the security review of its invention', NEW.matter_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
"""
frozen(cast(Table, SecurityReview.__table__), ("disclosure_id", "company_id", "cause_id"))
install_sql(
    cast(Table, MatterEvent.__table__),
    [
        CLEARED_BEFORE_ABROAD,
        "CREATE TRIGGER cleared BEFORE INSERT ON matter_event FOR EACH ROW WHEN ((NEW.kind)::text = 'file'::text) "
        "EXECUTE FUNCTION cleared_before_abroad()",
    ],
)
