"""patents_b: what disclosures tell, share changes, secrets, security reviews, use of patents, letters, imports

Revision ID: 2026_11_27_inventions_and_awards
Revises: 2026_11_27_deadlines
Create Date: 2026-11-27 17:25:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_inventions_and_awards'
down_revision = '2026_11_27_deadlines'
branch_labels = None
depends_on = None

FUNCTIONS = (
    r"""
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
""",
    r"""
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
""",
    r"""
CREATE OR REPLACE FUNCTION award_parts_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM award WHERE id = OLD.award_id AND state <> 'due' AND state <> 'calculated') THEN
    RAISE EXCEPTION 'the parts of award % stand', OLD.award_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
)
TRIGGERS = (
    "CREATE TRIGGER frozen BEFORE UPDATE ON public.award FOR EACH ROW WHEN ((((old.state)::text <> 'due'::text) AND ((old.state)::text <> 'calculated'::text) AND (((old.kind)::text IS DISTINCT FROM (new.kind)::text) OR (old.matter_id IS DISTINCT FROM new.matter_id) OR (old.exploitation_id IS DISTINCT FROM new.exploitation_id) OR (old.replaces_id IS DISTINCT FROM new.replaces_id) OR (old.rule_version_id IS DISTINCT FROM new.rule_version_id) OR (old.amount IS DISTINCT FROM new.amount) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.calculation IS DISTINCT FROM new.calculation) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()",
    'CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.award_letter FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept_whole BEFORE TRUNCATE ON public.award_letter FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER stands BEFORE DELETE OR UPDATE ON public.award_share FOR EACH ROW EXECUTE FUNCTION award_parts_stand()',
    "CREATE TRIGGER secret BEFORE UPDATE ON public.disclosure FOR EACH ROW WHEN ((((new.planned_on IS NOT NULL) AND (old.planned_on IS DISTINCT FROM new.planned_on)) OR ((new.sale_planned_on IS NOT NULL) AND (old.sale_planned_on IS DISTINCT FROM new.sale_planned_on)) OR (((new.state)::text = 'file'::text) OR ((new.state)::text = 'publish'::text) OR ((new.state)::text = 'release'::text)))) EXECUTE FUNCTION secret_stays_secret()",
    'CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.disclosure_file FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept_whole BEFORE TRUNCATE ON public.disclosure_file FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER frozen BEFORE UPDATE ON public.exploitation FOR EACH ROW WHEN ((true AND (((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.matter_id IS DISTINCT FROM new.matter_id) OR (old.venture_id IS DISTINCT FROM new.venture_id) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.licence_id IS DISTINCT FROM new.licence_id) OR ((old.mode)::text IS DISTINCT FROM (new.mode)::text) OR (old.from_on IS DISTINCT FROM new.from_on) OR (old.to_on IS DISTINCT FROM new.to_on) OR (old.income IS DISTINCT FROM new.income) OR (old.costs IS DISTINCT FROM new.costs) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR ((old.evidence)::text IS DISTINCT FROM (new.evidence)::text) OR (old.recorded_by_id IS DISTINCT FROM new.recorded_by_id) OR (old.voids_id IS DISTINCT FROM new.voids_id) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept BEFORE DELETE ON public.exploitation FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.licence FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept_whole BEFORE TRUNCATE ON public.licence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER secret BEFORE INSERT ON public.matter FOR EACH ROW EXECUTE FUNCTION secret_stays_secret()',
    "CREATE TRIGGER cleared BEFORE INSERT ON public.matter_event FOR EACH ROW WHEN (((new.kind)::text = 'file'::text)) EXECUTE FUNCTION cleared_before_abroad()",
    'CREATE TRIGGER frozen BEFORE UPDATE ON public.rule_version FOR EACH ROW WHEN ((true AND (((old.code)::text IS DISTINCT FROM (new.code)::text) OR (old.number IS DISTINCT FROM new.number) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.title IS DISTINCT FROM new.title) OR ((old.jurisdiction)::text IS DISTINCT FROM (new.jurisdiction)::text) OR ((old.source)::text IS DISTINCT FROM (new.source)::text) OR ((old.article)::text IS DISTINCT FROM (new.article)::text) OR (old.valid_from IS DISTINCT FROM new.valid_from) OR (old.valid_to IS DISTINCT FROM new.valid_to) OR (old.parameters IS DISTINCT FROM new.parameters) OR (old.file_id IS DISTINCT FROM new.file_id)))) EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER frozen BEFORE UPDATE ON public.security_review FOR EACH ROW WHEN ((true AND ((old.disclosure_id IS DISTINCT FROM new.disclosure_id) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept BEFORE DELETE ON public.security_review FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER frozen BEFORE UPDATE ON public.share_change FOR EACH ROW WHEN ((true AND ((old.disclosure_id IS DISTINCT FROM new.disclosure_id) OR (old.proposer_id IS DISTINCT FROM new.proposer_id) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept BEFORE DELETE ON public.share_change FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER frozen BEFORE UPDATE ON public.share_change_part FOR EACH ROW WHEN ((true AND ((old.share_change_id IS DISTINCT FROM new.share_change_id) OR (old.person_id IS DISTINCT FROM new.person_id) OR (old.before_bp IS DISTINCT FROM new.before_bp) OR (old.after_bp IS DISTINCT FROM new.after_bp)))) EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept BEFORE DELETE ON public.share_change_part FOR EACH ROW EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER frozen BEFORE UPDATE ON public.trade_secret FOR EACH ROW WHEN ((true AND (((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.disclosure_id IS DISTINCT FROM new.disclosure_id) OR (old.company_id IS DISTINCT FROM new.company_id) OR ((old.reason)::text IS DISTINCT FROM (new.reason)::text) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()',
    'CREATE TRIGGER kept BEFORE DELETE ON public.trade_secret FOR EACH ROW EXECUTE FUNCTION refuse_change()',
)
DEFAULTED = (
    ('disclosure', 'nothing_shown'), ('disclosure', 'no_rights'), ('disclosure', 'made_in_china'),
    ('disclosure', 'funding_details'), ('disclosure', 'rights'), ('award', 'kind'),
)


