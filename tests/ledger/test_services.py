import itertools
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import NotInTransaction
from incubator.core.transaction import transaction
from incubator.ledger import queries
from incubator.ledger import services as ledger
from incubator.ledger.models import Account, Entry, Posting
from incubator.people.models import Company
from incubator.people.predicates import SYSTEM

KEYS = itertools.count()


@pytest.fixture
def accounts(make):
    """The outside, and two accounts of a company that may not go below zero."""
    company = make.company()
    with make.acting():
        audit.record("test.open", company)
        outside = ledger.account_of("external", company, "CNY", min_balance=None)
        pool = ledger.account_of("pool", company, "CNY")
        grant = ledger.account_of("grant", company, "CNY")
    return outside, pool, grant


def move(make, key, source, target, amount):
    with make.acting():
        cause = audit.record("test.move", source)
        legs = [ledger.Leg(source, -amount), ledger.Leg(target, amount)]
        return ledger.post(key, legs, memo="move", cause_id=cause.id)


def balances(*accounts):
    return [db.session.get_one(Account, account.id, populate_existing=True).balance for account in accounts]


def test_a_movement_changes_both_sides(make, accounts):
    outside, pool, grant = accounts
    move(make, "fund", outside, pool, 1000)
    move(make, "give", pool, grant, 300)

    assert balances(*accounts) == [-1000, 700, 300]
    assert queries.prove().holds


def test_the_same_key_moves_once(make, accounts):
    outside, pool, _ = accounts
    first = move(make, "fund", outside, pool, 1000)

    assert move(make, "fund", outside, pool, 1000) is first
    assert balances(pool) == [1000]
    with pytest.raises(ledger.KeyReused):
        move(make, "fund", outside, pool, 999)


def test_many_movements_are_booked_together_or_not_at_all(make, accounts):
    outside, pool, grant = accounts
    move(make, "fund", outside, pool, 1000)
    with make.acting():
        cause = audit.record("test.move", pool).id
        both = [
            ledger.Movement(f"give-{n}", [ledger.Leg(pool, -n), ledger.Leg(grant, n)], "give", cause)
            for n in (300, 500)
        ]
        assert [entry.key for entry in ledger.post_many(both)] == ["give-300", "give-500"]
        assert balances(*accounts) == [-1000, 200, 800]
        for key, amount, refusal in (("give-500", 1, ledger.KeyReused), ("more", 201, ledger.Overdrawn)):
            with pytest.raises(refusal):
                ledger.post_many(
                    [ledger.Movement(key, [ledger.Leg(pool, -amount), ledger.Leg(grant, amount)], "", cause)]
                )
        with pytest.raises(ValueError, match="sum to zero"):
            ledger.post_many([ledger.Movement("odd", [ledger.Leg(pool, -1), ledger.Leg(grant, 2)], "", cause)])
    assert balances(*accounts) == [-1000, 200, 800]
    assert queries.prove().holds


def test_an_account_does_not_go_below_its_minimum(make, accounts):
    outside, pool, grant = accounts
    move(make, "fund", outside, pool, 1000)

    with pytest.raises(ledger.Overdrawn) as refusal:
        move(make, "give", pool, grant, 1001)
    assert (refusal.value.account.id, refusal.value.available) == (pool.id, 1000)
    assert balances(pool, grant) == [1000, 0]


def test_a_reversal_is_a_counter_entry_and_happens_once(make, accounts):
    outside, pool, _ = accounts
    entry = move(make, "fund", outside, pool, 1000)
    with make.acting():
        back = ledger.reverse(entry, "unfund", memo="wrong")
        again = ledger.reverse(entry, "unfund-2", memo="wrong")

    assert again is back
    assert back.reverses_id == entry.id
    assert balances(outside, pool) == [0, 0]


@pytest.mark.parametrize("amounts", [(5,), (5, -4), (5, -5, 0)])
def test_legs_must_balance(make, accounts, amounts):
    legs = [ledger.Leg(account, amount) for account, amount in zip(accounts, amounts, strict=False)]

    with pytest.raises(ValueError, match="two legs"), make.acting():
        ledger.post("odd", legs, memo="odd")


def test_a_movement_needs_a_cause(make, accounts):
    outside, pool, _ = accounts

    with pytest.raises(NotInTransaction), make.acting():
        ledger.post("x", [ledger.Leg(outside, -1), ledger.Leg(pool, 1)], memo="x")


def test_currencies_do_not_mix(make, accounts):
    outside, _, _ = accounts
    with make.acting():
        dollars = ledger.account_of("pool", db.session.get_one(Company, outside.owner_id), "USD")

    with pytest.raises(ValueError, match="two legs"):
        move(make, "mix", outside, dollars, 1)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_posting SET amount = amount + 1",
        "DELETE FROM ledger_posting",
        "UPDATE ledger_entry SET memo = 'x'",
        "DELETE FROM ledger_entry",
        "INSERT INTO ledger_posting (entry_id, account_id, amount, currency) "
        "SELECT entry_id, account_id, 1, currency FROM ledger_posting LIMIT 1",
        "INSERT INTO ledger_posting (entry_id, account_id, amount, currency) "
        "SELECT entry_id, account_id, 1, 'USD' FROM ledger_posting LIMIT 1",
        "UPDATE ledger_account SET balance = -1 WHERE min_balance = 0",
    ],
)
def test_the_database_has_the_last_word(make, accounts, statement):
    outside, pool, _ = accounts
    move(make, "fund", outside, pool, 1000)

    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text(statement))


