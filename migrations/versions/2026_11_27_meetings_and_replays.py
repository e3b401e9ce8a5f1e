"""Meetings, replays of runs, reminders, handing over, more of a criterion

Revision ID: 2026_11_27_meetings_and_replays
Revises: 2026_11_27_grant_terms
Create Date: 2026-11-27 20:20:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_meetings_and_replays'
down_revision = '2026_11_27_grant_terms'
branch_labels = None
depends_on = None

TRIGGERS = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON anonymised_text FOR EACH ROW WHEN ((OLD.approved_at IS NOT NULL) AND (OLD.version_id IS DISTINCT FROM NEW.version_id OR OLD.title IS DISTINCT FROM NEW.title OR OLD.answers IS DISTINCT FROM NEW.answers OR OLD.written_by_id IS DISTINCT FROM NEW.written_by_id OR OLD.approved_by_id IS DISTINCT FROM NEW.approved_by_id OR OLD.approved_at IS DISTINCT FROM NEW.approved_at)) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON anonymised_text FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON run_replay FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.ranking_run_id IS DISTINCT FROM NEW.ranking_run_id OR OLD.assignment_run_id IS DISTINCT FROM NEW.assignment_run_id OR OLD.asked_by_id IS DISTINCT FROM NEW.asked_by_id OR OLD.equal IS DISTINCT FROM NEW.equal OR OLD.differences IS DISTINCT FROM NEW.differences OR OLD.versions IS DISTINCT FROM NEW.versions)) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept BEFORE DELETE ON run_replay FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON meeting_vote FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON meeting_vote EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON review_reminder FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER kept_whole BEFORE TRUNCATE ON review_reminder EXECUTE FUNCTION refuse_change()""",
)
PUBLISHED_CALL = """
CREATE OR REPLACE FUNCTION refuse_change_of_published_call() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'draft' AND (NEW.form, NEW.rubric_version_id, NEW.rule_version_id{new})
     IS DISTINCT FROM (OLD.form, OLD.rubric_version_id, OLD.rule_version_id{old}) THEN
    RAISE EXCEPTION 'call % is published: its form, rubric and rule stand', OLD.public_id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$
"""
FROZEN = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON ranking_run FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.round_id IS DISTINCT FROM NEW.round_id OR OLD.audience_id IS DISTINCT FROM NEW.audience_id OR OLD.seed IS DISTINCT FROM NEW.seed OR OLD.inputs IS DISTINCT FROM NEW.inputs OR OLD.inputs_hash IS DISTINCT FROM NEW.inputs_hash OR OLD.rows_hash IS DISTINCT FROM NEW.rows_hash OR OLD.result IS DISTINCT FROM NEW.result)) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON assignment_run FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.call_id IS DISTINCT FROM NEW.call_id OR OLD.asked_by_id IS DISTINCT FROM NEW.asked_by_id OR OLD.seed IS DISTINCT FROM NEW.seed OR OLD.settings IS DISTINCT FROM NEW.settings OR OLD.inputs IS DISTINCT FROM NEW.inputs OR OLD.inputs_hash IS DISTINCT FROM NEW.inputs_hash OR OLD.rows_hash IS DISTINCT FROM NEW.rows_hash OR OLD.result IS DISTINCT FROM NEW.result)) EXECUTE FUNCTION refuse_change()""",
)
FROZEN_BEFORE = (
    """CREATE TRIGGER frozen BEFORE UPDATE ON ranking_run FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.round_id IS DISTINCT FROM NEW.round_id OR OLD.audience_id IS DISTINCT FROM NEW.audience_id OR OLD.seed IS DISTINCT FROM NEW.seed OR OLD.inputs_hash IS DISTINCT FROM NEW.inputs_hash OR OLD.result IS DISTINCT FROM NEW.result)) EXECUTE FUNCTION refuse_change()""",
    """CREATE TRIGGER frozen BEFORE UPDATE ON assignment_run FOR EACH ROW WHEN ((OLD.state = 'done') AND (OLD.call_id IS DISTINCT FROM NEW.call_id OR OLD.asked_by_id IS DISTINCT FROM NEW.asked_by_id OR OLD.seed IS DISTINCT FROM NEW.seed OR OLD.settings IS DISTINCT FROM NEW.settings OR OLD.inputs_hash IS DISTINCT FROM NEW.inputs_hash OR OLD.result IS DISTINCT FROM NEW.result)) EXECUTE FUNCTION refuse_change()""",
)


def upgrade():
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table('meeting',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_meeting_cause_id')),
    sa.ForeignKeyConstraint(['round_id'], ['review_round.id'], name=op.f('fk_meeting_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting')),
    sa.UniqueConstraint('public_id', name=op.f('uq_meeting_public_id')),
    sa.UniqueConstraint('round_id', name=op.f('uq_meeting_round_id'))
    )
    op.create_index(op.f('ix_meeting_cause_id'), 'meeting', ['cause_id'], unique=False)
    op.create_table('hand_over',
    sa.Column('review_id', sa.BigInteger(), nullable=False),
    sa.Column('to_id', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('asked', 'approved', 'refused', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('answered_by_id', sa.BigInteger(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name=op.f('ck_hand_over_answer_has_time')),
    sa.CheckConstraint('length(reason) > 0', name=op.f('ck_hand_over_has_reason')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_hand_over_answered_by_id')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_hand_over_cause_id')),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_hand_over_review_id')),
    sa.ForeignKeyConstraint(['to_id'], ['person.id'], name=op.f('fk_hand_over_to_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_over')),
    sa.UniqueConstraint('public_id', name=op.f('uq_hand_over_public_id'))
    )
    op.create_index(op.f('ix_hand_over_answered_by_id'), 'hand_over', ['answered_by_id'], unique=False)
    op.create_index(op.f('ix_hand_over_cause_id'), 'hand_over', ['cause_id'], unique=False)
    op.create_index(op.f('ix_hand_over_review_id'), 'hand_over', ['review_id'], unique=False)
    op.create_index(op.f('ix_hand_over_to_id'), 'hand_over', ['to_id'], unique=False)
    op.create_index('uq_hand_over_asked', 'hand_over', ['review_id'], unique=True, postgresql_where=sa.text("state = 'asked'"))
    op.create_table('meeting_item',
    sa.Column('meeting_id', sa.BigInteger(), nullable=False),
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('allotted', sa.BigInteger(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ballot', sa.BigInteger(), nullable=False),
    sa.Column('minutes', sa.Text(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('allotted BETWEEN 1 AND 240', name=op.f('ck_meeting_item_allotted_in_range')),
    sa.CheckConstraint('ballot BETWEEN 0 AND 9', name=op.f('ck_meeting_item_ballot_in_range')),
    sa.CheckConstraint('closed_at IS NULL OR opened_at IS NOT NULL', name=op.f('ck_meeting_item_closed_was_open')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_meeting_item_meeting_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_meeting_item_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_item')),
    sa.UniqueConstraint('meeting_id', 'proposal_id', name=op.f('uq_meeting_item_meeting_id_proposal_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_meeting_item_public_id'))
    )
    op.create_index(op.f('ix_meeting_item_proposal_id'), 'meeting_item', ['proposal_id'], unique=False)
    op.create_index('uq_meeting_item_open', 'meeting_item', ['meeting_id'], unique=True, postgresql_where=sa.text('opened_at IS NOT NULL AND closed_at IS NULL'))
    op.create_table('meeting_presence',
    sa.Column('meeting_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meeting.id'], name=op.f('fk_meeting_presence_meeting_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_meeting_presence_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_presence')),
    sa.UniqueConstraint('meeting_id', 'person_id', name=op.f('uq_meeting_presence_meeting_id_person_id'))
    )
    op.create_index(op.f('ix_meeting_presence_person_id'), 'meeting_presence', ['person_id'], unique=False)
    op.create_table('review_reminder',
    sa.Column('review_id', sa.BigInteger(), nullable=False),
    sa.Column('step', sa.String(length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['review_id'], ['review.id'], name=op.f('fk_review_reminder_review_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_reminder')),
    sa.UniqueConstraint('review_id', 'step', name=op.f('uq_review_reminder_review_id_step'))
    )
    op.create_table('run_replay',
    sa.Column('ranking_run_id', sa.BigInteger(), nullable=True),
    sa.Column('assignment_run_id', sa.BigInteger(), nullable=True),
    sa.Column('asked_by_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('waiting', 'running', 'done', 'failed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('progress', sa.BigInteger(), nullable=False),
    sa.Column('equal', sa.Boolean(), nullable=True),
    sa.Column('differences', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('versions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("state <> 'done' OR equal IS NOT NULL", name=op.f('ck_run_replay_done_has_answer')),
    sa.CheckConstraint('num_nonnulls(ranking_run_id, assignment_run_id) = 1', name=op.f('ck_run_replay_one_run')),
    sa.CheckConstraint('progress BETWEEN 0 AND 100', name=op.f('ck_run_replay_progress_in_range')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_run_replay_asked_by_id')),
    sa.ForeignKeyConstraint(['assignment_run_id'], ['assignment_run.id'], name=op.f('fk_run_replay_assignment_run_id')),
    sa.ForeignKeyConstraint(['ranking_run_id'], ['ranking_run.id'], name=op.f('fk_run_replay_ranking_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_run_replay')),
    sa.UniqueConstraint('public_id', name=op.f('uq_run_replay_public_id'))
    )
    op.create_index(op.f('ix_run_replay_asked_by_id'), 'run_replay', ['asked_by_id'], unique=False)
    op.create_index('ix_run_replay_assignment', 'run_replay', ['assignment_run_id', 'id'], unique=False)
    op.create_index('ix_run_replay_ranking', 'run_replay', ['ranking_run_id', 'id'], unique=False)
    op.create_index('ix_run_replay_waiting', 'run_replay', ['id'], unique=False, postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('meeting_vote',
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('ballot', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('choice', sa.Enum('accept', 'shelve', 'reject', 'abstain', name='choice_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('ballot BETWEEN 1 AND 9', name=op.f('ck_meeting_vote_ballot_in_range')),
    sa.ForeignKeyConstraint(['item_id'], ['meeting_item.id'], name=op.f('fk_meeting_vote_item_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_meeting_vote_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_meeting_vote')),
    sa.UniqueConstraint('item_id', 'ballot', 'person_id', name=op.f('uq_meeting_vote_item_id_ballot_person_id'))
    )
    op.create_index(op.f('ix_meeting_vote_person_id'), 'meeting_vote', ['person_id'], unique=False)
    op.add_column('call', sa.Column('blinding', sa.Enum('open', 'reviewer_hidden', 'both_hidden', name='blinding_known', native_enum=False, create_constraint=True, length=40), server_default=sa.text("'reviewer_hidden'"), nullable=False))
    op.create_table('anonymised_text',
    sa.Column('version_id', sa.BigInteger(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('answers', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('written_by_id', sa.BigInteger(), nullable=False),
    sa.Column('approved_by_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by_id IS NULL)', name=op.f('ck_anonymised_text_approval_is_whole')),
    sa.CheckConstraint('approved_at IS NULL OR length(title) > 0', name=op.f('ck_anonymised_text_approved_has_title')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name=op.f('fk_anonymised_text_approved_by_id')),
    sa.ForeignKeyConstraint(['version_id'], ['proposal_version.id'], name=op.f('fk_anonymised_text_version_id')),
    sa.ForeignKeyConstraint(['written_by_id'], ['person.id'], name=op.f('fk_anonymised_text_written_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_anonymised_text')),
    sa.UniqueConstraint('version_id', name=op.f('uq_anonymised_text_version_id'))
    )
    op.create_index(op.f('ix_anonymised_text_approved_by_id'), 'anonymised_text', ['approved_by_id'], unique=False)
    op.create_index(op.f('ix_anonymised_text_written_by_id'), 'anonymised_text', ['written_by_id'], unique=False)
    op.add_column('assignment_run', sa.Column('inputs', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('assignment_run', sa.Column('rows_hash', sa.String(length=64), nullable=True))
    op.add_column('criterion', sa.Column('lower_is_better', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('criterion', sa.Column('may_abstain', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('criterion', sa.Column('note_above', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('criterion', sa.Column('note_below', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.add_column('letter', sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('ranking_figure', sa.Column('draws', sa.LargeBinary(), nullable=True))
    op.add_column('ranking_run', sa.Column('inputs', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('ranking_run', sa.Column('rows_hash', sa.String(length=64), nullable=True))
    op.add_column('review_score', sa.Column('abstained', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.create_check_constraint('abstention_has_no_value', 'review_score', 'NOT abstained OR value IS NULL')
    for trigger in TRIGGERS:
        op.execute(trigger)
    _refreeze(FROZEN)
    op.execute(PUBLISHED_CALL.format(new=', NEW.blinding', old=', OLD.blinding'))


def _refreeze(triggers):
    """Put the triggers of the runs in the place of those that stand."""
    for table in ('ranking_run', 'assignment_run'):
        op.execute(f'DROP TRIGGER frozen ON {table}')
    for trigger in triggers:
        op.execute(trigger)


def downgrade():
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(PUBLISHED_CALL.format(new='', old=''))
    _refreeze(FROZEN_BEFORE)
    op.drop_constraint(op.f('ck_review_score_abstention_has_no_value'), 'review_score', type_='check')
    op.drop_column('review_score', 'abstained')
    op.drop_column('ranking_run', 'rows_hash')
    op.drop_column('ranking_run', 'inputs')
    op.drop_column('ranking_figure', 'draws')
    op.drop_column('letter', 'voided_at')
    op.drop_column('criterion', 'note_below')
    op.drop_column('criterion', 'note_above')
    op.drop_column('criterion', 'may_abstain')
    op.drop_column('criterion', 'lower_is_better')
    op.drop_column('assignment_run', 'rows_hash')
    op.drop_column('assignment_run', 'inputs')
    op.drop_table('meeting_vote')
    op.drop_table('run_replay')
    op.drop_table('review_reminder')
    op.drop_table('meeting_presence')
    op.drop_table('meeting_item')
    op.drop_table('hand_over')
    op.drop_table('meeting')
    op.drop_table('anonymised_text')
    op.drop_column('call', 'blinding')
