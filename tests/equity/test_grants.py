"""The life of a grant, step by step, and every refusal."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.approvals.queries import open_of
from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import attempt, transaction
from incubator.equity import services
from incubator.equity.queries import transactions_of
from incubator.equity.services import letters, vesting
from incubator.equity.services.vesting import Line
from incubator.equity.states import GrantState, PlanState
from incubator.notifications.models import Notice
from incubator.people.models import Person, Role
from tests.equity.scene import Scene, doing, names_of


def refusal(call: Any) -> tuple[str, str | None, str]:
    """The code, field and words of a refused step, which changes nothing."""
    with pytest.raises(DomainError) as caught:
        doing(call)
    return caught.value.code, caught.value.field, str(caught.value.message)


def notices(person: Person) -> list[str]:
    return list(db.session.scalars(db.select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def test_a_grant_goes_from_draft_to_live_and_every_step_is_an_event(scene: Scene) -> None:
    plan = scene.plan()
    grant = scene.live(plan)
    assert (plan.state, plan.granted_units, grant.state) == (PlanState.ACTIVE, 48_000, GrantState.LIVE)
    assert names_of(grant) == [f"equity_grant.{step}" for step in
                               ("create", "check", "submit", "approve", "offer", "accept", "activate")]  # fmt: skip
    assert [(row.kind, row.quantity, row.trigger) for row in transactions_of(grant)] == [
        ("issuance", 48_000, "equity_grant.approve"),
        ("acceptance", 0, "equity_grant.accept"),
    ]
    assert (notices(scene.lead), notices(scene.maker)) == (
        ["equity_grant.offered"],
        ["equity_plan.approved", "equity_grant.approved", "equity_grant.accepted"],
    )


def test_what_vests_is_stored_and_can_be_rebuilt(scene: Scene) -> None:
    grant = scene.live(scene.plan())
    years = [dt.date(year, 3, 31) for year in (2027, 2028, 2029, 2030)]
    lines = [Line(n, day, 12_000, 12_000 * n, "vesting/2") for n, day in enumerate(years, start=1)]
    assert services.stored(grant) == lines
    assert services.rebuild(grant) == lines
    doing(lambda: vesting.store(grant))
    assert services.stored(grant) == lines


def test_a_grant_is_caused_by_its_venture(scene: Scene) -> None:
    from incubator.core import audit

    grant = scene.draft(scene.plan())
    assert grant.cause_id == audit.event_of(scene.venture, "venture.create").id


def test_the_signed_content_and_the_letter_have_their_fingerprints(scene: Scene) -> None:
    grant = scene.submitted(scene.plan())
    assert grant.content == letters.content_of(grant)
    assert grant.content_hash == letters.fingerprint(grant.content)
    assert grant.letter == letters.write(grant)
    assert grant.letter_hash == letters.fingerprint(grant.letter)
    assert grant.content["letter_sha256"] == (grant.letter_hash or b"").hex()
    assert "48,000 options on its capital (shares)" in grant.letter["en"]
    assert "at CNY 1.20 each" in grant.letter["en"]
    assert "- 31 March 2027: 12,000, 12,000 in all" in grant.letter["en"]
    assert "48,000 股期权，价格为每股 CNY 1.20" in grant.letter["zh"]
    assert "- 2030年3月31日：归属 12,000，累计 48,000" in grant.letter["zh"]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"units": 0}, "units", "Enter at least 1"),
        ({"units": 680_000}, "units", "The pool has 600,000 left, and you asked for 680,000"),
        ({"price_minor": -1}, "price_minor", "Enter an amount, such as 1.20"),
        (
            {"granted_on": dt.date(2026, 3, 30)},
            "granted_on",
            "The plan starts on 2026-03-31; a grant cannot be dated before it",
        ),
        ({"starts_on": dt.date(2024, 1, 1)}, "starts_on", "Vesting starts within a year of the grant date"),
        ({"months": 0}, "months", "Enter between 1 and 120 months"),
        ({"months": 121}, "months", "Enter between 1 and 120 months"),
        ({"every_months": 7}, "every_months", "48 months cannot be cut into parts of 7 months"),
        ({"every_months": 0}, "every_months", "48 months cannot be cut into parts of 0 months"),
        ({"cliff_months": 13}, "cliff_months", "The cliff is 0 or a multiple of 12 months, at most 48"),
        ({"cliff_months": 60}, "cliff_months", "The cliff is 0 or a multiple of 12 months, at most 48"),
        ({"allocation": "FRACTIONAL"}, "allocation", "Choose how units that do not divide evenly are spread"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_field(
    scene: Scene, changes: dict[str, Any], field: str, words: str
) -> None:
    plan = scene.plan()
    terms = scene.terms(**changes)
    assert refusal(lambda: services.draft_grant(scene.maker, plan, **terms))[1:] == (field, words)


def test_the_holder_is_of_the_team_and_not_the_maker(scene: Scene) -> None:
    plan = scene.plan()
    for holder, words in (
        (scene.auditor, "Choose somebody of the venture's team"),
        (scene.maker, "You cannot draft a grant to yourself"),
    ):
        terms = scene.terms(holder=holder)
        answer = refusal(lambda terms=terms: services.draft_grant(scene.maker, plan, **terms))
        assert answer == ("invalid", "holder", words)


def test_a_leaver_is_granted_nothing(scene: Scene) -> None:
    plan = scene.plan()
    with transaction():
        scene.lead.left_on = clock.today()
    terms = scene.terms()
    assert refusal(lambda: services.draft_grant(scene.maker, plan, **terms))[1] == "holder"


def test_who_left_after_the_draft_is_found_at_submission(scene: Scene) -> None:
    grant = scene.draft(scene.plan())
    with transaction():
        scene.lead.left_on = clock.today()
    assert refusal(lambda: services.submit(scene.maker, grant))[1] == "holder"


def test_grants_come_from_approved_plans_only(scene: Scene) -> None:
    plan = scene.drafted_plan()
    answer = refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms()))
    assert answer == ("wrong_state", None, "Grants are made from an approved plan only.")


def test_a_draft_can_be_revised_and_a_submitted_grant_cannot(scene: Scene) -> None:
    plan = scene.plan()
    grant = scene.draft(plan)
    doing(lambda: services.revise(scene.maker, grant, **scene.terms(units=600_000, price_minor=100)))
    assert (grant.units, grant.price_minor) == (600_000, 100)
    doing(lambda: services.submit(scene.maker, grant))
    answer = refusal(lambda: services.revise(scene.maker, grant, **scene.terms()))
    assert answer == ("wrong_state", None, "Only a draft can be changed.")


@pytest.mark.parametrize(
    "change", ["units = 1", "price_minor = 0", "granted_on = '2020-01-01'", "terms = '{}'", "holder_id = maker_id"]
)
def test_the_database_refuses_to_change_frozen_terms(scene: Scene, change: str) -> None:
    grant = scene.submitted(scene.plan())
    with pytest.raises(DBAPIError, match="the terms of grant"), transaction(), attempt():
        db.session.execute(text(f"UPDATE equity_grant SET {change} WHERE id = {grant.id}"))


def test_transactions_are_never_changed_and_grants_never_deleted(scene: Scene) -> None:
    scene.live(scene.plan())
    for statement in ("DELETE FROM equity_transaction", "UPDATE equity_transaction SET quantity = 1"):
        with pytest.raises(DBAPIError, match="never changed or deleted"), transaction(), attempt():
            db.session.execute(text(statement))
    with pytest.raises(DBAPIError), transaction(), attempt():
        db.session.execute(text("DELETE FROM equity_grant"))


def test_the_maker_the_holder_and_their_reports_cannot_approve(scene: Scene) -> None:
    plan = scene.plan()
    grant = scene.submitted(plan)
    report = scene.make.person(scene.company, Role.HR, name="Report", manager=scene.lead)
    outsider = scene.make.person(None, Role.HR, name="Other company")
    for person in (scene.maker, scene.lead, report, outsider, scene.auditor):
        code, _field, _words = refusal(lambda person=person: services.approve(person, grant))
        assert code in {"equity_grant.approve", "not_allowed", "approval.sign"}, person.name
    assert (grant.state, plan.granted_units) == (GrantState.IN_APPROVAL, 0)


def test_a_holder_in_hr_cannot_sign_their_own(scene: Scene) -> None:
    plan = scene.plan()
    with transaction():
        from incubator.people.models import RoleGrant

        scene.lead.roles.append(RoleGrant(company_id=scene.company.id, role=Role.HR, from_on=clock.today()))
    grant = scene.submitted(plan)
    assert refusal(lambda: services.approve(scene.lead, grant))[0] == "equity_grant.approve"


def test_sent_back_it_is_a_draft_again_and_can_be_put_right(scene: Scene) -> None:
    grant = scene.submitted(scene.plan())
    assert refusal(lambda: services.send_back(scene.checker, grant, reason=" "))[1] == "reason"
    doing(lambda: services.send_back(scene.checker, grant, reason="The price is last year's"))
    assert (grant.state, open_of(grant)) == (GrantState.DRAFT, None)
    doing(lambda: services.revise(scene.maker, grant, **scene.terms(price_minor=150)))
    doing(lambda: services.submit(scene.maker, grant))
    doing(lambda: services.approve(scene.checker, grant))
    assert grant.state is GrantState.OFFERED
    assert "CNY 1.50" in (grant.letter or {})["en"]


def test_the_maker_cancels_before_approval(scene: Scene) -> None:
    plan = scene.plan()
    for grant in (scene.draft(plan), scene.submitted(plan)):
        assert refusal(lambda grant=grant: services.cancel(scene.maker, grant, reason=" "))[1] == "reason"
        doing(lambda grant=grant: services.cancel(scene.maker, grant, reason="Left the team"))
        assert (grant.state, open_of(grant)) == (GrantState.CANCELLED, None)
    offered = scene.offered(plan)
    assert refusal(lambda: services.cancel(scene.maker, offered, reason="Too late"))[0] == "wrong_state"


def test_nothing_waits_for_a_signature_twice(scene: Scene) -> None:
    grant = scene.offered(scene.plan())
    assert refusal(lambda: services.approve(scene.checker, grant))[0] == "wrong_state"


def test_only_the_holder_accepts_and_only_the_letter_they_read(scene: Scene) -> None:
    grant = scene.offered(scene.plan())
    right = (grant.letter_hash or b"").hex()
    assert refusal(lambda: services.accept(scene.member, grant, letter_hash=right))[0] == "equity_grant.accept"
    assert refusal(lambda: services.accept(scene.lead, grant, letter_hash="00"))[0] == "stale"
    doing(lambda: services.accept(scene.lead, grant, letter_hash=right))
    assert refusal(lambda: services.accept(scene.lead, grant, letter_hash=right))[0] == "wrong_state"


def test_a_draft_has_no_letter_to_accept(scene: Scene) -> None:
    grant = scene.draft(scene.plan())
    assert refusal(lambda: services.accept(scene.lead, grant, letter_hash=""))[0] == "stale"


def test_a_declined_offer_gives_its_units_back(scene: Scene) -> None:
    plan = scene.plan()
    grant = scene.offered(plan)
    assert plan.granted_units == 48_000
    doing(lambda: services.decline(scene.lead, grant, reason="I stay an employee"))
    assert (grant.state, plan.granted_units) == (GrantState.DECLINED, 0)
    assert [(row.kind, row.quantity) for row in transactions_of(grant)] == [("issuance", 48_000), ("return", -48_000)]
    assert notices(scene.maker)[-1] == "equity_grant.declined"


def test_content_changed_behind_the_form_is_not_signed(scene: Scene) -> None:
    grant = scene.submitted(scene.plan())
    with transaction():
        grant.letter = {"en": "Another text", "zh": "另一份文本"}
    assert refusal(lambda: services.approve(scene.checker, grant))[0] == "stale"


def test_a_grant_dated_after_its_vesting_start_pays_the_arrears_on_its_day(scene: Scene) -> None:
    plan = scene.plan(starts_on=dt.date(2025, 1, 1))
    grant = scene.draft(plan, starts_on=dt.date(2025, 8, 1), granted_on=dt.date(2026, 6, 30), months=12,
                        every_months=3, cliff_months=0, units=18)  # fmt: skip
    assert [(line.vests_on, line.units) for line in services.rebuild(grant)] == [
        (dt.date(2026, 6, 30), 13),
        (dt.date(2026, 8, 1), 5),
    ]


def test_units_of_a_class_with_decimals(scene: Scene) -> None:
    plan = scene.plan(decimals=2, total_units=100_000_000, pool_units=1_000)
    words = refusal(lambda: services.draft_grant(scene.maker, plan, **scene.terms(units=1_250)))[2]
    assert words == "The pool has 10 left, and you asked for 12.5"
    grant = scene.submitted(plan, units=125)
    assert "1.25 options on its capital" in (grant.letter or {})["en"]
