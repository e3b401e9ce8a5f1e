"""The demonstration as it stands after one run: complete, plausible, and made by the rules."""

import datetime as dt
import itertools
import re
from collections import Counter

import pytest
from flask_babel import force_locale
from sqlalchemy import func, select, text

from incubator.approvals.models import Approval
from incubator.approvals.states import Verdict as Signed
from incubator.calls.models import Call
from incubator.calls.queries import open_for
from incubator.cloud import burn_down
from incubator.cloud.models import Operation, Sandbox
from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import Model, db
from incubator.demo import stage
from incubator.equity.models import EquityGrant, EquityPlan, EquityTransfer, VestingLine
from incubator.equity.services import rebuild, stored
from incubator.home.queries import _everything
from incubator.ledger.models import Account, Posting
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Award, Deadline, Disclosure, Exploitation, Matter, SecurityReview
from incubator.patents.states import DeadlineState
from incubator.people import queries as people
from incubator.people.models import Company, DirectoryImport, Person
from incubator.people.predicates import nobody
from incubator.people.reader import begin, nobody_yet, roles_of
from incubator.permissions import PERMISSIONS
from incubator.proposals.models import JoinOffer, Proposal, ProposalVersion, TeamOpening
from incubator.proposals.states import LIFE, ProposalState
from incubator.reviews.engines.calibration import rank_round
from incubator.reviews.models import Decision, Round
from incubator.reviews.queries import inputs_of
from incubator.reviews.services import replay
from incubator.rules.models import RuleVersion
from incubator.transparency.queries import walk
from incubator.ventures.models import Venture

CALLS = ("first", "ports", "saving", "open")
LONG = {"summary", "problem", "technology", "growth", "team", "fit", "cloud_use"}
SENTENCE = re.compile(r"[。！？]|[.!?](?=\s|$)")
NEVER_YET = {ProposalState.ACCEPTED_CONDITIONAL}
"""What no decision rule says yet."""


def _all(model):
    return db.session.scalars(select(model).order_by(model.id)).all()


def _states(model):
    return dict(Counter(row.state.value for row in _all(model)))


def _is_chinese(words):
    return any("\u4e00" <= sign <= "\u9fff" for sign in words)


def test_the_group_has_a_head_office_and_five_subsidiaries_of_different_industries(demo):
    companies = _all(Company)
    head = [company for company in companies if company.parent_id is None]
    subsidiaries = [company for company in companies if company.parent is head[0] and company.industry]

    assert (len(head), len(subsidiaries), len({company.industry for company in subsidiaries})) == (1, 5, 5)
    assert len(companies) == 21
    assert all(set(company.name) == {"en", "zh"} for company in companies)


def test_sixty_people_have_names_in_both_languages_numbers_managers_and_cost_centres(demo):
    found = _all(Person)
    chinese = sum(_is_chinese(person.name) for person in found)

    assert len(found) == 60
    assert 20 <= chinese <= 40
    assert len({person.hr_number for person in found}) == 60
    assert [person.name for person in found if person.manager_id is None] == ["陈国华"]
    assert all(person.title and person.cost_center and person.email.endswith("@example.com") for person in found)


def test_forty_two_proposals_stand_in_every_state_that_has_a_screen(demo):
    ends = [pitch["ends"] for call in CALLS for pitch in stage.words(f"{call}_call")["proposal"]]
    open_steps = [steps for name, steps in LIFE.steps.items() if PERMISSIONS[f"proposal.{name}"] is not nobody]
    reachable = {state for _sources, targets in open_steps for state in targets} - NEVER_YET

    assert len(_all(Proposal)) == 42
    assert _states(Proposal) == dict(Counter(ends))
    assert {proposal.state for proposal in _all(Proposal)} == reachable


def test_proposals_are_written_in_both_languages_with_three_sentences_an_answer_or_more(demo):
    found = _all(Proposal)
    languages = Counter(proposal.lang for proposal in found)
    frozen = db.session.scalars(select(ProposalVersion).where(ProposalVersion.frozen_at.is_not(None))).all()
    short = [
        (version.title, key)
        for version in frozen
        for key in LONG.intersection(version.answers)
        if len(SENTENCE.findall(version.answers[key])) < 3
    ]

    assert languages["en"] + languages["zh"] == 42
    assert min(languages.values()) >= 12
    assert all(_is_chinese(proposal.title) == (proposal.lang == "zh") for proposal in found)
    assert len(frozen) == 38
    assert short == []


def test_one_call_is_open_one_at_its_committee_and_one_decided(demo):
    now = clock.now()
    calls = {call.title["en"]: (call.state.value, call.is_open_at(now)) for call in _all(Call)}
    rounds = {round_.call.title["en"]: round_.state.value for round_ in _all(Round)}

    assert calls == {
        "First venture call": ("closed", False),
        "Bright ideas for the terminal": ("closed", False),
        "Save energy, keep the output": ("closed", False),
        "Second venture call": ("published", True),
    }
    assert rounds == {
        "First venture call": "released",
        "Bright ideas for the terminal": "decided",
        "Save energy, keep the output": "open",
        "Second venture call": "open",
    }


