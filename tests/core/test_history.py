"""History cannot be rewritten through the product's own sign-in to the database."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from incubator.core.db import db
from incubator.core.transaction import attempt, transaction
from tests import world as worlds
from tests.make import Make

CHANGES = (
    "UPDATE audit_event SET name = 'x'",
    "DELETE FROM audit_event",
    "TRUNCATE audit_event CASCADE",
    "UPDATE audit_payload SET payload = '{}'",
    "UPDATE ledger_posting SET amount = amount + 1",
    "DELETE FROM ledger_entry",
    "TRUNCATE ledger_posting",
    "UPDATE credit_grant SET amount = amount + 1",
    "UPDATE rule_version SET parameters = '{}'",
    "DELETE FROM rule_confirmation",
    "UPDATE approval SET content = '{}'",
    "UPDATE approval_step SET person_id = NULL WHERE state = 'approved'",
    "UPDATE review_score SET value = 1 WHERE review_id IN (SELECT id FROM review WHERE state = 'locked')",
    "UPDATE review SET total = 100 WHERE state = 'locked'",
    "DELETE FROM review",
    "UPDATE evaluation SET inputs = '{}'",
    "DELETE FROM decision",
    "UPDATE matter_event SET happened_on = '2020-01-01'",
    "UPDATE equity_grant SET units = units + 1 WHERE state = 'offered'",
    "DELETE FROM equity_transaction",
    "UPDATE proposal_version SET title = 'x' WHERE frozen_at IS NOT NULL",
)


@pytest.mark.no_cover
def test_what_was_decided_counted_or_paid_stays_as_it_was(make: Make) -> None:
    worlds.build(make)
    done = []
    for change in CHANGES:
        with transaction(), pytest.raises(IntegrityError), attempt():
            done.append(db.session.execute(text(change)))
    assert done == []
