"""The auditor's case and the walk: followed as the database has it, checked, and broken where it is broken."""

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import event, text

from incubator.core import audit, clock
from incubator.core.audit import AuditEvent, AuditPayload, AuditPending
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.equity.models import EquityGrant
from incubator.people.models import Access, Person, Role, RoleGrant
from incubator.proposals.models import Proposal
from incubator.transparency import queries, services
from incubator.transparency.models import CaseGrant
from incubator.transparency.queries import Walk, proof_of
from incubator.ventures.models import Tranche
from tests.equity.scene import Scene


def walk(scene: Scene, grant: EquityGrant) -> Walk:
    db.session.expire_all()
    return queries.walk("equity_grant", grant.id, scene.auditor)


def kinds(steps: Any) -> list[str]:
    return [step.kind for step in steps]


FOREIGN_KEYS = text(
    "SELECT conrelid::regclass::text AS tab, conname FROM pg_constraint "
    "WHERE contype = 'f' AND :tab IN (conrelid::regclass::text, confrelid::regclass::text)"
)


def tamper(statement: str, **values: Any) -> None:
    """Change a row as the owner of the database can, who takes triggers and foreign keys away first."""
    table = statement.split()[2 if statement.startswith("DELETE") else 1]
    with transaction():
        for found, name in db.session.execute(FOREIGN_KEYS, {"tab": table}).all():
            db.session.execute(text(f"ALTER TABLE {found} DROP CONSTRAINT {name}"))
        db.session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        assert db.session.execute(text(statement), values).rowcount == 1  # type: ignore[attr-defined]
    db.session.expire_all()


def case(scene: Scene, grant: EquityGrant, **changes: Any) -> CaseGrant:
    with transaction():
        return services.open_case(
            scene.auditor, grant, **({"reason": "Yearly check of founders' grants", "days": 14} | changes)
        )


