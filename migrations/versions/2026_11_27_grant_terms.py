"""equity: rules on the terms of grants, offers that end, value growth; stand-ins of approvers

Revision ID: 2026_11_27_grant_terms
Revises: 2026_11_27_capital_totals
Create Date: 2026-11-27 20:10:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_grant_terms'
down_revision = '2026_11_27_capital_totals'
branch_labels = None
depends_on = None

TERMS = r"""
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.state <> 'draft' AND (
    NEW.number, NEW.plan_id, NEW.company_id, NEW.holder_id, NEW.maker_id, NEW.units, NEW.price_minor, NEW.currency,
    NEW.granted_on, NEW.starts_on, NEW.terms, NEW.facts, NEW.cause_id
  ) IS DISTINCT FROM (
    OLD.number, OLD.plan_id, OLD.company_id, OLD.holder_id, OLD.maker_id, OLD.units, OLD.price_minor, OLD.currency,
    OLD.granted_on, OLD.starts_on, OLD.terms, OLD.facts, OLD.cause_id
  )) THEN
    RAISE EXCEPTION 'the terms of grant % are frozen', OLD.number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END """
TERMS_BEFORE = r"""
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.state <> 'draft' AND (
    NEW.number, NEW.plan_id, NEW.company_id, NEW.holder_id, NEW.maker_id, NEW.units, NEW.price_minor, NEW.currency,
    NEW.granted_on, NEW.starts_on, NEW.terms, NEW.cause_id
  ) IS DISTINCT FROM (
    OLD.number, OLD.plan_id, OLD.company_id, OLD.holder_id, OLD.maker_id, OLD.units, OLD.price_minor, OLD.currency,
    OLD.granted_on, OLD.starts_on, OLD.terms, OLD.cause_id
  )) THEN
    RAISE EXCEPTION 'the terms of grant % are frozen', OLD.number USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END """
TRIGGERS = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.approval_delegation FOR EACH ROW WHEN ((true AND ((old.giver_id IS DISTINCT FROM new.giver_id) OR (old.delegate_id IS DISTINCT FROM new.delegate_id) OR ((old.role)::text IS DISTINCT FROM (new.role)::text) OR (old.from_on IS DISTINCT FROM new.from_on) OR (old.to_on IS DISTINCT FROM new.to_on) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.approval_delegation FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.approval_step FOR EACH ROW WHEN ((((old.state)::text <> 'waiting'::text) AND (((old.role)::text IS DISTINCT FROM (new.role)::text) OR ((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.person_id IS DISTINCT FROM new.person_id) OR (old.signed_at IS DISTINCT FROM new.signed_at) OR (old.given_for_id IS DISTINCT FROM new.given_for_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.growth_happening FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON public.growth_happening FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.growth_settlement FOR EACH ROW WHEN ((true AND (((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.plan_id IS DISTINCT FROM new.plan_id) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.maker_id IS DISTINCT FROM new.maker_id) OR (old.base_id IS DISTINCT FROM new.base_id) OR (old.value_id IS DISTINCT FROM new.value_id) OR (old.corrects_id IS DISTINCT FROM new.corrects_id) OR (old.first_due_on IS DISTINCT FROM new.first_due_on) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.content IS DISTINCT FROM new.content) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.growth_settlement FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON public.growth_part FOR EACH ROW WHEN ((true AND ((old.settlement_id IS DISTINCT FROM new.settlement_id) OR (old.grant_id IS DISTINCT FROM new.grant_id) OR (old.due_on IS DISTINCT FROM new.due_on) OR (old.amount_minor IS DISTINCT FROM new.amount_minor) OR (old.units IS DISTINCT FROM new.units)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON public.growth_part FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
)
STEP_BEFORE = """CREATE TRIGGER frozen BEFORE UPDATE ON public.approval_step FOR EACH ROW WHEN ((((old.state)::text <> 'waiting'::text) AND (((old.role)::text IS DISTINCT FROM (new.role)::text) OR ((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.person_id IS DISTINCT FROM new.person_id) OR (old.signed_at IS DISTINCT FROM new.signed_at)))) EXECUTE FUNCTION refuse_change()"""
CHECKS = (
    ("equity_plan", "ck_equity_plan_kind_known", """(kind IN ('option', 'rsu', 'sar_stock', 'sar_cash', 'phantom', 'restricted', 'share_award', 'project_revenue', 'post_dividend', 'value_growth', 'growth_right', 'growth_transfer'))"""),
    ("equity_plan", "ck_equity_plan_offer_days_in_range", """(((offer_days >= 1) AND (offer_days <= 365)))"""),
    ("equity_step", "ck_equity_step_kind_known", """(kind IN ('start', 'event', 'acceleration', 'leave', 'exercise', 'release', 'cancellation', 'repurchase', 'repricing', 'correction', 'departure', 'move', 'end', 'growth'))"""),
)
CHECKS_BEFORE = (
    ("equity_plan", "ck_equity_plan_kind_known", """(kind IN ('option', 'rsu', 'sar_stock', 'sar_cash', 'phantom', 'restricted', 'share_award', 'project_revenue', 'post_dividend', 'value_growth'))"""),
    ("equity_step", "ck_equity_step_kind_known", """(kind IN ('start', 'event', 'acceleration', 'leave', 'exercise', 'release', 'cancellation', 'repurchase', 'repricing', 'correction', 'departure', 'move', 'end'))"""),
)


def _checks(wanted: tuple[tuple[str, str, str], ...]) -> None:
    for table, name, condition in wanted:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK {condition}")


def _function(body: str) -> None:
    op.execute(f"CREATE OR REPLACE FUNCTION refuse_change_of_terms() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")


def upgrade() -> None:
    op.create_table('approval_delegation',
        sa.Column('giver_id', sa.BigInteger(), nullable=False),
        sa.Column('delegate_id', sa.BigInteger(), nullable=False),
        sa.Column('role', sa.Enum('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'legal', 'board', 'funder', 'auditor', 'administrator', name='role_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('from_on', sa.Date(), nullable=False),
        sa.Column('to_on', sa.Date(), nullable=False),
        sa.Column('reason', sa.String(length=400), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('giver_id <> delegate_id', name=op.f('ck_approval_delegation_two_persons')),
        sa.CheckConstraint('to_on >= from_on', name=op.f('ck_approval_delegation_ends_after_start')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_approval_delegation_cause_id')),
        sa.ForeignKeyConstraint(['delegate_id'], ['person.id'], name=op.f('fk_approval_delegation_delegate_id')),
        sa.ForeignKeyConstraint(['giver_id'], ['person.id'], name=op.f('fk_approval_delegation_giver_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_approval_delegation')),
        sa.UniqueConstraint('public_id', name=op.f('uq_approval_delegation_public_id'))
    )
    op.create_index(op.f('ix_approval_delegation_cause_id'), 'approval_delegation', ['cause_id'], unique=False)
    op.create_index('ix_approval_delegation_delegate', 'approval_delegation', ['delegate_id', 'to_on'], unique=False)
    op.create_index(op.f('ix_approval_delegation_giver_id'), 'approval_delegation', ['giver_id'], unique=False)
    op.create_table('growth_happening',
        sa.Column('security_class_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('kind', sa.Enum('capital_in', 'capital_out', 'dividend', 'split', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('happened_on', sa.Date(), nullable=False),
        sa.Column('amount_minor', sa.BigInteger(), nullable=False),
        sa.Column('ratio_new', sa.BigInteger(), nullable=False),
        sa.Column('ratio_old', sa.BigInteger(), nullable=False),
        sa.Column('paid_on', sa.Date(), nullable=True),
        sa.Column('evidence', sa.String(length=400), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('amount_minor >= 0', name=op.f('ck_growth_happening_amount_not_negative')),
        sa.CheckConstraint('ratio_new > 0 AND ratio_old > 0', name=op.f('ck_growth_happening_ratio_positive')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_growth_happening_cause_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_growth_happening_maker_id')),
        sa.ForeignKeyConstraint(['security_class_id'], ['security_class.id'], name=op.f('fk_growth_happening_security_class_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_growth_happening')),
        sa.UniqueConstraint('public_id', name=op.f('uq_growth_happening_public_id'))
    )
    op.create_index(op.f('ix_growth_happening_cause_id'), 'growth_happening', ['cause_id'], unique=False)
    op.create_index('ix_growth_happening_class', 'growth_happening', ['security_class_id', 'happened_on'], unique=False)
    op.create_index(op.f('ix_growth_happening_maker_id'), 'growth_happening', ['maker_id'], unique=False)
    op.create_table('growth_settlement',
        sa.Column('number', sa.String(length=12), nullable=False),
        sa.Column('plan_id', sa.BigInteger(), nullable=False),
        sa.Column('company_id', sa.BigInteger(), nullable=False),
        sa.Column('maker_id', sa.BigInteger(), nullable=False),
        sa.Column('base_id', sa.BigInteger(), nullable=False),
        sa.Column('value_id', sa.BigInteger(), nullable=False),
        sa.Column('corrects_id', sa.BigInteger(), nullable=True),
        sa.Column('first_due_on', sa.Date(), nullable=False),
        sa.Column('currency', sa.String(length=3), nullable=False),
        sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column('reason', sa.String(length=2000), server_default='', nullable=False),
        sa.Column('state', sa.Enum('draft', 'in_approval', 'done', 'refused', 'corrected', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('cause_id', sa.BigInteger(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('base_id <> value_id', name=op.f('ck_growth_settlement_two_appraisals')),
        sa.ForeignKeyConstraint(['base_id'], ['appraisal.id'], name=op.f('fk_growth_settlement_base_id')),
        sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_growth_settlement_cause_id')),
        sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_growth_settlement_company_id')),
        sa.ForeignKeyConstraint(['corrects_id'], ['growth_settlement.id'], name=op.f('fk_growth_settlement_corrects_id')),
        sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_growth_settlement_maker_id')),
        sa.ForeignKeyConstraint(['plan_id'], ['equity_plan.id'], name=op.f('fk_growth_settlement_plan_id')),
        sa.ForeignKeyConstraint(['value_id'], ['appraisal.id'], name=op.f('fk_growth_settlement_value_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_growth_settlement')),
        sa.UniqueConstraint('number', name=op.f('uq_growth_settlement_number')),
        sa.UniqueConstraint('public_id', name=op.f('uq_growth_settlement_public_id'))
    )
    op.create_index(op.f('ix_growth_settlement_base_id'), 'growth_settlement', ['base_id'], unique=False)
    op.create_index(op.f('ix_growth_settlement_cause_id'), 'growth_settlement', ['cause_id'], unique=False)
    op.create_index(op.f('ix_growth_settlement_company_id'), 'growth_settlement', ['company_id'], unique=False)
    op.create_index(op.f('ix_growth_settlement_corrects_id'), 'growth_settlement', ['corrects_id'], unique=False)
    op.create_index(op.f('ix_growth_settlement_maker_id'), 'growth_settlement', ['maker_id'], unique=False)
    op.create_index('ix_growth_settlement_plan', 'growth_settlement', ['plan_id', 'id'], unique=False)
    op.create_index(op.f('ix_growth_settlement_value_id'), 'growth_settlement', ['value_id'], unique=False)
    op.create_table('growth_part',
        sa.Column('settlement_id', sa.BigInteger(), nullable=False),
        sa.Column('grant_id', sa.BigInteger(), nullable=False),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('amount_minor', sa.BigInteger(), nullable=False),
        sa.Column('units', sa.BigInteger(), nullable=False),
        sa.Column('state', sa.Enum('due', 'cancelled', 'repay', 'repaid', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('step_id', sa.BigInteger(), nullable=True),
        sa.Column('transfer_id', sa.BigInteger(), nullable=True),
        sa.Column('settled_on', sa.Date(), nullable=True),
        sa.Column('evidence', sa.String(length=200), server_default='', nullable=False),
        sa.Column('public_id', sa.String(length=16), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.CheckConstraint('amount_minor >= 0 AND units >= 0 AND amount_minor + units > 0', name=op.f('ck_growth_part_something')),
        sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_growth_part_grant_id')),
        sa.ForeignKeyConstraint(['settlement_id'], ['growth_settlement.id'], name=op.f('fk_growth_part_settlement_id')),
        sa.ForeignKeyConstraint(['step_id'], ['equity_step.id'], name=op.f('fk_growth_part_step_id')),
        sa.ForeignKeyConstraint(['transfer_id'], ['transfer.id'], name=op.f('fk_growth_part_transfer_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_growth_part')),
        sa.UniqueConstraint('public_id', name=op.f('uq_growth_part_public_id')),
        sa.UniqueConstraint('step_id', name=op.f('uq_growth_part_step_id')),
        sa.UniqueConstraint('transfer_id', name=op.f('uq_growth_part_transfer_id'))
    )
    op.create_index(op.f('ix_growth_part_grant_id'), 'growth_part', ['grant_id'], unique=False)
    op.create_index(op.f('ix_growth_part_settlement_id'), 'growth_part', ['settlement_id'], unique=False)
    op.add_column('approval', sa.Column('may_delegate', sa.Boolean(), server_default='false', nullable=False))
    op.add_column('approval_step', sa.Column('given_for_id', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_approval_step_given_for_id'), 'approval_step', ['given_for_id'], unique=False)
    op.create_foreign_key(op.f('fk_approval_step_given_for_id'), 'approval_step', 'person', ['given_for_id'], ['id'])
    op.add_column('equity_grant', sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('equity_grant', sa.Column('answer_by_on', sa.Date(), nullable=True))
    op.add_column('equity_plan', sa.Column('offer_days', sa.BigInteger(), server_default='30', nullable=False))
    op.add_column('equity_plan', sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    op.add_column('equity_plan', sa.Column('growth', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False))
    _checks(CHECKS)
    _function(TERMS)
    op.execute("DROP TRIGGER frozen ON approval_step")
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.execute("DROP TRIGGER frozen ON approval_step")
    _function(TERMS_BEFORE)
    op.execute("ALTER TABLE equity_plan DROP CONSTRAINT ck_equity_plan_offer_days_in_range")
    _checks(CHECKS_BEFORE)
    op.drop_column('equity_plan', 'growth')
    op.drop_column('equity_plan', 'facts')
    op.drop_column('equity_plan', 'offer_days')
    op.drop_column('equity_grant', 'answer_by_on')
    op.drop_column('equity_grant', 'facts')
    op.drop_constraint(op.f('fk_approval_step_given_for_id'), 'approval_step', type_='foreignkey')
    op.drop_index(op.f('ix_approval_step_given_for_id'), table_name='approval_step')
    op.drop_column('approval_step', 'given_for_id')
    op.drop_column('approval', 'may_delegate')
    op.drop_index(op.f('ix_growth_part_settlement_id'), table_name='growth_part')
    op.drop_index(op.f('ix_growth_part_grant_id'), table_name='growth_part')
    op.drop_table('growth_part')
    op.drop_index(op.f('ix_growth_settlement_value_id'), table_name='growth_settlement')
    op.drop_index('ix_growth_settlement_plan', table_name='growth_settlement')
    op.drop_index(op.f('ix_growth_settlement_maker_id'), table_name='growth_settlement')
    op.drop_index(op.f('ix_growth_settlement_corrects_id'), table_name='growth_settlement')
    op.drop_index(op.f('ix_growth_settlement_company_id'), table_name='growth_settlement')
    op.drop_index(op.f('ix_growth_settlement_cause_id'), table_name='growth_settlement')
    op.drop_index(op.f('ix_growth_settlement_base_id'), table_name='growth_settlement')
    op.drop_table('growth_settlement')
    op.drop_index(op.f('ix_growth_happening_maker_id'), table_name='growth_happening')
    op.drop_index('ix_growth_happening_class', table_name='growth_happening')
    op.drop_index(op.f('ix_growth_happening_cause_id'), table_name='growth_happening')
    op.drop_table('growth_happening')
    op.drop_index(op.f('ix_approval_delegation_giver_id'), table_name='approval_delegation')
    op.drop_index('ix_approval_delegation_delegate', table_name='approval_delegation')
    op.drop_index(op.f('ix_approval_delegation_cause_id'), table_name='approval_delegation')
    op.drop_table('approval_delegation')
    op.execute(STEP_BEFORE)