def test_one_open_round_has_enough_reviews_to_tell_severity(demo):
    round_ = next(one for one in _all(Round) if one.call.title["en"] == "Save energy, keep the output")
    result, rows = rank_round(inputs_of(round_, None), "1" * 64)

    assert (result["reviews"], result["proposals"], result["reviewers"]) == (35, 12, 6)
    assert "not_calibrated" not in result["findings"]
    assert {"above", "close"} <= {row["position"] for row in rows}


def test_every_decision_comes_out_again_and_the_released_have_two_signatures(demo):
    decisions = _all(Decision)
    signers = {decision.number: {one.person_id for one in decision.signatures} for decision in decisions}

    assert [replay(decision).differences for decision in decisions] == [()] * 14
    assert {len(signers[d.number]) for d in decisions if d.released_at} == {2}
    assert {len(signers[d.number]) for d in decisions if not d.released_at} == {1}


def test_a_table_of_the_directory_waits_and_teams_look_for_people(demo):
    (found,) = _all(DirectoryImport)
    counts = {key: found.counts[key] for key in ("new", "changed", "coming", "faulty")}
    assert (found.state, counts) == ("checked", {"new": 1, "changed": 2, "coming": 1, "faulty": 1})
    assert [one.proposal.lang for one in _all(TeamOpening)] == ["zh", "en"]
    assert len(_all(JoinOffer)) == 1


def test_ventures_are_at_several_stages(demo):
    assert _states(Venture) == {"chartered": 3, "validation": 1, "pilot": 1}


def test_three_sandboxes_are_ordered_and_wait_for_a_worker_and_two_have_run_for_months(demo):
    assert [sandbox.state.value for sandbox in _all(Sandbox)] == ["active"] * 2 + ["requested"] * 3
    assert [operation.state.value for operation in _all(Operation)] == ["done"] * 2 + ["pending"] * 3
    assert all(operation.due_at <= clock.now() for operation in _all(Operation))


def test_the_credits_of_what_has_run_for_months_end_before_it_does(demo):
    first = _all(Sandbox)[0]
    burn = burn_down.of(first.venture)
    assert 6_000 < burn.position.share_bp < 8_000
    assert clock.today() < burn.runs_out_on < first.lease.ends_at.date()


def test_the_docket_has_one_granted_patent_and_its_award_in_work(demo):
    assert _states(Disclosure) == {"file": 6, "keep_secret": 1, "assessed": 1, "disclosed": 2}
    assert _states(Matter) == {
        "filed": 2, "published": 1, "examination": 1, "granted": 2, "lapsed": 1, "prepared": 1,
    }  # fmt: skip
    assert _states(SecurityReview) == {"cleared": 1, "requested": 1}
    *_older, award, remuneration = _all(Award)
    assert (remuneration.state.value, remuneration.amount, remuneration.currency) == ("due", 1_880_000, "EUR")
    assert [share.amount for share in remuneration.shares] == [1_128_000, 752_000]
    assert (award.state.value, award.amount, award.is_overdue) == ("calculated", 400_000, False)
    assert [share.amount for share in award.shares] == [240_000, 160_000]


def test_an_older_patent_was_used_under_both_laws_and_another_can_be_asked_back(demo):
    first, second = (record.regime for record in _all(Exploitation) if record.mode is Mode.OWN_USE)
    assert (first, second) == (None, 2)
    older = [(one.kind.value, one.state.value, one.amount, one.rule.number, one.is_overdue) for one in _all(Award)[:-2]]
    assert older == [
        ("award", "paid", 300_000, 1, False), ("remuneration", "paid", 2_400_000, 1, False),
        ("remuneration", "calculated", 9_250_000, 2, True), ("award", "due", 100_000, 1, True),
    ]  # fmt: skip
    today, found = clock.today(), _all(Deadline)
    missed = [one for one in found if one.duty and one.state is DeadlineState.OPEN and one.due_on < today]
    assert sorted(one.key.split(":")[0] for one in missed) == ["cn.patent.deadline.annual_fee"] * 2
    assert {one.grace_until is not None and one.grace_until >= today for one in missed} == {True, False}
    assert any(one.key.startswith("cn.patent.deadline.restoration") and one.due_on > today for one in found)
    assert any(one.provisional and one.state is DeadlineState.OPEN for one in found)


def test_plans_and_grants_stand_in_several_states_with_vesting_past_and_to_come(demo):
    today = clock.today()
    lines = _all(VestingLine)

    assert _states(EquityPlan) == {"active": 4, "refused": 1, "in_approval": 1}
    assert _states(EquityGrant) == {
        "live": 6, "offered": 1, "in_approval": 1, "draft": 1, "cancelled": 1, "declined": 1,
    }  # fmt: skip
    assert {line.vests_on <= today for line in lines} == {True, False}
    live = [grant for grant in _all(EquityGrant) if grant.state.value == "live"]
    assert all(rebuild(grant) == stored(grant) for grant in live)


