"""cloud: the catalogue's prices over time, policies and exit tests; rates, alerts, freezes and month-ends of credits"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '2026_11_27_cloud_market'
down_revision = '2026_11_27_community'
branch_labels = None
depends_on = None

APPEND_ONLY = ('cloud_policy', 'exit_test', 'fx_rate', 'fx_exchange', 'credit_return', 'credit_month', 'credit_proof')
FROZEN = {
    'cloud_wish': ('kind', 'company_id', 'maker_id', 'plan_id', 'venture_id', 'sandbox_id', 'content', 'reason', 'cause_id'),
    'plan_price': ('plan_id', 'currency', 'price_unit', 'price_gb_hour', 'max_cost_hour', 'valid_from', 'wish_id'),
}
TRIGGERS = [
    f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    for table in APPEND_ONLY
] + [
    f"CREATE TRIGGER kept_whole BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()" for table in APPEND_ONLY
] + [
    f"CREATE TRIGGER frozen BEFORE UPDATE ON {table} FOR EACH ROW WHEN ((true) AND ("
    + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in columns)
    + ")) EXECUTE FUNCTION refuse_change()"
    for table, columns in FROZEN.items()
] + [
    f"CREATE TRIGGER kept BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()" for table in FROZEN
]


def upgrade() -> None:
    op.create_table('cloud_wish',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('maker_id', sa.BigInteger(), nullable=False),
    sa.Column('plan_id', sa.BigInteger(), nullable=True),
    sa.Column('venture_id', sa.BigInteger(), nullable=True),
    sa.Column('sandbox_id', sa.BigInteger(), nullable=True),
    sa.Column('content', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('reason', sa.String(length=1000), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_cloud_wish_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_cloud_wish_company_id')),
    sa.ForeignKeyConstraint(['maker_id'], ['person.id'], name=op.f('fk_cloud_wish_maker_id')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_cloud_wish_plan_id')),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_cloud_wish_sandbox_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_cloud_wish_venture_id')),
    sa.CheckConstraint("kind IN ('price', 'policy', 'rates', 'top_up', 'extension')", name=op.f('ck_cloud_wish_kind_known')),
    sa.CheckConstraint("state IN ('waiting', 'approved', 'refused', 'cancelled')", name=op.f('ck_cloud_wish_state_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cloud_wish')),
    sa.UniqueConstraint('public_id', name=op.f('uq_cloud_wish_public_id'))
    )
    op.create_index(op.f('ix_cloud_wish_cause_id'), 'cloud_wish', ['cause_id'], unique=False)
    op.create_index('ix_cloud_wish_company_state', 'cloud_wish', ['company_id', 'state'], unique=False)
    op.create_index(op.f('ix_cloud_wish_maker_id'), 'cloud_wish', ['maker_id'], unique=False)
    op.create_index(op.f('ix_cloud_wish_plan_id'), 'cloud_wish', ['plan_id'], unique=False)
    op.create_index(op.f('ix_cloud_wish_sandbox_id'), 'cloud_wish', ['sandbox_id'], unique=False)
    op.create_index(op.f('ix_cloud_wish_venture_id'), 'cloud_wish', ['venture_id'], unique=False)
    op.create_table('cloud_policy',
    sa.Column('name', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('provider_id', sa.BigInteger(), nullable=True),
    sa.Column('theme_id', sa.BigInteger(), nullable=True),
    sa.Column('region', sa.String(length=20), nullable=True),
    sa.Column('stages', postgresql.ARRAY(sa.String(length=20)), nullable=False),
    sa.Column('lower_bp', sa.BigInteger(), nullable=False),
    sa.Column('lift', sa.BigInteger(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('to_on', sa.Date(), nullable=True),
    sa.Column('wish_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('lower_bp BETWEEN 0 AND 10000 AND lift >= 0 AND lower_bp + lift > 0', name=op.f('ck_cloud_policy_gives_something')),
    sa.CheckConstraint('to_on IS NULL OR to_on >= from_on', name=op.f('ck_cloud_policy_ends_after_start')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_cloud_policy_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_cloud_policy_company_id')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_cloud_policy_provider_id')),
    sa.ForeignKeyConstraint(['theme_id'], ['theme.id'], name=op.f('fk_cloud_policy_theme_id')),
    sa.ForeignKeyConstraint(['wish_id'], ['cloud_wish.id'], name=op.f('fk_cloud_policy_wish_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cloud_policy')),
    sa.UniqueConstraint('public_id', name=op.f('uq_cloud_policy_public_id')),
    sa.UniqueConstraint('wish_id', name=op.f('uq_cloud_policy_wish_id'))
    )
    op.create_index(op.f('ix_cloud_policy_cause_id'), 'cloud_policy', ['cause_id'], unique=False)
    op.create_index(op.f('ix_cloud_policy_company_id'), 'cloud_policy', ['company_id'], unique=False)
    op.create_index(op.f('ix_cloud_policy_provider_id'), 'cloud_policy', ['provider_id'], unique=False)
    op.create_index(op.f('ix_cloud_policy_theme_id'), 'cloud_policy', ['theme_id'], unique=False)
    op.create_table('credit_finding',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('detail', sa.String(length=300), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint("kind IN ('balance', 'entry', 'hold', 'spent', 'days', 'grant')", name=op.f('ck_credit_finding_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_finding'))
    )
    op.create_index('uq_credit_finding_open', 'credit_finding', ['kind', 'key'], unique=True, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('credit_proof',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accounts', sa.BigInteger(), nullable=False),
    sa.Column('entries', sa.BigInteger(), nullable=False),
    sa.Column('faults', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_proof'))
    )
    op.create_table('fx_rate',
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('rate_e8', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.String(length=200), nullable=False),
    sa.Column('wish_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('rate_e8 > 0', name=op.f('ck_fx_rate_rate_positive')),
    sa.ForeignKeyConstraint(['wish_id'], ['cloud_wish.id'], name=op.f('fk_fx_rate_wish_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fx_rate')),
    sa.UniqueConstraint('currency', 'on_day', name=op.f('uq_fx_rate_currency_on_day'))
    )
    op.create_index(op.f('ix_fx_rate_wish_id'), 'fx_rate', ['wish_id'], unique=False)
    op.create_table('ledger_account_day',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('inflow', sa.BigInteger(), nullable=False),
    sa.Column('outflow', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('inflow >= 0 AND outflow >= 0', name=op.f('ck_ledger_account_day_not_negative')),
    sa.ForeignKeyConstraint(['account_id'], ['ledger_account.id'], name=op.f('fk_ledger_account_day_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_account_day')),
    sa.UniqueConstraint('account_id', 'on_day', name=op.f('uq_ledger_account_day_account_id_on_day'))
    )
    op.create_table('provider_score',
    sa.Column('provider_id', sa.BigInteger(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('figures', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('computed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_provider_score_provider_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_score')),
    sa.UniqueConstraint('provider_id', 'month', name=op.f('uq_provider_score_provider_id_month'))
    )
    op.create_table('credit_month',
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('figures', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('public_id', sa.String(length=16), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_credit_month_cause_id')),
    sa.ForeignKeyConstraint(['company_id'], ['company.id'], name=op.f('fk_credit_month_company_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_credit_month_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_month')),
    sa.UniqueConstraint('company_id', 'month', name=op.f('uq_credit_month_company_id_month')),
    sa.UniqueConstraint('public_id', name=op.f('uq_credit_month_public_id'))
    )
    op.create_index(op.f('ix_credit_month_cause_id'), 'credit_month', ['cause_id'], unique=False)
    op.create_index(op.f('ix_credit_month_person_id'), 'credit_month', ['person_id'], unique=False)
    op.create_table('exit_test',
    sa.Column('offer_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('tested_on', sa.Date(), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=False),
    sa.Column('minutes', sa.BigInteger(), nullable=False),
    sa.Column('note', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('minutes >= 0', name=op.f('ck_exit_test_minutes_not_negative')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_exit_test_offer_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_exit_test_person_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exit_test'))
    )
    op.create_index(op.f('ix_exit_test_offer_id'), 'exit_test', ['offer_id'], unique=False)
    op.create_index(op.f('ix_exit_test_person_id'), 'exit_test', ['person_id'], unique=False)
    op.create_table('fx_exchange',
    sa.Column('sandbox_id', sa.BigInteger(), nullable=False),
    sa.Column('rate_id', sa.BigInteger(), nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('from_currency', sa.String(length=3), nullable=False),
    sa.Column('from_minor', sa.BigInteger(), nullable=False),
    sa.Column('to_currency', sa.String(length=3), nullable=False),
    sa.Column('to_minor', sa.BigInteger(), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('(from_minor > 0) = (to_minor > 0) AND to_minor <> 0', name=op.f('ck_fx_exchange_both_ways')),
    sa.CheckConstraint('from_currency <> to_currency', name=op.f('ck_fx_exchange_two_currencies')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_fx_exchange_cause_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_fx_exchange_entry_id')),
    sa.ForeignKeyConstraint(['rate_id'], ['fx_rate.id'], name=op.f('fk_fx_exchange_rate_id')),
    sa.ForeignKeyConstraint(['sandbox_id'], ['sandbox.id'], name=op.f('fk_fx_exchange_sandbox_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fx_exchange')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_fx_exchange_entry_id'))
    )
    op.create_index(op.f('ix_fx_exchange_cause_id'), 'fx_exchange', ['cause_id'], unique=False)
    op.create_index(op.f('ix_fx_exchange_rate_id'), 'fx_exchange', ['rate_id'], unique=False)
    op.create_index(op.f('ix_fx_exchange_sandbox_id'), 'fx_exchange', ['sandbox_id'], unique=False)
    op.create_table('plan_price',
    sa.Column('plan_id', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('price_unit', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('price_gb_hour', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('max_cost_hour', sa.Numeric(precision=20, scale=10), nullable=False),
    sa.Column('valid_from', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('wish_id', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('max_cost_hour > 0', name=op.f('ck_plan_price_max_cost_positive')),
    sa.CheckConstraint('price_unit >= 0 AND price_gb_hour >= 0', name=op.f('ck_plan_price_prices_not_negative')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk_plan_price_plan_id')),
    sa.ForeignKeyConstraint(['wish_id'], ['cloud_wish.id'], name=op.f('fk_plan_price_wish_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_price')),
    sa.UniqueConstraint('plan_id', 'valid_from', name=op.f('uq_plan_price_plan_id_valid_from')),
    sa.UniqueConstraint('wish_id', name=op.f('uq_plan_price_wish_id'))
    )
    op.create_index('ix_plan_price_due', 'plan_price', ['valid_from'], unique=False, postgresql_where=sa.text('applied_at IS NULL'))
    op.create_table('credit_alert',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('granted', sa.BigInteger(), nullable=False),
    sa.Column('percent', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_credit_alert_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_alert')),
    sa.UniqueConstraint('venture_id', 'granted', 'percent', name=op.f('uq_credit_alert_venture_id_granted_percent'))
    )
    op.create_table('credit_freeze',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('level BETWEEN 1 AND 3', name=op.f('ck_credit_freeze_level_in_range')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_credit_freeze_cause_id')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_credit_freeze_person_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_credit_freeze_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_freeze'))
    )
    op.create_index(op.f('ix_credit_freeze_cause_id'), 'credit_freeze', ['cause_id'], unique=False)
    op.create_index(op.f('ix_credit_freeze_person_id'), 'credit_freeze', ['person_id'], unique=False)
    op.create_index(op.f('ix_credit_freeze_venture_id'), 'credit_freeze', ['venture_id'], unique=False)
    op.create_index('uq_credit_freeze_open', 'credit_freeze', ['venture_id'], unique=True, postgresql_where=sa.text('lifted_at IS NULL'))
    op.create_table('credit_return',
    sa.Column('venture_id', sa.BigInteger(), nullable=False),
    sa.Column('pool_id', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('entry_id', sa.BigInteger(), nullable=False),
    sa.Column('cause_id', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_credit_return_amount_positive')),
    sa.ForeignKeyConstraint(['cause_id'], ['audit_event.id'], name=op.f('fk_credit_return_cause_id')),
    sa.ForeignKeyConstraint(['entry_id'], ['ledger_entry.id'], name=op.f('fk_credit_return_entry_id')),
    sa.ForeignKeyConstraint(['pool_id'], ['credit_pool.id'], name=op.f('fk_credit_return_pool_id')),
    sa.ForeignKeyConstraint(['venture_id'], ['venture.id'], name=op.f('fk_credit_return_venture_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_credit_return')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_credit_return_entry_id'))
    )
    op.create_index(op.f('ix_credit_return_cause_id'), 'credit_return', ['cause_id'], unique=False)
    op.create_index(op.f('ix_credit_return_pool_id'), 'credit_return', ['pool_id'], unique=False)
    op.create_index(op.f('ix_credit_return_venture_id'), 'credit_return', ['venture_id'], unique=False)
    op.add_column('lease', sa.Column('price_hour', sa.Numeric(precision=20, scale=10), nullable=True))
    op.add_column('lease', sa.Column('price_gb_hour', sa.Numeric(precision=20, scale=10), nullable=True))
    op.add_column('sandbox', sa.Column('without_copy', sa.String(length=500), nullable=True))
    op.create_check_constraint(op.f('ck_sandbox_without_copy_has_reason'), 'sandbox', "without_copy <> ''")
    op.add_column('lease', sa.Column('quantity', sa.BigInteger(), server_default='1', nullable=False))
    op.create_check_constraint(op.f('ck_lease_quantity_in_range'), 'lease', 'quantity BETWEEN 1 AND 100000')
    op.add_column('lease', sa.Column('policy_id', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_lease_policy_id'), 'lease', ['policy_id'], unique=False)
    op.create_foreign_key(op.f('fk_lease_policy_id'), 'lease', 'cloud_policy', ['policy_id'], ['id'])
    op.create_index('ix_ledger_entry_at', 'ledger_entry', ['at'], unique=False)
    op.add_column('offer', sa.Column('region', sa.String(length=20), server_default='cn-east', nullable=False))
    op.add_column('offer', sa.Column('mlps_level', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('offer', sa.Column('owner_id', sa.BigInteger(), nullable=True))
    op.add_column('offer', sa.Column('audience_id', sa.BigInteger(), nullable=True))
    op.add_column('offer', sa.Column('conditions', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('offer', sa.Column('exit_plan', postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column('offer', sa.Column('most', sa.BigInteger(), nullable=True))
    op.create_index(op.f('ix_offer_audience_id'), 'offer', ['audience_id'], unique=False)
    op.create_index(op.f('ix_offer_owner_id'), 'offer', ['owner_id'], unique=False)
    op.create_foreign_key(op.f('fk_offer_audience_id'), 'offer', 'company', ['audience_id'], ['id'])
    op.create_foreign_key(op.f('fk_offer_owner_id'), 'offer', 'company', ['owner_id'], ['id'])
    op.add_column('plan', sa.Column('unit', sa.String(length=40), server_default='hour', nullable=False))
    op.add_column('plan', sa.Column('least_quantity', sa.BigInteger(), server_default='1', nullable=False))
    op.add_column('plan', sa.Column('most_quantity', sa.BigInteger(), server_default='1', nullable=False))
    op.create_check_constraint(op.f('ck_plan_quantities_in_order'), 'plan', 'least_quantity >= 1 AND most_quantity BETWEEN least_quantity AND 100000')
    op.add_column('plan', sa.Column('price_unit', sa.Numeric(precision=20, scale=10), nullable=True))
    op.add_column('provider', sa.Column('region', sa.String(length=20), server_default='cn-east', nullable=False))
    op.add_column('provider', sa.Column('mlps_level', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('provider', sa.Column('contract', sa.String(length=120), server_default='', nullable=False))
    op.add_column('provider', sa.Column('contract_until', sa.Date(), nullable=True))
    op.add_column('provider', sa.Column('contacts', sa.String(length=500), server_default='', nullable=False))
    op.create_check_constraint(op.f('ck_plan_unit_known'), 'plan', "unit IN ('hour', 'seat_month', 'gb_month', 'site_month', 'month')")
    op.drop_constraint(op.f('ck_plan_limits_positive'), 'plan', type_='check')
    op.create_check_constraint(op.f('ck_plan_limits_not_negative'), 'plan', 'connections >= 0 AND disk_mb >= 0')
    op.create_check_constraint(op.f('ck_offer_mlps_level_in_range'), 'offer', 'mlps_level BETWEEN 0 AND 5')
    op.create_check_constraint(op.f('ck_offer_most_positive'), 'offer', 'most > 0')
    op.create_check_constraint(op.f('ck_provider_mlps_level_in_range'), 'provider', 'mlps_level BETWEEN 0 AND 5')
    # A plan's price was that of an hour; what runs keeps the price of its plan.
    op.execute("UPDATE plan SET price_unit = price_hour")
    op.execute("UPDATE lease SET price_hour = plan.price_hour, price_gb_hour = plan.price_gb_hour FROM plan WHERE plan.id = lease.plan_id")
    op.execute("UPDATE offer SET category = 'database' WHERE category = 'data'")
    op.execute(
        "INSERT INTO plan_price (plan_id, currency, price_unit, price_gb_hour, max_cost_hour, valid_from, applied_at, created_at) "
        "SELECT plan.id, provider.currency, plan.price_unit, plan.price_gb_hour, plan.max_cost_hour, plan.created_at, plan.created_at, plan.created_at "
        "FROM plan JOIN offer ON offer.id = plan.offer_id JOIN provider ON provider.id = offer.provider_id"
    )
    for table, column in (('plan', 'price_unit'), ('lease', 'price_hour'), ('lease', 'price_gb_hour')):
        op.alter_column(table, column, nullable=False)
    for statement in TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_column('provider', 'contacts')
    op.drop_column('provider', 'contract_until')
    op.drop_column('provider', 'contract')
    op.drop_column('provider', 'mlps_level')
    op.drop_column('provider', 'region')
    op.execute("UPDATE offer SET category = 'data' WHERE category = 'database'")
    op.execute("UPDATE plan SET connections = greatest(connections, 1), disk_mb = greatest(disk_mb, 1)")
    op.drop_constraint(op.f('ck_plan_limits_not_negative'), 'plan', type_='check')
    op.create_check_constraint(op.f('ck_plan_limits_positive'), 'plan', 'connections > 0 AND disk_mb > 0')
    op.drop_column('plan', 'price_unit')
    op.drop_column('plan', 'most_quantity')
    op.drop_column('plan', 'least_quantity')
    op.drop_column('plan', 'unit')
    op.drop_constraint(op.f('fk_offer_owner_id'), 'offer', type_='foreignkey')
    op.drop_constraint(op.f('fk_offer_audience_id'), 'offer', type_='foreignkey')
    op.drop_index(op.f('ix_offer_owner_id'), table_name='offer')
    op.drop_index(op.f('ix_offer_audience_id'), table_name='offer')
    op.drop_column('offer', 'most')
    op.drop_column('offer', 'exit_plan')
    op.drop_column('offer', 'conditions')
    op.drop_column('offer', 'audience_id')
    op.drop_column('offer', 'owner_id')
    op.drop_column('offer', 'mlps_level')
    op.drop_column('offer', 'region')
    op.drop_index('ix_ledger_entry_at', table_name='ledger_entry')
    op.drop_constraint(op.f('fk_lease_policy_id'), 'lease', type_='foreignkey')
    op.drop_index(op.f('ix_lease_policy_id'), table_name='lease')
    op.drop_column('lease', 'policy_id')
    op.drop_column('lease', 'quantity')
    op.drop_column('sandbox', 'without_copy')
    op.drop_column('lease', 'price_gb_hour')
    op.drop_column('lease', 'price_hour')
    op.drop_index(op.f('ix_credit_return_venture_id'), table_name='credit_return')
    op.drop_index(op.f('ix_credit_return_pool_id'), table_name='credit_return')
    op.drop_index(op.f('ix_credit_return_cause_id'), table_name='credit_return')
    op.drop_table('credit_return')
    op.drop_index('uq_credit_freeze_open', table_name='credit_freeze', postgresql_where=sa.text('lifted_at IS NULL'))
    op.drop_index(op.f('ix_credit_freeze_venture_id'), table_name='credit_freeze')
    op.drop_index(op.f('ix_credit_freeze_person_id'), table_name='credit_freeze')
    op.drop_index(op.f('ix_credit_freeze_cause_id'), table_name='credit_freeze')
    op.drop_table('credit_freeze')
    op.drop_table('credit_alert')
    op.drop_index('ix_plan_price_due', table_name='plan_price', postgresql_where=sa.text('applied_at IS NULL'))
    op.drop_table('plan_price')
    op.drop_index(op.f('ix_fx_exchange_sandbox_id'), table_name='fx_exchange')
    op.drop_index(op.f('ix_fx_exchange_rate_id'), table_name='fx_exchange')
    op.drop_index(op.f('ix_fx_exchange_cause_id'), table_name='fx_exchange')
    op.drop_table('fx_exchange')
    op.drop_index(op.f('ix_exit_test_person_id'), table_name='exit_test')
    op.drop_index(op.f('ix_exit_test_offer_id'), table_name='exit_test')
    op.drop_table('exit_test')
    op.drop_index(op.f('ix_credit_month_person_id'), table_name='credit_month')
    op.drop_index(op.f('ix_credit_month_cause_id'), table_name='credit_month')
    op.drop_table('credit_month')
    op.drop_table('provider_score')
    op.drop_table('ledger_account_day')
    op.drop_index(op.f('ix_fx_rate_wish_id'), table_name='fx_rate')
    op.drop_table('fx_rate')
    op.drop_table('credit_proof')
    op.drop_index('uq_credit_finding_open', table_name='credit_finding', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_table('credit_finding')
    op.drop_index(op.f('ix_cloud_policy_theme_id'), table_name='cloud_policy')
    op.drop_index(op.f('ix_cloud_policy_provider_id'), table_name='cloud_policy')
    op.drop_index(op.f('ix_cloud_policy_company_id'), table_name='cloud_policy')
    op.drop_index(op.f('ix_cloud_policy_cause_id'), table_name='cloud_policy')
    op.drop_table('cloud_policy')
    op.drop_index(op.f('ix_cloud_wish_venture_id'), table_name='cloud_wish')
    op.drop_index(op.f('ix_cloud_wish_sandbox_id'), table_name='cloud_wish')
    op.drop_index(op.f('ix_cloud_wish_plan_id'), table_name='cloud_wish')
    op.drop_index(op.f('ix_cloud_wish_maker_id'), table_name='cloud_wish')
    op.drop_index('ix_cloud_wish_company_state', table_name='cloud_wish')
    op.drop_index(op.f('ix_cloud_wish_cause_id'), table_name='cloud_wish')
    op.drop_table('cloud_wish')
