import json

import pytest
import rfc8785
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from incubator.core import audit
from incubator.core.audit import AuditEvent, AuditPayload, AuditPending
from incubator.core.db import db
from incubator.core.errors import NotInTransaction
from incubator.people.predicates import SYSTEM


def test_an_event_knows_actor_subject_reason_and_what_led_to_it(make):
    person = make.person()

    with make.acting(person, "company.rename") as cause:
        first = audit.record("company.rename", person.company, {"from": "A", "to": "B"}, reason="merger")
        second = audit.record("company.notify", person.company)

    assert cause.first is first
    assert (first.actor_id, first.name, first.subject_type, first.subject_id, first.parent_id, first.reason) == (
        person.id, "company.rename", "company", person.company.id, None, "merger",
    )  # fmt: skip
    assert second.parent_id == first.id


def test_an_inner_action_follows_from_the_outer_ones_first_event(make):
    company = make.company()

    with make.acting() as outer:
        first = audit.record("outer.first", company)
        with audit.because(SYSTEM, "inner.act"):
            inner = audit.record("inner.first", company)
            later = audit.record("inner.second", company)
        after = audit.record("outer.second", company)

    assert outer.latest_parent == first.id
    assert (inner.parent_id, later.parent_id, after.parent_id) == (first.id, inner.id, first.id)


def test_the_leaf_commits_to_the_payload_without_telling_it(make):
    company = make.company()
    with make.acting():
        event = audit.record("company.secret", company, {"score": 7})

    payload = db.session.scalars(select(AuditPayload).where(AuditPayload.event_id == event.id)).one()
    pending = db.session.scalars(select(AuditPending).where(AuditPending.event_id == event.id)).one()
    leaf = json.loads(pending.leaf)
    assert leaf == {
        "v": 1,
        "class": "company.secret",
        "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": event.public_id,
        "commitment": audit.commitment(payload.salt, {"score": 7}).hex(),
    }
    assert pending.leaf == rfc8785.dumps(leaf)
    assert len(payload.salt) == 32


@pytest.mark.parametrize("statement", ["UPDATE audit_event SET name = 'x'", "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_an_event(make, statement):
    make.company()

    with pytest.raises(IntegrityError, match="never changed"), make.acting():
        db.session.execute(text(statement))


def test_a_change_without_a_cause_is_a_programming_error(make):
    with pytest.raises(NotInTransaction):
        audit.record("company.rename", make.company())


def test_event_of_finds_the_latest(make):
    company = make.company()
    with make.acting():
        audit.record("company.rename", company)
        latest = audit.record("company.rename", company)

    assert audit.event_of(company, "company.rename") is latest
    with pytest.raises(LookupError):
        audit.event_of(company, "company.dissolve")


def test_a_row_of_the_chain_needs_what_led_to_it(make):
    proposal = make.proposal()
    version = proposal.team[0]

    with pytest.raises(NotInTransaction), make.acting():
        audit.created(type(proposal)(number="V-X", title="x", lang="en"))
    assert db.session.get_one(AuditEvent, proposal.cause_id).subject_type == "call"
    assert version.id


def test_many_events_are_written_as_each_alone_would_be(make):
    first, second = make.company(), make.company()
    with make.acting(make.person(first), "company.load") as cause:
        origin = audit.record("company.load", first)
        db.session.flush()
        inserts = _inserts(lambda: audit.record_many("company.move", [
            (first, origin.id, {"n": 1}), (second, origin.id, {"n": 2}),
        ]))  # fmt: skip
    found = db.session.scalars(
        select(AuditEvent).where(AuditEvent.name == "company.move").order_by(AuditEvent.id)
    ).all()

    assert [(e.subject_type, e.subject_id, e.parent_id, e.actor_id) for e in found] == [
        ("company", company.id, origin.id, cause.actor.actor_id) for company in (first, second)
    ]
    assert cause.first is origin
    for number, event in enumerate(found, start=1):
        payload = db.session.scalars(select(AuditPayload).where(AuditPayload.event_id == event.id)).one()
        pending = db.session.scalars(select(AuditPending).where(AuditPending.event_id == event.id)).one()
        assert payload.payload == {"n": number}
        assert json.loads(pending.leaf) == {
            "v": 1,
            "class": "company.move",
            "at": event.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "event": event.public_id,
            "commitment": audit.commitment(payload.salt, {"n": number}).hex(),
        }
    assert sorted(inserts) == ["audit_event", "audit_payload", "audit_pending"]


def _inserts(call):
    """The tables of the INSERT statements that a call and its flush send."""
    seen = []

    def note(_c, _cursor, statement, *_):
        if statement.startswith("INSERT INTO "):
            seen.append(statement.split()[2])

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        call()
        db.session.flush()
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_many_events_without_a_cause_are_a_programming_error(make):
    with pytest.raises(NotInTransaction):
        audit.record_many("company.move", [(make.company(), 1, {})])


def test_what_goes_along_with_an_event_is_written_with_it_and_not_over_what_somebody_else_wrote(make):
    proposal = make.proposal()
    version = proposal.version
    with make.acting():
        proposal.title = "Along"
        audit.record("proposal.test", proposal, along=audit.Along((proposal,)))
        assert (proposal.version, db.session.is_modified(proposal)) == (version + 1, False)
        found = db.session.execute(
            text("SELECT title, version FROM proposal WHERE id = :id"), {"id": proposal.id}
        ).one()
        assert tuple(found) == ("Along", version + 1)

        db.session.execute(text("UPDATE proposal SET version = version + 1 WHERE id = :id"), {"id": proposal.id})
        proposal.title = "Too late"
        with pytest.raises(StaleDataError, match="somebody else"):
            audit.record("proposal.test", proposal, along=audit.Along((proposal,)))
        db.session.expire(proposal)


def test_a_cursor_describes_its_columns_to_who_asks(make):
    cursor = db.session.connection().exec_driver_sql("SELECT 1 AS one, 'b' AS two").cursor
    assert (len(cursor.description), [column[0] for column in cursor.description], cursor.description[1].name) == (
        2, ["one", "two"], "two",
    )  # fmt: skip
