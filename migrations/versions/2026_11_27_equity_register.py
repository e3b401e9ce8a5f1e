"""equity: the register, capital, transfers, steps on grants in force, payments, letters

Revision ID: 2026_11_27_equity_register
Revises: 2026_11_27_inventions_and_awards
Create Date: 2026-11-27 17:20:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_equity_register'
down_revision = '2026_11_27_inventions_and_awards'
branch_labels = None
depends_on = None

FILL = (
    "ALTER TABLE equity_transaction DISABLE TRIGGER append_only",
    """
INSERT INTO equity_security (public_id, created_at, issuer_public_id, class_public_id, holder_public_id, instrument,
                             grant_id, price_minor)
SELECT translate(substr(md5(random()::text || g.id::text), 1, 16), '0189', 'ghij'), g.created_at, i.public_id,
       c.public_id, h.public_id, CASE p.kind WHEN 'phantom' THEN 'cash_award' WHEN 'restricted' THEN 'share'
       ELSE 'award' END, g.id, g.price_minor
  FROM equity_grant g JOIN equity_plan p ON p.id = g.plan_id JOIN security_class c ON c.id = p.security_class_id
  JOIN issuer i ON i.id = c.issuer_id JOIN person h ON h.id = g.holder_id
 WHERE EXISTS (SELECT 1 FROM equity_transaction t WHERE t.grant_id = g.id)
""",
    """
UPDATE equity_transaction t
   SET issuer_public_id = s.issuer_public_id, class_public_id = s.class_public_id,
       holder_public_id = s.holder_public_id, security_public_id = s.public_id, instrument = s.instrument,
       quantity = t.units, price_minor = CASE t.kind WHEN 'issuance' THEN s.price_minor END
  FROM equity_security s WHERE s.grant_id = t.grant_id
""",
    "ALTER TABLE equity_transaction ENABLE TRIGGER append_only",
)
HOLDINGS = (
    """
INSERT INTO equity_holding (issuer_public_id, class_public_id, holder_public_id, instrument, units)
SELECT issuer_public_id, class_public_id, holder_public_id, instrument, sum(quantity) FROM equity_transaction
 GROUP BY issuer_public_id, class_public_id, holder_public_id, instrument
""",
    """
UPDATE security_class SET issued_units = held.units
  FROM (SELECT class_public_id, sum(quantity) AS units FROM equity_transaction WHERE instrument = 'share'
         GROUP BY class_public_id) AS held
 WHERE held.class_public_id = security_class.public_id
""",
)
FUNCTIONS = {
    "keep_holdings": r"""
BEGIN
  PERFORM 1 FROM issuer WHERE public_id IN (SELECT issuer_public_id FROM fresh) ORDER BY id FOR SHARE;
  UPDATE security_class SET issued_units = issued_units + moved.units
    FROM (SELECT class_public_id, sum(quantity) AS units FROM fresh WHERE instrument = 'share'
           GROUP BY class_public_id) AS moved
   WHERE security_class.public_id = moved.class_public_id AND moved.units <> 0;
  INSERT INTO equity_holding (issuer_public_id, class_public_id, holder_public_id, instrument, units)
    SELECT DISTINCT issuer_public_id, class_public_id, holder_public_id, instrument, 0 FROM fresh WHERE quantity <> 0
     ORDER BY 1, 2, 3, 4
    ON CONFLICT (class_public_id, holder_public_id, instrument) DO NOTHING;
  UPDATE equity_holding SET units = equity_holding.units + moved.units
    FROM (SELECT class_public_id, holder_public_id, instrument, sum(quantity) AS units FROM fresh
           GROUP BY class_public_id, holder_public_id, instrument) AS moved
   WHERE equity_holding.class_public_id = moved.class_public_id
     AND equity_holding.holder_public_id = moved.holder_public_id
     AND equity_holding.instrument = moved.instrument AND moved.units <> 0;
  DELETE FROM capital_month
   USING (SELECT issuer_public_id, min(effective_on) AS day FROM fresh WHERE quantity <> 0
           GROUP BY issuer_public_id) AS moved
   WHERE capital_month.issuer_public_id = moved.issuer_public_id AND capital_month.month_end >= moved.day;
  RETURN NULL;
END """,
    "refuse_short_security": r"""
