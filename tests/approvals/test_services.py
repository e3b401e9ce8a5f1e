"""Asking for signatures, giving and refusing them."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from incubator.approvals import queries, services
from incubator.approvals.models import Approval, ApprovalStep
from incubator.approvals.predicates import can_sign, is_maker
from incubator.approvals.states import Verdict
from incubator.core.audit import AuditEvent, AuditPayload
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, Stale, WrongState
from incubator.people.models import Company, Person, Role
from tests.make import Make

CONTENT = {"grant": "G-1", "units": 1000}


class Scene:
    """A company with a maker, a holder who gains, and two persons of HR."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.group = make.company()
        self.company = make.company(self.group)
        self.maker = make.person(self.company, Role.HR, name="Maker")
        self.holder = make.person(self.company, name="Holder")
        self.first = make.person(self.company, Role.HR, name="First")
        self.second = make.person(self.group, Role.HR, name="Second")

    def request(self, *steps: Role, content: dict[str, Any] | None = None) -> Approval:
        with self.make.acting(self.maker, "grant.submit"):
            return services.request(
                self.maker, self.company, title={"en": "Grant G-1", "zh": "授予 G-1"}, address="/equity/grants/g1",
                company=self.company, content=content or CONTENT, steps=steps or (Role.HR,),
                beneficiaries=[self.holder.id],
            )  # fmt: skip

    def sign(self, person: Person, approval: Approval, content: dict[str, Any] | None = None) -> bool:
        with self.make.acting(person, "grant.approve"):
            return services.sign(person, approval, content=content or CONTENT)


@pytest.fixture
def scene(make: Make) -> Scene:
    return Scene(make)


def refusal(call: Any) -> tuple[type, str]:
    with pytest.raises(DomainError) as caught:
        call()
    return type(caught.value), str(caught.value.message)


def test_a_request_freezes_the_content_with_its_hash(scene: Scene) -> None:
    approval = scene.request(Role.HR, Role.FINANCE)
    assert (approval.content, approval.hash) == (CONTENT, services.fingerprint({"units": 1000, "grant": "G-1"}))
    assert [(step.position, step.role, step.state) for step in approval.steps] == [
        (0, Role.HR, Verdict.WAITING),
        (1, Role.FINANCE, Verdict.WAITING),
    ]
    assert approval.beneficiary_ids == [scene.holder.id]
    event = db.session.get(AuditEvent, approval.cause_id)
    assert event is not None
    assert (event.name, event.subject_type, event.actor_id) == ("approval.request", "company", scene.maker.id)


def test_a_request_without_a_signature_is_a_programming_error(scene: Scene) -> None:
    with scene.make.acting(scene.maker), pytest.raises(ValueError, match="at least one signature"):
        services.request(
            scene.maker, scene.company, title={"en": "", "zh": ""}, address="/", company=scene.company,
            content={}, steps=[],
        )  # fmt: skip


def test_only_one_request_on_a_subject_is_open(scene: Scene) -> None:
    scene.request()
    assert refusal(scene.request) == (WrongState, "This waits for a signature already. Cancel that request first.")


def test_signatures_are_given_in_order_and_the_last_one_completes(scene: Scene) -> None:
    approval = scene.request(Role.HR, Role.FINANCE)
    finance = scene.make.person(scene.company, Role.FINANCE)
    assert refusal(lambda: scene.sign(finance, approval))[1] == (
        "This signature is for human resources of this company or of one above it."
    )
    assert scene.sign(scene.first, approval) is False
    assert scene.sign(finance, approval) is True
    assert (approval.state, [step.person_id for step in approval.steps]) == (
        Verdict.APPROVED,
        [scene.first.id, finance.id],
    )
    assert all(step.signed_at is not None for step in approval.steps)


def test_a_role_held_above_the_company_counts_and_one_beside_it_does_not(scene: Scene) -> None:
    beside = scene.make.person(scene.make.company(scene.group), Role.HR)
    approval = scene.request()
    assert refusal(lambda: scene.sign(beside, approval))[0] is NotAllowed
    assert scene.sign(scene.second, approval) is True