def test_the_proof_finds_drift(make, accounts):
    _, pool, _ = accounts
    with transaction():
        db.session.execute(text("UPDATE ledger_account SET balance = 5 WHERE id = :id"), {"id": pool.id})

    proof = queries.prove()
    assert (proof.holds, proof.drifted, proof.unbalanced) == (False, [pool.id], [])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 500)), max_size=12))
def test_any_movements_keep_the_sum_at_zero(make, accounts, moves):
    for source, target, amount in moves:
        if source != target:
            try:
                move(make, f"move-{next(KEYS)}", accounts[source], accounts[target], amount)
            except ledger.Overdrawn:
                continue

    assert sum(balances(*accounts)) == 0
    assert min(balances(*accounts)[1:]) >= 0
    assert queries.prove().holds


@pytest.mark.committed
def test_fifty_at_once_get_exactly_what_is_there(app, make):
    company = make.company()
    with make.acting():
        cause = audit.record("test.open", company).id
        outside = ledger.account_of("external", company, "CNY", min_balance=None)
        pool = ledger.account_of("pool", company, "CNY")
        ledger.post("fund", [ledger.Leg(outside, -70), ledger.Leg(pool, 70)], memo="fund")
    ids = (pool.id, outside.id)
    barrier, results = threading.Barrier(50), []

    def grant(number):
        with app.app_context():
            barrier.wait()
            try:
                with transaction(), audit.because(SYSTEM, "test.grant"):
                    source, target = (db.session.get_one(Account, key) for key in ids)
                    ledger.post(
                        f"grant-{number}", [ledger.Leg(source, -10), ledger.Leg(target, 10)], memo="g", cause_id=cause
                    )
                results.append("given")
            except ledger.Overdrawn:
                results.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=grant, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (results.count("given"), results.count("refused")) == (7, 43)
    db.session.expire_all()
    assert balances(pool) == [0]
    assert db.session.scalar(select(func.count(Entry.id))) == 8
    assert queries.prove().holds


@pytest.mark.committed
def test_one_key_from_many_threads_moves_once(app, make):
    company = make.company()
    with make.acting():
        cause = audit.record("test.open", company).id
        outside = ledger.account_of("external", company, "CNY", min_balance=None)
        pool = ledger.account_of("pool", company, "CNY")
    ids = (outside.id, pool.id)

    def fund():
        with app.app_context(), transaction(), audit.because(SYSTEM, "test.fund"):
            source, target = (db.session.get_one(Account, key) for key in ids)
            ledger.post("fund", [ledger.Leg(source, -5), ledger.Leg(target, 5)], memo="fund", cause_id=cause)
        with app.app_context():
            db.session.remove()

    threads = [threading.Thread(target=fund) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.expire_all()
    assert balances(pool) == [5]


@pytest.mark.committed
def test_a_database_that_goes_in_the_middle_of_a_batch_leaves_none_of_it(app, make):
    company = make.company()
    with make.acting():
        cause = audit.record("test.open", company).id
        outside = ledger.account_of("external", company, "CNY", min_balance=None)
        pool = ledger.account_of("pool", company, "CNY")
    ids = (outside.id, pool.id)

    def fund():
        source, target = (db.session.get_one(Account, key) for key in ids)
        ledger.post_many(
            [ledger.Movement(f"fund-{n}", [ledger.Leg(source, -n), ledger.Leg(target, n)], "", cause) for n in (3, 4)]
        )

    def held():
        return [db.session.get_one(Account, key, populate_existing=True).balance for key in ids]

    with pytest.raises(SQLAlchemyError), transaction(), audit.because(SYSTEM, "test.fund"):
        fund()
        db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    db.session.remove()
    assert (held(), db.session.scalar(select(func.count(Entry.id)))) == ([0, 0], 0)
    db.session.remove()

    with transaction(), audit.because(SYSTEM, "test.fund"):
        fund()
    with pytest.raises(ledger.KeyReused), transaction(), audit.because(SYSTEM, "test.fund"):
        fund()  # by whoever did not hear that it was done
    db.session.expire_all()
    assert held() == [-7, 7]
    assert queries.prove().holds


def test_postings_of_an_account_newest_first(make, accounts):
    outside, pool, grant = accounts
    move(make, "a", outside, pool, 10)
    move(make, "b", pool, grant, 4)

    rows = db.session.execute(queries.postings_of(pool)).all()
    assert [(posting.amount, entry.key) for posting, entry in rows] == [(-4, "b"), (10, "a")]
    assert db.session.scalar(select(func.count(Posting.id))) == 4
