"""The register of trade secrets: what is kept instead of being filed, and what keeps it from being published."""

import datetime as dt
from typing import cast

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Table, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from incubator.core.db import (
    Caused,
    Model,
    Public,
    Timestamp,
    Timestamped,
    Versioned,
    frozen,
    install_sql,
    state_column,
)
from incubator.patents.models.disclosures import Disclosure
from incubator.patents.models.matters import Matter
from incubator.patents.states import SecretState
from incubator.people.models import Company


class TradeSecret(Public, Timestamped, Caused, Versioned, Model):
    """An invention that is kept secret, the measures that keep it, and when they are looked at again."""

    __tablename__ = "trade_secret"
    __table_args__ = (
        Index("uq_trade_secret_kept", "disclosure_id", unique=True, postgresql_where=text("state = 'kept'")),
        Index("ix_trade_secret_company_state", "company_id", "state", "review_on"),
        CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="lifted_with_day"),
    )

    number: Mapped[str] = mapped_column(String(12), unique=True)
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosure.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    reason: Mapped[str] = mapped_column(String(2000))
    measures: Mapped[str] = mapped_column(Text, default="")
    review_on: Mapped[dt.date]
    reviewed_at: Mapped[Timestamp | None]
    lifted_at: Mapped[Timestamp | None]
    state: Mapped[SecretState] = mapped_column(state_column(SecretState, "state_known"), default=SecretState.KEPT)
    disclosure: Mapped[Disclosure] = relationship()
    company: Mapped[Company] = relationship()


KEPT_STAYS_KEPT = """
CREATE OR REPLACE FUNCTION secret_stays_secret() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  this bigint := CASE WHEN TG_TABLE_NAME = 'disclosure' THEN (to_jsonb(NEW) ->> 'id')::bigint
                      ELSE (to_jsonb(NEW) ->> 'disclosure_id')::bigint END;
BEGIN
  IF EXISTS (SELECT 1 FROM trade_secret WHERE disclosure_id = this AND state = 'kept') THEN
    RAISE EXCEPTION 'disclosure % is a trade secret', this USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
"""
frozen(cast(Table, TradeSecret.__table__), ("number", "disclosure_id", "company_id", "reason", "cause_id"))
install_sql(
    cast(Table, Matter.__table__),
    [
        KEPT_STAYS_KEPT,
        "CREATE TRIGGER secret BEFORE INSERT ON matter FOR EACH ROW EXECUTE FUNCTION secret_stays_secret()",
    ],
)
install_sql(
    cast(Table, Disclosure.__table__),
    [
        KEPT_STAYS_KEPT,
        "CREATE TRIGGER secret BEFORE UPDATE ON disclosure FOR EACH ROW WHEN ("
        "(NEW.planned_on IS NOT NULL AND OLD.planned_on IS DISTINCT FROM NEW.planned_on) OR "
        "(NEW.sale_planned_on IS NOT NULL AND OLD.sale_planned_on IS DISTINCT FROM NEW.sale_planned_on) OR "
        "(NEW.state = 'file' OR NEW.state = 'publish' OR NEW.state = 'release')) "
        "EXECUTE FUNCTION secret_stays_secret()",
    ],
)