def upgrade() -> None:
    op.create_table('disclosure_file',
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_disclosure_file_disclosure_id')),
    sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_disclosure_file_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure_file')),
    sa.UniqueConstraint('file_id', name=op.f('uq_disclosure_file_file_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_disclosure_file_public_id'))
    )
    op.create_index(op.f('ix_disclosure_file_disclosure_id'), 'disclosure_file', ['disclosure_id'], unique=False)
    op.create_table('patent_import',
    sa.Column('kind', sa.Enum('disclosures', 'matters', 'family', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('disclosure_id', sa.BigInteger(), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('report', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(kind = 'family') = (disclosure_id IS NOT NULL)", name=op.f('ck_patent_import_family_of_invention')),
    sa.CheckConstraint('(applied_at IS NULL) = (report IS NULL)', name=op.f('ck_patent_import_applied_with_report')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_patent_import_author_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_patent_import_disclosure_id')),
    sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_patent_import_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patent_import')),
    sa.UniqueConstraint('file_id', name=op.f('uq_patent_import_file_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_patent_import_public_id'))
    )
    op.create_index('ix_patent_import_author', 'patent_import', ['author_id', 'id'], unique=False)
    op.create_index(op.f('ix_patent_import_disclosure_id'), 'patent_import', ['disclosure_id'], unique=False)
    op.create_table('security_review',
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('requested_on', sa.Date(), nullable=True),
    sa.Column('request_number', sa.String(length=60), nullable=False),
    sa.Column('notified_on', sa.Date(), nullable=True),
    sa.Column('extended', sa.Boolean(), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('by_silence', sa.Boolean(), nullable=False),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.Enum('needed', 'requested', 'notified', 'cleared', 'refused', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("NOT (state = 'cleared' OR state = 'refused') OR decided_on IS NOT NULL", name=op.f('ck_security_review_decided_day')),
    sa.CheckConstraint("state = 'needed' OR requested_on IS NOT NULL", name=op.f('ck_security_review_requested_with_day')),
    sa.CheckConstraint('decided_on IS NULL OR decided_on >= requested_on', name=op.f('ck_security_review_decided_after_request')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_security_review_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_security_review_company_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_security_review_disclosure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_review')),
    sa.UniqueConstraint('disclosure_id', name=op.f('uq_security_review_disclosure_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_security_review_public_id'))
    )
    op.create_index(op.f('ix_security_review_cause_id'), 'security_review', ['cause_id'], unique=False)
    op.create_index(op.f('ix_security_review_company_id'), 'security_review', ['company_id'], unique=False)
    op.create_table('share_change',
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('proposer_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'agreed', 'declined', 'withdrawn', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_share_change_cause_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_share_change_disclosure_id')),
    sa.ForeignKeyConstraint(['proposer_id'], ['person.id'], name=op.f('fk_share_change_proposer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_change')),
    sa.UniqueConstraint('public_id', name=op.f('uq_share_change_public_id'))
    )
    op.create_index(op.f('ix_share_change_cause_id'), 'share_change', ['cause_id'], unique=False)
    op.create_index(op.f('ix_share_change_disclosure_id'), 'share_change', ['disclosure_id'], unique=False)
    op.create_index(op.f('ix_share_change_proposer_id'), 'share_change', ['proposer_id'], unique=False)
    op.create_index('uq_share_change_open', 'share_change', ['disclosure_id'], unique=True, postgresql_where=sa.text("state = 'proposed'"))
    op.create_table('trade_secret',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('measures', sa.Text(), nullable=False),
    sa.Column('review_on', sa.Date(), nullable=False),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.Enum('kept', 'lifted', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name=op.f('ck_trade_secret_lifted_with_day')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_trade_secret_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_trade_secret_company_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_trade_secret_disclosure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_secret')),
    sa.UniqueConstraint('number', name=op.f('uq_trade_secret_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_trade_secret_public_id'))
    )
    op.create_index(op.f('ix_trade_secret_cause_id'), 'trade_secret', ['cause_id'], unique=False)
    op.create_index('ix_trade_secret_company_state', 'trade_secret', ['company_id', 'state', 'review_on'], unique=False)
    op.create_index(op.f('ix_trade_secret_disclosure_id'), 'trade_secret', ['disclosure_id'], unique=False)
    op.create_index('uq_trade_secret_kept', 'trade_secret', ['disclosure_id'], unique=True, postgresql_where=sa.text("state = 'kept'"))
    op.create_table('share_change_part',
    sa.Column('share_change_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('before_bp', sa.BigInteger(), nullable=False),
    sa.Column('after_bp', sa.BigInteger(), nullable=False),
    sa.Column('consent', sa.Enum('asked', 'accepted', 'declined', name='consent_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=2000), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('before_bp BETWEEN 0 AND 10000 AND after_bp BETWEEN 0 AND 10000', name=op.f('ck_share_change_part_share_in_range')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_share_change_part_person_id')),
    sa.ForeignKeyConstraint(['share_change_id'], ['share_change.id'], name=op.f('fk_share_change_part_share_change_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_change_part')),
    sa.UniqueConstraint('share_change_id', 'person_id', name=op.f('uq_share_change_part_share_change_id_person_id'))
    )
    op.create_index('ix_share_change_part_person', 'share_change_part', ['person_id', 'share_change_id'], unique=False)
    op.create_table('licence',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('licensee', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('exclusive', 'sole', 'ordinary', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.Column('fee', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('fee >= 0', name=op.f('ck_licence_fee_not_negative')),
    sa.CheckConstraint('to_on IS NULL OR to_on >= from_on', name=op.f('ck_licence_ends_after_start')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_licence_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_licence_company_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_licence_matter_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_licence_recorded_by_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_licence_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_licence')),
    sa.UniqueConstraint('number', name=op.f('uq_licence_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_licence_public_id'))
    )
    op.create_index(op.f('ix_licence_cause_id'), 'licence', ['cause_id'], unique=False)
    op.create_index(op.f('ix_licence_company_id'), 'licence', ['company_id'], unique=False)
    op.create_index(op.f('ix_licence_matter_id'), 'licence', ['matter_id'], unique=False)
    op.create_index(op.f('ix_licence_recorded_by_id'), 'licence', ['recorded_by_id'], unique=False)
    op.create_index('ix_licence_venture', 'licence', ['venture_id', 'from_on'], unique=False)
    op.create_table('exploitation',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('licence_id', sa.BigInteger(), nullable=True),
    sa.Column('mode', sa.Enum('own_use', 'licence', 'transfer', 'contribution', name='mode_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=False),
    sa.Column('income', sa.BigInteger(), nullable=False),
    sa.Column('costs', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=True),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger(), nullable=False),
    sa.Column('voids_id', sa.BigInteger(), nullable=True),
    sa.Column('regime', sa.BigInteger(), nullable=True),
    sa.Column('regime_reason', sa.String(length=2000), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(mode = 'contribution') = (currency IS NULL)", name=op.f('ck_exploitation_money_or_shares')),
    sa.CheckConstraint('(regime IS NULL) = (regime_reason IS NULL)', name=op.f('ck_exploitation_regime_with_reason')),
    sa.CheckConstraint('costs >= 0', name=op.f('ck_exploitation_costs_not_negative')),
    sa.CheckConstraint('to_on >= from_on', name=op.f('ck_exploitation_ends_after_start')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_exploitation_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_exploitation_company_id')),
    sa.ForeignKeyConstraint(['licence_id'], ['licence.id'], name=op.f('fk_exploitation_licence_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_exploitation_matter_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_exploitation_recorded_by_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_exploitation_venture_id')),
    sa.ForeignKeyConstraint(['voids_id'], ['exploitation.id'], name=op.f('fk_exploitation_voids_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exploitation')),
    sa.UniqueConstraint('number', name=op.f('uq_exploitation_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_exploitation_public_id')),
    sa.UniqueConstraint('voids_id', name=op.f('uq_exploitation_voids_id'))
    )
    op.create_index(op.f('ix_exploitation_cause_id'), 'exploitation', ['cause_id'], unique=False)
    op.create_index(op.f('ix_exploitation_company_id'), 'exploitation', ['company_id'], unique=False)
    op.create_index(op.f('ix_exploitation_licence_id'), 'exploitation', ['licence_id'], unique=False)
    op.create_index('ix_exploitation_matter', 'exploitation', ['matter_id', 'mode', 'from_on'], unique=False)
    op.create_index(op.f('ix_exploitation_recorded_by_id'), 'exploitation', ['recorded_by_id'], unique=False)
    op.create_index('ix_exploitation_venture', 'exploitation', ['venture_id', 'from_on', 'id'], unique=False)
    op.create_table('award_letter',
    sa.Column('award_share_id', sa.BigInteger(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['award_share_id'], ['award_share.id'], name=op.f('fk_award_letter_award_share_id')),
    sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_award_letter_file_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_letter')),
    sa.UniqueConstraint('award_share_id', 'lang', name=op.f('uq_award_letter_award_share_id_lang')),
    sa.UniqueConstraint('file_id', name=op.f('uq_award_letter_file_id'))
    )
    op.add_column('award', sa.Column('kind', sa.Enum('award', 'remuneration', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False, server_default='award'))
    op.add_column('award', sa.Column('exploitation_id', sa.BigInteger(), nullable=True))
    op.add_column('award', sa.Column('replaces_id', sa.BigInteger(), nullable=True))
    op.add_column('award', sa.Column('paid_on', sa.Date(), nullable=True))
    op.add_column('award', sa.Column('payment_reference', sa.String(length=120), nullable=True))
    op.drop_constraint(op.f('uq_award_matter_id'), 'award', type_='unique')
    op.create_index(op.f('ix_award_exploitation_id'), 'award', ['exploitation_id'], unique=False)
    op.create_index('ix_award_matter', 'award', ['matter_id'], unique=False)
    op.create_index('uq_award_grant', 'award', ['matter_id'], unique=True, postgresql_where=sa.text("kind = 'award' AND replaces_id IS NULL"))
    op.create_unique_constraint(op.f('uq_award_replaces_id'), 'award', ['replaces_id'])
    op.create_index('uq_award_use', 'award', ['exploitation_id'], unique=True, postgresql_where=sa.text('replaces_id IS NULL'))
    op.create_foreign_key(op.f('fk_award_exploitation_id'), 'award', 'exploitation', ['exploitation_id'], ['id'])
    op.create_foreign_key(op.f('fk_award_replaces_id'), 'award', 'award', ['replaces_id'], ['id'])
    op.add_column('disclosure', sa.Column('published_how', sa.Enum('article', 'exhibition', 'conference', 'emergency', 'leak', 'sale', name='published_how_known', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.add_column('disclosure', sa.Column('planned_how', sa.Enum('article', 'exhibition', 'conference', 'emergency', 'leak', 'sale', name='planned_how_known', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.add_column('disclosure', sa.Column('sold_on', sa.Date(), nullable=True))
    op.add_column('disclosure', sa.Column('sale_planned_on', sa.Date(), nullable=True))
    op.add_column('disclosure', sa.Column('nothing_shown', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('disclosure', sa.Column('funding', sa.Enum('own', 'public', 'commissioned', 'joint', name='funding_known', native_enum=False, create_constraint=True, length=40), nullable=True))
    op.add_column('disclosure', sa.Column('funding_details', sa.Text(), nullable=False, server_default=''))
    op.add_column('disclosure', sa.Column('rights', sa.Text(), nullable=False, server_default=''))
    op.add_column('disclosure', sa.Column('no_rights', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('disclosure', sa.Column('made_in_china', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('disclosure', sa.Column('asked', sa.Text(), nullable=True))
    op.add_column('disclosure', sa.Column('reference', sa.String(length=60), nullable=True))
    op.create_unique_constraint(op.f('uq_disclosure_company_id_reference'), 'disclosure', ['company_id', 'reference'])
    op.add_column('rule_version', sa.Column('file_id', sa.BigInteger(), nullable=True))
    op.create_unique_constraint(op.f('uq_rule_version_file_id'), 'rule_version', ['file_id'])
    op.create_foreign_key(op.f('fk_rule_version_file_id'), 'rule_version', 'file', ['file_id'], ['id'])
    for table, column in DEFAULTED:
        op.alter_column(table, column, server_default=None)
    op.drop_constraint(op.f('ck_award_state_known'), 'award', type_='check')
    op.create_check_constraint(op.f('ck_award_state_known'), 'award', "state IN ('due', 'calculated', 'approved', 'in_payroll', 'paid', 'replaced')")
    op.create_check_constraint(op.f('ck_award_paid_with_day'), 'award', "state <> 'paid' OR (paid_on IS NOT NULL AND payment_reference IS NOT NULL)")
    op.create_check_constraint(op.f('ck_award_use_of_remuneration'), 'award', "(kind = 'remuneration') = (exploitation_id IS NOT NULL)")
    op.create_check_constraint(op.f('ck_disclosure_rights_or_none'), 'disclosure', "NOT no_rights OR rights = ''")
    op.create_check_constraint(op.f('ck_disclosure_shown_or_not'), 'disclosure', "NOT nothing_shown OR (published_on IS NULL AND planned_on IS NULL AND sold_on IS NULL AND sale_planned_on IS NULL)")
    op.execute('DROP TRIGGER frozen ON award')
    op.execute('DROP TRIGGER frozen ON rule_version')
    for function in FUNCTIONS:
        op.execute(function)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    op.execute('DROP TRIGGER frozen ON award')
    op.execute('DROP TRIGGER stands ON award_share')
    op.execute('DROP TRIGGER secret ON disclosure')
    op.execute('DROP TRIGGER secret ON matter')
    op.execute('DROP TRIGGER cleared ON matter_event')
    op.execute('DROP TRIGGER frozen ON rule_version')
    op.drop_constraint(op.f('ck_award_paid_with_day'), 'award', type_='check')
    op.drop_constraint(op.f('ck_award_use_of_remuneration'), 'award', type_='check')
    op.drop_constraint(op.f('ck_disclosure_rights_or_none'), 'disclosure', type_='check')
    op.drop_constraint(op.f('ck_disclosure_shown_or_not'), 'disclosure', type_='check')
    op.drop_constraint(op.f('ck_award_state_known'), 'award', type_='check')
    op.create_check_constraint(op.f('ck_award_state_known'), 'award', "state IN ('due', 'calculated', 'approved', 'in_payroll', 'paid')")
    op.drop_constraint(op.f('fk_rule_version_file_id'), 'rule_version', type_='foreignkey')
    op.drop_constraint(op.f('uq_rule_version_file_id'), 'rule_version', type_='unique')
    op.drop_column('rule_version', 'file_id')
    op.drop_constraint(op.f('uq_disclosure_company_id_reference'), 'disclosure', type_='unique')
    op.drop_column('disclosure', 'reference')
    op.drop_column('disclosure', 'asked')
    op.drop_column('disclosure', 'made_in_china')
    op.drop_column('disclosure', 'no_rights')
    op.drop_column('disclosure', 'rights')
    op.drop_column('disclosure', 'funding_details')
    op.drop_column('disclosure', 'funding')
    op.drop_column('disclosure', 'nothing_shown')
    op.drop_column('disclosure', 'sale_planned_on')
    op.drop_column('disclosure', 'sold_on')
    op.drop_column('disclosure', 'planned_how')
    op.drop_column('disclosure', 'published_how')
    op.drop_constraint(op.f('fk_award_replaces_id'), 'award', type_='foreignkey')
    op.drop_constraint(op.f('fk_award_exploitation_id'), 'award', type_='foreignkey')
    op.drop_index('uq_award_use', table_name='award', postgresql_where=sa.text('replaces_id IS NULL'))
    op.drop_constraint(op.f('uq_award_replaces_id'), 'award', type_='unique')
    op.drop_index('uq_award_grant', table_name='award', postgresql_where=sa.text("kind = 'award' AND replaces_id IS NULL"))
    op.drop_index('ix_award_matter', table_name='award')
    op.drop_index(op.f('ix_award_exploitation_id'), table_name='award')
    op.create_unique_constraint(op.f('uq_award_matter_id'), 'award', ['matter_id'], postgresql_nulls_not_distinct=False)
    op.drop_column('award', 'payment_reference')
    op.drop_column('award', 'paid_on')
    op.drop_column('award', 'replaces_id')
    op.drop_column('award', 'exploitation_id')
    op.drop_column('award', 'kind')
    op.drop_table('award_letter')
    op.drop_index('ix_exploitation_venture', table_name='exploitation')
    op.drop_index(op.f('ix_exploitation_recorded_by_id'), table_name='exploitation')
    op.drop_index('ix_exploitation_matter', table_name='exploitation')
    op.drop_index(op.f('ix_exploitation_licence_id'), table_name='exploitation')
    op.drop_index(op.f('ix_exploitation_company_id'), table_name='exploitation')
    op.drop_index(op.f('ix_exploitation_cause_id'), table_name='exploitation')
    op.drop_table('exploitation')
    op.drop_index('ix_licence_venture', table_name='licence')
    op.drop_index(op.f('ix_licence_recorded_by_id'), table_name='licence')
    op.drop_index(op.f('ix_licence_matter_id'), table_name='licence')
    op.drop_index(op.f('ix_licence_company_id'), table_name='licence')
    op.drop_index(op.f('ix_licence_cause_id'), table_name='licence')
    op.drop_table('licence')
    op.drop_index('ix_share_change_part_person', table_name='share_change_part')
    op.drop_table('share_change_part')
    op.drop_index('uq_trade_secret_kept', table_name='trade_secret', postgresql_where=sa.text("state = 'kept'"))
    op.drop_index(op.f('ix_trade_secret_disclosure_id'), table_name='trade_secret')
    op.drop_index('ix_trade_secret_company_state', table_name='trade_secret')
    op.drop_index(op.f('ix_trade_secret_cause_id'), table_name='trade_secret')
    op.drop_table('trade_secret')
    op.drop_index('uq_share_change_open', table_name='share_change', postgresql_where=sa.text("state = 'proposed'"))
    op.drop_index(op.f('ix_share_change_proposer_id'), table_name='share_change')
    op.drop_index(op.f('ix_share_change_disclosure_id'), table_name='share_change')
    op.drop_index(op.f('ix_share_change_cause_id'), table_name='share_change')
    op.drop_table('share_change')
    op.drop_index(op.f('ix_security_review_company_id'), table_name='security_review')
    op.drop_index(op.f('ix_security_review_cause_id'), table_name='security_review')
    op.drop_table('security_review')
    op.drop_index(op.f('ix_patent_import_disclosure_id'), table_name='patent_import')
    op.drop_index('ix_patent_import_author', table_name='patent_import')
    op.drop_table('patent_import')
    op.drop_index(op.f('ix_disclosure_file_disclosure_id'), table_name='disclosure_file')
    op.drop_table('disclosure_file')
    for function in ('secret_stays_secret', 'cleared_before_abroad', 'award_parts_stand'):
        op.execute(f'DROP FUNCTION {function}()')
    op.execute("CREATE TRIGGER frozen BEFORE UPDATE ON public.award FOR EACH ROW WHEN ((((old.state)::text <> 'due'::text) AND ((old.state)::text <> 'calculated'::text) AND ((old.matter_id IS DISTINCT FROM new.matter_id) OR (old.rule_version_id IS DISTINCT FROM new.rule_version_id) OR (old.amount IS DISTINCT FROM new.amount) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.calculation IS DISTINCT FROM new.calculation) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()")
    op.execute('CREATE TRIGGER frozen BEFORE UPDATE ON public.rule_version FOR EACH ROW WHEN ((true AND (((old.code)::text IS DISTINCT FROM (new.code)::text) OR (old.number IS DISTINCT FROM new.number) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.title IS DISTINCT FROM new.title) OR ((old.jurisdiction)::text IS DISTINCT FROM (new.jurisdiction)::text) OR ((old.source)::text IS DISTINCT FROM (new.source)::text) OR ((old.article)::text IS DISTINCT FROM (new.article)::text) OR (old.valid_from IS DISTINCT FROM new.valid_from) OR (old.valid_to IS DISTINCT FROM new.valid_to) OR (old.parameters IS DISTINCT FROM new.parameters)))) EXECUTE FUNCTION refuse_change()')
