"""Disclosing an invention, agreeing on the shares, and deciding to file."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from incubator.approvals import queries as approvals
from incubator.approvals.models import ApprovalStep
from incubator.approvals.states import Verdict
from incubator.core import audit
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed, Stale, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.patents import queries, services
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import Disclosure
from incubator.patents.states import Decision, DisclosureState, MatterState
from incubator.people.models import Role
from incubator.proposals.models import Consent
from tests.patents.scene import TEXT, Scene, from_today


def refusal(call: Any) -> tuple[type, str, str | None]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), str(caught.value.message), caught.value.field


def test_a_disclosure_follows_from_its_venture_and_asks_the_others(scene: Scene) -> None:
    disclosure = scene.disclose()
    cause = db.session.get_one(AuditEvent, disclosure.cause_id)
    assert (cause.name, cause.subject_id) == ("venture.create", scene.venture.id)
    assert (disclosure.state, disclosure.company_id, disclosure.proposal_id, disclosure.number[:2]) == (
        DisclosureState.DISCLOSED, scene.company.id, scene.venture.proposal_id, "I-",
    )  # fmt: skip
    assert [(share.person_id, share.share_bp, share.company_id, share.consent) for share in disclosure.shares] == [
        (scene.lead.id, 6000, scene.company.id, Consent.ACCEPTED),
        (scene.mate.id, 4000, scene.company.id, Consent.ASKED),
    ]
    told = db.session.execute(select(Notice.person_id, Notice.kind, Notice.address)).all()
    assert [tuple(row) for row in told] == [
        (scene.mate.id, "inventor_share.asked", f"/inventions/{disclosure.public_id}")
    ]


def test_the_event_of_a_disclosure_does_not_tell_its_text(scene: Scene) -> None:
    disclosure = scene.disclose()
    event = audit.event_of(disclosure, "disclosure.create")
    payload = db.session.scalar(select(audit.AuditPayload.payload).where(audit.AuditPayload.event_id == event.id))
    assert payload is not None
    assert (sorted(payload), len(payload["text"])) == (["number", "shares", "text"], 64)


def test_who_does_not_work_in_the_venture_cannot_disclose_from_it(scene: Scene) -> None:
    call = lambda: services.disclose(scene.hr_a, scene.venture, shares=[(scene.hr_a, 10_000)], **TEXT)  # noqa: E731
    assert refusal(call)[0] is NotAllowed


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ((6000, 3999), "The shares sum to 99.99 %. They must sum to exactly 100.00 %."),
        ((6000, 4001), "The shares sum to 100.01 %. They must sum to exactly 100.00 %."),
        ((10_000, 0), "Every inventor has a share of at least 0.01 %."),
    ],
)
def test_shares_sum_to_exactly_one_hundred_per_cent(scene: Scene, points: tuple[int, int], words: str) -> None:
    shares = list(zip((scene.lead, scene.mate), points, strict=True))
    assert refusal(lambda: scene_disclose(scene, shares=shares)) == (Invalid, words, "shares")


def scene_disclose(scene: Scene, **details: Any) -> Disclosure:
    given = {"shares": [(scene.lead, 6000), (scene.mate, 4000)]} | TEXT | details
    return services.disclose(scene.lead, scene.venture, **given)


def test_a_person_is_an_inventor_once(scene: Scene) -> None:
    assert refusal(lambda: scene_disclose(scene, shares=[(scene.lead, 5000), (scene.lead, 5000)])) == (
        Invalid, "A person stands twice among the inventors.", "shares",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("details", "field", "words"),
    [
        ({"title": " "}, "title", "Give the invention a title."),
        ({"title": "x" * 201}, "title", "A title has at most 200 characters."),
        ({"problem": ""}, "problem", "Say which problem it solves."),
        ({"solution": ""}, "solution", "Say how it solves the problem."),
        (
            {"published_on": dt.timedelta(days=1)}, "published_on",
            "This day is yet to come. If a publication is planned, enter it as planned.",
        ),
        (
            {"planned_on": -dt.timedelta(days=1)}, "planned_on",
            "This day is past. If it was published then, enter it as published.",
        ),
    ],
)  # fmt: skip
def test_a_disclosure_says_what_it_must(scene: Scene, details: dict[str, Any], field: str, words: str) -> None:
    assert refusal(lambda: scene_disclose(scene, **from_today(details))) == (Invalid, words, field)


def test_shares_that_do_not_sum_are_refused_by_the_database(scene: Scene) -> None:
    disclosure = scene.disclose()
    with pytest.raises(IntegrityError, match="do not sum to 10000"), transaction():
        disclosure.shares[0].share_bp = 5999


def test_each_answers_their_own_share_once(scene: Scene) -> None:
    disclosure = scene.disclose()
    share = scene.share(disclosure, scene.mate)
    assert refusal(lambda: services.accept_share(scene.lead, share))[0] is NotAllowed
    with transaction():
        services.accept_share(scene.mate, share)
    assert (share.consent, disclosure.is_agreed) == (Consent.ACCEPTED, True)
    assert refusal(lambda: services.accept_share(scene.mate, share))[0] is NotAllowed
    assert refusal(lambda: services.decline_share(scene.mate, share, reason="No"))[0] is NotAllowed


def test_a_declined_share_goes_back_to_the_author_who_puts_others(scene: Scene) -> None:
    disclosure = scene.disclose()
    share = scene.share(disclosure, scene.mate)
    assert refusal(lambda: services.decline_share(scene.mate, share, reason=" "))[2] == "reason"
    with transaction():
        services.decline_share(scene.mate, share, reason="Half is mine.")
    assert (share.consent, share.reason) == (Consent.DECLINED, "Half is mine.")
    with transaction():
        services.change_shares(scene.lead, disclosure, shares=[(scene.lead, 5000), (scene.mate, 5000)])
    assert [(one.share_bp, one.consent, one.reason) for one in disclosure.shares] == [
        (5000, Consent.ACCEPTED, None),
        (5000, Consent.ASKED, None),
    ]
    kinds = db.session.scalars(select(Notice.kind).order_by(Notice.id)).all()
    assert list(kinds) == ["inventor_share.asked", "inventor_share.declined", "inventor_share.asked"]


def test_a_share_of_zero_takes_somebody_out_and_needs_no_answer(scene: Scene) -> None:
    disclosure = scene.disclose()
    with transaction():
        services.change_shares(scene.lead, disclosure, shares=[(scene.lead, 10_000), (scene.mate, 0)])
    assert disclosure.is_agreed is True


def test_only_the_author_changes_shares_for_the_same_persons_until_all_agree(scene: Scene) -> None:
    disclosure = scene.disclose()
    both = [(scene.lead, 5000), (scene.mate, 5000)]
    assert refusal(lambda: services.change_shares(scene.mate, disclosure, shares=both))[0] is NotAllowed
    assert refusal(lambda: services.change_shares(scene.lead, disclosure, shares=[(scene.lead, 10_000)]))[1:] == (
        "Give each of the persons asked a share; 0 if they are no inventor.", "shares",
    )  # fmt: skip
    with transaction():
        services.accept_share(scene.mate, scene.share(disclosure, scene.mate))
    assert refusal(lambda: services.change_shares(scene.lead, disclosure, shares=both))[:2] == (
        WrongState, "The shares are agreed and stand.",
    )  # fmt: skip


def test_counsel_assesses_once_with_words(scene: Scene) -> None:
    disclosure = scene.disclose()
    assert refusal(lambda: services.assess(scene.lead, disclosure, assessment="Fine"))[0] is NotAllowed
    assert refusal(lambda: services.assess(scene.counsel, disclosure, assessment=" "))[2] == "assessment"
    with transaction():
        services.assess(scene.counsel, disclosure, assessment="New.")
    assert (disclosure.state, disclosure.assessment) == (DisclosureState.ASSESSED, "New.")
    assert refusal(lambda: services.assess(scene.counsel, disclosure, assessment="New."))[0] is WrongState


def test_counsel_who_is_an_inventor_does_not_decide_on_it(scene: Scene) -> None:
    disclosure = scene.disclose([(scene.lead, 5000), (scene.counsel, 5000)])
    assert refusal(lambda: services.assess(scene.counsel, disclosure, assessment="New."))[0] is NotAllowed


def propose(scene: Scene, disclosure: Disclosure, reason: str = "It carries the venture.") -> Any:
    return services.propose(scene.counsel, disclosure, decision=Decision.FILE, kind=PatentKind.INVENTION, reason=reason)


def test_the_decision_needs_an_assessment_a_reason_and_agreed_shares(scene: Scene) -> None:
    disclosure = scene.disclose()
    assert refusal(lambda: propose(scene, disclosure))[0] is WrongState
    with transaction():
        services.assess(scene.counsel, disclosure, assessment="New.")
    assert refusal(lambda: propose(scene, disclosure, reason=" "))[2] == "reason"
    assert refusal(lambda: propose(scene, disclosure))[:2] == (
        WrongState, "Not all inventors have accepted their shares yet.",
    )  # fmt: skip


def test_the_office_signs_where_there_is_no_second_counsel(scene: Scene) -> None:
    disclosure = scene.proposed()
    approval = approvals.latest_of(disclosure)
    assert approval is not None
    assert ([step.role for step in approval.steps], approval.address) == (
        [Role.OFFICE], f"/patents/decisions/{disclosure.public_id}",
    )  # fmt: skip
    assert TEXT["title"] not in str(approval.content) + str(approval.title)
    with transaction():
        matter = services.decide(scene.office, disclosure)
    assert matter is not None
    assert (disclosure.state, matter.state, matter.kind, matter.office, matter.number[:2]) == (
        DisclosureState.FILE, MatterState.PREPARED, PatentKind.INVENTION, "CNIPA", "P-",
    )  # fmt: skip
    cause = db.session.get_one(AuditEvent, matter.cause_id)
    assert (cause.name, cause.subject_id, cause.reason) == (
        "disclosure.file", disclosure.id, "It carries the venture.",
    )  # fmt: skip


def test_a_second_counsel_signs_where_there_is_one(scene: Scene) -> None:
    second = scene.make.person(scene.company, Role.IP_COUNSEL)
    disclosure = scene.proposed()
    assert refusal(lambda: services.decide(scene.office, disclosure))[0] is NotAllowed
    with transaction():
        assert services.decide(second, disclosure) is not None


def test_a_counsel_who_reports_to_an_inventor_is_no_second_signer(scene: Scene) -> None:
    scene.make.person(scene.company, Role.IP_COUNSEL, manager=scene.lead)
    approval = approvals.latest_of(scene.proposed())
    assert approval is not None
    assert [step.role for step in approval.steps] == [Role.OFFICE]


def test_who_proposed_does_not_sign(scene: Scene) -> None:
    scene.make.person(scene.company, Role.IP_COUNSEL)
    disclosure = scene.proposed()
    assert refusal(lambda: services.decide(scene.counsel, disclosure))[:2] == (
        NotAllowed, "You made this request, so somebody else must sign it.",
    )  # fmt: skip


def test_a_text_changed_after_the_proposal_is_not_signed(scene: Scene) -> None:
    disclosure = scene.proposed()
    with transaction():
        disclosure.solution = "Another one."
    assert refusal(lambda: services.decide(scene.office, disclosure))[0] is Stale


def test_a_refused_decision_can_be_proposed_anew(scene: Scene) -> None:
    disclosure = scene.proposed()
    with transaction():
        services.refuse(scene.office, disclosure, reason="Too dear.")
    approval = approvals.latest_of(disclosure)
    assert approval is not None
    assert (approval.state, disclosure.state) == (Verdict.REFUSED, DisclosureState.ASSESSED)
    assert refusal(lambda: services.decide(scene.office, disclosure))[:2] == (
        WrongState, "No decision on this invention waits for a signature.",
    )  # fmt: skip
    scene.proposed(disclosure)


def test_two_signatures_are_counted_one_by_one(scene: Scene) -> None:
    disclosure = scene.proposed()
    approval = approvals.open_of(disclosure)
    assert approval is not None
    with transaction():
        approval.steps.append(ApprovalStep(position=1, role=Role.HR))
    with transaction():
        assert services.decide(scene.office, disclosure) is None
    assert disclosure.state == DisclosureState.ASSESSED


def test_persons_are_named_by_hr_number(scene: Scene) -> None:
    assert queries.named([(scene.lead.hr_number, 10_000)]) == [(scene.lead, 10_000)]
    assert refusal(lambda: queries.named([("999999", 1)])) == (
        Invalid, "Nobody here has the HR number 999999.", "shares",
    )  # fmt: skip
