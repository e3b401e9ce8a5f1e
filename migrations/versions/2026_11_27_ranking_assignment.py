"""Runs of the solvers, kinds of conflict and their lifting, versions of reviews

Revision ID: 2026_11_27_ranking_assignment
Revises: 2026_11_27_files_and_mail
Create Date: 2026-11-27 17:25:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_ranking_assignment'
down_revision = '2026_11_27_files_and_mail'
branch_labels = None
depends_on = None

TRIGGERS = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON ranking_run FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.round_id IS DISTINCT FROM NEW.round_id OR OLD.audience_id IS DISTINCT FROM NEW.audience_id OR OLD.seed IS DISTINCT FROM NEW.seed OR OLD.inputs_hash IS DISTINCT FROM NEW.inputs_hash OR OLD.result IS DISTINCT FROM NEW.result)) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON ranking_run FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON assignment_run FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.call_id IS DISTINCT FROM NEW.call_id OR OLD.asked_by_id IS DISTINCT FROM NEW.asked_by_id OR OLD.seed IS DISTINCT FROM NEW.seed OR OLD.settings IS DISTINCT FROM NEW.settings OR OLD.inputs_hash IS DISTINCT FROM NEW.inputs_hash OR OLD.result IS DISTINCT FROM NEW.result)) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON assignment_run FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON conflict_lift FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON conflict_lift EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON review_version FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON review_version EXECUTE FUNCTION refuse_change()""",
)
KINDS = "'team_member', 'line_manager', 'cost_center', 'co_inventor', 'team_mate', 'co_proposer', 'home_company', 'declared'"
OLD_KINDS = "'team_member', 'line_manager', 'cost_center', 'declared'"


