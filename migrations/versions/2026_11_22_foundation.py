"""foundation

Revision ID: 2026_11_22_foundation
Revises: 
Create Date: 2026-11-22 05:16:27.694572
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_22_foundation'
down_revision = None
branch_labels = None
depends_on = None

FUNCTIONS = (
    r"""
CREATE OR REPLACE FUNCTION apply_posting()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  UPDATE ledger_account SET balance = balance + NEW.amount
   WHERE id = NEW.account_id AND currency = NEW.currency;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'account % is not in %', NEW.account_id, NEW.currency USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION award_is_split()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  this bigint := CASE WHEN TG_TABLE_NAME = 'award' THEN (to_jsonb(NEW) ->> 'id')::bigint
                      ELSE (to_jsonb(NEW) ->> 'award_id')::bigint END;
BEGIN
  IF (SELECT amount FROM award WHERE id = this)
     <> (SELECT coalesce(sum(amount), 0) FROM award_share WHERE award_id = this) THEN
    RAISE EXCEPTION 'the parts of award % do not sum to its amount', this USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION entry_is_balanced()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  entry bigint := CASE WHEN TG_TABLE_NAME = 'ledger_entry' THEN (to_jsonb(NEW) ->> 'id')::bigint
                       ELSE (to_jsonb(NEW) ->> 'entry_id')::bigint END;
BEGIN
  IF (SELECT count(*) FROM ledger_posting WHERE entry_id = entry) < 2 OR EXISTS (
    SELECT 1 FROM ledger_posting WHERE entry_id = entry GROUP BY currency HAVING sum(amount) <> 0
  ) THEN
    RAISE EXCEPTION 'entry % does not balance', entry USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION index_proposal_words()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  NEW.words := to_tsvector('simple', regexp_replace(
    NEW.title || ' ' || coalesce((SELECT string_agg(value, ' ') FROM jsonb_each_text(NEW.answers)), ''),
    '([\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g'));
  RETURN NEW;
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION inventor_shares_are_whole()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (SELECT coalesce(sum(share_bp), 0) FROM inventor_share WHERE disclosure_id = NEW.disclosure_id) <> 10000 THEN
    RAISE EXCEPTION 'the shares of disclosure % do not sum to 10000', NEW.disclosure_id
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION refuse_change_of_frozen()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF OLD.frozen_at IS NOT NULL THEN
    RAISE EXCEPTION 'version % is frozen', OLD.public_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION refuse_change_of_published_call()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF OLD.state <> 'draft' AND (NEW.form, NEW.rubric_version_id, NEW.rule_version_id)
     IS DISTINCT FROM (OLD.form, OLD.rubric_version_id, OLD.rule_version_id) THEN
    RAISE EXCEPTION 'call % is published: its form, rubric and rule stand', OLD.public_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION refuse_change_of_sealed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF (SELECT state FROM review WHERE id = OLD.review_id) IN ('sealed', 'locked', 'excluded') THEN
    RAISE EXCEPTION 'review % is sealed', OLD.review_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $function$
""",
    r"""