def test_the_maker_cannot_sign(scene: Scene) -> None:
    approval = scene.request()
    assert refusal(lambda: scene.sign(scene.maker, approval)) == (
        NotAllowed,
        "You made this request, so somebody else must sign it.",
    )


def test_who_gains_cannot_sign(scene: Scene) -> None:
    approval = scene.request()
    assert refusal(lambda: scene.sign(scene.holder, approval)) == (
        NotAllowed,
        "You gain from this, so somebody else must sign it.",
    )


def test_who_reports_to_a_person_who_gains_cannot_sign(scene: Scene) -> None:
    report = scene.make.person(scene.company, Role.HR, manager=scene.holder)
    approval = scene.request()
    assert refusal(lambda: scene.sign(report, approval)) == (
        NotAllowed,
        "You report to a person who gains from this, so somebody else must sign it.",
    )


def test_who_reports_to_the_maker_cannot_sign(scene: Scene) -> None:
    report = scene.make.person(scene.company, Role.HR, manager=scene.maker)
    approval = scene.request()
    assert refusal(lambda: scene.sign(report, approval)) == (
        NotAllowed,
        "You report to the person who made this request, so somebody else must sign it.",
    )


def test_nobody_signs_twice(scene: Scene) -> None:
    approval = scene.request(Role.HR, Role.HR)
    scene.sign(scene.first, approval)
    assert refusal(lambda: scene.sign(scene.first, approval)) == (
        NotAllowed,
        "You have signed this already; the next signature is another person's.",
    )
    assert scene.sign(scene.second, approval) is True


def test_changed_content_is_not_signed(scene: Scene) -> None:
    approval = scene.request()
    assert refusal(lambda: scene.sign(scene.first, approval, {"grant": "G-1", "units": 1001})) == (
        Stale,
        "What you are asked to sign has changed since the request was made. It must be put to you anew.",
    )
    assert approval.steps[0].state == Verdict.WAITING


def test_what_is_signed_is_not_signed_again(scene: Scene) -> None:
    approval = scene.request()
    scene.sign(scene.first, approval)
    assert refusal(lambda: scene.sign(scene.second, approval)) == (
        WrongState,
        "This request is no longer open: it was signed, refused or taken back meanwhile.",
    )
    assert can_sign(scene.second, approval) is False


def test_a_refusal_needs_a_reason_and_ends_the_request(scene: Scene) -> None:
    approval = scene.request(Role.HR, Role.FINANCE)
    with scene.make.acting(scene.first, "grant.refuse"):
        with pytest.raises(Invalid, match="Give a reason"):
            services.refuse(scene.first, approval, reason="  ")
        services.refuse(scene.first, approval, reason=" The plan is not published. ")
    assert (approval.state, approval.steps[0].state, approval.steps[0].reason, approval.steps[1].state) == (
        Verdict.REFUSED,
        Verdict.REFUSED,
        "The plan is not published.",
        Verdict.WAITING,
    )
    assert refusal(lambda: scene.sign(scene.second, approval))[0] is WrongState


def test_only_the_maker_takes_a_request_back_and_may_ask_anew(scene: Scene) -> None:
    approval = scene.request(Role.HR, Role.FINANCE)
    scene.sign(scene.first, approval)
    with scene.make.acting(scene.first), pytest.raises(NotAllowed, match="Only the person who made"):
        services.cancel(scene.first, approval)
    with scene.make.acting(scene.maker):
        services.cancel(scene.maker, approval, reason="Wrong number")
    assert (approval.state, [step.state for step in approval.steps]) == (
        Verdict.CANCELLED,
        [Verdict.APPROVED, Verdict.CANCELLED],
    )
    again = scene.request()
    assert queries.open_of(scene.company) is again
    assert queries.latest_of(scene.company) is again


