"""proposals: what the office alone reads is not among the words that a search finds"""

from alembic import op

revision = '2026_11_27_words_for_everybody'
down_revision = '2026_11_27_questions_and_shelf'
branch_labels = None
depends_on = None

WORDS = r"""
CREATE OR REPLACE FUNCTION index_proposal_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := to_tsvector('simple', regexp_replace(
    NEW.title || ' ' || coalesce((
      SELECT string_agg(one.value, ' ') FROM jsonb_each_text(NEW.answers) AS one WHERE one.key NOT IN (
        SELECT spec ->> 'key' FROM proposal JOIN call ON call.id = proposal.call_id,
          jsonb_path_query(call.form, '$.sections[*].fields[*] ? (@.audience == "office")') AS spec
        WHERE proposal.id = NEW.proposal_id)), ''),
    '([\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g'));
  RETURN NEW;
END $$
"""
BEFORE = r"""
CREATE OR REPLACE FUNCTION index_proposal_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.words := to_tsvector('simple', regexp_replace(
    NEW.title || ' ' || coalesce((SELECT string_agg(value, ' ') FROM jsonb_each_text(NEW.answers)), ''),
    '([\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g'));
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute(WORDS)


def downgrade() -> None:
    op.execute(BEFORE)
