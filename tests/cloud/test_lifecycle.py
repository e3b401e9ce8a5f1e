"""The middle and the end of a sandbox: who else gets in, copies, notices, what cannot be removed, what is repaired."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from incubator.cloud import jobs, services
from incubator.cloud.models import Finding, LeaseNotice, Meter, Operation, Sandbox, SandboxExport, SandboxMember
from incubator.cloud.services import ending, metering, operations
from incubator.cloud.states import (
    Desired,
    FindingKind,
    FreezeReason,
    Kind,
    LeaseState,
    MemberState,
    OperationState,
    SandboxState,
)
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.files import storage
from incubator.ledger.queries import prove
from incubator.people.models import Person, Role
from incubator.people.predicates import SYSTEM
from incubator.ventures.models import VentureMember
from tests.cloud.conftest import World, clear_all, read_all, sweep_all
from tests.cloud.test_operations import kinds, run

SignIn = Callable[..., FlaskClient]


def ready(world: World, **details: object) -> Sandbox:
    sandbox = world.order(**details)
    run(world, sandbox)
    assert sandbox.state is SandboxState.ACTIVE
    return sandbox


def mate(world: World, name: str = "Chen Bo") -> Person:
    person = world.make.person(world.lead.company, name=name)
    world.make.add(VentureMember(venture_id=world.venture.id, person_id=person.id, share_bp=0))
    return person


def let_in(world: World, sandbox: Sandbox, person: Person) -> SandboxMember:
    with transaction():
        member = services.add_member(world.lead, sandbox, person=person)
    run(world, sandbox, Kind.MEMBERS)
    return member


def days_over(sandbox: Sandbox) -> None:
    with transaction():
        sandbox.lease.ends_at = clock.now()
    jobs.expire()


def ask_freeze(sandbox: Sandbox, reason: FreezeReason, level: int) -> None:
    with transaction(), audit.because(SYSTEM, "sandbox.meter", parent_id=sandbox.cause_id):
        metering.request_freeze(sandbox, reason, level)


def finding(key: str) -> Finding:
    return db.session.scalars(select(Finding).where(Finding.key == key, Finding.closed_at.is_(None))).one()


def open_findings(world: World) -> list[Finding]:
    """What does not add up at the provider of this test alone: the embedded one is shared by all tests of a run."""
    at = (Finding.provider_id == world.partner.id, Finding.closed_at.is_(None))
    return list(db.session.scalars(select(Finding).where(*at)))


# ---- members


def test_a_member_gets_in_with_a_secret_of_their_own_shown_once_and_goes_again(world: World) -> None:
    sandbox, person = ready(world, provider="local"), mate(world)
    member = let_in(world, sandbox, person)
    assert (member.state, kinds(person)) == (MemberState.IN, ["sandbox.member"])
    with transaction():
        secret = services.reveal_member_secret(person, member)
        team = services.reveal_secret(world.lead, sandbox)
    assert (secret.user == team.user, secret.database) == (False, team.database)
    address = {"host": secret.host, "port": secret.port, "dbname": secret.database}
    with psycopg.connect(**address, user=secret.user, password=secret.password) as connection:
        connection.execute("CREATE TABLE made_by_a_member (id int)")
    with psycopg.connect(**address, user=team.user, password=team.password) as connection:
        connection.execute("DROP TABLE made_by_a_member")
    with pytest.raises(services.Gone), transaction():
        services.reveal_member_secret(person, member)
    with transaction():
        services.remove_member(world.lead, sandbox, member=member)
    run(world, sandbox, Kind.MEMBERS)
    assert member.state is MemberState.OUT
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(**address, user=secret.user, password=secret.password)
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)


def test_who_is_not_of_the_team_is_not_let_in_and_only_the_lead_asks(world: World) -> None:
    sandbox, person = ready(world), mate(world)
    stranger = world.make.person(world.lead.company, name="Stranger")
    for wrong in (stranger, world.lead):
        with pytest.raises(Invalid), transaction():
            services.add_member(world.lead, sandbox, person=wrong)
    with pytest.raises(NotAllowed), transaction():
        services.add_member(person, sandbox, person=person)
    member = let_in(world, sandbox, person)
    with pytest.raises(NotAllowed), transaction():
        services.reveal_member_secret(world.lead, member)
    with transaction():
        assert services.add_member(world.lead, sandbox, person=person) is member
        assert services.add_member(world.lead, sandbox, person=person) is member
    assert (member.state, member.ciphertext) == (MemberState.ASKED, None)
    with pytest.raises(WrongState), transaction():
        services.reveal_member_secret(person, member)


def test_who_is_asked_for_while_others_are_let_in_is_let_in_next(world: World) -> None:
    sandbox = ready(world)
    first, second = mate(world), mate(world, "Zhao Lei")
    with transaction():
        services.add_member(world.lead, sandbox, person=first)
    world.loopback.before = None
    operation = world.operation(sandbox, Kind.MEMBERS)
    with transaction():
        late = SandboxMember(sandbox=sandbox, person=second)
        db.session.add(late)
        operation.state = OperationState.DONE
    assert jobs.repair() == [sandbox.id]
    assert jobs.repair() == []
    run(world, sandbox, Kind.MEMBERS)
    assert set(world.loopback.accounts[sandbox.public_id]["members"]) == set(
        db.session.scalars(select(SandboxMember.public_id).where(SandboxMember.state == MemberState.IN))
    )
    assert late.state is MemberState.IN


def test_nobody_is_in_a_closed_sandbox(world: World) -> None:
    sandbox = ready(world)
    member = let_in(world, sandbox, mate(world))
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)
    assert (member.state, member.ciphertext) == (MemberState.OUT, None)
    with pytest.raises(WrongState), transaction():
        services.add_member(world.lead, sandbox, person=member.person)


def test_the_lead_lets_somebody_in_from_the_page_and_they_find_their_secret(world: World, sign_in: SignIn) -> None:
    sandbox, person = ready(world), mate(world)
    address = f"/sandboxes/{sandbox.public_id}"
    client = sign_in(world.lead)
    assert "Chen Bo" in client.get(f"{address}/members").text
    refused = client.post(f"{address}/members", data={"person": "nobody"})
    assert (refused.status_code, "aria-invalid" in refused.text) == (422, True)
    assert client.post(f"{address}/members", data={"person": person.public_id}).status_code == 303
    run(world, sandbox, Kind.MEMBERS)
    page = client.get(address).text
    assert "Has access" in page
    assert "Show my access data" not in page
    member = db.session.scalars(select(SandboxMember)).one()
    theirs = sign_in(person)
    assert "You were let into a sandbox" in theirs.get("/").text
    assert "word-" in theirs.post(f"/sandboxes/members/{member.public_id}/secret").text
    assert theirs.post(f"/sandboxes/members/{member.public_id}/secret").status_code == 410
    assert theirs.post(f"/sandboxes/members/{member.public_id}/remove").status_code == 404
    client = sign_in(world.lead)
    assert client.post(f"/sandboxes/members/{member.public_id}/remove").status_code == 303
    assert "All of the venture" in client.get(f"{address}/members").text or member.state is MemberState.LEAVING


# ---- copies and the end of a lease


def test_when_its_days_are_over_a_copy_is_made_that_the_team_can_read_anywhere(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world, provider="local")
    with transaction():
        secret = services.reveal_secret(world.lead, sandbox)
    with psycopg.connect(
        host=secret.host, port=secret.port, dbname=secret.database, user=secret.user, password=secret.password
    ) as connection:
        connection.execute("CREATE TABLE reading (city text); INSERT INTO reading VALUES ('上海')")
    days_over(sandbox)
    run(world, sandbox, Kind.FREEZE)
    run(world, sandbox, Kind.EXPORT)
    copy = db.session.scalars(select(SandboxExport)).one()
    answer = sign_in(world.lead).get(f"/sandboxes/exports/{copy.public_id}")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["database.sql", "README.txt"]
        assert "上海" in archive.read("database.sql").decode()
        assert secret.password not in archive.read("database.sql").decode()
    assert sign_in(world.operator).get(f"/sandboxes/exports/{copy.public_id}").status_code == 404
    assert "Copies" in sign_in(world.lead).get(f"/sandboxes/{sandbox.public_id}").text
    with transaction():
        sandbox.lease.grace_ends_at = clock.now()
    jobs.expire()
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, db.session.scalar(select(func.count()).select_from(SandboxExport))) == (
        SandboxState.CLOSED, 1,
    )  # fmt: skip


def test_what_was_not_copied_yet_is_copied_before_it_is_deleted(world: World) -> None:
    sandbox = ready(world)
    days_over(sandbox)
    with transaction():
        sandbox.lease.grace_ends_at = clock.now()
    jobs.expire()
    world.loopback.faults = [("GET", "/export", 400)]
    operation = run(world, sandbox, Kind.CLOSE)
    assert (operation.state, sandbox.state) == (OperationState.DEAD, SandboxState.QUARANTINED)
    assert sandbox.public_id in world.loopback.accounts
    with transaction():
        services.retry(world.operator, operation)
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, world.loopback.accounts) == (SandboxState.CLOSED, {})
    copy = db.session.scalars(select(SandboxExport)).one()
    assert copy.file is not None
    assert storage.read(copy.file.sha256) == b"PK-archive-of-" + sandbox.public_id.encode()


def test_a_copy_that_cannot_be_made_is_done_without_by_lead_or_operator_for_a_reason(
    world: World, sign_in: SignIn
) -> None:
    sandbox = ready(world)
    days_over(sandbox)
    with pytest.raises(WrongState, match="stopped because no copy"), transaction():
        services.close_without_copy(world.operator, sandbox, reason="Early")
    with transaction():
        sandbox.lease.grace_ends_at = clock.now()
    jobs.expire()
    world.loopback.faults = [("GET", "/export", 400)]
    assert run(world, sandbox, Kind.CLOSE).state is OperationState.DEAD
    at = f"/sandboxes/{sandbox.public_id}"
    assert f"{at}/without-copy" in sign_in(world.lead).get(at).text
    said = {"reason": "The archive is damaged"}
    reader = sign_in(world.make.person(sandbox.company, Role.FINANCE))
    assert reader.post(f"{at}/without-copy", data=said).status_code == 403
    client = sign_in(world.operator)
    assert f"{at}/without-copy" in client.get("/sandboxes/operations").text
    answer = client.post(f"{at}/without-copy", data={"reason": " "})
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)
    assert client.post(f"{at}/without-copy", data=said).status_code == 303
    assert client.post(f"{at}/without-copy", data=said).status_code == 409
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, world.loopback.accounts) == (SandboxState.CLOSED, {})
    assert db.session.scalars(select(SandboxExport)).all() == []
    assert "sandbox.without_copy" in kinds(world.lead)
    assert "The archive is damaged" in client.get(at).text


def test_a_copy_is_asked_for_by_the_lead_and_its_bytes_go_when_its_time_is_over(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    client = sign_in(world.lead)
    assert client.post(f"/sandboxes/{sandbox.public_id}/export").status_code == 303
    run(world, sandbox, Kind.EXPORT)
    assert "sandbox.exported" in kinds(world.lead)
    copy = db.session.scalars(select(SandboxExport)).one()
    assert jobs.forget_exports() == 0
    with transaction():
        copy.expires_at = clock.now()
    assert (jobs.forget_exports(), jobs.forget_exports()) == (1, 0)
    assert (copy.file_id, client.get(f"/sandboxes/exports/{copy.public_id}").status_code) == (None, 404)
    with transaction():
        services.close(world.lead, sandbox)
    with pytest.raises(WrongState), transaction():
        services.ask_export(world.lead, sandbox)


def test_a_copy_that_breaks_off_leaves_no_file_and_is_asked_for_again(world: World) -> None:
    sandbox = ready(world)
    with transaction():
        services.ask_export(world.lead, sandbox)
    world.loopback.faults = [("GET", "/export", "lost")]
    operation = run(world, sandbox, Kind.EXPORT)
    assert (operation.state, operation.attempts) == (OperationState.PENDING, 1)
    run(world, sandbox, Kind.EXPORT)
    assert operation.state is OperationState.DONE


def test_the_lead_is_told_once_seven_days_and_one_day_before_the_end(world: World) -> None:
    long, short = ready(world, days=30), ready(world, days=5)
    assert jobs.expire() == 0
    told = [kind for kind in kinds(world.lead) if kind == "sandbox.ends_soon"]
    assert told == []
    for days, expected in ((6, 1), (6, 1), (0, 2)):
        with transaction():
            if days == 6:
                long.lease.ends_at = long.lease.starts_at + dt.timedelta(days=6)
            else:
                short.lease.ends_at = short.lease.starts_at + dt.timedelta(hours=20)
        jobs.expire()
        assert kinds(world.lead).count("sandbox.ends_soon") == expected
    assert sorted(db.session.scalars(select(LeaseNotice.days))) == [1, 7]


# ---- what cannot be removed


def test_a_clock_that_jumps_an_hour_and_back_ends_nothing_early_and_counts_no_second_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox, here = ready(world), clock.now
    meter = select(Meter).where(Meter.sandbox_id == sandbox.id).execution_options(populate_existing=True)
    with monkeypatch.context() as patched:
        patched.setattr(clock, "now", lambda: here() + dt.timedelta(hours=1))
        read_all()
        ahead = db.session.scalars(meter).one().cost
        jobs.expire()
    read_all()
    jobs.expire()
    assert (sandbox.lease.state, sandbox.desired, sandbox.state) == (
        LeaseState.RUNNING, Desired.ACTIVE, SandboxState.ACTIVE,
    )  # fmt: skip
    assert db.session.scalars(meter).one().cost == ahead  # what the hour ahead counted is not counted again
    assert prove().holds


def test_what_cannot_be_removed_is_in_quarantine_with_its_list_and_others_go_on(world: World, sign_in: SignIn) -> None:
    sandbox, other = ready(world), ready(world)
    world.loopback.accounts[sandbox.public_id]["stuck"] = ["disk-7", "address-3"]
    for one in (sandbox, other):
        with transaction():
            services.close(world.lead, one)
        run(world, one, Kind.CLOSE)
    assert (sandbox.state, sandbox.leftovers) == (SandboxState.QUARANTINED, ["address-3", "disk-7"])
    assert other.state is SandboxState.CLOSED
    page = sign_in(world.operator).get("/sandboxes/operations").text
    assert "Could not be emptied" in page
    assert "disk-7" in page
    assert "disk-7" in sign_in(world.lead).get(f"/sandboxes/{sandbox.public_id}").text
    world.loopback.accounts[sandbox.public_id]["stuck"] = []
    with transaction():
        services.retry(world.operator, world.operation(sandbox, Kind.CLOSE))
    run(world, sandbox, Kind.CLOSE)
    assert (sandbox.state, sandbox.leftovers, prove().holds) == (SandboxState.CLOSED, [], True)


# ---- what came late, what was changed by hand


def test_an_account_that_came_late_for_a_closed_sandbox_is_swept(world: World) -> None:
    sandbox = ready(world)
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)
    world.loopback.do("PUT", f"/accounts/{sandbox.public_id}", {})
    sweep_all()
    assert db.session.scalar(select(Operation.id).where(Operation.kind == Kind.SWEEP)) is None
    sweep_all()
    sweep_all()
    assert run(world, sandbox, Kind.SWEEP).state is OperationState.DONE
    assert world.loopback.accounts == {}
    assert kinds(world.operator).count("sandbox.late") == 1
    sweep_all()
    assert open_findings(world) == []


def test_what_is_opened_by_hand_though_it_is_frozen_is_frozen_again(world: World) -> None:
    sandbox = ready(world)
    days_over(sandbox)
    run(world, sandbox, Kind.FREEZE)
    world.loopback.accounts[sandbox.public_id]["state"] = "active"
    sweep_all()
    assert finding(sandbox.public_id).kind is FindingKind.DRIFT
    sweep_all()
    run(world, sandbox, Kind.FREEZE)
    assert world.loopback.accounts[sandbox.public_id]["state"] == "frozen"
    assert (sandbox.state, sandbox.frozen_reason) == (SandboxState.FROZEN, FreezeReason.LEASE)
    sweep_all()
    assert open_findings(world) == []


def test_an_account_renamed_by_hand_is_lost_then_taken_over_by_an_operator(world: World, sign_in: SignIn) -> None:
    sandbox = ready(world)
    started = sandbox.lease.starts_at
    account = world.loopback.accounts.pop(sandbox.public_id)
    world.loopback.accounts["renamed"] = account | {"key": "renamed"}
    for _ in range(2):
        sweep_all()
    assert sandbox.state is SandboxState.LOST
    client = sign_in(world.operator)
    page = client.get("/sandboxes/operations").text
    assert "Lost at their providers" in page
    address = f"/sandboxes/{sandbox.public_id}/adopt"
    assert "renamed" in client.get(address).text
    assert client.post(address, data={"finding": "nothing"}).status_code == 422
    assert client.post(address, data={"finding": finding("renamed").public_id}).status_code == 303
    run(world, sandbox)
    assert (sandbox.state, sandbox.key, sandbox.lease.starts_at) == (SandboxState.ACTIVE, "renamed", started)
    sweep_all()
    assert open_findings(world) == []
    read_all()
    with transaction():
        services.close(world.lead, sandbox)
    run(world, sandbox, Kind.CLOSE)
    assert (world.loopback.accounts, world.balances()["hold"], prove().holds) == ({}, 0, True)


def test_a_failed_sandbox_takes_an_account_over_and_its_credits_are_held_again(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order()
    dead = run(world, sandbox)
    assert world.balances()["hold"] == 0
    world.loopback.do("PUT", "/accounts/by-hand", {})
    sweep_all()
    stray = finding("by-hand")
    with pytest.raises(NotAllowed), transaction():
        services.adopt(world.lead, sandbox, finding=stray)
    with transaction():
        services.adopt(world.operator, sandbox, finding=stray)
    assert (dead.state, world.balances()["hold"]) == (OperationState.COMPENSATED, 2000)
    run(world, sandbox)
    assert (sandbox.state, sandbox.lease.state) == (SandboxState.ACTIVE, LeaseState.RUNNING)
    with pytest.raises(WrongState), transaction():
        services.adopt(world.operator, sandbox, finding=stray)


def test_an_account_of_another_provider_or_with_an_owner_is_not_taken_over(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order()
    run(world, sandbox)
    elsewhere = Finding(
        provider_id=world.local.id, kind=FindingKind.ORPHAN, key="k", first_at=clock.now(), last_at=clock.now()
    )  # fmt: skip
    world.make.add(elsewhere)
    for wrong in (elsewhere, None):
        with pytest.raises(Invalid), transaction():
            services.adopt(world.operator, sandbox, finding=wrong)


# ---- what operators give up


def test_an_operator_gives_a_set_up_up_and_what_it_left_is_deleted(world: World, sign_in: SignIn) -> None:
    sandbox = world.order()
    world.loopback.faults = [("POST", "/access", 400)]
    operation = run(world, sandbox)
    assert (operation.state, list(world.loopback.accounts)) == (OperationState.DEAD, [sandbox.public_id])
    client = sign_in(world.operator)
    assert "Give up and undo" in client.get("/sandboxes/operations").text
    assert client.post(f"/sandboxes/operations/{operation.public_id}/compensate").status_code == 303
    assert operation.state is OperationState.COMPENSATING
    run(world, sandbox, Kind.CLOSE)
    assert (operation.state, sandbox.state, world.loopback.accounts) == (
        OperationState.COMPENSATED, SandboxState.CLOSED, {},
    )  # fmt: skip
    assert (world.balances()["hold"], prove().holds) == (0, True)
    assert client.post(f"/sandboxes/operations/{operation.public_id}/compensate").status_code == 409


def test_what_leaves_nothing_behind_is_given_up_at_once_and_what_must_come_about_is_not(world: World) -> None:
    sandbox = ready(world)
    with transaction():
        services.renew_access(world.lead, sandbox)
    world.loopback.faults = [("POST", "/access", 400)]
    access = run(world, sandbox, Kind.ACCESS)
    with transaction():
        services.compensate(world.operator, access)
    assert access.state is OperationState.COMPENSATED
    with transaction():
        services.close(world.lead, sandbox)
    world.loopback.faults = [("DELETE", "/accounts", 400)]
    closing = run(world, sandbox, Kind.CLOSE)
    with pytest.raises(WrongState), transaction():
        services.compensate(world.operator, closing)


def test_an_account_that_is_nobodys_is_deleted_when_an_operator_says_so(world: World, sign_in: SignIn) -> None:
    for key in ("stray", "sticky"):
        world.loopback.do("PUT", f"/accounts/{key}", {})
    world.loopback.accounts["sticky"]["stuck"] = ["disk-1"]
    sweep_all()
    assert clear_all() == 0
    client = sign_in(world.operator)
    assert "Delete it with everything in it" in client.get("/sandboxes/operations").text
    for key in ("stray", "sticky"):
        assert client.post(f"/sandboxes/findings/{finding(key).public_id}/give-up").status_code == 303
    assert "Being deleted" in client.get("/sandboxes/operations").text
    assert (clear_all(), list(world.loopback.accounts)) == (1, ["sticky"])
    assert finding("sticky").detail == "still there: disk-1"
    world.loopback.faults = [("GET", "/accounts/sticky", 500)]
    assert (clear_all(), finding("sticky").detail) == (0, "HTTP 500")
    overrun = Finding(
        provider_id=world.partner.id, kind=FindingKind.OVERRUN, key="k", first_at=clock.now(), last_at=clock.now()
    )  # fmt: skip
    world.make.add(overrun)
    with pytest.raises(WrongState), transaction():
        services.give_up(world.operator, overrun)


def test_an_account_that_was_given_up_and_has_a_sandbox_by_now_is_left_alone(world: World) -> None:
    sandbox = ready(world)
    row = Finding(
        provider_id=world.partner.id, kind=FindingKind.ORPHAN, key=sandbox.public_id, first_at=clock.now(),
        last_at=clock.now(), asked_at=clock.now(), asked_by_id=world.operator.id,
    )  # fmt: skip
    world.make.add(row)
    assert clear_all() == 0
    assert (row.detail, list(world.loopback.accounts)) == ("it belongs to a sandbox by now", [sandbox.public_id])


# ---- what should be and is not


def test_what_should_be_frozen_or_closed_is_asked_for_again(world: World) -> None:
    frozen, closed = ready(world), ready(world)
    with transaction():
        frozen.desired = Desired.FROZEN
        closed.desired = Desired.CLOSED
        closed.state = SandboxState.CLOSING
    assert sorted(jobs.repair()) == [frozen.id, closed.id]
    run(world, frozen, Kind.FREEZE)
    run(world, closed, Kind.CLOSE)
    assert (frozen.state, closed.state) == (SandboxState.FROZEN, SandboxState.CLOSED)
    assert jobs.repair() == []


def test_a_provider_that_is_at_it_for_hours_needs_a_person(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", "late")] * 2
    sandbox = world.order()
    operation = run(world, sandbox)
    assert operation.state is OperationState.WAITING
    with transaction():
        for step in operation.steps:
            if step.done_at is None and step.started_at:
                step.started_at -= dt.timedelta(hours=3)
    world.loopback.accounts[sandbox.public_id]["state"] = "creating"
    run(world, sandbox)
    assert (operation.state, sandbox.state) == (OperationState.DEAD, SandboxState.FAILED)
    assert operations.open_operation(sandbox, Kind.PROVISION) is operation


# ---- what was mended: nothing is swallowed, wiped, reopened or lost


def test_what_has_stopped_for_good_does_not_swallow_the_next_wish(world: World) -> None:
    sandbox = ready(world)
    with transaction():
        services.renew_access(world.lead, sandbox)
    world.loopback.faults = [("POST", "/access", 400)]
    first = run(world, sandbox, Kind.ACCESS)
    assert first.state is OperationState.DEAD
    with transaction():
        services.renew_access(world.lead, sandbox)
    second = run(world, sandbox, Kind.ACCESS)
    assert (first.state, second.state, second.id > first.id) == (
        OperationState.COMPENSATED, OperationState.DONE, True,
    )  # fmt: skip


def test_an_account_that_is_given_up_or_of_another_sandbox_is_not_taken_over(world: World) -> None:
    other = ready(world)
    with transaction():
        services.close(world.lead, other)
    run(world, other, Kind.CLOSE)
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order()
    run(world, sandbox)
    stamps = {"first_at": clock.now(), "last_at": clock.now(), "kind": FindingKind.ORPHAN}
    closed = Finding(provider_id=world.partner.id, key=other.public_id, **stamps)
    given_up = Finding(
        provider_id=world.partner.id, key="stray", asked_at=clock.now(), asked_by_id=world.operator.id, **stamps
    )
    world.make.add(closed)
    world.make.add(given_up)
    for wrong in (closed, given_up):
        with pytest.raises(Invalid), transaction():
            services.adopt(world.operator, sandbox, finding=wrong)


def test_a_freeze_that_is_not_wished_for_any_more_does_not_come_about(world: World) -> None:
    sandbox = ready(world)
    ask_freeze(sandbox, FreezeReason.CREDIT, 2)
    with transaction():
        sandbox.desired = Desired.ACTIVE
    freeze = run(world, sandbox, Kind.FREEZE)
    assert (freeze.state, sandbox.state) == (OperationState.DONE, SandboxState.ACTIVE)
    assert world.loopback.accounts[sandbox.public_id]["state"] == "active"


def test_a_freeze_that_took_effect_although_not_wished_for_any_more_is_lifted(world: World) -> None:
    sandbox = ready(world)
    ask_freeze(sandbox, FreezeReason.CREDIT, 2)
    world.loopback.faults = [("POST", "/freeze", "lost")]
    run(world, sandbox, Kind.FREEZE)
    with transaction():
        sandbox.desired = Desired.ACTIVE
    assert world.loopback.accounts[sandbox.public_id]["state"] == "frozen"
    run(world, sandbox, Kind.FREEZE)
    run(world, sandbox, Kind.UNFREEZE)
    assert (sandbox.state, world.loopback.accounts[sandbox.public_id]["state"]) == (SandboxState.ACTIVE, "active")


def test_an_opening_that_is_overtaken_by_the_end_of_the_lease_is_frozen_again(world: World) -> None:
    sandbox = ready(world)
    ask_freeze(sandbox, FreezeReason.DISK, 1)
    run(world, sandbox, Kind.FREEZE)
    with transaction():
        services.unfreeze(world.operator, sandbox)
    world.loopback.faults = [("POST", "/unfreeze", "lost")]
    run(world, sandbox, Kind.UNFREEZE)
    days_over(sandbox)
    assert (sandbox.frozen_reason, sandbox.desired) == (FreezeReason.LEASE, Desired.FROZEN)
    opening = run(world, sandbox, Kind.UNFREEZE)
    assert (opening.state, sandbox.state, sandbox.desired) == (
        OperationState.DONE, SandboxState.FROZEN, Desired.FROZEN,
    )  # fmt: skip
    assert world.loopback.accounts[sandbox.public_id]["state"] == "active"
    run(world, sandbox, Kind.FREEZE)
    assert world.loopback.accounts[sandbox.public_id]["state"] == "frozen"
    with pytest.raises(WrongState), transaction():
        services.unfreeze(world.operator, sandbox)


def test_a_freeze_on_its_way_at_the_end_of_the_lease_is_the_leases(world: World) -> None:
    sandbox = ready(world)
    ask_freeze(sandbox, FreezeReason.DISK, 1)
    days_over(sandbox)
    operation = run(world, sandbox, Kind.FREEZE)
    assert (operation.level, sandbox.frozen_reason) == (2, FreezeReason.LEASE)


def test_a_lost_sandbox_gives_its_rest_back_and_holds_only_what_is_not_spent(
    world: World, let_pass: Callable[[Sandbox, int], None]
) -> None:
    sandbox = ready(world, limit=2000)
    let_pass(sandbox, 100)
    account = world.loopback.accounts.pop(sandbox.public_id)
    world.loopback.accounts["other"] = account | {"key": "other"}
    sweep_all()
    sweep_all()
    spent = world.balances()["spent"]
    assert (sandbox.state, world.balances()["hold"], spent >= 10) == (SandboxState.LOST, 0, True)
    with transaction():
        services.adopt(world.operator, sandbox, finding=finding("other"))
    run(world, sandbox)
    assert (sandbox.state, world.balances()["hold"]) == (SandboxState.ACTIVE, 2000 - spent)
    assert prove().holds


def test_patience_begins_anew_when_it_is_tried_again(world: World) -> None:
    world.loopback.faults = [("PUT", "/accounts", 507)]
    sandbox = world.order()
    operation = run(world, sandbox)
    with transaction():
        operation.steps[1].started_at = clock.now() - dt.timedelta(hours=3)
    with transaction():
        services.retry(world.operator, operation)
    assert operation.steps[1].started_at is None
    assert operation.steps[0].started_at is not None


def test_who_leaves_the_company_is_let_out(world: World) -> None:
    sandbox, person = ready(world), mate(world)
    member = let_in(world, sandbox, person)
    assert jobs.repair() == []
    with transaction():
        person.left_on = clock.now().date()
    jobs.repair()
    assert (member.state, member.ciphertext) == (MemberState.LEAVING, None)
    run(world, sandbox, Kind.MEMBERS)
    assert (member.state, world.loopback.accounts[sandbox.public_id]["members"]) == (MemberState.OUT, {})


def test_who_was_removed_while_it_was_frozen_does_not_get_in_with_the_others_again(world: World) -> None:
    sandbox, person = ready(world), mate(world)
    member = let_in(world, sandbox, person)
    ask_freeze(sandbox, FreezeReason.DISK, 1)
    run(world, sandbox, Kind.FREEZE)
    with transaction():
        services.remove_member(world.lead, sandbox, member=member)
        services.unfreeze(world.operator, sandbox)
    world.loopback.calls.clear()
    run(world, sandbox, Kind.UNFREEZE)
    changes = [call.rpartition("/")[2] for call in world.loopback.calls if not call.startswith("GET")]
    assert changes == [member.public_id, "unfreeze"]
    assert (member.state, sandbox.state) == (MemberState.OUT, SandboxState.ACTIVE)


def test_one_that_breaks_does_not_keep_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = ready(world), ready(world)
    with transaction():
        for sandbox in (first, second):
            sandbox.lease.ends_at = clock.now()
    expire = ending.expire

    def breaks(lease: object, sandbox: Sandbox) -> None:
        if sandbox.id == first.id:
            raise RuntimeError("a bad row")
        expire(lease, sandbox)

    monkeypatch.setattr(ending, "expire", breaks)
    jobs.expire()
    assert (first.lease.state, second.lease.state) == (LeaseState.RUNNING, LeaseState.GRACE)


def test_credentials_that_cannot_be_read_set_an_operation_back(world: World) -> None:
    sandbox = world.order()
    with transaction():
        world.partner.token = b"not ours"
    operation = run(world, sandbox)
    assert (operation.state, operation.attempts) == (OperationState.PENDING, 1)