CREATE OR REPLACE FUNCTION refuse_change_of_terms()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$
""",
)
TRIGGERS = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON approval FOR EACH ROW WHEN ((true AND (((old.subject_type)::text IS DISTINCT FROM (new.subject_type)::text) OR (old.subject_id IS DISTINCT FROM new.subject_id) OR (old.maker_id IS DISTINCT FROM new.maker_id) OR (old.beneficiary_ids IS DISTINCT FROM new.beneficiary_ids) OR (old.content IS DISTINCT FROM new.content) OR (old.hash IS DISTINCT FROM new.hash) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON approval FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON approval_step FOR EACH ROW WHEN ((((old.state)::text <> 'waiting'::text) AND (((old.role)::text IS DISTINCT FROM (new.role)::text) OR ((old.state)::text IS DISTINCT FROM (new.state)::text) OR (old.person_id IS DISTINCT FROM new.person_id) OR (old.signed_at IS DISTINCT FROM new.signed_at)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON approval_step FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER erased_not_edited BEFORE UPDATE ON audit_payload FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON award FOR EACH ROW WHEN ((((old.state)::text <> 'due'::text) AND ((old.state)::text <> 'calculated'::text) AND ((old.matter_id IS DISTINCT FROM new.matter_id) OR (old.rule_version_id IS DISTINCT FROM new.rule_version_id) OR (old.amount IS DISTINCT FROM new.amount) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.calculation IS DISTINCT FROM new.calculation) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON award FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE CONSTRAINT TRIGGER split AFTER INSERT OR UPDATE ON award DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION award_is_split()""",
    """CREATE CONSTRAINT TRIGGER split AFTER INSERT OR UPDATE ON award_share DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION award_is_split()""",
    """CREATE TRIGGER published BEFORE UPDATE ON call FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published_call()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON conflict FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON conflict FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON credit_grant FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON credit_grant FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON criterion FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON criterion FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON decision FOR EACH ROW WHEN ((((old.state)::text <> 'prepared'::text) AND (((old.number)::text IS DISTINCT FROM (new.number)::text) OR (old.round_id IS DISTINCT FROM new.round_id) OR (old.proposal_id IS DISTINCT FROM new.proposal_id) OR (old.evaluation_id IS DISTINCT FROM new.evaluation_id) OR (old.rule_version_id IS DISTINCT FROM new.rule_version_id) OR ((old.outcome)::text IS DISTINCT FROM (new.outcome)::text) OR (old.result IS DISTINCT FROM new.result) OR (old.reason IS DISTINCT FROM new.reason) OR (old.override IS DISTINCT FROM new.override) OR (old.cause_id IS DISTINCT FROM new.cause_id)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON decision FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON decision_rule_version FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON decision_rule_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON decision_signature FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON decision_signature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE DELETE OR UPDATE ON equity_grant FOR EACH ROW EXECUTE FUNCTION refuse_change_of_terms()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON equity_transaction FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON equity_transaction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON evaluation FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON evaluation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE CONSTRAINT TRIGGER whole AFTER INSERT OR UPDATE ON inventor_share DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION inventor_shares_are_whole()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON ledger_posting FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER apply_posting AFTER INSERT ON ledger_posting FOR EACH ROW EXECUTE FUNCTION apply_posting()""",
    """CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_posting DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION entry_is_balanced()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON letter FOR EACH ROW WHEN ((true AND ((old.decision_id IS DISTINCT FROM new.decision_id) OR ((old.language)::text IS DISTINCT FROM (new.language)::text) OR (old.body IS DISTINCT FROM new.body) OR (old.hash IS DISTINCT FROM new.hash)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON letter FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON matter_event FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON matter_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON payroll_line FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON payroll_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE DELETE OR UPDATE ON proposal_version FOR EACH ROW EXECUTE FUNCTION refuse_change_of_frozen()""",
    """CREATE TRIGGER words BEFORE INSERT OR UPDATE OF title, answers ON proposal_version FOR EACH ROW EXECUTE FUNCTION index_proposal_words()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON review FOR EACH ROW WHEN (((((old.state)::text = 'sealed'::text) OR ((old.state)::text = 'locked'::text) OR ((old.state)::text = 'excluded'::text)) AND ((old.round_id IS DISTINCT FROM new.round_id) OR (old.proposal_id IS DISTINCT FROM new.proposal_id) OR (old.reviewer_id IS DISTINCT FROM new.reviewer_id) OR ((old.confidence)::text IS DISTINCT FROM (new.confidence)::text) OR ((old.recommendation)::text IS DISTINCT FROM (new.recommendation)::text) OR (old.private_note IS DISTINCT FROM new.private_note) OR (old.total IS DISTINCT FROM new.total) OR (old.sealed_at IS DISTINCT FROM new.sealed_at)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON review FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER sealed BEFORE DELETE OR UPDATE ON review_score FOR EACH ROW EXECUTE FUNCTION refuse_change_of_sealed()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON rubric_version FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON rubric_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON rule_confirmation FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON rule_confirmation FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON rule_version FOR EACH ROW WHEN ((true AND (((old.code)::text IS DISTINCT FROM (new.code)::text) OR (old.number IS DISTINCT FROM new.number) OR (old.company_id IS DISTINCT FROM new.company_id) OR (old.title IS DISTINCT FROM new.title) OR ((old.jurisdiction)::text IS DISTINCT FROM (new.jurisdiction)::text) OR ((old.source)::text IS DISTINCT FROM (new.source)::text) OR ((old.article)::text IS DISTINCT FROM (new.article)::text) OR (old.valid_from IS DISTINCT FROM new.valid_from) OR (old.valid_to IS DISTINCT FROM new.valid_to) OR (old.parameters IS DISTINCT FROM new.parameters)))) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON rule_version FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
)


def upgrade() -> None:
    op.create_table('company',
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('industry', sa.String(length=60), nullable=True),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('time_zone', sa.String(length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['company.id'], name=op.f('fk_company_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company')),
    sa.UniqueConstraint('path', name=op.f('uq_company_path')),
    sa.UniqueConstraint('public_id', name=op.f('uq_company_public_id'))
    )
    op.create_index(op.f('ix_company_parent_id'), 'company', ['parent_id'], unique=False)
    op.create_index('ix_company_path', 'company', ['path'], unique=False, postgresql_ops={'path': 'text_pattern_ops'})
    op.create_table('decision_rule_version',
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('data', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_rule_version')),
    sa.UniqueConstraint('code', 'number', name=op.f('uq_decision_rule_version_code_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_decision_rule_version_public_id'))
    )
    op.create_table('installation',
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_installation_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_installation'))
    )
    op.create_table('ledger_account',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('owner_type', sa.String(length=60), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('min_balance', sa.BigInteger(), nullable=True),
    sa.Column('balance', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('min_balance IS NULL OR balance >= min_balance', name=op.f('ck_ledger_account_not_overdrawn')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_account')),
    sa.UniqueConstraint('kind', 'owner_type', 'owner_id', 'currency', name=op.f('uq_ledger_account_kind_owner_type_owner_id_currency')),
    sa.UniqueConstraint('public_id', name=op.f('uq_ledger_account_public_id'))
    )
    op.create_table('outbox_message',
    sa.Column('event', sa.String(length=60), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('request_id', sa.String(length=32), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message'))
    )
    op.create_index('ix_outbox_message_due', 'outbox_message', ['due_at'], unique=False, postgresql_where=sa.text('done_at IS NULL'))
    op.create_table('periodic_run',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_periodic_run')),
    sa.UniqueConstraint('name', name=op.f('uq_periodic_run_name'))
    )
    op.create_table('rubric_version',
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rubric_version')),
    sa.UniqueConstraint('code', 'number', name=op.f('uq_rubric_version_code_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_rubric_version_public_id'))
    )
    op.create_table('committee',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_committee_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_committee')),
    sa.UniqueConstraint('public_id', name=op.f('uq_committee_public_id'))
    )
    op.create_index(op.f('ix_committee_company_id'), 'committee', ['company_id'], unique=False)
    op.create_table('criterion',
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=40), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('hint', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('weight_bp', sa.BigInteger(), nullable=False),
    sa.Column('low', sa.BigInteger(), nullable=False),
    sa.Column('high', sa.BigInteger(), nullable=False),
    sa.Column('anchors', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('low < high', name=op.f('ck_criterion_scale_grows')),
    sa.CheckConstraint('weight_bp > 0', name=op.f('ck_criterion_weight_positive')),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_version.id'], name=op.f('fk_criterion_rubric_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_criterion')),
    sa.UniqueConstraint('rubric_version_id', 'key', name=op.f('uq_criterion_rubric_version_id_key'))
    )
    op.create_index(op.f('ix_criterion_rubric_version_id'), 'criterion', ['rubric_version_id'], unique=False)
    op.create_table('person',
    sa.Column('hr_number', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_latin', sa.String(length=200), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('manager_id', sa.BigInteger(), nullable=True),
    sa.Column('cost_center', sa.String(length=32), nullable=True),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('left_on', sa.Date(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("language IN ('en', 'zh')", name=op.f('ck_person_language_known')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_person_company_id')),
    sa.ForeignKeyConstraint(['manager_id'], ['person.id'], name=op.f('fk_person_manager_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('hr_number', name=op.f('uq_person_hr_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_person_public_id'))
    )
    op.create_index(op.f('ix_person_company_id'), 'person', ['company_id'], unique=False)
    op.create_index(op.f('ix_person_manager_id'), 'person', ['manager_id'], unique=False)
    op.create_index('ix_person_search', 'person', ['name_latin'], unique=False, postgresql_ops={'name_latin': 'text_pattern_ops'})
    op.create_table('provider',
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('driver', sa.String(length=20), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=True),
    sa.Column('token', sa.LargeBinary(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('lag_seconds', sa.BigInteger(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('paused_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('lag_seconds > 0', name=op.f('ck_provider_lag_positive')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_provider_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider')),
    sa.UniqueConstraint('code', name=op.f('uq_provider_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_provider_public_id'))
    )
    op.create_index(op.f('ix_provider_company_id'), 'provider', ['company_id'], unique=False)
    op.create_table('rule_version',
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=True),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('jurisdiction', sa.String(length=20), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('article', sa.String(length=120), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('parameters', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('sure', sa.String(length=1), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("sure IN ('T', 'S', 'M')", name=op.f('ck_rule_version_sure_known')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_rule_version_ends_after_start')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_rule_version_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_version')),
    sa.UniqueConstraint('code', 'company_id', 'number', name=op.f('uq_rule_version_code_company_id_number'), postgresql_nulls_not_distinct=True),
    sa.UniqueConstraint('public_id', name=op.f('uq_rule_version_public_id'))
    )
    op.create_index(op.f('ix_rule_version_company_id'), 'rule_version', ['company_id'], unique=False)
    op.create_table('theme',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_theme_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_theme')),
    sa.UniqueConstraint('public_id', name=op.f('uq_theme_public_id'))
    )
    op.create_index(op.f('ix_theme_company_id'), 'theme', ['company_id'], unique=False)
    op.create_table('audit_event',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('subject_type', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('request_id', sa.String(length=32), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['actor_id'], ['person.id'], name=op.f('fk_audit_event_actor_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['audit_event.id'], name=op.f('fk_audit_event_parent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_event')),
    sa.UniqueConstraint('public_id', name=op.f('uq_audit_event_public_id'))
    )
    op.create_index(op.f('ix_audit_event_actor_id'), 'audit_event', ['actor_id'], unique=False)
    op.create_index(op.f('ix_audit_event_name'), 'audit_event', ['name'], unique=False)
    op.create_index(op.f('ix_audit_event_parent_id'), 'audit_event', ['parent_id'], unique=False)
    op.create_index('ix_audit_event_subject', 'audit_event', ['subject_type', 'subject_id', 'id'], unique=False)
    op.create_table('call',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'closed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('review_due_on', sa.Date(), nullable=False),
    sa.Column('meets_on', sa.Date(), nullable=False),
    sa.Column('release_on', sa.Date(), nullable=False),
    sa.Column('form', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('committee_id', sa.BigInteger(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('opens_at < closes_at', name=op.f('ck_call_closes_after_opening')),
    sa.ForeignKeyConstraint(['committee_id'], ['committee.id'], name=op.f('fk_call_committee_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_call_company_id')),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_version.id'], name=op.f('fk_call_rubric_version_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['decision_rule_version.id'], name=op.f('fk_call_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call')),
    sa.UniqueConstraint('public_id', name=op.f('uq_call_public_id'))
    )
    op.create_index(op.f('ix_call_committee_id'), 'call', ['committee_id'], unique=False)
    op.create_index(op.f('ix_call_company_id'), 'call', ['company_id'], unique=False)
    op.create_index('ix_call_state_closes_at', 'call', ['state', 'closes_at'], unique=False)
    op.create_table('committee_member',
    sa.Column('committee_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('seat', sa.Enum('chair', 'member', name='seat_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['committee_id'], ['committee.id'], name=op.f('fk_committee_member_committee_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_committee_member_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_committee_member')),
    sa.UniqueConstraint('committee_id', 'person_id', name=op.f('uq_committee_member_committee_id_person_id'))
    )
    op.create_index(op.f('ix_committee_member_person_id'), 'committee_member', ['person_id'], unique=False)
    op.create_index('uq_committee_member_chair', 'committee_member', ['committee_id'], unique=True, postgresql_where=sa.text("seat = 'chair'"))
    op.create_table('credential',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_credential_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credential')),
    sa.UniqueConstraint('person_id', name=op.f('uq_credential_person_id'))
    )
    op.create_table('credit_pool',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('theme_id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_credit_pool_company_id')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_credit_pool_theme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_pool')),
    sa.UniqueConstraint('company_id', 'theme_id', 'year', 'currency', name=op.f('uq_credit_pool_company_id_theme_id_year_currency')),
    sa.UniqueConstraint('public_id', name=op.f('uq_credit_pool_public_id'))
    )
    op.create_index(op.f('ix_credit_pool_company_id'), 'credit_pool', ['company_id'], unique=False)
    op.create_index(op.f('ix_credit_pool_theme_id'), 'credit_pool', ['theme_id'], unique=False)
    op.create_table('finding',
    sa.Column('provider_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('orphan', 'missing', 'overrun', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('seen', sa.BigInteger(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_finding_provider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding')),
    sa.UniqueConstraint('public_id', name=op.f('uq_finding_public_id'))
    )
    op.create_index(op.f('ix_finding_provider_id'), 'finding', ['provider_id'], unique=False)
    op.create_index('uq_finding_open', 'finding', ['provider_id', 'kind', 'key'], unique=True, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('login_session',
    sa.Column('id_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_login_session_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_session')),
    sa.UniqueConstraint('id_hash', name=op.f('uq_login_session_id_hash'))
    )
    op.create_index(op.f('ix_login_session_person_id'), 'login_session', ['person_id'], unique=False)
    op.create_table('notice',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('values', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('public_id', name=op.f('uq_notice_public_id'))
    )
    op.create_index('ix_notice_person', 'notice', ['person_id', 'id'], unique=False)
    op.create_table('offer',
    sa.Column('provider_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('category', sa.String(length=20), nullable=False),
    sa.Column('tags', postgresql.ARRAY(sa.String(length=40)), nullable=False),
    sa.Column('ready_seconds', sa.BigInteger(), nullable=False),
    sa.Column('is_open', sa.Boolean(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_offer_provider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offer')),
    sa.UniqueConstraint('provider_id', 'code', name=op.f('uq_offer_provider_id_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_offer_public_id'))
    )
    op.create_table('person_counts',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('counts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_person_counts_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person_counts')),
    sa.UniqueConstraint('person_id', name=op.f('uq_person_counts_person_id'))
    )
    op.create_table('role_grant',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Enum('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'auditor', 'administrator', name='role_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('until_on IS NULL OR until_on >= from_on', name=op.f('ck_role_grant_ends_after_start')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_role_grant_company_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_role_grant_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant')),
    sa.UniqueConstraint('person_id', 'company_id', 'role', name=op.f('uq_role_grant_person_id_company_id_role'))
    )
    op.create_index(op.f('ix_role_grant_company_id'), 'role_grant', ['company_id'], unique=False)
    op.create_index(op.f('ix_role_grant_person_id'), 'role_grant', ['person_id'], unique=False)
    op.create_table('access',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('subject_type', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('effect', sa.Enum('allow', 'deny', name='effect_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('source', sa.String(length=40), nullable=False),
    sa.Column('fields', postgresql.ARRAY(sa.String(length=40)), nullable=True),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_access_cause_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_access_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_access')),
    sa.UniqueConstraint('person_id', 'subject_type', 'subject_id', 'effect', 'source', name=op.f('uq_access_person_id_subject_type_subject_id_effect_source'))
    )
    op.create_index('ix_access_subject', 'access', ['subject_type', 'subject_id'], unique=False)
    op.create_table('approval',
    sa.Column('subject_type', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('maker_id', sa.BigInteger(), nullable=False),
    sa.Column('beneficiary_ids', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'approved', 'refused', 'cancelled', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_approval_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_approval_company_id')),
    sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_approval_maker_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval')),
    sa.UniqueConstraint('public_id', name=op.f('uq_approval_public_id'))
    )
    op.create_index(op.f('ix_approval_company_id'), 'approval', ['company_id'], unique=False)
    op.create_index('uq_approval_open', 'approval', ['subject_type', 'subject_id'], unique=True, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('audit_payload',
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('salt', sa.LargeBinary(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['audit_event.id'], name=op.f('fk_audit_payload_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_payload')),
    sa.UniqueConstraint('event_id', name=op.f('uq_audit_payload_event_id'))
    )
    op.create_table('audit_pending',
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('leaf', sa.LargeBinary(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['audit_event.id'], name=op.f('fk_audit_pending_event_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_pending')),
    sa.UniqueConstraint('event_id', name=op.f('uq_audit_pending_event_id'))
    )
    op.create_table('call_theme',
    sa.Column('call_id', sa.BigInteger(), nullable=False),
    sa.Column('theme_id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.BigInteger(), nullable=False),
    sa.Column('budget', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('budget >= 0', name=op.f('ck_call_theme_budget_not_negative')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_call_theme_call_id')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_call_theme_theme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_call_theme')),
    sa.UniqueConstraint('call_id', 'theme_id', name=op.f('uq_call_theme_call_id_theme_id'))
    )
    op.create_index(op.f('ix_call_theme_theme_id'), 'call_theme', ['theme_id'], unique=False)
    op.create_table('case_grant',
    sa.Column('auditor_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('subject_type', sa.String(length=60), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('until_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('length(reason) > 0', name=op.f('ck_case_grant_has_reason')),
    sa.CheckConstraint('until_at > created_at', name=op.f('ck_case_grant_ends_after_start')),
    sa.ForeignKeyConstraint(['auditor_id'], ['person.id'], name=op.f('fk_case_grant_auditor_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_case_grant_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_case_grant_company_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_grant')),
    sa.UniqueConstraint('public_id', name=op.f('uq_case_grant_public_id'))
    )
    op.create_index('ix_case_grant_auditor', 'case_grant', ['auditor_id', 'id'], unique=False)
    op.create_index(op.f('ix_case_grant_cause_id'), 'case_grant', ['cause_id'], unique=False)
    op.create_index(op.f('ix_case_grant_company_id'), 'case_grant', ['company_id'], unique=False)
    op.create_table('ledger_entry',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('memo', sa.String(length=200), nullable=False),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_ledger_entry_cause_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['ledger_entry.id'], name=op.f('fk_ledger_entry_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('key', name=op.f('uq_ledger_entry_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_ledger_entry_public_id')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_ledger_entry_reverses_id'))
    )
    op.create_index(op.f('ix_ledger_entry_cause_id'), 'ledger_entry', ['cause_id'], unique=False)
    op.create_table('plan',
    sa.Column('offer_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('price_hour', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('price_gb_hour', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('max_cost_hour', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('connections', sa.BigInteger(), nullable=False),
    sa.Column('disk_mb', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('connections > 0 AND disk_mb > 0', name=op.f('ck_plan_limits_positive')),
    sa.CheckConstraint('max_cost_hour > 0 AND max_cost_hour >= price_hour', name=op.f('ck_plan_max_cost_covers_price')),
    sa.CheckConstraint('price_hour >= 0 AND price_gb_hour >= 0', name=op.f('ck_plan_prices_not_negative')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_plan_offer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan')),
    sa.UniqueConstraint('offer_id', 'code', name=op.f('uq_plan_offer_id_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_plan_public_id'))
    )
    op.create_table('proposal',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('call_id', sa.BigInteger(), nullable=False),
    sa.Column('theme_id', sa.BigInteger(), nullable=True),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('lead_id', sa.BigInteger(), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('state', sa.Enum('draft', 'awaiting_team', 'submitted', 'screening', 'returned', 'ineligible', 'merged', 'in_review', 'clarification', 'deliberation', 'accepted', 'accepted_conditional', 'shelved', 'rejected', 'appealed', 'withdrawn', 'lapsed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('asked', sa.BigInteger(), nullable=True),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_version_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("lang IN ('en', 'zh')", name=op.f('ck_proposal_lang_known')),
    sa.CheckConstraint('asked IS NULL OR asked >= 0', name=op.f('ck_proposal_asked_not_negative')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_proposal_call_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_proposal_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_proposal_company_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['person.id'], name=op.f('fk_proposal_lead_id')),
    sa.ForeignKeyConstraint(['parent_id'], ['proposal.id'], name=op.f('fk_proposal_parent_id')),
    sa.ForeignKeyConstraint(['submitted_version_id'], ['proposal_version.id'], name='fk_proposal_submitted_version_id', use_alter=True),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_proposal_theme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sa.UniqueConstraint('number', name=op.f('uq_proposal_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_proposal_public_id'))
    )
    op.create_index('ix_proposal_call_state', 'proposal', ['call_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_proposal_cause_id'), 'proposal', ['cause_id'], unique=False)
    op.create_index('ix_proposal_company', 'proposal', ['company_id', 'id'], unique=False)
    op.create_index('ix_proposal_lead', 'proposal', ['lead_id', 'id'], unique=False)
    op.create_index('ix_proposal_state_submitted', 'proposal', ['state', 'submitted_at', 'public_id'], unique=False)
    op.create_index('ix_proposal_submitted', 'proposal', ['submitted_at', 'public_id'], unique=False)
    op.create_index(op.f('ix_proposal_theme_id'), 'proposal', ['theme_id'], unique=False)
    op.create_table('review_round',
    sa.Column('call_id', sa.BigInteger(), nullable=False),
    sa.Column('committee_id', sa.BigInteger(), nullable=False),
    sa.Column('rubric_version_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('open', 'closed', 'decided', 'released', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('imported_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_review_round_call_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_review_round_cause_id')),
    sa.ForeignKeyConstraint(['committee_id'], ['committee.id'], name=op.f('fk_review_round_committee_id')),
    sa.ForeignKeyConstraint(['rubric_version_id'], ['rubric_version.id'], name=op.f('fk_review_round_rubric_version_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['decision_rule_version.id'], name=op.f('fk_review_round_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_round')),
    sa.UniqueConstraint('call_id', name=op.f('uq_review_round_call_id')),
    sa.UniqueConstraint('imported_hash', name=op.f('uq_review_round_imported_hash')),
    sa.UniqueConstraint('public_id', name=op.f('uq_review_round_public_id'))
    )
    op.create_index(op.f('ix_review_round_cause_id'), 'review_round', ['cause_id'], unique=False)
    op.create_index(op.f('ix_review_round_committee_id'), 'review_round', ['committee_id'], unique=False)
    op.create_table('rule_confirmation',
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_rule_confirmation_cause_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_rule_confirmation_person_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['rule_version.id'], name=op.f('fk_rule_confirmation_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rule_confirmation')),
    sa.UniqueConstraint('rule_version_id', 'person_id', name=op.f('uq_rule_confirmation_rule_version_id_person_id'))
    )
    op.create_index(op.f('ix_rule_confirmation_person_id'), 'rule_confirmation', ['person_id'], unique=False)
    op.create_table('approval_step',
    sa.Column('approval_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.Enum('office', 'reviewer', 'chair', 'hr', 'ip_counsel', 'cloud_operator', 'finance', 'auditor', 'administrator', name='role_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'approved', 'refused', 'cancelled', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=2000), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['approval_id'], ['approval.id'], name=op.f('fk_approval_step_approval_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_approval_step_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval_step')),
    sa.UniqueConstraint('approval_id', 'position', name=op.f('uq_approval_step_approval_id_position'))
    )
    op.create_index(op.f('ix_approval_step_person_id'), 'approval_step', ['person_id'], unique=False)
    op.create_table('conflict',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('team_member', 'line_manager', 'cost_center', 'declared', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('declared_by_id', sa.BigInteger(), nullable=True),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_conflict_cause_id')),
    sa.ForeignKeyConstraint(['declared_by_id'], ['person.id'], name=op.f('fk_conflict_declared_by_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_conflict_person_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_conflict_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict')),
    sa.UniqueConstraint('person_id', 'proposal_id', 'kind', name=op.f('uq_conflict_person_id_proposal_id_kind'))
    )
    op.create_index(op.f('ix_conflict_cause_id'), 'conflict', ['cause_id'], unique=False)
    op.create_index('ix_conflict_proposal', 'conflict', ['proposal_id'], unique=False)
    op.create_table('evaluation',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('inputs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('inputs_hash', sa.String(length=64), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_evaluation_cause_id')),
    sa.ForeignKeyConstraint(['round_id'], ['review_round.id'], name=op.f('fk_evaluation_round_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['decision_rule_version.id'], name=op.f('fk_evaluation_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evaluation')),
    sa.UniqueConstraint('public_id', name=op.f('uq_evaluation_public_id'))
    )
    op.create_index(op.f('ix_evaluation_cause_id'), 'evaluation', ['cause_id'], unique=False)
    op.create_index(op.f('ix_evaluation_round_id'), 'evaluation', ['round_id'], unique=False)
    op.create_table('imported_result',
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('label', sa.String(length=40), nullable=False),
    sa.Column('put_to_vote', sa.Boolean(), nullable=False),
    sa.Column('given_order', sa.BigInteger(), nullable=True),
    sa.Column('given_flag', sa.Boolean(), nullable=True),
    sa.Column('net_votes', sa.BigInteger(), nullable=True),
    sa.Column('published_score', sa.BigInteger(), nullable=True),
    sa.Column('published_assessments', sa.BigInteger(), nullable=True),
    sa.Column('published_funded', sa.Boolean(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_imported_result_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_imported_result')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_imported_result_proposal_id'))
    )
    op.create_table('ledger_posting',
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_ledger_posting_amount_not_zero')),
    sa.ForeignKeyConstraint(['account_id'], ['ledger_account.id'], name=op.f('fk_ledger_posting_account_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_ledger_posting_entry_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_posting'))
    )
    op.create_index('ix_ledger_posting_account', 'ledger_posting', ['account_id', 'id'], unique=False)
    op.create_index(op.f('ix_ledger_posting_entry_id'), 'ledger_posting', ['entry_id'], unique=False)
    op.create_table('proposal_version',
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.BigInteger(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('words', postgresql.TSVECTOR(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_proposal_version_author_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_proposal_version_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_version')),
    sa.UniqueConstraint('proposal_id', 'number', name=op.f('uq_proposal_version_proposal_id_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_proposal_version_public_id'))
    )
    op.create_index(op.f('ix_proposal_version_author_id'), 'proposal_version', ['author_id'], unique=False)
    op.create_index('ix_proposal_version_words', 'proposal_version', ['words'], unique=False, postgresql_using='gin')
    op.create_table('review',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('reviewer_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('assigned', 'declined', 'recused', 'cleared', 'draft', 'sealed', 'reopened', 'locked', 'expired', 'excluded', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('confidence', sa.Enum('low', 'medium', 'high', name='confidence_known', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('recommendation', sa.Enum('decline', 'change', 'fund', name='recommendation_known', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('private_note', sa.Text(), nullable=False),
    sa.Column('scored', sa.BigInteger(), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('excluded', sa.Text(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state <> 'excluded' OR excluded IS NOT NULL", name=op.f('ck_review_exclusion_has_reason')),
    sa.CheckConstraint("state NOT IN ('sealed', 'locked') OR sealed_at IS NOT NULL", name=op.f('ck_review_seal_has_time')),
    sa.CheckConstraint("state NOT IN ('sealed', 'locked') OR total IS NOT NULL", name=op.f('ck_review_seal_has_total')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_review_cause_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_review_proposal_id')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['person.id'], name=op.f('fk_review_reviewer_id')),
    sa.ForeignKeyConstraint(['round_id'], ['review_round.id'], name=op.f('fk_review_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review')),
    sa.UniqueConstraint('public_id', name=op.f('uq_review_public_id'))
    )
    op.create_index(op.f('ix_review_cause_id'), 'review', ['cause_id'], unique=False)
    op.create_index('ix_review_proposal', 'review', ['proposal_id', 'id'], unique=False)
    op.create_index('ix_review_reviewer_state', 'review', ['reviewer_id', 'state', 'id'], unique=False)
    op.create_index('uq_review_live', 'review', ['round_id', 'proposal_id', 'reviewer_id'], unique=True, postgresql_where=sa.text("state NOT IN ('declined', 'recused', 'expired', 'excluded')"))
    op.create_table('review_summary',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('theme_id', sa.BigInteger(), nullable=False),
    sa.Column('asked', sa.BigInteger(), nullable=False),
    sa.Column('assigned', sa.BigInteger(), nullable=False),
    sa.Column('sealed', sa.BigInteger(), nullable=False),
    sa.Column('total_hundredths', sa.BigInteger(), nullable=False),
    sa.Column('spread_hundredths', sa.BigInteger(), nullable=True),
    sa.Column('low_hundredths', sa.BigInteger(), nullable=True),
    sa.Column('high_hundredths', sa.BigInteger(), nullable=True),
    sa.Column('means', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('ticks', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_review_summary_proposal_id')),
    sa.ForeignKeyConstraint(['round_id'], ['review_round.id'], name=op.f('fk_review_summary_round_id')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_review_summary_theme_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_summary')),
    sa.UniqueConstraint('round_id', 'proposal_id', name=op.f('uq_review_summary_round_id_proposal_id'))
    )
    op.create_index(op.f('ix_review_summary_proposal_id'), 'review_summary', ['proposal_id'], unique=False)
    op.create_index('ix_review_summary_ranking', 'review_summary', ['round_id', 'theme_id', 'total_hundredths', 'id'], unique=False)
    op.create_table('team_member',
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('part', sa.String(length=120), nullable=False),
    sa.Column('share_bp', sa.BigInteger(), nullable=False),
    sa.Column('consent', sa.Enum('asked', 'accepted', 'declined', name='consent_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('share_bp BETWEEN 0 AND 10000', name=op.f('ck_team_member_share_in_range')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_team_member_person_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_team_member_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_member')),
    sa.UniqueConstraint('proposal_id', 'person_id', name=op.f('uq_team_member_proposal_id_person_id'))
    )
    op.create_index('ix_team_member_person', 'team_member', ['person_id', 'proposal_id'], unique=False)
    op.create_table('decision',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('evaluation_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('prepared', 'signed', 'held', 'released', 'superseded', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('outcome', sa.Enum('accepted', 'shelved', 'rejected', 'not_decidable', name='outcome_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('override', sa.Boolean(), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("outcome <> 'not_decidable'", name=op.f('ck_decision_outcome_decidable')),
    sa.CheckConstraint('NOT override OR length(reason) > 0', name=op.f('ck_decision_override_has_reason')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_decision_cause_id')),
    sa.ForeignKeyConstraint(['evaluation_id'], ['evaluation.id'], name=op.f('fk_decision_evaluation_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_decision_proposal_id')),
    sa.ForeignKeyConstraint(['round_id'], ['review_round.id'], name=op.f('fk_decision_round_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['decision_rule_version.id'], name=op.f('fk_decision_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision')),
    sa.UniqueConstraint('number', name=op.f('uq_decision_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_decision_public_id'))
    )
    op.create_index(op.f('ix_decision_cause_id'), 'decision', ['cause_id'], unique=False)
    op.create_index(op.f('ix_decision_evaluation_id'), 'decision', ['evaluation_id'], unique=False)
    op.create_index(op.f('ix_decision_proposal_id'), 'decision', ['proposal_id'], unique=False)
    op.create_index('ix_decision_round', 'decision', ['round_id', 'id'], unique=False)
    op.create_index('uq_decision_current', 'decision', ['proposal_id'], unique=True, postgresql_where=sa.text("state <> 'superseded'"))
    op.create_table('review_score',
    sa.Column('review_id', sa.BigInteger(), nullable=False),
    sa.Column('criterion_id', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('value BETWEEN 0 AND 100', name=op.f('ck_review_score_value_in_range')),
    sa.ForeignKeyConstraint(['criterion_id'], ['criterion.id'], name=op.f('fk_review_score_criterion_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_score_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_score')),
    sa.UniqueConstraint('review_id', 'criterion_id', name=op.f('uq_review_score_review_id_criterion_id'))
    )
    op.create_table('venture',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_version_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('lead_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('chartered', 'sandbox', 'validation', 'pilot', 'scale', 'spun_out', 'absorbed', 'licensed', 'stopped', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_venture_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_venture_company_id')),
    sa.ForeignKeyConstraint(['lead_id'], ['person.id'], name=op.f('fk_venture_lead_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_venture_proposal_id')),
    sa.ForeignKeyConstraint(['proposal_version_id'], ['proposal_version.id'], name=op.f('fk_venture_proposal_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_venture')),
    sa.UniqueConstraint('number', name=op.f('uq_venture_number')),
    sa.UniqueConstraint('proposal_id', name=op.f('uq_venture_proposal_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_venture_public_id'))
    )
    op.create_index(op.f('ix_venture_cause_id'), 'venture', ['cause_id'], unique=False)
    op.create_index('ix_venture_company_state', 'venture', ['company_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_venture_lead_id'), 'venture', ['lead_id'], unique=False)
    op.create_table('credit_grant',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('pool_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_credit_grant_amount_positive')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_credit_grant_cause_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_credit_grant_entry_id')),
    sa.ForeignKeyConstraint(['pool_id'], ['credit_pool.id'], name=op.f('fk_credit_grant_pool_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_credit_grant_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_grant')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_credit_grant_entry_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_credit_grant_public_id'))
    )
    op.create_index(op.f('ix_credit_grant_cause_id'), 'credit_grant', ['cause_id'], unique=False)
    op.create_index(op.f('ix_credit_grant_pool_id'), 'credit_grant', ['pool_id'], unique=False)
    op.create_index(op.f('ix_credit_grant_venture_id'), 'credit_grant', ['venture_id'], unique=False)
    op.create_table('decision_signature',
    sa.Column('decision_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_decision_signature_decision_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_decision_signature_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decision_signature')),
    sa.UniqueConstraint('decision_id', 'person_id', name=op.f('uq_decision_signature_decision_id_person_id'))
    )
    op.create_index(op.f('ix_decision_signature_person_id'), 'decision_signature', ['person_id'], unique=False)
    op.create_table('disclosure',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('problem', sa.Text(), nullable=False),
    sa.Column('solution', sa.Text(), nullable=False),
    sa.Column('prior_art', sa.Text(), nullable=False),
    sa.Column('lang', sa.String(length=2), nullable=False),
    sa.Column('published_on', sa.Date(), nullable=True),
    sa.Column('planned_on', sa.Date(), nullable=True),
    sa.Column('secrecy', sa.Enum('ordinary', 'trade_secret', 'state_review', name='secrecy_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('assessment', sa.Text(), nullable=True),
    sa.Column('state', sa.Enum('disclosed', 'assessed', 'file', 'keep_secret', 'publish', 'release', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('author_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("lang IN ('en', 'zh')", name=op.f('ck_disclosure_lang_known')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_disclosure_author_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_disclosure_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_disclosure_company_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_disclosure_proposal_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_disclosure_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disclosure')),
    sa.UniqueConstraint('number', name=op.f('uq_disclosure_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_disclosure_public_id'))
    )
    op.create_index(op.f('ix_disclosure_author_id'), 'disclosure', ['author_id'], unique=False)
    op.create_index(op.f('ix_disclosure_cause_id'), 'disclosure', ['cause_id'], unique=False)
    op.create_index('ix_disclosure_company_state', 'disclosure', ['company_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_disclosure_proposal_id'), 'disclosure', ['proposal_id'], unique=False)
    op.create_index(op.f('ix_disclosure_venture_id'), 'disclosure', ['venture_id'], unique=False)
    op.create_table('issuer',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('venture_id', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.Enum('limited', 'joint_stock', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('size', sa.Enum('large', 'medium', 'small', 'micro', name='size_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_issuer_company_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_issuer_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issuer')),
    sa.UniqueConstraint('public_id', name=op.f('uq_issuer_public_id')),
    sa.UniqueConstraint('venture_id', name=op.f('uq_issuer_venture_id'))
    )
    op.create_index(op.f('ix_issuer_company_id'), 'issuer', ['company_id'], unique=False)
    op.create_table('lease',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'submitted', 'approved', 'refused', 'running', 'grace', 'ended', 'cancelled', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('spend_limit', sa.BigInteger(), nullable=False),
    sa.Column('reserve', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('days', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('grace_ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('days BETWEEN 1 AND 366', name=op.f('ck_lease_days_in_range')),
    sa.CheckConstraint('reserve > 0 AND reserve < spend_limit', name=op.f('ck_lease_reserve_within_limit')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_lease_cause_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_lease_person_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_lease_plan_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_lease_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lease')),
    sa.UniqueConstraint('public_id', name=op.f('uq_lease_public_id'))
    )
    op.create_index(op.f('ix_lease_cause_id'), 'lease', ['cause_id'], unique=False)
    op.create_index(op.f('ix_lease_person_id'), 'lease', ['person_id'], unique=False)
    op.create_index(op.f('ix_lease_plan_id'), 'lease', ['plan_id'], unique=False)
    op.create_index('ix_lease_state_ends', 'lease', ['state', 'ends_at'], unique=False)
    op.create_index(op.f('ix_lease_venture_id'), 'lease', ['venture_id'], unique=False)
    op.create_table('letter',
    sa.Column('decision_id', sa.BigInteger(), nullable=False),
    sa.Column('language', sa.String(length=2), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("language IN ('en', 'zh')", name=op.f('ck_letter_language_known')),
    sa.ForeignKeyConstraint(['decision_id'], ['decision.id'], name=op.f('fk_letter_decision_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('decision_id', 'language', name=op.f('uq_letter_decision_id_language'))
    )
    op.create_table('tranche',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('state', sa.Enum('planned', 'due', 'evidence_submitted', 'verified', 'changes_requested', 'approved_by_finance', 'released', 'reconciled', 'cancelled', 'clawed_back', 'payment_failed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_tranche_amount_positive')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_tranche_cause_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_tranche_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tranche')),
    sa.UniqueConstraint('public_id', name=op.f('uq_tranche_public_id')),
    sa.UniqueConstraint('venture_id', 'number', name=op.f('uq_tranche_venture_id_number'))
    )
    op.create_index(op.f('ix_tranche_cause_id'), 'tranche', ['cause_id'], unique=False)
    op.create_table('venture_member',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('part', sa.String(length=120), nullable=False),
    sa.Column('share_bp', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('share_bp BETWEEN 0 AND 10000', name=op.f('ck_venture_member_share_in_range')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_venture_member_person_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_venture_member_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_venture_member')),
    sa.UniqueConstraint('venture_id', 'person_id', name=op.f('uq_venture_member_venture_id_person_id'))
    )
    op.create_index('ix_venture_member_person', 'venture_member', ['person_id', 'venture_id'], unique=False)
    op.create_table('inventor_share',
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('share_bp', sa.BigInteger(), nullable=False),
    sa.Column('consent', sa.Enum('asked', 'accepted', 'declined', name='consent_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=2000), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('share_bp BETWEEN 0 AND 10000', name=op.f('ck_inventor_share_share_in_range')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_inventor_share_company_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_inventor_share_disclosure_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_inventor_share_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inventor_share')),
    sa.UniqueConstraint('disclosure_id', 'person_id', name=op.f('uq_inventor_share_disclosure_id_person_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_inventor_share_public_id'))
    )
    op.create_index(op.f('ix_inventor_share_company_id'), 'inventor_share', ['company_id'], unique=False)
    op.create_index('ix_inventor_share_person', 'inventor_share', ['person_id', 'disclosure_id'], unique=False)
    op.create_table('matter',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('disclosure_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('office', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.Enum('invention', 'utility_model', 'design', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('application_raw', sa.String(length=60), nullable=True),
    sa.Column('application_number', sa.String(length=20), nullable=True),
    sa.Column('state', sa.Enum('prepared', 'filed', 'published', 'examination', 'granted', 'lapsed', 'refused', 'withdrawn', 'expired', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('filed_on', sa.Date(), nullable=True),
    sa.Column('published_on', sa.Date(), nullable=True),
    sa.Column('granted_on', sa.Date(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_matter_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_matter_company_id')),
    sa.ForeignKeyConstraint(['disclosure_id'], ['disclosure.id'], name=op.f('fk_matter_disclosure_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter')),
    sa.UniqueConstraint('disclosure_id', 'office', name=op.f('uq_matter_disclosure_id_office')),
    sa.UniqueConstraint('number', name=op.f('uq_matter_number')),
    sa.UniqueConstraint('office', 'application_number', name=op.f('uq_matter_office_application_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_matter_public_id'))
    )
    op.create_index(op.f('ix_matter_cause_id'), 'matter', ['cause_id'], unique=False)
    op.create_index('ix_matter_company_state', 'matter', ['company_id', 'state', 'id'], unique=False)
    op.create_table('sandbox',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('lease_id', sa.BigInteger(), nullable=False),
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('provider_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('requested', 'provisioning', 'active', 'frozen', 'closing', 'exporting', 'wiping', 'closed', 'failed', 'quarantined', 'lost', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('desired', sa.Enum('active', 'frozen', 'closed', name='desired_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('frozen_level', sa.BigInteger(), nullable=False),
    sa.Column('frozen_reason', sa.Enum('credit', 'disk', 'lease', name='frozen_reason_known', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('remote_name', sa.String(length=120), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state = 'frozen') = (frozen_reason IS NOT NULL)", name=op.f('ck_sandbox_frozen_has_reason')),
    sa.CheckConstraint('frozen_level BETWEEN 0 AND 3', name=op.f('ck_sandbox_frozen_level_in_range')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_sandbox_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_sandbox_company_id')),
    sa.ForeignKeyConstraint(['lease_id'], ['lease.id'], name=op.f('fk_sandbox_lease_id')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_sandbox_provider_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_sandbox_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sandbox')),
    sa.UniqueConstraint('lease_id', name=op.f('uq_sandbox_lease_id')),
    sa.UniqueConstraint('number', name=op.f('uq_sandbox_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_sandbox_public_id'))
    )
    op.create_index(op.f('ix_sandbox_cause_id'), 'sandbox', ['cause_id'], unique=False)
    op.create_index('ix_sandbox_company', 'sandbox', ['company_id', 'id'], unique=False)
    op.create_index('ix_sandbox_provider_state', 'sandbox', ['provider_id', 'state', 'id'], unique=False)
    op.create_index(op.f('ix_sandbox_venture_id'), 'sandbox', ['venture_id'], unique=False)
    op.create_table('security_class',
    sa.Column('issuer_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('unit', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('decimals', sa.BigInteger(), nullable=False),
    sa.Column('total_units', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('decimals BETWEEN 0 AND 6', name=op.f('ck_security_class_decimals_in_range')),
    sa.CheckConstraint('total_units > 0', name=op.f('ck_security_class_total_positive')),
    sa.ForeignKeyConstraint(['issuer_id'], ['issuer.id'], name=op.f('fk_security_class_issuer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_class')),
    sa.UniqueConstraint('issuer_id', 'code', name=op.f('uq_security_class_issuer_id_code')),
    sa.UniqueConstraint('public_id', name=op.f('uq_security_class_public_id'))
    )
    op.create_table('award',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('rule_version_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('calculation', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('due', 'calculated', 'approved', 'in_payroll', 'paid', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_award_amount_not_negative')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_award_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_award_company_id')),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_award_matter_id')),
    sa.ForeignKeyConstraint(['rule_version_id'], ['rule_version.id'], name=op.f('fk_award_rule_version_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award')),
    sa.UniqueConstraint('matter_id', name=op.f('uq_award_matter_id')),
    sa.UniqueConstraint('number', name=op.f('uq_award_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_award_public_id'))
    )
    op.create_index(op.f('ix_award_cause_id'), 'award', ['cause_id'], unique=False)
    op.create_index('ix_award_company_state', 'award', ['company_id', 'state', 'due_on'], unique=False)
    op.create_index(op.f('ix_award_rule_version_id'), 'award', ['rule_version_id'], unique=False)
    op.create_table('equity_plan',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('security_class_id', sa.BigInteger(), nullable=False),
    sa.Column('maker_id', sa.BigInteger(), nullable=False),
    sa.Column('title', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('kind', sa.Enum('option', 'rsu', 'restricted', 'phantom', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('regime', sa.String(length=60), nullable=False),
    sa.Column('pool_units', sa.BigInteger(), nullable=False),
    sa.Column('granted_units', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('person_units', sa.BigInteger(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('terms', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('draft', 'in_approval', 'active', 'refused', 'closed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('granted_units BETWEEN 0 AND pool_units', name=op.f('ck_equity_plan_pool_holds')),
    sa.CheckConstraint('person_units IS NULL OR person_units > 0', name=op.f('ck_equity_plan_person_limit_positive')),
    sa.CheckConstraint('pool_units > 0', name=op.f('ck_equity_plan_pool_positive')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_equity_plan_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_equity_plan_company_id')),
    sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_equity_plan_maker_id')),
    sa.ForeignKeyConstraint(['security_class_id'], ['security_class.id'], name=op.f('fk_equity_plan_security_class_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_equity_plan_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_plan')),
    sa.UniqueConstraint('public_id', name=op.f('uq_equity_plan_public_id'))
    )
    op.create_index(op.f('ix_equity_plan_cause_id'), 'equity_plan', ['cause_id'], unique=False)
    op.create_index('ix_equity_plan_company', 'equity_plan', ['company_id', 'id'], unique=False)
    op.create_index(op.f('ix_equity_plan_maker_id'), 'equity_plan', ['maker_id'], unique=False)
    op.create_index(op.f('ix_equity_plan_security_class_id'), 'equity_plan', ['security_class_id'], unique=False)
    op.create_index(op.f('ix_equity_plan_venture_id'), 'equity_plan', ['venture_id'], unique=False)
    op.create_table('matter_event',
    sa.Column('matter_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('file', 'publish', 'examine', 'grant', 'lapse', 'refuse', 'withdraw', 'expire', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('evidence', sa.String(length=2000), nullable=False),
    sa.Column('recorded_by_id', sa.BigInteger(), nullable=False),
    sa.Column('voids_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['matter_id'], ['matter.id'], name=op.f('fk_matter_event_matter_id')),
    sa.ForeignKeyConstraint(['recorded_by_id'], ['person.id'], name=op.f('fk_matter_event_recorded_by_id')),
    sa.ForeignKeyConstraint(['voids_id'], ['matter_event.id'], name=op.f('fk_matter_event_voids_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_matter_event')),
    sa.UniqueConstraint('public_id', name=op.f('uq_matter_event_public_id')),
    sa.UniqueConstraint('voids_id', name=op.f('uq_matter_event_voids_id'))
    )
    op.create_index('ix_matter_event_matter', 'matter_event', ['matter_id', 'happened_on', 'id'], unique=False)
    op.create_index(op.f('ix_matter_event_recorded_by_id'), 'matter_event', ['recorded_by_id'], unique=False)
    op.create_table('meter',
    sa.Column('sandbox_id', sa.BigInteger(), nullable=False),
    sa.Column('cost', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('posted', sa.BigInteger(), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('cost >= 0 AND posted >= 0', name=op.f('ck_meter_not_negative')),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_meter_sandbox_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meter')),
    sa.UniqueConstraint('sandbox_id', name=op.f('uq_meter_sandbox_id'))
    )
    op.create_table('meter_reading',
    sa.Column('sandbox_id', sa.BigInteger(), nullable=False),
    sa.Column('minute_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seconds', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('connections', sa.BigInteger(), nullable=False),
    sa.Column('cost', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('total', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_meter_reading_sandbox_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meter_reading')),
    sa.UniqueConstraint('sandbox_id', 'minute_at', name=op.f('uq_meter_reading_sandbox_id_minute_at'))
    )
    op.create_table('operation',
    sa.Column('sandbox_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('provision', 'access', 'freeze', 'unfreeze', 'close', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum('pending', 'running', 'waiting', 'done', 'compensating', 'compensated', 'dead', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.Enum('credit', 'disk', 'lease', name='reason_known', native_enum=False, create_constraint=True, length=40), nullable=True),
    sa.Column('level', sa.BigInteger(), nullable=False),
    sa.Column('fence', sa.BigInteger(), nullable=False),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('issues', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issue_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_operation_cause_id')),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_operation_sandbox_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operation')),
    sa.UniqueConstraint('public_id', name=op.f('uq_operation_public_id'))
    )
    op.create_index(op.f('ix_operation_cause_id'), 'operation', ['cause_id'], unique=False)
    op.create_index('ix_operation_issue', 'operation', ['issue_at'], unique=False, postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')"))
    op.create_index(op.f('ix_operation_sandbox_id'), 'operation', ['sandbox_id'], unique=False)
    op.create_index('uq_operation_open', 'operation', ['sandbox_id', 'kind'], unique=True, postgresql_where=sa.text("state NOT IN ('done', 'compensated')"))
    op.create_table('sandbox_secret',
    sa.Column('sandbox_id', sa.BigInteger(), nullable=False),
    sa.Column('ciphertext', sa.LargeBinary(), nullable=True),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('shown_to_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('(ciphertext IS NULL) = (shown_at IS NOT NULL)', name=op.f('ck_sandbox_secret_deleted_once_shown')),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_sandbox_secret_sandbox_id')),
    sa.ForeignKeyConstraint(['shown_to_id'], ['person.id'], name=op.f('fk_sandbox_secret_shown_to_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sandbox_secret')),
    sa.UniqueConstraint('sandbox_id', name=op.f('uq_sandbox_secret_sandbox_id'))
    )
    op.create_index(op.f('ix_sandbox_secret_shown_to_id'), 'sandbox_secret', ['shown_to_id'], unique=False)
    op.create_table('spend_alert',
    sa.Column('sandbox_id', sa.BigInteger(), nullable=False),
    sa.Column('spend_limit', sa.BigInteger(), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_spend_alert_sandbox_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spend_alert')),
    sa.UniqueConstraint('sandbox_id', 'spend_limit', 'percent', name=op.f('uq_spend_alert_sandbox_id_spend_limit_percent'))
    )
    op.create_table('award_share',
    sa.Column('award_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('share_bp', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_award_share_amount_not_negative')),
    sa.CheckConstraint('share_bp BETWEEN 1 AND 10000', name=op.f('ck_award_share_share_in_range')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_award_share_award_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_award_share_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_share')),
    sa.UniqueConstraint('award_id', 'person_id', name=op.f('uq_award_share_award_id_person_id'))
    )
    op.create_index('ix_award_share_person', 'award_share', ['person_id', 'award_id'], unique=False)
    op.create_table('equity_grant',
    sa.Column('number', sa.String(length=12), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('holder_id', sa.BigInteger(), nullable=False),
    sa.Column('maker_id', sa.BigInteger(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('price_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('granted_on', sa.Date(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('terms', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Enum('draft', 'checked', 'in_approval', 'approved', 'offered', 'accepted', 'live', 'closed', 'declined', 'lapsed', 'cancelled', 'retracted', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('content', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('content_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('rules', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('letter', postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
    sa.Column('letter_hash', sa.LargeBinary(length=32), nullable=True),
    sa.Column('offered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'cancelled') OR content_hash IS NOT NULL", name=op.f('ck_equity_grant_frozen_when_checked')),
    sa.CheckConstraint('price_minor >= 0', name=op.f('ck_equity_grant_price_not_negative')),
    sa.CheckConstraint('units > 0', name=op.f('ck_equity_grant_units_positive')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_equity_grant_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_equity_grant_company_id')),
    sa.ForeignKeyConstraint(['holder_id'], ['person.id'], name=op.f('fk_equity_grant_holder_id')),
    sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_equity_grant_maker_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['equity_plan.id'], name=op.f('fk_equity_grant_plan_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_grant')),
    sa.UniqueConstraint('number', name=op.f('uq_equity_grant_number')),
    sa.UniqueConstraint('public_id', name=op.f('uq_equity_grant_public_id'))
    )
    op.create_index(op.f('ix_equity_grant_cause_id'), 'equity_grant', ['cause_id'], unique=False)
    op.create_index(op.f('ix_equity_grant_company_id'), 'equity_grant', ['company_id'], unique=False)
    op.create_index('ix_equity_grant_holder', 'equity_grant', ['holder_id', 'id'], unique=False)
    op.create_index(op.f('ix_equity_grant_maker_id'), 'equity_grant', ['maker_id'], unique=False)
    op.create_index('ix_equity_grant_plan_state', 'equity_grant', ['plan_id', 'state'], unique=False)
    op.create_table('operation_step',
    sa.Column('operation_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['operation_id'], ['operation.id'], name=op.f('fk_operation_step_operation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_operation_step')),
    sa.UniqueConstraint('operation_id', 'key', name=op.f('uq_operation_step_operation_id_key')),
    sa.UniqueConstraint('operation_id', 'position', name=op.f('uq_operation_step_operation_id_position'))
    )
    op.create_table('equity_transaction',
    sa.Column('grant_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.Enum('issuance', 'acceptance', 'return', name='kind_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('trigger', sa.String(length=60), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_equity_transaction_cause_id')),
    sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_equity_transaction_grant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_equity_transaction')),
    sa.UniqueConstraint('public_id', name=op.f('uq_equity_transaction_public_id'))
    )
    op.create_index(op.f('ix_equity_transaction_cause_id'), 'equity_transaction', ['cause_id'], unique=False)
    op.create_index('ix_equity_transaction_grant', 'equity_transaction', ['grant_id', 'id'], unique=False)
    op.create_table('payroll_line',
    sa.Column('award_share_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('period', sa.String(length=7), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('in_wages_total', sa.Boolean(), nullable=False),
    sa.Column('reverses_id', sa.BigInteger(), nullable=True),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("period ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name=op.f('ck_payroll_line_period_is_month')),
    sa.CheckConstraint('amount <> 0 AND (amount > 0) = (reverses_id IS NULL)', name=op.f('ck_payroll_line_reversal_is_negative')),
    sa.ForeignKeyConstraint(['award_share_id'], ['award_share.id'], name=op.f('fk_payroll_line_award_share_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_payroll_line_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_payroll_line_company_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_payroll_line_entry_id')),
    sa.ForeignKeyConstraint(['reverses_id'], ['payroll_line.id'], name=op.f('fk_payroll_line_reverses_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payroll_line')),
    sa.UniqueConstraint('public_id', name=op.f('uq_payroll_line_public_id')),
    sa.UniqueConstraint('reverses_id', name=op.f('uq_payroll_line_reverses_id'))
    )
    op.create_index(op.f('ix_payroll_line_cause_id'), 'payroll_line', ['cause_id'], unique=False)
    op.create_index('ix_payroll_line_company_period', 'payroll_line', ['company_id', 'period', 'id'], unique=False)
    op.create_index(op.f('ix_payroll_line_entry_id'), 'payroll_line', ['entry_id'], unique=False)
    op.create_index('uq_payroll_line_share', 'payroll_line', ['award_share_id'], unique=True, postgresql_where=sa.text('reverses_id IS NULL'))
    op.create_table('vesting_line',
    sa.Column('grant_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('vests_on', sa.Date(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('cumulative', sa.BigInteger(), nullable=False),
    sa.Column('engine', sa.String(length=40), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('units >= 0 AND cumulative >= units', name=op.f('ck_vesting_line_figures_grow')),
    sa.ForeignKeyConstraint(['grant_id'], ['equity_grant.id'], name=op.f('fk_vesting_line_grant_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vesting_line')),
    sa.UniqueConstraint('grant_id', 'position', name=op.f('uq_vesting_line_grant_id_position'))
    )
    op.create_foreign_key("fk_proposal_submitted_version_id", "proposal", "proposal_version", ['submitted_version_id'], ['id'])
    for statement in (*FUNCTIONS, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_constraint("fk_proposal_submitted_version_id", "proposal", type_="foreignkey")
    op.drop_table('vesting_line')
    op.drop_index('uq_payroll_line_share', table_name='payroll_line', postgresql_where=sa.text('reverses_id IS NULL'))
    op.drop_index(op.f('ix_payroll_line_entry_id'), table_name='payroll_line')
    op.drop_index('ix_payroll_line_company_period', table_name='payroll_line')
    op.drop_index(op.f('ix_payroll_line_cause_id'), table_name='payroll_line')
    op.drop_table('payroll_line')
    op.drop_index('ix_equity_transaction_grant', table_name='equity_transaction')
    op.drop_index(op.f('ix_equity_transaction_cause_id'), table_name='equity_transaction')
    op.drop_table('equity_transaction')
    op.drop_table('operation_step')
    op.drop_index('ix_equity_grant_plan_state', table_name='equity_grant')
    op.drop_index(op.f('ix_equity_grant_maker_id'), table_name='equity_grant')
    op.drop_index('ix_equity_grant_holder', table_name='equity_grant')
    op.drop_index(op.f('ix_equity_grant_company_id'), table_name='equity_grant')
    op.drop_index(op.f('ix_equity_grant_cause_id'), table_name='equity_grant')
    op.drop_table('equity_grant')
    op.drop_index('ix_award_share_person', table_name='award_share')
    op.drop_table('award_share')
    op.drop_table('spend_alert')
    op.drop_index(op.f('ix_sandbox_secret_shown_to_id'), table_name='sandbox_secret')
    op.drop_table('sandbox_secret')
    op.drop_index('uq_operation_open', table_name='operation', postgresql_where=sa.text("state NOT IN ('done', 'compensated')"))
    op.drop_index(op.f('ix_operation_sandbox_id'), table_name='operation')
    op.drop_index('ix_operation_issue', table_name='operation', postgresql_where=sa.text("state IN ('pending', 'running', 'waiting')"))
    op.drop_index(op.f('ix_operation_cause_id'), table_name='operation')
    op.drop_table('operation')
    op.drop_table('meter_reading')
    op.drop_table('meter')
    op.drop_index(op.f('ix_matter_event_recorded_by_id'), table_name='matter_event')
    op.drop_index('ix_matter_event_matter', table_name='matter_event')
    op.drop_table('matter_event')
    op.drop_index(op.f('ix_equity_plan_venture_id'), table_name='equity_plan')
    op.drop_index(op.f('ix_equity_plan_security_class_id'), table_name='equity_plan')
    op.drop_index(op.f('ix_equity_plan_maker_id'), table_name='equity_plan')
    op.drop_index('ix_equity_plan_company', table_name='equity_plan')
    op.drop_index(op.f('ix_equity_plan_cause_id'), table_name='equity_plan')
    op.drop_table('equity_plan')
    op.drop_index(op.f('ix_award_rule_version_id'), table_name='award')
    op.drop_index('ix_award_company_state', table_name='award')
    op.drop_index(op.f('ix_award_cause_id'), table_name='award')
    op.drop_table('award')
    op.drop_table('security_class')
    op.drop_index(op.f('ix_sandbox_venture_id'), table_name='sandbox')
    op.drop_index('ix_sandbox_provider_state', table_name='sandbox')
    op.drop_index('ix_sandbox_company', table_name='sandbox')
    op.drop_index(op.f('ix_sandbox_cause_id'), table_name='sandbox')
    op.drop_table('sandbox')
    op.drop_index('ix_matter_company_state', table_name='matter')
    op.drop_index(op.f('ix_matter_cause_id'), table_name='matter')
    op.drop_table('matter')
    op.drop_index('ix_inventor_share_person', table_name='inventor_share')
    op.drop_index(op.f('ix_inventor_share_company_id'), table_name='inventor_share')
    op.drop_table('inventor_share')
    op.drop_index('ix_venture_member_person', table_name='venture_member')
    op.drop_table('venture_member')
    op.drop_index(op.f('ix_tranche_cause_id'), table_name='tranche')
    op.drop_table('tranche')
    op.drop_table('letter')
    op.drop_index(op.f('ix_lease_venture_id'), table_name='lease')
    op.drop_index('ix_lease_state_ends', table_name='lease')
    op.drop_index(op.f('ix_lease_plan_id'), table_name='lease')
    op.drop_index(op.f('ix_lease_person_id'), table_name='lease')
    op.drop_index(op.f('ix_lease_cause_id'), table_name='lease')
    op.drop_table('lease')
    op.drop_index(op.f('ix_issuer_company_id'), table_name='issuer')
    op.drop_table('issuer')
    op.drop_index(op.f('ix_disclosure_venture_id'), table_name='disclosure')
    op.drop_index(op.f('ix_disclosure_proposal_id'), table_name='disclosure')
    op.drop_index('ix_disclosure_company_state', table_name='disclosure')
    op.drop_index(op.f('ix_disclosure_cause_id'), table_name='disclosure')
    op.drop_index(op.f('ix_disclosure_author_id'), table_name='disclosure')
    op.drop_table('disclosure')
    op.drop_index(op.f('ix_decision_signature_person_id'), table_name='decision_signature')
    op.drop_table('decision_signature')
    op.drop_index(op.f('ix_credit_grant_venture_id'), table_name='credit_grant')
    op.drop_index(op.f('ix_credit_grant_pool_id'), table_name='credit_grant')
    op.drop_index(op.f('ix_credit_grant_cause_id'), table_name='credit_grant')
    op.drop_table('credit_grant')
    op.drop_index(op.f('ix_venture_lead_id'), table_name='venture')
    op.drop_index('ix_venture_company_state', table_name='venture')
    op.drop_index(op.f('ix_venture_cause_id'), table_name='venture')
    op.drop_table('venture')
    op.drop_table('review_score')
    op.drop_index('uq_decision_current', table_name='decision', postgresql_where=sa.text("state <> 'superseded'"))
    op.drop_index('ix_decision_round', table_name='decision')
    op.drop_index(op.f('ix_decision_proposal_id'), table_name='decision')
    op.drop_index(op.f('ix_decision_evaluation_id'), table_name='decision')
    op.drop_index(op.f('ix_decision_cause_id'), table_name='decision')
    op.drop_table('decision')
    op.drop_index('ix_team_member_person', table_name='team_member')
    op.drop_table('team_member')
    op.drop_index('ix_review_summary_ranking', table_name='review_summary')
    op.drop_index(op.f('ix_review_summary_proposal_id'), table_name='review_summary')
    op.drop_table('review_summary')
    op.drop_index('uq_review_live', table_name='review', postgresql_where=sa.text("state NOT IN ('declined', 'recused', 'expired', 'excluded')"))
    op.drop_index('ix_review_reviewer_state', table_name='review')
    op.drop_index('ix_review_proposal', table_name='review')
    op.drop_index(op.f('ix_review_cause_id'), table_name='review')
    op.drop_table('review')
    op.drop_index('ix_proposal_version_words', table_name='proposal_version', postgresql_using='gin')
    op.drop_index(op.f('ix_proposal_version_author_id'), table_name='proposal_version')
    op.drop_table('proposal_version')
    op.drop_index(op.f('ix_ledger_posting_entry_id'), table_name='ledger_posting')
    op.drop_index('ix_ledger_posting_account', table_name='ledger_posting')
    op.drop_table('ledger_posting')
    op.drop_table('imported_result')
    op.drop_index(op.f('ix_evaluation_round_id'), table_name='evaluation')
    op.drop_index(op.f('ix_evaluation_cause_id'), table_name='evaluation')
    op.drop_table('evaluation')
    op.drop_index('ix_conflict_proposal', table_name='conflict')
    op.drop_index(op.f('ix_conflict_cause_id'), table_name='conflict')
    op.drop_table('conflict')
    op.drop_index(op.f('ix_approval_step_person_id'), table_name='approval_step')
    op.drop_table('approval_step')
    op.drop_index(op.f('ix_rule_confirmation_person_id'), table_name='rule_confirmation')
    op.drop_table('rule_confirmation')
    op.drop_index(op.f('ix_review_round_committee_id'), table_name='review_round')
    op.drop_index(op.f('ix_review_round_cause_id'), table_name='review_round')
    op.drop_table('review_round')
    op.drop_index(op.f('ix_proposal_theme_id'), table_name='proposal')
    op.drop_index('ix_proposal_submitted', table_name='proposal')
    op.drop_index('ix_proposal_state_submitted', table_name='proposal')
    op.drop_index('ix_proposal_lead', table_name='proposal')
    op.drop_index('ix_proposal_company', table_name='proposal')
    op.drop_index(op.f('ix_proposal_cause_id'), table_name='proposal')
    op.drop_index('ix_proposal_call_state', table_name='proposal')
    op.drop_table('proposal')
    op.drop_table('plan')
    op.drop_index(op.f('ix_ledger_entry_cause_id'), table_name='ledger_entry')
    op.drop_table('ledger_entry')
    op.drop_index(op.f('ix_case_grant_company_id'), table_name='case_grant')
    op.drop_index(op.f('ix_case_grant_cause_id'), table_name='case_grant')
    op.drop_index('ix_case_grant_auditor', table_name='case_grant')
    op.drop_table('case_grant')
    op.drop_index(op.f('ix_call_theme_theme_id'), table_name='call_theme')
    op.drop_table('call_theme')
    op.drop_table('audit_pending')
    op.drop_table('audit_payload')
    op.drop_index('uq_approval_open', table_name='approval', postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(op.f('ix_approval_company_id'), table_name='approval')
    op.drop_table('approval')
    op.drop_index('ix_access_subject', table_name='access')
    op.drop_table('access')
    op.drop_index(op.f('ix_role_grant_person_id'), table_name='role_grant')
    op.drop_index(op.f('ix_role_grant_company_id'), table_name='role_grant')
    op.drop_table('role_grant')
    op.drop_table('person_counts')
    op.drop_table('offer')
    op.drop_index('ix_notice_person', table_name='notice')
    op.drop_table('notice')
    op.drop_index(op.f('ix_login_session_person_id'), table_name='login_session')
    op.drop_table('login_session')
    op.drop_index('uq_finding_open', table_name='finding', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index(op.f('ix_finding_provider_id'), table_name='finding')
    op.drop_table('finding')
    op.drop_index(op.f('ix_credit_pool_theme_id'), table_name='credit_pool')
    op.drop_index(op.f('ix_credit_pool_company_id'), table_name='credit_pool')
    op.drop_table('credit_pool')
    op.drop_table('credential')
    op.drop_index('uq_committee_member_chair', table_name='committee_member', postgresql_where=sa.text("seat = 'chair'"))
    op.drop_index(op.f('ix_committee_member_person_id'), table_name='committee_member')
    op.drop_table('committee_member')
    op.drop_index('ix_call_state_closes_at', table_name='call')
    op.drop_index(op.f('ix_call_company_id'), table_name='call')
    op.drop_index(op.f('ix_call_committee_id'), table_name='call')
    op.drop_table('call')
    op.drop_index('ix_audit_event_subject', table_name='audit_event')
    op.drop_index(op.f('ix_audit_event_parent_id'), table_name='audit_event')
    op.drop_index(op.f('ix_audit_event_name'), table_name='audit_event')
    op.drop_index(op.f('ix_audit_event_actor_id'), table_name='audit_event')
    op.drop_table('audit_event')
    op.drop_index(op.f('ix_theme_company_id'), table_name='theme')
    op.drop_table('theme')
    op.drop_index(op.f('ix_rule_version_company_id'), table_name='rule_version')
    op.drop_table('rule_version')
    op.drop_index(op.f('ix_provider_company_id'), table_name='provider')
    op.drop_table('provider')
    op.drop_index('ix_person_search', table_name='person', postgresql_ops={'name_latin': 'text_pattern_ops'})
    op.drop_index(op.f('ix_person_manager_id'), table_name='person')
    op.drop_index(op.f('ix_person_company_id'), table_name='person')
    op.drop_table('person')
    op.drop_index(op.f('ix_criterion_rubric_version_id'), table_name='criterion')
    op.drop_table('criterion')
    op.drop_index(op.f('ix_committee_company_id'), table_name='committee')
    op.drop_table('committee')
    op.drop_table('rubric_version')
    op.drop_table('periodic_run')
    op.drop_index('ix_outbox_message_due', table_name='outbox_message', postgresql_where=sa.text('done_at IS NULL'))
    op.drop_table('outbox_message')
    op.drop_table('ledger_account')
    op.drop_table('installation')
    op.drop_table('decision_rule_version')
    op.drop_index('ix_company_path', table_name='company', postgresql_ops={'path': 'text_pattern_ops'})
    op.drop_index(op.f('ix_company_parent_id'), table_name='company')
    op.drop_table('company')
    op.execute("DROP FUNCTION apply_posting()")
    op.execute("DROP FUNCTION award_is_split()")
    op.execute("DROP FUNCTION entry_is_balanced()")
    op.execute("DROP FUNCTION index_proposal_words()")
    op.execute("DROP FUNCTION inventor_shares_are_whole()")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP FUNCTION refuse_change_of_frozen()")
    op.execute("DROP FUNCTION refuse_change_of_published_call()")
    op.execute("DROP FUNCTION refuse_change_of_sealed()")
    op.execute("DROP FUNCTION refuse_change_of_terms()")