def test_every_approval_was_given_by_a_second_person_without_interest(demo):
    wrong = [
        approval
        for approval in _all(Approval)
        for step in approval.steps
        if step.person_id in {approval.maker_id, *approval.beneficiary_ids}
        or (step.person and step.person.manager_id in {approval.maker_id, *approval.beneficiary_ids})
    ]

    assert wrong == []
    assert {approval.state for approval in _all(Approval)} == {Signed.APPROVED, Signed.REFUSED, Signed.WAITING}


def test_confirmed_rules_have_the_word_of_two_different_persons(demo):
    rules = _all(RuleVersion)
    said = {(r.code, r.number): {one.person_id for one in r.confirmations} for r in rules}
    confirmed = {(r.code, r.number) for r in rules if r.confirmed_at}

    assert confirmed == {
        ("cn.equity.total", 1), ("cn.equity.person", 1), ("cn.equity.lock", 1), ("cn.equity.once", 1),
        ("cn.equity.price", 1), ("cn.patent.award", 1), ("cn.patent.award", 2),
        ("cn.patent.payroll", 1), ("cn.patent.precedence", 1), ("cn.patent.remuneration", 1),
        ("cn.patent.deadline.priority", 1),
        ("cn.patent.deadline.publication", 1), ("cn.patent.deadline.examination", 1),
        ("cn.patent.deadline.annual_fee", 1), ("cn.patent.deadline.annual_fee", 2), ("cn.patent.service.electronic", 1),
    }  # fmt: skip
    assert {len(said[key]) for key in confirmed} == {2}
    assert len(said["cn.equity.post_dividend", 1]) == 1


def test_the_ledger_proves_itself(demo):
    by_account = select(Posting.account_id, func.sum(Posting.amount)).group_by(Posting.account_id)
    sums = {account: total for account, total in db.session.execute(by_account)}  # noqa: C416 - rows, typed
    accounts = _all(Account)

    assert all(account.balance == sums.get(account.id, 0) for account in accounts)
    assert sum(account.balance for account in accounts) == 0
    assert all(a.min_balance is None or a.balance >= a.min_balance for a in accounts)


def test_every_row_of_the_chain_has_its_cause_and_no_cause_is_younger_than_what_it_led_to(demo):
    caused = [table for table in Model.metadata.tables.values() if "cause_id" in table.c and "created_at" in table.c]
    late = [
        table.name
        for table in caused
        if db.session.scalar(
            text(
                f"SELECT count(*) FROM {table.name} t LEFT JOIN audit_event e ON e.id = t.cause_id "
                "WHERE e.id IS NULL OR e.at > t.created_at"
            )
        )
    ]

    assert len(caused) > 15
    assert late == []


def test_time_never_goes_back_in_the_audit_trail_and_ends_before_now(demo):
    moments = list(db.session.scalars(select(AuditEvent.at).order_by(AuditEvent.id)))

    assert all(before <= after for before, after in itertools.pairwise(moments))
    assert moments[-1] <= clock.now()
    assert moments[0] < clock.now() - dt.timedelta(days=540)


def test_every_share_leads_back_to_its_idea_unbroken(demo):
    auditor = people.by_hr_number("100131")
    walks = [walk("equity_grant", grant.id, auditor) for grant in _all(EquityGrant)]

    assert [found.is_sound for found in walks] == [True] * 11


def test_units_have_changed_hands_at_an_appraised_value_and_more_are_on_offer(demo):
    first, second = _all(EquityTransfer)
    assert (first.state, first.appraisal.unit_minor, first.units) == ("settled", first.price_minor, 40_000)
    assert [answer.wanted for answer in first.answers] == [0] * len(first.answers)
    assert (second.state, {answer.wanted for answer in second.answers}) == ("notice", {None})


def test_the_open_call_is_open_for_the_employee_who_has_done_nothing_yet(demo):
    employee = people.by_hr_number("200027")

    assert [call.title["en"] for call in db.session.scalars(open_for(employee))] == ["Second venture call"]
    assert db.session.scalar(select(func.count(Proposal.id)).where(Proposal.lead_id == employee.id)) == 0


@pytest.mark.parametrize("language", ["en", "zh_Hans_CN"])
def test_what_waits_is_the_same_by_the_kept_statement_and_by_one_built_for_the_person(demo, language):
    waits, everybody = 0, db.session.scalars(select(Person).order_by(Person.id)).all()
    for person in (one for one in everybody if roles_of(one) or one.hr_number.endswith("0")):
        with force_locale(language), nobody_yet():
            built = db.session.execute(_everything.__wrapped__(person, language)).all()
            begin(person)
            assert _everything(person, language) == built
        waits += len(built)
    assert waits > 10
