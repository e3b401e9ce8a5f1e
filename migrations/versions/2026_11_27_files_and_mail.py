"""infra

Revision ID: 2026_11_27_files_and_mail
Revises: 2026_11_22_foundation
Create Date: 2026-11-27 16:30:00
"""

import sqlalchemy as sa
from alembic import op

revision = '2026_11_27_files_and_mail'
down_revision = '2026_11_22_foundation'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_feed',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('octet_length(token_hash) = 32', name=op.f('ck_calendar_feed_hashed')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_calendar_feed_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('person_id', name=op.f('uq_calendar_feed_person_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_feed_token_hash'))
    )
    op.create_table('file',
    sa.Column('sha256', sa.LargeBinary(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('uploader_id', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('octet_length(sha256) = 32', name=op.f('ck_file_hashed')),
    sa.CheckConstraint('size > 0', name=op.f('ck_file_not_empty')),
    sa.ForeignKeyConstraint(['uploader_id'], ['person.id'], name=op.f('fk_file_uploader_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_file')),
    sa.UniqueConstraint('public_id', name=op.f('uq_file_public_id'))
    )
    op.create_index(op.f('ix_file_sha256'), 'file', ['sha256'], unique=False)
    op.create_index(op.f('ix_file_uploader_id'), 'file', ['uploader_id'], unique=False)
    op.create_table('mail',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'failed', name='state_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('begun_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_mail_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail')),
    sa.UniqueConstraint('key', name=op.f('uq_mail_key')),
    sa.UniqueConstraint('public_id', name=op.f('uq_mail_public_id'))
    )
    op.create_index('ix_mail_due', 'mail', ['due_at'], unique=False, postgresql_where=sa.text("state = 'queued'"))
    op.create_index(op.f('ix_mail_person_id'), 'mail', ['person_id'], unique=False)
    op.create_table('notice_choice',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('topic', sa.String(length=20), nullable=False),
    sa.Column('delivery', sa.Enum('mail', 'digest', 'app', 'off', name='delivery_known', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_choice_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_choice')),
    sa.UniqueConstraint('person_id', 'topic', name=op.f('uq_notice_choice_person_id_topic'))
    )
    op.create_table('attachment',
    sa.Column('proposal_id', sa.BigInteger(), nullable=False),
    sa.Column('file_id', sa.BigInteger(), nullable=False),
    sa.Column('added_in', sa.BigInteger(), nullable=False),
    sa.Column('removed_in', sa.BigInteger(), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('removed_in IS NULL OR removed_in > added_in', name=op.f('ck_attachment_removed_later')),
    sa.ForeignKeyConstraint(['file_id'], ['file.id'], name=op.f('fk_attachment_file_id')),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposal.id'], name=op.f('fk_attachment_proposal_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('file_id', name=op.f('uq_attachment_file_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_attachment_public_id'))
    )
    op.create_index(op.f('ix_attachment_proposal_id'), 'attachment', ['proposal_id'], unique=False)
    op.add_column('letter', sa.Column('file_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_letter_file_id'), 'letter', 'file', ['file_id'], ['id'])
    op.add_column('notice', sa.Column('mail_id', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_notice_mail_id'), 'notice', ['mail_id'], unique=False)
    op.create_foreign_key(op.f('fk_notice_mail_id'), 'notice', 'mail', ['mail_id'], ['id'])
    op.create_index('ix_person_hr_number', 'person', ['hr_number'], unique=False, postgresql_ops={'hr_number': 'text_pattern_ops'})
    op.create_index('ix_person_latin_together', 'person', [sa.literal_column("replace(name_latin, ' ', '')").label('together')], unique=False, postgresql_ops={'together': 'text_pattern_ops'})
    op.create_index('ix_person_name', 'person', ['name'], unique=False, postgresql_ops={'name': 'text_pattern_ops'})
    op.execute("""CREATE TRIGGER frozen BEFORE UPDATE ON file FOR EACH ROW EXECUTE FUNCTION refuse_change()""")


def downgrade() -> None:

    op.drop_index('ix_person_name', table_name='person', postgresql_ops={'name': 'text_pattern_ops'})
    op.drop_index('ix_person_latin_together', table_name='person', postgresql_ops={'together': 'text_pattern_ops'})
    op.drop_index('ix_person_hr_number', table_name='person', postgresql_ops={'hr_number': 'text_pattern_ops'})
    op.drop_constraint(op.f('fk_notice_mail_id'), 'notice', type_='foreignkey')
    op.drop_index(op.f('ix_notice_mail_id'), table_name='notice')
    op.drop_column('notice', 'mail_id')
    op.drop_constraint(op.f('fk_letter_file_id'), 'letter', type_='foreignkey')
    op.drop_column('letter', 'file_id')
    op.drop_index(op.f('ix_attachment_proposal_id'), table_name='attachment')
    op.drop_table('attachment')
    op.drop_table('notice_choice')
    op.drop_index(op.f('ix_mail_person_id'), table_name='mail')
    op.drop_index('ix_mail_due', table_name='mail', postgresql_where=sa.text("state = 'queued'"))
    op.drop_table('mail')
    op.drop_index(op.f('ix_file_uploader_id'), table_name='file')
    op.drop_index(op.f('ix_file_sha256'), table_name='file')
    op.drop_table('file')
    op.drop_table('calendar_feed')