def test_every_signature_is_an_event_that_names_the_hash(scene: Scene) -> None:
    approval = scene.request()
    scene.sign(scene.first, approval)
    payload = db.session.scalar(
        select(AuditPayload.payload)
        .join(AuditEvent, AuditEvent.id == AuditPayload.event_id)
        .where(AuditEvent.name == "approval.sign", AuditEvent.subject_id == approval.id)
    )
    assert payload == {"from": "waiting", "to": "approved", "step": 0, "hash": approval.hash.hex()}


def waiting(person: Person) -> list[tuple[Any, ...]]:
    return [tuple(row[:4]) for select_ in queries.waiting_for(person) for row in db.session.execute(select_)]


def test_a_request_waits_for_those_who_may_sign_it_and_for_nobody_else(scene: Scene) -> None:
    other = scene.make.person(scene.company, Role.FINANCE)
    of_holder = scene.make.person(scene.company, Role.HR, manager=scene.holder)
    of_maker = scene.make.person(scene.company, Role.HR, manager=scene.maker)
    gaining = scene.make.person(scene.company, Role.HR)
    approval = scene.request(Role.HR, Role.HR)
    with scene.make.acting():
        db.session.execute(text("ALTER TABLE approval DISABLE TRIGGER USER"))  # as its owner can
        approval.beneficiary_ids = [scene.holder.id, gaining.id]
    entry = [("approval", "Grant G-1", "/equity/grants/g1", None)]
    people = [scene.first, scene.second, scene.maker, scene.holder, other, of_holder, of_maker, gaining]
    assert [waiting(person) for person in people] == [entry, entry, [], [], [], [], [], []]
    assert [can_sign(person, approval) for person in people] == [True, True, *[False] * 6]
    scene.sign(scene.first, approval)
    assert [waiting(person) for person in people] == [[], entry, [], [], [], [], [], []]


def test_predicates_answer_no_without_a_subject(scene: Scene) -> None:
    assert (can_sign(scene.first, None), is_maker(scene.maker, None)) == (False, False)
    assert can_sign(object(), scene.request()) is False


@pytest.mark.committed
@pytest.mark.parametrize("steps", [(Role.HR,), (Role.HR, Role.HR)])
def test_two_signers_at_once_leave_one_signature_a_step(app: Flask, make: Make, steps: tuple[Role, ...]) -> None:
    scene = Scene(make)
    approval_id = scene.request(*steps).id
    signers = [scene.first.id, scene.second.id]
    barrier = threading.Barrier(2)
    outcomes: list[object] = []

    def sign(person_id: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                with make.acting(db.session.get_one(Person, person_id), "grant.approve"):
                    person = db.session.get_one(Person, person_id)
                    approval = db.session.get_one(Approval, approval_id)
                    outcomes.append(services.sign(person, approval, content=CONTENT))
            except WrongState:
                outcomes.append(WrongState)

    threads = [threading.Thread(target=sign, args=(one,)) for one in signers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.expire_all()
    signed = db.session.scalars(select(ApprovalStep.person_id).where(ApprovalStep.approval_id == approval_id)).all()
    expected: set[object] = {True, WrongState} if len(steps) == 1 else {True, False}
    assert set(outcomes) == expected
    assert len(outcomes) == 2
    assert len(set(signed)) == len(steps)
    assert set(signed) <= set(signers)


@pytest.mark.committed
def test_of_two_requests_at_once_one_stands(app: Flask, make: Make) -> None:
    scene = Scene(make)
    ids = (scene.maker.id, scene.company.id)
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def ask() -> None:
        with app.app_context():
            try:
                with make.acting(db.session.get_one(Person, ids[0])):
                    maker = db.session.get_one(Person, ids[0])
                    company = db.session.get_one(Company, ids[1])
                    barrier.wait()
                    services.request(
                        maker, company, title={"en": "A", "zh": "甲"}, address="/", company=company,
                        content=CONTENT, steps=[Role.HR],
                    )  # fmt: skip
                outcomes.append("asked")
            except WrongState:
                outcomes.append("refused")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["asked", "refused"]