def test_the_walk_goes_from_the_share_to_the_call_and_holds(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    found = walk(scene, grant)
    assert kinds(found.line) == ["equity_grant", "venture", "proposal", "call"]
    assert kinds(found.sides) == ["equity_plan"]
    assert (found.whole, found.is_sound) == (True, True)
    share = found.line[0]
    assert [(event.name, event.actor, event.after) for event in share.events if event.after] == [
        ("equity_grant.check", "Song Jia", "checked"),
        ("equity_grant.submit", "Song Jia", "in_approval"),
        ("equity_grant.approve", "Tang Min", "approved"),
        ("equity_grant.offer", "Tang Min", "offered"),
        ("equity_grant.accept", "Zhao Min", "accepted"),
        ("equity_grant.activate", "Zhao Min", "live"),
    ]
    assert {event.proof for step in found.line for event in step.events} == {"holds"}
    assert found.events == sum(len(step.events) for step in (*found.line, *found.sides))


def test_each_step_carries_its_rule_version_and_its_address(scene: Scene) -> None:
    scene.install_rules()
    grant = scene.live(scene.plan(regime="cn.equity"))
    share, venture, proposal, call = walk(scene, grant).line
    assert share.rule == (
        "cn.equity.total v1, cn.equity.person v1, cn.equity.once v1, cn.equity.lock v1, cn.equity.price v1"
    )
    assert {event.rule for event in share.events if event.rule} == {"cn.equity.person v1"}
    version = db.session.get_one(Proposal, proposal.id).submitted_version
    assert version is not None
    assert version.hash is not None
    assert proposal.rule == f"v1 · SHA-256 {version.hash.hex()}"
    assert (call.rule or "").startswith("rubric-")
    assert venture.address == f"/ventures/{scene.venture.public_id}"


def test_other_people_s_grants_are_not_on_the_walk(scene: Scene) -> None:
    plan = scene.plan()
    grant = scene.live(plan)
    scene.live(plan, holder=scene.member)
    scene.plan(pool_units=1_000)
    found = walk(scene, grant)
    assert kinds((*found.line, *found.sides)).count("equity_grant") == 1
    assert [(step.kind, step.id) for step in found.sides] == [("equity_plan", plan.id)]


def test_a_tranche_hangs_at_the_side(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    with scene.make.acting():
        tranche = Tranche(venture=scene.venture, number=1, amount=5_000_000, currency="CNY", due_on=clock.today())
        audit.created(tranche, cause_id=audit.event_of(scene.venture, "venture.create").id)
    found = walk(scene, grant)
    assert [(step.kind, step.number, step.state) for step in found.sides if step.kind == "tranche"] == [
        ("tranche", "1", "planned")
    ]
    assert found.is_sound


def test_a_tampered_payload_is_shown(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    row = audit.event_of(grant, "equity_grant.approve")
    tamper(
        "UPDATE audit_payload SET payload = jsonb_set(payload, '{content_sha256}', '\"00\"') WHERE event_id = :id",
        id=row.id,
    )
    found = walk(scene, grant)
    assert (found.whole, found.is_sound, found.line[0].is_sound) == (True, False, False)
    assert {event.name for step in found.line for event in step.events if event.proof == "broken"} == {
        "equity_grant.approve"
    }


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_pending SET leaf = 'nonsense' WHERE event_id = :id",
        "UPDATE audit_pending SET leaf = '[]' WHERE event_id = :id",
        "DELETE FROM audit_pending WHERE event_id = :id",
        "UPDATE audit_payload SET salt = '\\x00' WHERE event_id = :id",
        "UPDATE audit_event SET at = at - interval '1 day' WHERE id = :id",
        "UPDATE audit_event SET name = 'equity_grant.gift' WHERE id = :id",
    ],
)
def test_a_tampered_leaf_salt_time_or_name_is_shown(scene: Scene, statement: str) -> None:
    grant = scene.live(scene.plan())
    tamper(statement, id=audit.event_of(grant, "equity_grant.approve").id)
    proofs = [event.proof for event in walk(scene, grant).line[0].events]
    assert proofs.count("broken") == 1


def test_an_erased_payload_is_no_tampering(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    row = audit.event_of(grant, "equity_grant.accept")
    with transaction():
        db.session.execute(db.delete(AuditPayload).where(AuditPayload.event_id == row.id))
    found = walk(scene, grant)
    assert found.is_sound
    assert [event.name for event in found.line[0].events if event.proof == "erased"] == ["equity_grant.accept"]


def test_a_payload_that_is_no_object_is_broken_and_does_not_break_the_page(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    row = audit.event_of(grant, "equity_grant.approve")
    tamper("UPDATE audit_payload SET payload = '[1]' WHERE event_id = :id", id=row.id)
    assert not walk(scene, grant).is_sound


def findings(scene: Scene, grant: EquityGrant) -> dict[str, tuple[str, ...]]:
    found = walk(scene, grant)
    return {step.kind: step.findings for step in (*found.line, *found.sides) if step.findings}


def test_a_cause_that_was_changed_is_shown(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    other = scene.make.event(scene.venture, "venture.other")
    tamper("UPDATE equity_grant SET cause_id = :cause WHERE id = :id", cause=other.id, id=grant.id)
    assert findings(scene, grant) == {"equity_grant": ("cause_changed",)}


def test_a_cause_that_is_missing_breaks_the_chain(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    tamper("UPDATE venture SET cause_id = 999999999 WHERE id = :id", id=scene.venture.id)
    found = walk(scene, grant)
    assert (found.whole, kinds(found.line)) == (False, ["equity_grant", "venture"])
    assert found.line[-1].findings == ("cause_changed", "cause_missing")


def test_a_row_that_is_missing_breaks_the_chain(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    tamper("DELETE FROM venture WHERE id = :id", id=scene.venture.id)
    found = walk(scene, grant)
    assert (found.whole, found.is_sound, kinds(found.line)) == (False, False, ["equity_grant", "venture"])
    assert found.line[-1].findings == ("row_missing",)


def test_a_missing_call_breaks_the_chain(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    tamper("DELETE FROM call WHERE id = :id", id=scene.venture.proposal.call_id)
    found = walk(scene, grant)
    assert (found.whole, found.line[-1].findings) == (False, ("row_missing",))


def test_a_share_that_is_missing_is_a_finding_not_an_error(scene: Scene) -> None:
    found = queries.walk("equity_grant", 999_999_999, scene.auditor)
    assert (found.line, found.sides, found.whole, found.is_sound) == ((), (), False, False)


def test_a_state_that_no_event_led_to_is_shown(scene: Scene) -> None:
    grant = scene.offered(scene.plan())
    tamper("UPDATE equity_grant SET state = 'live' WHERE id = :id", id=grant.id)
    assert findings(scene, grant) == {"equity_grant": ("state_changed",)}


def test_a_birth_without_an_event_is_shown(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    row = audit.event_of(grant, "equity_grant.create")
    tamper("UPDATE audit_event SET name = 'equity_grant.made' WHERE id = :id", id=row.id)
    assert findings(scene, grant)["equity_grant"] == ("birth_missing",)


def test_a_cause_outside_the_chain_is_shown(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    stray = scene.make.event(scene.company, "company.create")
    tamper("UPDATE venture SET cause_id = :cause WHERE id = :id", cause=stray.id, id=scene.venture.id)
    found = walk(scene, grant)
    assert (found.whole, found.line[-1].kind) == (False, "venture")
    assert "cause_missing" in found.line[-1].findings


def test_a_circle_of_causes_ends(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    row = audit.event_of(grant, "equity_grant.approve")
    tamper("UPDATE venture SET cause_id = :cause WHERE id = :id", cause=row.id, id=scene.venture.id)
    assert not walk(scene, grant).whole


def test_the_proof_is_of_event_class_time_and_content() -> None:
    at, salt, payload = clock.now(), b"s" * 32, {"n": 1}
    row = AuditEvent(public_id="a" * 16, name="x.y", at=at)
    commitment = audit.commitment(salt, payload).hex()
    said = {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "class": "x.y", "commitment": commitment, "event": "a" * 16}
    leaf = json.dumps(said).encode()
    assert proof_of(row, payload, salt, leaf) == "holds"
    assert proof_of(row, None, None, leaf) == "erased"
    assert proof_of(row, {"n": 2}, salt, leaf) == "broken"
    assert proof_of(row, payload, salt, None) == "broken"
    assert AuditPending.__tablename__ == "audit_pending"


def test_the_walk_takes_four_statements_however_much_there_is(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    count: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        count.append(statement)

    db.session.expire_all()
    grant_id, auditor = grant.id, scene.auditor
    assert auditor.roles
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        queries.walk("equity_grant", grant_id, auditor)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(count) == 4


def test_a_case_opens_the_chain_for_its_time_and_is_itself_an_event(scene: Scene) -> None:
    plan = scene.plan()
    grant = scene.live(plan)
    opened = case(scene, grant)
    row = audit.event_of(opened, "case_grant.create")
    payload = db.session.scalar(db.select(AuditPayload.payload).where(AuditPayload.event_id == row.id))
    assert payload == {"number": grant.number, "reason": "Yearly check of founders' grants", "days": 14}
    assert row.actor_id == scene.auditor.id
    assert row.parent_id == audit.event_of(grant, "equity_grant.create").id
    expected = {
        ("equity_grant", grant.id),
        ("equity_plan", plan.id),
        ("venture", scene.venture.id),
        ("proposal", scene.venture.proposal_id),
    }
    assert queries.readable(opened) == expected
    given = db.session.scalars(db.select(Access).where(Access.person_id == scene.auditor.id)).all()
    assert {(one.subject_type, one.subject_id) for one in given} == expected
    assert {(one.source, one.until_at) for one in given} == {(opened.source, opened.until_at)}
    assert opened.until_at - clock.now() > dt.timedelta(days=13)


def test_the_end_of_a_case_ends_its_access(scene: Scene) -> None:
    opened = case(scene, scene.live(scene.plan()))
    with transaction():
        services.close_case(scene.auditor, opened)
    assert (opened.is_open, queries.readable(opened)) == (False, set())
    with pytest.raises(DomainError) as again, transaction():
        services.close_case(scene.auditor, opened)
    assert again.value.code == "wrong_state"


def test_a_case_does_not_outlive_its_days(scene: Scene) -> None:
    opened = case(scene, scene.live(scene.plan()))
    with transaction():
        past = clock.now() - dt.timedelta(seconds=1)
        opened.created_at, opened.until_at = past - dt.timedelta(days=1), past
        db.session.execute(db.update(Access).where(Access.source == opened.source).values(until_at=past))
    assert (opened.is_open, queries.readable(opened)) == (False, set())


def test_what_is_denied_stays_denied(scene: Scene) -> None:
    from incubator.people.access import deny

    opened = case(scene, scene.live(scene.plan()))
    with scene.make.acting():
        audit.record("test.conflict", scene.venture)
        deny(scene.auditor.id, scene.venture, "conflict")
    assert ("venture", scene.venture.id) not in queries.readable(opened)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": "  "}, "reason"), ({"days": 0}, "days"), ({"days": 91}, "days")],
)
def test_a_case_needs_a_reason_and_an_end(scene: Scene, changes: dict[str, Any], field: str) -> None:
    grant = scene.live(scene.plan())
    with pytest.raises(DomainError) as caught:
        case(scene, grant, **changes)
    assert caught.value.field == field


def with_role(person: Person, scene: Scene) -> Person:
    with transaction():
        person.roles.append(RoleGrant(company_id=scene.group.id, role=Role.AUDITOR, from_on=clock.today()))
    return person


def test_who_has_a_stake_opens_no_case(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    for person, code in (
        (with_role(scene.lead, scene), "case_grant.open"),
        (with_role(scene.member, scene), "not_allowed"),
        (scene.maker, "case_grant.open"),
        (scene.make.person(None, Role.AUDITOR), "case_grant.open"),
    ):
        with pytest.raises(DomainError) as caught, transaction():
            services.open_case(person, grant, reason="To look", days=1)
        assert caught.value.code == code


def test_a_number_is_found_within_the_auditor_s_scope_and_drafts_are_not(scene: Scene) -> None:
    plan = scene.plan()
    grant, draft = scene.live(plan), scene.draft(plan)
    outsider = scene.make.person(None, Role.AUDITOR)
    assert queries.grant_by_number(scene.auditor, f" {grant.number.lower()} ") is grant
    assert queries.grant_by_number(scene.auditor, draft.number) is None
    assert queries.grant_by_number(outsider, grant.number) is None