DECLARE short text;
BEGIN
  PERFORM 1 FROM equity_security WHERE public_id IN (SELECT security_public_id FROM fresh WHERE quantity < 0)
    ORDER BY id FOR NO KEY UPDATE;
  SELECT security_public_id INTO short FROM equity_transaction
    WHERE security_public_id IN (SELECT security_public_id FROM fresh WHERE quantity < 0)
    GROUP BY security_public_id HAVING sum(quantity) < 0 LIMIT 1;
  IF short IS NOT NULL THEN
    RAISE EXCEPTION 'security % does not have so many units', short USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM fresh JOIN equity_transaction AS taken ON taken.id = fresh.reverses_id
              WHERE taken.quantity <> -fresh.quantity OR taken.security_public_id <> fresh.security_public_id) THEN
    RAISE EXCEPTION 'a correction takes back exactly what it names' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END """,
}
TRIGGERS = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.capital_entry FOR EACH ROW WHEN ((((old.state)::text <> 'draft'::text) AND ((old.security_class_id IS DISTINCT FROM new.security_class_id) OR (old.effective_on IS DISTINCT FROM new.effective_on) OR (old.evidence IS DISTINCT FROM new.evidence) OR (old.lines IS DISTINCT FROM new.lines) OR (old.maker_id IS DISTINCT FROM new.maker_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.capital_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.equity_batch FOR EACH ROW WHEN ((true AND (((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.company_id IS DISTINCT FROM new.company_id) OR ((old.period)::text IS DISTINCT FROM (new.period)::text) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.line_count IS DISTINCT FROM new.line_count) OR (old.total_minor IS DISTINCT FROM new.total_minor)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.equity_batch FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.equity_letter FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON public.equity_letter FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.equity_payment FOR EACH ROW WHEN ((true AND ((old.batch_id IS DISTINCT FROM new.batch_id) OR (old.step_id IS DISTINCT FROM new.step_id) OR (old.person_id IS DISTINCT FROM new.person_id) OR (old.amount_minor IS DISTINCT FROM new.amount_minor)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.equity_payment FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.equity_security FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON public.equity_security FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.equity_step FOR EACH ROW WHEN ((true AND (((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR (old.grant_id IS DISTINCT FROM new.grant_id) OR (old.person_id IS DISTINCT FROM new.person_id) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.maker_id IS DISTINCT FROM new.maker_id) OR (old.effective_on IS DISTINCT FROM new.effective_on) OR (old.units IS DISTINCT FROM new.units) OR (old.price_minor IS DISTINCT FROM new.price_minor) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.details IS DISTINCT FROM new.details) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.equity_step FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER holdings_kept AFTER INSERT ON public.equity_transaction REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION keep_holdings()""",
    """CREATE TRIGGER never_short AFTER INSERT ON public.equity_transaction REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION refuse_short_security()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.transfer FOR EACH ROW WHEN (((old.notice_on IS NOT NULL) AND (((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.security_class_id IS DISTINCT FROM new.security_class_id) OR ((old.seller_public_id)::text IS DISTINCT FROM (new.seller_public_id)::text) OR ((old.buyer_public_id)::text IS DISTINCT FROM (new.buyer_public_id)::text) OR (old.units IS DISTINCT FROM new.units) OR (old.price_minor IS DISTINCT FROM new.price_minor) OR (old.payment IS DISTINCT FROM new.payment) OR (old.complete_by IS DISTINCT FROM new.complete_by) OR (old.articles IS DISTINCT FROM new.articles)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.transfer FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.transfer_answer FOR EACH ROW WHEN (((old.wanted IS NOT NULL) AND ((old.wanted IS DISTINCT FROM new.wanted) OR (old.answered_at IS DISTINCT FROM new.answered_at)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.transfer_answer FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
)
CHECKS = (
    ("approval_step", "ck_approval_step_role_known", """(role IN ('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'legal', 'board', 'funder', 'auditor', 'administrator'))"""),
    ("equity_grant", "ck_equity_grant_returned_in_range", """(((returned_units >= 0) AND (returned_units <= units)))"""),
    ("equity_plan", "ck_equity_plan_kind_known", """(kind IN ('option', 'rsu', 'sar_stock', 'sar_cash', 'phantom', 'restricted', 'share_award', 'project_revenue', 'post_dividend', 'value_growth'))"""),
    ("equity_plan", "ck_equity_plan_on_cancellation_known", """(on_cancellation IN ('return', 'retire'))"""),
    ("equity_transaction", "ck_equity_transaction_correction_reverses", """((((kind)::text = 'correction'::text) = (reverses_id IS NOT NULL)))"""),
    ("equity_transaction", "ck_equity_transaction_instrument_known", """(instrument IN ('share', 'award', 'cash_award'))"""),
    ("equity_transaction", "ck_equity_transaction_issuance_comes", """((((kind)::text <> 'issuance'::text) OR (quantity > 0)))"""),
    ("equity_transaction", "ck_equity_transaction_kind_known", """(kind IN ('issuance', 'acceptance', 'start', 'event', 'acceleration', 'leave', 'exercise', 'release', 'cancellation', 'return', 'transfer', 'repurchase', 'repricing', 'balance', 'correction'))"""),
    ("equity_transaction", "ck_equity_transaction_price_not_negative", """(((price_minor IS NULL) OR (price_minor >= 0)))"""),
    ("role_grant", "ck_role_grant_role_known", """(role IN ('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'legal', 'board', 'funder', 'auditor', 'administrator'))"""),
    ("security_class", "ck_security_class_issued_within_authorised", """(((issued_units >= 0) AND (issued_units <= total_units)))"""),
    ("security_class", "ck_security_class_ratio_positive", """(((ratio_numerator > 0) AND (ratio_denominator > 0)))"""),
)
CHECKS_BEFORE = (
    ("approval_step", "ck_approval_step_role_known", """(role IN ('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'auditor', 'administrator'))"""),
    ("equity_plan", "ck_equity_plan_kind_known", """(kind IN ('option', 'rsu', 'restricted', 'phantom'))"""),
    ("equity_transaction", "ck_equity_transaction_kind_known", """(kind IN ('issuance', 'acceptance', 'return'))"""),
    ("role_grant", "ck_role_grant_role_known", """(role IN ('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'auditor', 'administrator'))"""),
)


def upgrade() -> None:
    op.create_table('equity_holder',
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('kind', sa.Enum('company', 'vehicle', 'individual', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('name', sa.String(length=200), nullable=False),
        sa.Column('credit_code', sa.String(length=18), nullable=True),
        sa.Column('representative_id', sa.BigInteger(), nullable=True),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_equity_holder_company_id')),
        sa.ForeignKeyConstraint(['representative_id'], ['person.id'], name=op.f('fk_equity_holder_representative_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_holder')),
        sa.UniqueConstraint('credit_code', name=op.f('uq_equity_holder_credit_code')),
        sa.UniqueConstraint('public_id', name=op.f('uq_equity_holder_public_id'))
    )
    op.create_index(op.f('ix_equity_holder_company_id'), 'equity_holder', ['company_id'], unique=False)
    op.create_index(op.f('ix_equity_holder_representative_id'), 'equity_holder', ['representative_id'], unique=False)
    op.create_table('equity_batch',
        sa.Column('number', sa.String(length=12), nullable=False),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('period', sa.String(length=7), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('line_count', sa.BigInteger(), nullable=False),
        sa.Column('total_minor', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.Enum('prepared', 'sent', 'settled', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('line_count > 0 AND total_minor > 0', name=op.f('ck_equity_batch_totals_positive')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_equity_batch_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_equity_batch_company_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_equity_batch_maker_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_batch')),
        sa.UniqueConstraint('number', name=op.f('uq_equity_batch_number')),
        sa.UniqueConstraint('public_id', name=op.f('uq_equity_batch_public_id'))
    )
    op.create_index(op.f('ix_equity_batch_cause_id'), 'equity_batch', ['cause_id'], unique=False)
    op.create_index('ix_equity_batch_company', 'equity_batch', ['company_id', 'id'], unique=False)
    op.create_index(op.f('ix_equity_batch_maker_id'), 'equity_batch', ['maker_id'], unique=False)
    op.create_table('capital_month',
        sa.Column('issuer_public_id', sa.String(length=16), nullable=False),
        sa.Column('month_end', sa.Date(), nullable=False),
        sa.Column('engine', sa.String(length=40), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(['issuer_public_id'], ['issuer.public_id'], name=op.f('fk_capital_month_issuer_public_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capital_month')),
        sa.UniqueConstraint('issuer_public_id', 'month_end', name=op.f('uq_capital_month_issuer_public_id_month_end'))
    )
    op.create_table('capital_position',
        sa.Column('issuer_public_id', sa.String(length=16), nullable=False),
        sa.Column('month_end', sa.Date(), nullable=False),
        sa.Column('class_public_id', sa.String(length=16), nullable=False),
        sa.Column('holder_public_id', sa.String(length=16), nullable=False),
        sa.Column('instrument', sa.Enum('share', 'award', 'cash_award', name='instrument_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('units > 0', name=op.f('ck_capital_position_units_positive')),
        sa.ForeignKeyConstraint(['issuer_public_id'], ['issuer.public_id'], name=op.f('fk_capital_position_issuer_public_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capital_position')),
        sa.UniqueConstraint('issuer_public_id', 'month_end', 'class_public_id', 'holder_public_id', 'instrument', name=op.f('uq_capital_position_issuer_public_id_month_end_class_public_id_holder_public_id_instrument'))
    )
    op.create_table('ocf_import',
        sa.Column('issuer_id', sa.BigInteger(), nullable=False),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('sha256', sa.LargeBinary(length=32), nullable=False),
        sa.Column('items', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('difference', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('state', sa.Enum('draft', 'in_approval', 'applied', 'refused', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_ocf_import_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_ocf_import_company_id')),
        sa.ForeignKeyConstraint(['issuer_id'], ['issuer.id'], name=op.f('fk_ocf_import_issuer_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_ocf_import_maker_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ocf_import')),
        sa.UniqueConstraint('public_id', name=op.f('uq_ocf_import_public_id'))
    )
    op.create_index(op.f('ix_ocf_import_cause_id'), 'ocf_import', ['cause_id'], unique=False)
    op.create_index(op.f('ix_ocf_import_company_id'), 'ocf_import', ['company_id'], unique=False)
    op.create_index(op.f('ix_ocf_import_issuer_id'), 'ocf_import', ['issuer_id'], unique=False)
    op.create_index(op.f('ix_ocf_import_maker_id'), 'ocf_import', ['maker_id'], unique=False)
    op.create_table('appraisal',
        sa.Column('security_class_id', sa.BigInteger(), nullable=False),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('appraised_on', sa.Date(), nullable=False),
        sa.Column('value_minor', sa.BigInteger(), nullable=False),
        sa.Column('unit_minor', sa.BigInteger(), nullable=False),
        sa.Column('method', sa.Enum('income', 'market', 'assets', name='method_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('firm', sa.String(length=200), nullable=False),
        sa.Column('filing_number', sa.String(length=80), nullable=False),
        sa.Column('valid_months', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.Enum('draft', 'in_approval', 'approved', 'refused', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('valid_months BETWEEN 1 AND 24', name=op.f('ck_appraisal_validity_in_range')),
        sa.CheckConstraint('value_minor > 0 AND unit_minor > 0', name=op.f('ck_appraisal_values_positive')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_appraisal_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_appraisal_company_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_appraisal_maker_id')),
        sa.ForeignKeyConstraint(['security_class_id'], ['security_class.id'], name=op.f('fk_appraisal_security_class_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_appraisal')),
        sa.UniqueConstraint('public_id', name=op.f('uq_appraisal_public_id'))
    )
    op.create_index(op.f('ix_appraisal_cause_id'), 'appraisal', ['cause_id'], unique=False)
    op.create_index('ix_appraisal_class', 'appraisal', ['security_class_id', 'appraised_on'], unique=False)
    op.create_index(op.f('ix_appraisal_company_id'), 'appraisal', ['company_id'], unique=False)
    op.create_index(op.f('ix_appraisal_maker_id'), 'appraisal', ['maker_id'], unique=False)
    op.create_table('capital_entry',
        sa.Column('security_class_id', sa.BigInteger(), nullable=False),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('effective_on', sa.Date(), nullable=False),
        sa.Column('evidence', sa.Text(), nullable=False),
        sa.Column('lines', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('state', sa.Enum('draft', 'in_approval', 'entered', 'refused', 'corrected', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_capital_entry_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_capital_entry_company_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_capital_entry_maker_id')),
        sa.ForeignKeyConstraint(['security_class_id'], ['security_class.id'], name=op.f('fk_capital_entry_security_class_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capital_entry')),
        sa.UniqueConstraint('public_id', name=op.f('uq_capital_entry_public_id'))
    )
    op.create_index(op.f('ix_capital_entry_cause_id'), 'capital_entry', ['cause_id'], unique=False)
    op.create_index('ix_capital_entry_class_state', 'capital_entry', ['security_class_id', 'state'], unique=False)
    op.create_index(op.f('ix_capital_entry_company_id'), 'capital_entry', ['company_id'], unique=False)
    op.create_index(op.f('ix_capital_entry_maker_id'), 'capital_entry', ['maker_id'], unique=False)
    op.create_table('equity_holding',
        sa.Column('issuer_public_id', sa.String(length=16), nullable=False),
        sa.Column('class_public_id', sa.String(length=16), nullable=False),
        sa.Column('holder_public_id', sa.String(length=16), nullable=False),
        sa.Column('instrument', sa.Enum('share', 'award', 'cash_award', name='instrument_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('units >= 0', name=op.f('ck_equity_holding_units_not_negative')),
        sa.ForeignKeyConstraint(['class_public_id'], ['security_class.public_id'], name=op.f('fk_equity_holding_class_public_id')),
        sa.ForeignKeyConstraint(['issuer_public_id'], ['issuer.public_id'], name=op.f('fk_equity_holding_issuer_public_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_holding')),
        sa.UniqueConstraint('class_public_id', 'holder_public_id', 'instrument', name=op.f('uq_equity_holding_class_public_id_holder_public_id_instrument'))
    )
    op.create_index('ix_equity_holding_holder', 'equity_holding', ['holder_public_id'], unique=False)
    op.create_index('ix_equity_holding_most', 'equity_holding', ['class_public_id', 'instrument', 'units', 'holder_public_id'], unique=False)
    op.create_table('ocf_object',
        sa.Column('issuer_id', sa.BigInteger(), nullable=False),
        sa.Column('import_id', sa.BigInteger(), nullable=False),
        sa.Column('ocf_id', sa.String(length=200), nullable=False),
        sa.Column('own_key', sa.String(length=16), nullable=True),
        sa.Column('item', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(['import_id'], ['ocf_import.id'], name=op.f('fk_ocf_object_import_id')),
        sa.ForeignKeyConstraint(['issuer_id'], ['issuer.id'], name=op.f('fk_ocf_object_issuer_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_ocf_object')),
        sa.UniqueConstraint('issuer_id', 'ocf_id', name=op.f('uq_ocf_object_issuer_id_ocf_id'))
    )
    op.create_index(op.f('ix_ocf_object_import_id'), 'ocf_object', ['import_id'], unique=False)
    op.create_index(op.f('ix_ocf_object_own_key'), 'ocf_object', ['own_key'], unique=False)
    op.create_table('transfer',
        sa.Column('number', sa.String(length=12), nullable=False),
        sa.Column('security_class_id', sa.BigInteger(), nullable=False),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('seller_public_id', sa.String(length=16), nullable=False),
        sa.Column('seller_name', sa.String(length=200), nullable=False),
        sa.Column('buyer_public_id', sa.String(length=16), nullable=False),
        sa.Column('buyer_name', sa.String(length=200), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.Column('price_minor', sa.BigInteger(), nullable=False),
        sa.Column('payment', sa.Text(), nullable=False),
        sa.Column('complete_by', sa.Date(), nullable=False),
        sa.Column('requested_on', sa.Date(), nullable=False),
        sa.Column('lock', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('articles', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('notice_on', sa.Date(), nullable=True),
        sa.Column('outcome', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column('appraisal_id', sa.BigInteger(), nullable=True),
        sa.Column('content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column('content_hash', sa.LargeBinary(length=32), nullable=True),
        sa.Column('settled_on', sa.Date(), nullable=True),
        sa.Column('payment_reference', sa.String(length=120), nullable=True),
        sa.Column('settler_id', sa.BigInteger(), nullable=True),
        sa.Column('state', sa.Enum('requested', 'lock_check', 'notice', 'taken', 'waived', 'priced', 'approved', 'settled', 'refused', 'withdrawn', 'reversed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('price_minor > 0', name=op.f('ck_transfer_price_positive')),
        sa.CheckConstraint('seller_public_id <> buyer_public_id', name=op.f('ck_transfer_two_parties')),
        sa.CheckConstraint('units > 0', name=op.f('ck_transfer_units_positive')),
        sa.ForeignKeyConstraint(['appraisal_id'], ['appraisal.id'], name=op.f('fk_transfer_appraisal_id')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_transfer_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_transfer_company_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_transfer_maker_id')),
        sa.ForeignKeyConstraint(['security_class_id'], ['security_class.id'], name=op.f('fk_transfer_security_class_id')),
        sa.ForeignKeyConstraint(['settler_id'], ['person.id'], name=op.f('fk_transfer_settler_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer')),
        sa.UniqueConstraint('number', name=op.f('uq_transfer_number')),
        sa.UniqueConstraint('public_id', name=op.f('uq_transfer_public_id'))
    )
    op.create_index(op.f('ix_transfer_appraisal_id'), 'transfer', ['appraisal_id'], unique=False)
    op.create_index(op.f('ix_transfer_cause_id'), 'transfer', ['cause_id'], unique=False)
    op.create_index('ix_transfer_class_state', 'transfer', ['security_class_id', 'state'], unique=False)
    op.create_index(op.f('ix_transfer_company_id'), 'transfer', ['company_id'], unique=False)
    op.create_index(op.f('ix_transfer_maker_id'), 'transfer', ['maker_id'], unique=False)
    op.create_index('ix_transfer_seller', 'transfer', ['seller_public_id'], unique=False)
    op.create_index(op.f('ix_transfer_settler_id'), 'transfer', ['settler_id'], unique=False)
    op.create_table('equity_letter',
        sa.Column('grant_id', sa.BigInteger(), nullable=False),
        sa.Column('language', sa.String(length=2), nullable=False),
        sa.Column('letter_hash', sa.LargeBinary(length=32), nullable=False),
        sa.Column('file_id', sa.BigInteger(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("language = 'en' OR language = 'zh'", name=op.f('ck_equity_letter_language_known')),
        sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_equity_letter_file_id')),
        sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_equity_letter_grant_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_letter')),
        sa.UniqueConstraint('grant_id', 'letter_hash', 'language', name=op.f('uq_equity_letter_grant_id_letter_hash_language'))
    )
    op.create_index(op.f('ix_equity_letter_file_id'), 'equity_letter', ['file_id'], unique=False)
    op.create_table('equity_security',
        sa.Column('issuer_public_id', sa.String(length=16), nullable=False),
        sa.Column('class_public_id', sa.String(length=16), nullable=False),
        sa.Column('holder_public_id', sa.String(length=16), nullable=False),
        sa.Column('instrument', sa.Enum('share', 'award', 'cash_award', name='instrument_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('grant_id', sa.BigInteger(), nullable=True),
        sa.Column('parent_id', sa.BigInteger(), nullable=True),
        sa.Column('price_minor', sa.BigInteger(), nullable=True),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('price_minor IS NULL OR price_minor >= 0', name=op.f('ck_equity_security_price_not_negative')),
        sa.ForeignKeyConstraint(['class_public_id'], ['security_class.public_id'], name=op.f('fk_equity_security_class_public_id')),
        sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_equity_security_grant_id')),
        sa.ForeignKeyConstraint(['issuer_public_id'], ['issuer.public_id'], name=op.f('fk_equity_security_issuer_public_id')),
        sa.ForeignKeyConstraint(['parent_id'], ['equity_security.id'], name=op.f('fk_equity_security_parent_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_security')),
        sa.UniqueConstraint('public_id', name=op.f('uq_equity_security_public_id'))
    )
    op.create_index('ix_equity_security_class', 'equity_security', ['class_public_id', 'holder_public_id'], unique=False)
    op.create_index(op.f('ix_equity_security_grant_id'), 'equity_security', ['grant_id'], unique=False)
    op.create_index(op.f('ix_equity_security_holder_public_id'), 'equity_security', ['holder_public_id'], unique=False)
    op.create_index(op.f('ix_equity_security_issuer_public_id'), 'equity_security', ['issuer_public_id'], unique=False)
    op.create_index(op.f('ix_equity_security_parent_id'), 'equity_security', ['parent_id'], unique=False)
    op.create_table('equity_step',
        sa.Column('kind', sa.Enum('start', 'event', 'acceleration', 'leave', 'exercise', 'release', 'cancellation', 'repurchase', 'repricing', 'correction', 'departure', 'move', 'end', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('grant_id', sa.BigInteger(), nullable=True),
        sa.Column('person_id', sa.BigInteger(), nullable=True),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('effective_on', sa.Date(), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=True),
        sa.Column('price_minor', sa.BigInteger(), nullable=True),
        sa.Column('amount_minor', sa.BigInteger(), server_default='0', nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('reason', sa.String(length=2000), nullable=False),
        sa.Column('state', sa.Enum('in_approval', 'done', 'refused', 'cancelled', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint("(grant_id IS NULL) = (kind = 'departure' OR kind = 'move' OR kind = 'end')", name=op.f('ck_equity_step_about_one')),
        sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_equity_step_amount_not_negative')),
        sa.CheckConstraint('price_minor IS NULL OR price_minor >= 0', name=op.f('ck_equity_step_price_not_negative')),
        sa.CheckConstraint('units IS NULL OR units > 0', name=op.f('ck_equity_step_units_positive')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_equity_step_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_equity_step_company_id')),
        sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_equity_step_grant_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_equity_step_maker_id')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_equity_step_person_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_step')),
        sa.UniqueConstraint('public_id', name=op.f('uq_equity_step_public_id'))
    )
    op.create_index(op.f('ix_equity_step_cause_id'), 'equity_step', ['cause_id'], unique=False)
    op.create_index('ix_equity_step_company', 'equity_step', ['company_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_equity_step_grant_id'), 'equity_step', ['grant_id'], unique=False)
    op.create_index(op.f('ix_equity_step_maker_id'), 'equity_step', ['maker_id'], unique=False)
    op.create_index(op.f('ix_equity_step_person_id'), 'equity_step', ['person_id'], unique=False)
    op.create_table('grant_value',
        sa.Column('grant_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('source', sa.Enum('model', 'appraiser', name='source_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('value_millionths', sa.BigInteger(), nullable=False),
        sa.Column('model_millionths', sa.BigInteger(), nullable=True),
        sa.Column('inputs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('forfeiture_bp', sa.BigInteger(), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('forfeiture_bp BETWEEN 0 AND 10000', name=op.f('ck_grant_value_forfeiture_in_range')),
        sa.CheckConstraint('value_millionths >= 0', name=op.f('ck_grant_value_value_not_negative')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_grant_value_cause_id')),
        sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_grant_value_grant_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_grant_value_maker_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_grant_value')),
        sa.UniqueConstraint('public_id', name=op.f('uq_grant_value_public_id'))
    )
    op.create_index(op.f('ix_grant_value_cause_id'), 'grant_value', ['cause_id'], unique=False)
    op.create_index(op.f('ix_grant_value_grant_id'), 'grant_value', ['grant_id'], unique=False)
    op.create_index(op.f('ix_grant_value_maker_id'), 'grant_value', ['maker_id'], unique=False)
    op.create_table('transfer_answer',
        sa.Column('transfer_id', sa.BigInteger(), nullable=False),
        sa.Column('holder_public_id', sa.String(length=16), nullable=False),
        sa.Column('holder_name', sa.String(length=200), nullable=False),
        sa.Column('person_id', sa.BigInteger(), nullable=True),
        sa.Column('holding_units', sa.BigInteger(), nullable=False),
        sa.Column('received_on', sa.Date(), nullable=False),
        sa.Column('answer_by_on', sa.Date(), nullable=False),
        sa.Column('wanted', sa.BigInteger(), nullable=True),
        sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answerer_id', sa.BigInteger(), nullable=True),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('(wanted IS NULL) = (answered_at IS NULL)', name=op.f('ck_transfer_answer_answer_has_its_time')),
        sa.CheckConstraint('wanted IS NULL OR wanted >= 0', name=op.f('ck_transfer_answer_wanted_not_negative')),
        sa.ForeignKeyConstraint(['answerer_id'], ['person.id'], name=op.f('fk_transfer_answer_answerer_id')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_transfer_answer_person_id')),
        sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id'], name=op.f('fk_transfer_answer_transfer_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_transfer_answer')),
        sa.UniqueConstraint('public_id', name=op.f('uq_transfer_answer_public_id')),
        sa.UniqueConstraint('transfer_id', 'holder_public_id', name=op.f('uq_transfer_answer_transfer_id_holder_public_id'))
    )
    op.create_index(op.f('ix_transfer_answer_answerer_id'), 'transfer_answer', ['answerer_id'], unique=False)
    op.create_index(op.f('ix_transfer_answer_person_id'), 'transfer_answer', ['person_id'], unique=False)
    op.create_table('equity_payment',
        sa.Column('batch_id', sa.BigInteger(), nullable=False),
        sa.Column('step_id', sa.BigInteger(), nullable=False),
        sa.Column('person_id', sa.BigInteger(), nullable=False),
        sa.Column('amount_minor', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.Enum('sent', 'paid', 'failed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('told', sa.String(length=200), server_default='', nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('amount_minor > 0', name=op.f('ck_equity_payment_amount_positive')),
        sa.ForeignKeyConstraint(['batch_id'], ['equity_batch.id'], name=op.f('fk_equity_payment_batch_id')),
        sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_equity_payment_person_id')),
        sa.ForeignKeyConstraint(['step_id'], ['equity_step.id'], name=op.f('fk_equity_payment_step_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_payment')),
        sa.UniqueConstraint('batch_id', 'step_id', name=op.f('uq_equity_payment_batch_id_step_id')),
        sa.UniqueConstraint('public_id', name=op.f('uq_equity_payment_public_id'))
    )
    op.create_index(op.f('ix_equity_payment_person_id'), 'equity_payment', ['person_id'], unique=False)
    op.create_index(op.f('ix_equity_payment_step_id'), 'equity_payment', ['step_id'], unique=False)
    op.create_index('uq_equity_payment_standing', 'equity_payment', ['step_id'], unique=True, postgresql_where=sa.text("state = 'sent' OR state = 'paid'"))
    op.add_column('equity_grant', sa.Column('returned_units', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('equity_plan', sa.Column('on_cancellation', sa.String(length=40), server_default='return', nullable=False))
    op.add_column('equity_plan', sa.Column('signers', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False))
    op.add_column('equity_plan', sa.Column('leaving', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('equity_transaction', sa.Column('issuer_public_id', sa.String(length=16), nullable=True))
    op.add_column('equity_transaction', sa.Column('class_public_id', sa.String(length=16), nullable=True))
    op.add_column('equity_transaction', sa.Column('holder_public_id', sa.String(length=16), nullable=True))
    op.add_column('equity_transaction', sa.Column('security_public_id', sa.String(length=16), nullable=True))
    op.add_column('equity_transaction', sa.Column('instrument', sa.String(length=40), nullable=True))
    op.add_column('equity_transaction', sa.Column('quantity', sa.BigInteger(), nullable=True))
    op.add_column('equity_transaction', sa.Column('price_minor', sa.BigInteger(), nullable=True))
    op.add_column('equity_transaction', sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('equity_transaction', sa.Column('reverses_id', sa.BigInteger(), nullable=True))
    op.alter_column('equity_transaction', 'grant_id',
        existing_type=sa.BIGINT(),
        nullable=True)
    op.create_index('ix_equity_transaction_class_day', 'equity_transaction', ['class_public_id', 'effective_on'], unique=False, postgresql_include=['holder_public_id', 'instrument', 'quantity'])
    op.create_index('ix_equity_transaction_promised', 'equity_transaction', ['class_public_id', 'effective_on'], unique=False, postgresql_where=sa.text("instrument = 'award'"))
    op.create_index('ix_equity_transaction_holder', 'equity_transaction', ['holder_public_id', 'effective_on'], unique=False)
    op.create_index('ix_equity_transaction_security', 'equity_transaction', ['security_public_id', 'id'], unique=False)
    op.create_unique_constraint(op.f('uq_equity_transaction_reverses_id'), 'equity_transaction', ['reverses_id'])
    op.create_foreign_key(op.f('fk_equity_transaction_reverses_id'), 'equity_transaction', 'equity_transaction', ['reverses_id'], ['id'])
    op.create_foreign_key(op.f('fk_equity_transaction_security_public_id'), 'equity_transaction', 'equity_security', ['security_public_id'], ['public_id'])
    op.create_foreign_key(op.f('fk_equity_transaction_class_public_id'), 'equity_transaction', 'security_class', ['class_public_id'], ['public_id'])
    op.create_foreign_key(op.f('fk_equity_transaction_issuer_public_id'), 'equity_transaction', 'issuer', ['issuer_public_id'], ['public_id'])
    for statement in FILL:
        op.execute(statement)
    for column in ('issuer_public_id', 'class_public_id', 'holder_public_id', 'security_public_id', 'instrument', 'quantity'):
        op.alter_column('equity_transaction', column, nullable=False)
    op.drop_column('equity_transaction', 'units')
    op.add_column('issuer', sa.Column('credit_code', sa.String(length=18), nullable=True))
    op.add_column('issuer', sa.Column('size_evidence', sa.Text(), nullable=True))
    op.add_column('issuer', sa.Column('size_on', sa.Date(), nullable=True))
    op.add_column('issuer', sa.Column('formed_on', sa.Date(), nullable=True))
    op.add_column('issuer', sa.Column('articles', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.create_unique_constraint(op.f('uq_issuer_credit_code'), 'issuer', ['credit_code'])
    op.add_column('security_class', sa.Column('issued_units', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('security_class', sa.Column('ratio_numerator', sa.BigInteger(), server_default='1', nullable=False))
    op.add_column('security_class', sa.Column('ratio_denominator', sa.BigInteger(), server_default='1', nullable=False))
    for table, name, _condition in CHECKS_BEFORE:
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}')
    for table, name, condition in CHECKS:
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}')
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK {condition}')
    for statement in HOLDINGS:
        op.execute(statement)
    for name, source in FUNCTIONS.items():
        op.execute(f'CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$' + source + '$body$')
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.execute('DROP TRIGGER IF EXISTS holdings_kept ON equity_transaction')
    op.execute('DROP TRIGGER IF EXISTS never_short ON equity_transaction')
    for table, name, _condition in CHECKS:
        op.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}')
    for table, name, condition in CHECKS_BEFORE:
        op.execute(f'ALTER TABLE {table} ADD CONSTRAINT {name} CHECK {condition} NOT VALID')
    op.drop_column('security_class', 'ratio_denominator')
    op.drop_column('security_class', 'ratio_numerator')
    op.drop_column('security_class', 'issued_units')
    op.drop_constraint(op.f('uq_issuer_credit_code'), 'issuer', type_='unique')
    op.drop_column('issuer', 'articles')
    op.drop_column('issuer', 'formed_on')
    op.drop_column('issuer', 'size_on')
    op.drop_column('issuer', 'size_evidence')
    op.drop_column('issuer', 'credit_code')
    op.add_column('equity_transaction', sa.Column('units', sa.BigInteger(), nullable=True))
    op.execute('ALTER TABLE equity_transaction DISABLE TRIGGER append_only')
    op.execute('UPDATE equity_transaction SET units = quantity')
    op.execute('ALTER TABLE equity_transaction ENABLE TRIGGER append_only')
    op.alter_column('equity_transaction', 'units', nullable=False)
    op.drop_constraint(op.f('fk_equity_transaction_issuer_public_id'), 'equity_transaction', type_='foreignkey')
    op.drop_constraint(op.f('fk_equity_transaction_class_public_id'), 'equity_transaction', type_='foreignkey')
    op.drop_constraint(op.f('fk_equity_transaction_security_public_id'), 'equity_transaction', type_='foreignkey')
    op.drop_constraint(op.f('fk_equity_transaction_reverses_id'), 'equity_transaction', type_='foreignkey')
    op.drop_constraint(op.f('uq_equity_transaction_reverses_id'), 'equity_transaction', type_='unique')
    op.drop_index('ix_equity_transaction_security', table_name='equity_transaction')
    op.drop_index('ix_equity_transaction_holder', table_name='equity_transaction')
    op.drop_index('ix_equity_transaction_promised', table_name='equity_transaction')
    op.drop_index('ix_equity_transaction_class_day', table_name='equity_transaction')
    op.alter_column('equity_transaction', 'grant_id',
        existing_type=sa.BIGINT(),
        nullable=False)
    op.drop_column('equity_transaction', 'reverses_id')
    op.drop_column('equity_transaction', 'details')
    op.drop_column('equity_transaction', 'price_minor')
    op.drop_column('equity_transaction', 'quantity')
    op.drop_column('equity_transaction', 'instrument')
    op.drop_column('equity_transaction', 'security_public_id')
    op.drop_column('equity_transaction', 'holder_public_id')
    op.drop_column('equity_transaction', 'class_public_id')
    op.drop_column('equity_transaction', 'issuer_public_id')
    op.drop_column('equity_plan', 'leaving')
    op.drop_column('equity_plan', 'signers')
    op.drop_column('equity_plan', 'on_cancellation')
    op.drop_column('equity_grant', 'returned_units')
    op.drop_index('uq_equity_payment_standing', table_name='equity_payment', postgresql_where=sa.text("state = 'sent' OR state = 'paid'"))
    op.drop_index(op.f('ix_equity_payment_step_id'), table_name='equity_payment')
    op.drop_index(op.f('ix_equity_payment_person_id'), table_name='equity_payment')
    op.drop_table('equity_payment')
    op.drop_index(op.f('ix_transfer_answer_person_id'), table_name='transfer_answer')
    op.drop_index(op.f('ix_transfer_answer_answerer_id'), table_name='transfer_answer')
    op.drop_table('transfer_answer')
    op.drop_index(op.f('ix_grant_value_maker_id'), table_name='grant_value')
    op.drop_index(op.f('ix_grant_value_grant_id'), table_name='grant_value')
    op.drop_index(op.f('ix_grant_value_cause_id'), table_name='grant_value')
    op.drop_table('grant_value')
    op.drop_index(op.f('ix_equity_step_person_id'), table_name='equity_step')
    op.drop_index(op.f('ix_equity_step_maker_id'), table_name='equity_step')
    op.drop_index(op.f('ix_equity_step_grant_id'), table_name='equity_step')
    op.drop_index('ix_equity_step_company', table_name='equity_step')
    op.drop_index(op.f('ix_equity_step_cause_id'), table_name='equity_step')
    op.drop_table('equity_step')
    op.drop_index(op.f('ix_equity_security_parent_id'), table_name='equity_security')
    op.drop_index(op.f('ix_equity_security_issuer_public_id'), table_name='equity_security')
    op.drop_index(op.f('ix_equity_security_holder_public_id'), table_name='equity_security')
    op.drop_index(op.f('ix_equity_security_grant_id'), table_name='equity_security')
    op.drop_index('ix_equity_security_class', table_name='equity_security')
    op.drop_table('equity_security')
    op.drop_index(op.f('ix_equity_letter_file_id'), table_name='equity_letter')
    op.drop_table('equity_letter')
    op.drop_index(op.f('ix_transfer_settler_id'), table_name='transfer')
    op.drop_index('ix_transfer_seller', table_name='transfer')
    op.drop_index(op.f('ix_transfer_maker_id'), table_name='transfer')
    op.drop_index(op.f('ix_transfer_company_id'), table_name='transfer')
    op.drop_index('ix_transfer_class_state', table_name='transfer')
    op.drop_index(op.f('ix_transfer_cause_id'), table_name='transfer')
    op.drop_index(op.f('ix_transfer_appraisal_id'), table_name='transfer')
    op.drop_table('transfer')
    op.drop_index(op.f('ix_ocf_object_own_key'), table_name='ocf_object')
    op.drop_index(op.f('ix_ocf_object_import_id'), table_name='ocf_object')
    op.drop_table('ocf_object')
    op.drop_index('ix_equity_holding_most', table_name='equity_holding')
    op.drop_index('ix_equity_holding_holder', table_name='equity_holding')
    op.drop_table('equity_holding')
    op.drop_index(op.f('ix_capital_entry_maker_id'), table_name='capital_entry')
    op.drop_index(op.f('ix_capital_entry_company_id'), table_name='capital_entry')
    op.drop_index('ix_capital_entry_class_state', table_name='capital_entry')
    op.drop_index(op.f('ix_capital_entry_cause_id'), table_name='capital_entry')
    op.drop_table('capital_entry')
    op.drop_index(op.f('ix_appraisal_maker_id'), table_name='appraisal')
    op.drop_index(op.f('ix_appraisal_company_id'), table_name='appraisal')
    op.drop_index('ix_appraisal_class', table_name='appraisal')
    op.drop_index(op.f('ix_appraisal_cause_id'), table_name='appraisal')
    op.drop_table('appraisal')
    op.drop_index(op.f('ix_ocf_import_maker_id'), table_name='ocf_import')
    op.drop_index(op.f('ix_ocf_import_issuer_id'), table_name='ocf_import')
    op.drop_index(op.f('ix_ocf_import_company_id'), table_name='ocf_import')
    op.drop_index(op.f('ix_ocf_import_cause_id'), table_name='ocf_import')
    op.drop_table('ocf_import')
    op.drop_table('capital_position')
    op.drop_table('capital_month')
    op.drop_index(op.f('ix_equity_batch_maker_id'), table_name='equity_batch')
    op.drop_index('ix_equity_batch_company', table_name='equity_batch')
    op.drop_index(op.f('ix_equity_batch_cause_id'), table_name='equity_batch')
    op.drop_table('equity_batch')
    op.drop_index(op.f('ix_equity_holder_representative_id'), table_name='equity_holder')
    op.drop_index(op.f('ix_equity_holder_company_id'), table_name='equity_holder')
    op.drop_table('equity_holder')
    for name in FUNCTIONS:
        op.execute(f'DROP FUNCTION {name}()')