def upgrade():
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('assignment_run',
    sa.Column('call_id', sa.BigInteger(), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'running', 'done', 'failed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('progress', sa.BigInteger(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('settings', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('inputs_hash', sa.String(length=64), nullable=True),
    sa.Column('versions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_by_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state <> 'done' OR inputs_hash IS NOT NULL", name=op.f('ck_assignment_run_done_has_hash')),
    sa.CheckConstraint('progress BETWEEN 0 AND 100', name=op.f('ck_assignment_run_progress_in_range')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_assignment_run_asked_by_id')),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_assignment_run_call_id')),
    sa.ForeignKeyConstraint(['published_by_id'], ['person.id'], name=op.f('fk_assignment_run_published_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_run')),
    sa.UniqueConstraint('public_id', name=op.f('uq_assignment_run_public_id'))
    )
    op.create_index(op.f('ix_assignment_run_asked_by_id'), 'assignment_run', ['asked_by_id'], unique=False)
    op.create_index('ix_assignment_run_call', 'assignment_run', ['call_id', 'id'], unique=False)
    op.create_index(op.f('ix_assignment_run_published_by_id'), 'assignment_run', ['published_by_id'], unique=False)
    op.create_table('assignment_pair',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('reviewer_id', sa.BigInteger(), nullable=False),
    sa.Column('score', sa.BigInteger(), nullable=True),
    sa.Column('by_hand', sa.Boolean(), nullable=False),
    sa.Column('dropped', sa.Boolean(), nullable=False),
    sa.Column('why', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('placed', sa.Boolean(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('score BETWEEN 0 AND 1000000', name=op.f('ck_assignment_pair_score_in_range')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_assignment_pair_proposal_id')),
    sa.ForeignKeyConstraint(['reviewer_id'], ['person.id'], name=op.f('fk_assignment_pair_reviewer_id')),
    sa.ForeignKeyConstraint(['run_id'], ['assignment_run.id'], name=op.f('fk_assignment_pair_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_pair'))
    )
    op.create_index(op.f('ix_assignment_pair_proposal_id'), 'assignment_pair', ['proposal_id'], unique=False)
    op.create_index(op.f('ix_assignment_pair_reviewer_id'), 'assignment_pair', ['reviewer_id'], unique=False)
    op.create_index('uq_assignment_pair', 'assignment_pair', ['run_id', 'proposal_id', 'reviewer_id'], unique=True)
    op.create_table('ranking_run',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('audience_id', sa.BigInteger(), nullable=True),
    sa.Column('asked_by_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'running', 'done', 'failed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('progress', sa.BigInteger(), nullable=False),
    sa.Column('seed', sa.String(length=64), nullable=False),
    sa.Column('inputs_hash', sa.String(length=64), nullable=True),
    sa.Column('versions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state <> 'done' OR inputs_hash IS NOT NULL", name=op.f('ck_ranking_run_done_has_hash')),
    sa.CheckConstraint('progress BETWEEN 0 AND 100', name=op.f('ck_ranking_run_progress_in_range')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_ranking_run_asked_by_id')),
    sa.ForeignKeyConstraint(['audience_id'], ['person.id'], name=op.f('fk_ranking_run_audience_id')),
    sa.ForeignKeyConstraint(['round_id'], ['review_round.id'], name=op.f('fk_ranking_run_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking_run')),
    sa.UniqueConstraint('public_id', name=op.f('uq_ranking_run_public_id'))
    )
    op.create_index(op.f('ix_ranking_run_asked_by_id'), 'ranking_run', ['asked_by_id'], unique=False)
    op.create_index(op.f('ix_ranking_run_audience_id'), 'ranking_run', ['audience_id'], unique=False)
    op.create_index('ix_ranking_run_latest', 'ranking_run', ['round_id', 'audience_id', 'id'], unique=False)
    op.create_index('uq_ranking_run_waiting', 'ranking_run', ['round_id', 'audience_id'], unique=True, postgresql_where=sa.text("state = 'waiting'"), postgresql_nulls_not_distinct=True)
    op.create_table('conflict_lift',
    sa.Column('conflict_id', sa.BigInteger(), nullable=False),
    sa.Column('lifted_by_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('length(reason) > 0', name=op.f('ck_conflict_lift_lift_has_reason')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_conflict_lift_cause_id')),
    sa.ForeignKeyConstraint(['conflict_id'], ['conflict.id'], name=op.f('fk_conflict_lift_conflict_id')),
    sa.ForeignKeyConstraint(['lifted_by_id'], ['person.id'], name=op.f('fk_conflict_lift_lifted_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict_lift')),
    sa.UniqueConstraint('conflict_id', name=op.f('uq_conflict_lift_conflict_id'))
    )
    op.create_index(op.f('ix_conflict_lift_cause_id'), 'conflict_lift', ['cause_id'], unique=False)
    op.create_index(op.f('ix_conflict_lift_lifted_by_id'), 'conflict_lift', ['lifted_by_id'], unique=False)
    op.create_table('ranking_figure',
    sa.Column('run_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('shown', sa.BigInteger(), nullable=False),
    sa.Column('low', sa.BigInteger(), nullable=True),
    sa.Column('high', sa.BigInteger(), nullable=True),
    sa.Column('place', sa.BigInteger(), nullable=False),
    sa.Column('plain_place', sa.BigInteger(), nullable=False),
    sa.Column('expected', sa.BigInteger(), nullable=True),
    sa.Column('inner', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('outer', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('top', sa.BigInteger(), nullable=True),
    sa.Column('funded', sa.BigInteger(), nullable=True),
    sa.Column('position', sa.String(length=10), nullable=True),
    sa.Column('extra', sa.BigInteger(), nullable=True),
    sa.Column('single', sa.Boolean(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_ranking_figure_proposal_id')),
    sa.ForeignKeyConstraint(['run_id'], ['ranking_run.id'], name=op.f('fk_ranking_figure_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking_figure'))
    )
    op.create_index(op.f('ix_ranking_figure_proposal_id'), 'ranking_figure', ['proposal_id'], unique=False)
    op.create_index('uq_ranking_figure', 'ranking_figure', ['run_id', 'proposal_id'], unique=True)
    op.create_table('review_version',
    sa.Column('review_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('total', sa.BigInteger(), nullable=True),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_version_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_version')),
    sa.UniqueConstraint('review_id', 'number', name=op.f('uq_review_version_review_id_number'))
    )
    op.add_column('call', sa.Column('keeps_company_out', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column('call', 'keeps_company_out', server_default=None)
    # a secret of its own for each round that stands: two random keys of the server's
    op.add_column('review_round', sa.Column('seed', sa.String(length=64), nullable=True))
    op.execute("UPDATE review_round SET seed = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')")
    op.alter_column('review_round', 'seed', nullable=False)
    op.drop_constraint(op.f('ck_conflict_kind_known'), 'conflict', type_='check')
    op.create_check_constraint(op.f('ck_conflict_kind_known'), 'conflict', f'kind IN ({KINDS})')
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade():
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f('ck_conflict_kind_known'), 'conflict', type_='check')
    op.create_check_constraint(op.f('ck_conflict_kind_known'), 'conflict', f'kind IN ({OLD_KINDS})')
    op.drop_column('review_round', 'seed')
    op.drop_column('call', 'keeps_company_out')
    op.drop_table('review_version')
    op.drop_index('uq_ranking_figure', table_name='ranking_figure')
    op.drop_index(op.f('ix_ranking_figure_proposal_id'), table_name='ranking_figure')
    op.drop_table('ranking_figure')
    op.drop_index(op.f('ix_conflict_lift_lifted_by_id'), table_name='conflict_lift')
    op.drop_index(op.f('ix_conflict_lift_cause_id'), table_name='conflict_lift')
    op.drop_table('conflict_lift')
    op.drop_index('uq_ranking_run_waiting', table_name='ranking_run', postgresql_where=sa.text("state = 'waiting'"), postgresql_nulls_not_distinct=True)
    op.drop_index('ix_ranking_run_latest', table_name='ranking_run')
    op.drop_index(op.f('ix_ranking_run_audience_id'), table_name='ranking_run')
    op.drop_index(op.f('ix_ranking_run_asked_by_id'), table_name='ranking_run')
    op.drop_table('ranking_run')
    op.drop_index('uq_assignment_pair', table_name='assignment_pair')
    op.drop_index(op.f('ix_assignment_pair_reviewer_id'), table_name='assignment_pair')
    op.drop_index(op.f('ix_assignment_pair_proposal_id'), table_name='assignment_pair')
    op.drop_table('assignment_pair')
    op.drop_index(op.f('ix_assignment_run_published_by_id'), table_name='assignment_run')
    op.drop_index('ix_assignment_run_call', table_name='assignment_run')
    op.drop_index(op.f('ix_assignment_run_asked_by_id'), table_name='assignment_run')
    op.drop_table('assignment_run')
