"""Role × step: every unsafe route, tried by every role and every party, on things that exist.

Who may take a step stands in EXPECTED, written by hand. Whoever is not named there gets 403 or 404, and the database
is left as it was, but for the event that says so. A new unsafe route without a row here fails.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, text

from incubator.core.db import Model, db
from incubator.web.routes import SAFE_METHODS
from tests import world as worlds
from tests.make import Make
from tests.world import World

NIGHTLY = bool(os.environ.get("NIGHTLY"))

DAY = dt.date(2026, 11, 1).isoformat()
TAKEN = {200, 303, 409, 422}
"""Taken, or refused for a reason that only who may take it is told."""
OF_A_REFUSAL = "(SELECT id FROM audit_event WHERE name = 'access.deny')"
BUT_REFUSALS = {
    "audit_event": "WHERE name <> 'access.deny'",
    "audit_payload": f"WHERE event_id NOT IN {OF_A_REFUSAL}",
    "audit_pending": f"WHERE event_id NOT IN {OF_A_REFUSAL}",
}
"""What a refusal itself writes is no change."""
Body = Callable[[World], dict[str, Any]]


def nothing(_world: World) -> dict[str, Any]:
    return {}


def given(**values: Any) -> Body:
    """A body of fixed values; one that begins with '@' is the public id (or word) of a thing."""
    return lambda world: {
        name: world.things[value[1:]] if isinstance(value, str) and value.startswith("@") else value
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Step:
    """An unsafe route: the things its address names, who may take it, and a body that its form takes."""

    things: dict[str, str]
    allowed: set[str]
    body: Body = nothing
    query: dict[str, str] = field(default_factory=dict)
    refused: frozenset[int] = frozenset({403, 404})


def on(thing: str, *allowed: str, body: Body = nothing, **details: Any) -> Step:
    return Step({"public_id": thing}, set(allowed), body, **details)


CALL = given(
    title_en="A", title_zh="甲", summary_en="B", summary_zh="乙", opens_on="2027-01-01", closes_on="2027-02-01",
    screening_due_on="2027-02-15", review_due_on="2027-03-01", meets_on="2027-04-01", release_on="2027-05-01",
    template="idea", committee="@committee", rubric="@rubric", rule="@decision_rule",
)  # fmt: skip
TERMS = {
    "months": "48", "every_months": "12", "cliff_months": "12", "allocation": "CUMULATIVE_ROUND_DOWN",
    "starts_on": "2026-03-31",
}  # fmt: skip
PLAN = given(
    title_en="A", title_zh="甲", kind="option", regime="plan", issuer_kind="limited", size="small", unit_en="share",
    unit_zh="股", decimals="0", total="10,000,000", pool="1,000", **TERMS,
)  # fmt: skip
GRANT = given(holder="@member_id", units="10", price_minor="1.20", granted_on="2026-06-30")
STEP = given(kind="repricing", effective_on=DAY, price_minor="1.00", reason="As agreed")
DEPARTURE = given(hr_number="@holder_number", reason="retirement", last_day=DAY, note="Letter")
ALL_HR = {"grant_maker", "grant_checker", "hr", "award_maker", "award_checker", "stranger"}
TALKING = ("author", "mate", "friend", "its_office", "office")
FINANCE = ("finance", "capital_finance")
OPERATORS = ("its_operator", "cloud_operator")
KEEPERS = (*OPERATORS, "finance", "office", "ip_office")
OFFER = given(
    name_en="A", name_zh="甲", code="abc", category="saas", summary_en="A", summary_zh="甲", region="cn-east",
    mlps_level="0", ready_seconds="1", audience="", owner="",
)  # fmt: skip
REVIEW = given(
    score_uniqueness="4", score_continuity="4", score_team="4", score_fit="4", confidence="high",
    recommendation="fund",
)  # fmt: skip
INVENTION = given(
    title="A", problem="B", solution="C", secrecy="ordinary", **{"shares-0-hr_number": "1", "shares-0-share": "100"}
)  # fmt: skip
DESCRIPTION = given(title="A", problem="B", solution="C", secrecy="ordinary")
USE = given(
    matter="@granted_matter", mode="own_use", from_on="2025-01-01", to_on="2025-12-31", income="1,000",
    evidence="Audit",
)  # fmt: skip
LICENCE = given(
    matter="@granted_matter", licensee="A", kind="ordinary", from_on="2025-01-01", fee="1,000", evidence="Contract",
)  # fmt: skip
SHARES = given(**{
    "shares-0-hr_number": "@inventor_number", "shares-0-share": "50",
    "shares-1-hr_number": "@co_inventor_number", "shares-1-share": "50",
})  # fmt: skip
EVENT = given(happened_on=DAY, number="202310601862.1")
REASON = given(reason="Because.")
PAIR = given(proposal="@screening_proposal", reviewer="1")
COMPLETION = given(done_on=DAY, evidence="Receipt 4711")
ANY_EVENT = given(kind="notice", happened_on=DAY, service_mode="post", about="", number="", evidence="")
COST = given(
    stage="planned", purpose="office", currency="CNY", full_amount="1,200.00", on_day="2027-01-04", note="",
)  # fmt: skip
CASE = given(number="@grant_number", reason="A", days="3")
FILING = given(kind="invention", reason="It carries it.")
DRAFT = given(title="A", version="1")
ITS_HR = ("grant_checker", "grant_maker", "hr")
ISSUER = given(
    company="@equity_company", name="A", kind="limited", size="small", size_evidence="B", unit_en="share", unit_zh="股",
    decimals="0", total="10", lock_months="0", notice_days="30", whole="y", first_refusal="y",
)  # fmt: skip
PEOPLE = (
    "its_office", "its_chair", "author", "mate", "friend", "reviewer_1", "reviewer_2", "member", "decided_author",
    "decided_chair", "decided_member", "its_operator", "inventor", "co_inventor", "its_counsel", "ip_office",
    "award_maker", "award_checker", "grant_maker", "grant_checker", "holder", "venture_member", "case_auditor",
    "capital_finance", "office", "reviewer", "chair", "hr", "ip_counsel", "cloud_operator", "finance", "legal", "board",
    "funder", "auditor", "administrator", "employee", "stranger",
)  # fmt: skip
"""Everybody of the world: parties of its things, then a holder of each role over all companies here."""
EVERYBODY = set(PEOPLE)
OFFICES = ("its_office", "ip_office", "office", "stranger")
SCORERS = (
    "reviewer_1", "reviewer_2", "member", "its_chair", "decided_chair", "decided_member", "reviewer", "chair",
    "stranger",
)  # fmt: skip
"""Whoever has reviews of their own, or may have."""
ADDRESSED = {
    "its_office", "its_chair", "author", "mate", "reviewer_1", "reviewer_2", "member", "office", "reviewer", "chair",
    "hr", "ip_counsel", "cloud_operator", "finance", "auditor", "administrator", "employee",
    "legal", "board", "funder", "friend",
}  # fmt: skip
"""The employees of the company whose call it is."""
EXPECTED: dict[str, Step] = {
    "transparency.open_case": Step({}, {"auditor", "case_auditor"}, CASE, refused=frozenset({403, 422})),
    "transparency.close_case": on("case", "case_auditor"),
    "patents.approve": on("calculated_award", "award_checker", "hr"),
    "patents.calculate": on("award", "award_checker", "award_maker", "hr"),
    "patents.send_back": on("calculated_award", "award_checker", "hr", body=REASON),
    "calls.close": on("call", "its_office", "office"),
    "calls.copy_call": on("call", "its_office", "office"),
    "calls.extend": on("call", "its_office", "office"),
    "proposals.copy_on": on("withdrawn_proposal", "author", body=given(call="@call")),
    "proposals.create_draft": on("call", *ADDRESSED),
    "proposals.take_step": Step(
        {}, {"ip_office", "its_office", "office", "stranger"}, given(id="@submitted_proposal", step="screen")
    ),
    "proposals.undo_step": on("screening_batch", "its_office"),
    "proposals.classify": on("draft_proposal", "author", body=given(confidentiality="core")),
    "proposals.import_drafts": on("call", "its_office", "office"),
    "proposals.save_view": Step({}, EVERYBODY, given(name="Mine")),
    "proposals.save_view_of_mine": Step({}, EVERYBODY, given(name="Mine")),
    "proposals.save_view_of_search": Step({}, EVERYBODY, given(name="Mine"), query={"call": "call"}),
    "proposals.set_default_view": on("saved_view", "author"),
    "proposals.remove_view": on("saved_view", "author"),
    "people.ask_for_import": Step({}, {*ALL_HR, "administrator"}),
    "people.apply_import": on("directory_import", "hr"),
    "people.discard_import": on("directory_import", "hr"),
    "reviews.settle": on("decision", "decided_chair", body=given(outcome="rejected", reason="Because.")),
    "reviews.sign_settled": on("decision", "decided_chair", "decided_member"),
    "reviews.release_settled": on("decision", "decided_chair", "decided_member"),
    "calls.publish": on("draft_call", "its_office", "office"),
    "calls.publish_rubric": on("rubric", *OFFICES),
    "calls.publish_rule": on("decision_rule", *OFFICES),
    "calls.update_call": on("draft_call", "its_office", "office", body=CALL),
    "calls.create_theme": Step(
        {}, {"ip_office", "its_office", "office", "stranger"}, given(name_en="A", name_zh="甲"), {"company": "company"}
    ),
    "calls.update_theme": on("theme", "its_office", "office", body=given(name_en="A", name_zh="甲", source="B")),
    "calls.set_budget": on("theme", "its_office", "office", body=given(year="2027", budget="1,000")),
    "calls.create_pool": on("theme", "its_office", "office", body=given(year="2031", amount="1,000")),
    "calls.add_section": on("draft_call", "its_office", "office", body=given(title_en="A", title_zh="甲")),
    "calls.add_question": on(
        "draft_call", "its_office", "office", body=given(kind="long", label_en="A", label_zh="甲")
    ),
    "calls.change_question": Step(
        {"public_id": "draft_call", "key": "question"},
        {"its_office", "office"},
        given(section="idea", kind="long", label_en="A", label_zh="甲"),
    ),
    "calls.change_section": Step(
        {"public_id": "draft_call", "key": "section"}, {"its_office", "office"}, given(title_en="A", title_zh="甲")
    ),
    "calls.arrange": on("draft_call", "its_office", "office", body=given(template="idea")),
    "calls.create_call": Step({}, {"ip_office", "its_office", "office", "stranger"}, CALL, {"company": "company"}),
    "cloud.order": on(
        "offer",
        "inventor",
        body=given(venture="@venture", plan="@plan", limit="20", days="3"),
        refused=frozenset({422}),
    ),
    "reviews.decide_otherwise": on("decision", "decided_chair", body=given(outcome="rejected", reason="Because.")),
    "equity.accept_grant": on("offered_grant", "holder", body=given(letter_hash="@letter_hash")),
    "approvals.delegate": Step(
        {},
        {*ALL_HR, *FINANCE, "legal", "board", "funder"},
        given(hr_number="@member_number", role="hr", from_on="2027-01-01", to_on="2027-01-02", reason="Leave"),
        refused=frozenset({403, 404}),
    ),
    "approvals.end_delegation": on("delegation", "grant_checker"),
    "equity.revise_vesting": on("draft_grant", "grant_maker", body=given(**TERMS)),
    "equity.revise_facts": on("draft_grant", "grant_maker"),
    "equity.retract_grant": on("offered_grant", "grant_checker", "hr", body=REASON),
    "equity.close_plan": on("growth_plan", "grant_checker", "hr", body=REASON),
    "equity.record_happening": on(
        "growth_plan",
        *ITS_HR,
        *FINANCE,
        body=given(kind="dividend", happened_on=DAY, amount_minor="1.00", evidence="Resolution"),
    ),
    "equity.settle_growth": on(
        "growth_plan",
        *ITS_HR,
        body=given(value="@other_value", first_due_on=DAY, reason="A", confirmed="yes"),
    ),
    "equity.approve_growth": on("waiting_settlement", "grant_checker", "hr"),
    "equity.refuse_growth": on("waiting_settlement", "grant_checker", "hr", body=REASON),
    "equity.correct_growth": on(
        "settlement",
        *ITS_HR,
        body=given(value="@other_value", first_due_on=DAY, reason="A"),
    ),
    "equity.hand_over": on("settlement", *ITS_HR, body=given(part="@money_part")),
    "equity.record_repayment": on(
        "clawback",
        *ITS_HR,
        *FINANCE,
        body=given(part="@part", settled_on=DAY, evidence="Receipt"),
    ),
    "equity.approve_grant": on("submitted_grant", "grant_checker", "hr"),
    "equity.cancel_grant": on("submitted_grant", "grant_maker", body=REASON),
    "equity.decline_grant": on("offered_grant", "holder", body=REASON),
    "equity.revise_grant": on("draft_grant", "grant_maker", body=GRANT),
    "equity.send_back_grant": on("submitted_grant", "grant_checker", "hr", body=REASON),
    "equity.submit_grant": on("draft_grant", "grant_maker"),
    "equity.approve_plan": on("waiting_plan", "grant_checker", "hr"),
    "equity.create_grant": on("equity_plan", "grant_checker", "grant_maker", "hr", body=GRANT),
    "equity.refuse_plan": on("waiting_plan", "grant_checker", "hr", body=REASON),
    "equity.create_grants": on("equity_plan", *ITS_HR),
    "equity.propose_step": on("live_grant", *ITS_HR, body=STEP),
    "equity.exercise_grant": on("live_grant", "holder", body=given(units="1")),
    "equity.approve_step": on("waiting_step", "grant_checker", "hr"),
    "equity.refuse_step": on("waiting_step", "grant_checker", "hr", body=REASON),
    "equity.cancel_step": on("waiting_step", "grant_maker"),
    "equity.depart": Step({}, set(ITS_HR), DEPARTURE, refused=frozenset({403, 404, 422})),
    "equity.import_leavers": Step({}, ALL_HR),
    "equity.prepare_batch": Step({}, ALL_HR, given(period="2026-11", currency="CNY")),
    "equity.send_batch": on("prepared_batch", "grant_checker", "hr", *FINANCE),
    "equity.record_payments": on("sent_batch", *ITS_HR, *FINANCE),
    "equity.create_plan": Step({}, {"grant_checker", "grant_maker", "hr"}, PLAN, {"venture": "equity_venture"}),
    "equity.create_issuer": Step({}, set(ITS_HR), ISSUER, refused=frozenset({403, 404, 422})),
    "equity.revise_issuer": on("issuer", *ITS_HR, body=ISSUER),
    "equity.create_class": on(
        "issuer",
        *ITS_HR,
        body=given(
            code="b",
            unit_en="share",
            unit_zh="股",
            decimals="0",
            total="10",
            ratio_numerator="1",
            ratio_denominator="1",
        ),
    ),
    "equity.revise_holder": Step({"public_id": "issuer", "key": "buyer_id"}, set(ITS_HR), given(is_state="yes")),
    "equity.create_holder": on("issuer", *ITS_HR, body=given(kind="company", name="A")),
    "equity.create_entry": on(
        "issuer",
        *ITS_HR,
        body=given(
            security="@security", effective_on=DAY, evidence="A", holder="@buyer_id", units="1", price_minor="1.00"
        ),
    ),
    "equity.create_patent_entry": on("issuer", *ITS_HR, body=given(record="U-AAAAAA", formed_in="@security")),
    "equity.submit_entry": on("draft_entry", "grant_maker"),
    "equity.approve_entry": on("waiting_entry", "grant_checker", "hr"),
    "equity.refuse_entry": on("waiting_entry", "grant_checker", "hr", body=REASON),
    "equity.correct_entry": on("entered_entry", "grant_checker", "hr", body=REASON),
    "equity.create_appraisal": on(
        "issuer",
        *ITS_HR,
        "finance",
        "capital_finance",
        body=given(
            security="@security",
            appraised_on=DAY,
            value_minor="100",
            unit_minor="1",
            method="income",
            firm="A",
            filing_number="B",
            valid_months="12",
        ),
    ),
    "equity.approve_appraisal": on("waiting_appraisal", "grant_checker", "hr"),
    "equity.refuse_appraisal": on("waiting_appraisal", "grant_checker", "hr", body=REASON),
    "equity.request_transfer": Step(
        {},
        {*ITS_HR, "holder", "venture_member"},
        given(buyer="@buyer_id", units="1", price_minor="2.00", payment="A", complete_by="2999-01-01"),
        {"class": "security"},
    ),
    "equity.give_notice": on("requested_transfer", *ITS_HR),
    "equity.answer_notice": Step(
        {"public_id": "noticed_transfer", "key": "answer"}, {"venture_member"}, given(takes="waive")
    ),
    "equity.close_notice": on("noticed_transfer", *ITS_HR),
    "equity.withdraw_transfer": on("noticed_transfer", *ITS_HR, "holder", body=REASON),
    "equity.price_transfer": on("waived_transfer", *ITS_HR, body=given(appraisal="@appraisal")),
    "equity.approve_transfer": on("priced_transfer", "grant_checker", "hr"),
    "equity.refuse_transfer": on("priced_transfer", "grant_checker", "hr", body=REASON),
    "equity.settle_transfer": on("approved_transfer", *ITS_HR, body=given(settled_on=DAY, payment_reference="P")),
    "equity.reverse_transfer": on("settled_transfer", "grant_checker", "hr", body=REASON),
    "equity.import_ocf": on("issuer", *ITS_HR),
    "equity.submit_import": on("draft_import", "grant_maker"),
    "equity.approve_import": on("waiting_import", "grant_checker", "hr"),
    "equity.refuse_import": on("waiting_import", "grant_checker", "hr", body=REASON),
    "equity.value_grant": on(
        "offered_grant",
        "finance",
        "capital_finance",
        body=given(spot="42", rate="10", volatility="20", dividend="0", months="6", forfeiture="0", basis="A"),
    ),
    "patents.accept_share": on("disclosure", "co_inventor"),
    "patents.take_up": on("disclosure", "ip_counsel", "its_counsel", body=REASON),
    "patents.assess": on("disclosure", "its_counsel", body=given(assessment="New.")),
    "patents.decline_share": on("disclosure", "co_inventor", body=REASON),
    "patents.propose": on(
        "assessed_disclosure",
        "its_counsel",
        body=given(decision="file", kind="invention", office="CNIPA", reason="It carries it."),
    ),
    "patents.revise": on("disclosure", "inventor", body=DESCRIPTION),
    "patents.ask": on("disclosure", "its_counsel", body=given(question="Who paid?")),
    "patents.set_days": on("disclosure", "inventor", "co_inventor", "its_counsel", body=given(published_on=DAY)),
    "patents.attach": on("disclosure", "inventor", "co_inventor", "its_counsel"),
    "patents.propose_change": on(
        "assessed_disclosure", "inventor", "co_inventor", body=lambda world: SHARES(world) | {"reason": "Fair."}
    ),
    "patents.accept_change": on("changing_disclosure", "co_inventor"),
    "patents.decline_change": on("changing_disclosure", "co_inventor", body=REASON),
    "patents.withdraw_change": on("changing_disclosure", "inventor"),
    "patents.review_secret": on("secret", "ip_counsel", "its_counsel", body=given(measures="Locked.")),
    "patents.propose_lift": on("kept_secret", "ip_counsel", "its_counsel", body=REASON),
    "patents.approve_lift": on("secret", "ip_office", "office"),
    "patents.refuse_lift": on("secret", "ip_office", "office", body=REASON),
    "patents.request_review": on("security_review", "its_counsel", body=given(requested_on=DAY)),
    "patents.record_notice": on("security_review", "its_counsel", body=given(notified_on=DAY)),
    "patents.clear_review": on("security_review", "its_counsel", body=given(decided_on=DAY)),
    "patents.refuse_review": on("security_review", "its_counsel", body=given(decided_on=DAY)),
    "patents.pay": on("paid_award", "award_checker", "award_maker", "hr", body=given(paid_on=DAY, reference="Run 11")),
    "patents.replace": on("paid_award", "award_checker", "award_maker", "hr", body=REASON),
    "patents.record_use": Step(
        {}, {"finance", "ip_counsel", "its_counsel", "stranger"}, USE, refused=frozenset({403, 404, 422})
    ),
    "patents.correct_use": on("use", "finance", "ip_counsel", "its_counsel", body=USE),
    "patents.choose_rule": on("use", "ip_counsel", "its_counsel", body=given(number="2", reason="As counsel.")),
    "patents.give_licence": Step(
        {}, {"finance", "ip_counsel", "its_counsel", "stranger"}, LICENCE, refused=frozenset({403, 404, 422})
    ),
    "patents.receive_import": Step(
        {}, {"ip_counsel", "its_counsel", "stranger"}, given(kind="matters"), refused=frozenset({403, 404, 422})
    ),
    "patents.apply_import": on("import", "its_counsel"),
    "rules.adopt": Step(
        {"kind": "rule_kind"},
        EVERYBODY,
        given(title_en="A"),
        refused=frozenset({403, 404, 422}),
    ),
    "patents.change_shares": on("disclosure", "inventor", body=SHARES),
    "patents.disclose": Step({}, {"co_inventor", "inventor"}, INVENTION, {"venture": "venture"}),
    "notifications.read_all": Step({}, EVERYBODY),
    "notifications.choose": Step({}, EVERYBODY),
    "notifications.make_calendar": Step({}, EVERYBODY),
    "notifications.end_calendar": Step({}, EVERYBODY),
    "patents.correct": Step(
        {"public_id": "filed_matter", "event_id": "matter_event"}, {"ip_counsel", "its_counsel"}, EVENT
    ),
    "patents.record_examination": on("filed_matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.record_filing": on("matter", "its_counsel", body=EVENT),
    "patents.record_grant": on("filed_matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.record_publication": on("filed_matter", "ip_counsel", "its_counsel", body=EVENT),
    "patents.decide": on("proposed_disclosure", "ip_office", "office"),
    "patents.refuse": on("proposed_disclosure", "ip_office", "office", body=REASON),
    "patents.acknowledge_deadline": on("deadline", "ip_counsel", "its_counsel"),
    "patents.complete_deadline": on("deadline", "ip_counsel", "its_counsel", body=COMPLETION),
    "patents.propose_drop": on("deadline", "ip_counsel", "its_counsel", body=REASON),
    "patents.drop_deadline": on("dropping_deadline", "ip_office", "office"),
    "patents.refuse_drop": on("dropping_deadline", "ip_office", "office", body=REASON),
    "patents.reopen_deadline": on("closed_deadline", "ip_counsel", "its_counsel", body=REASON),
    "patents.deadlines_in_bulk": Step({}, {"ip_counsel", "its_counsel", "stranger"}),
    "patents.differences_in_bulk": Step({}, {"ip_counsel", "its_counsel", "stranger"}),
    "patents.apply_difference": on("difference", "ip_counsel", "its_counsel"),
    "patents.discard_difference": on("difference", "ip_counsel", "its_counsel", body=REASON),
    "patents.add_matter": on("family", "ip_counsel", "its_counsel", body=given(office="EPO", kind="invention")),
    "patents.record_event": on("filed_matter", "ip_counsel", "its_counsel", body=ANY_EVENT),
    "patents.add_cost": on("filed_matter", "ip_counsel", "its_counsel", body=COST),
    "patents.reverse_cost": Step(
        {"public_id": "filed_matter", "cost_id": "cost"}, {"ip_counsel", "its_counsel"}, given(note="Twice.")
    ),
    "patents.assign": on("filed_matter", "ip_counsel", "its_counsel", body=given(counsel="@counsel_number")),
    "patents.reduce_fees": on(
        "filed_matter", "ip_counsel", "its_counsel", body=given(reduction_bp="85", reason="Notice 17")
    ),
    "people.set_language": Step({}, EVERYBODY),
    "people.set_theme": Step({}, EVERYBODY),
    "proposals.preview": Step({}, EVERYBODY, given(preview="text", text="*A*")),
    "proposals.restore": Step({"public_id": "draft_proposal", "version_id": "version"}, {"author"}),
    "proposals.attach": on("draft_proposal", "author"),
    "proposals.detach": Step({"public_id": "draft_proposal", "attachment_id": "attachment"}, {"author"}),
    "proposals.ask_team": on("draft_proposal", "author"),
    "proposals.autosave": on("draft_proposal", "author", body=DRAFT),
    "reviews.put_to_committee": on("screening_proposal", "its_office", "office"),
    "proposals.accept_share": on("waiting_proposal", "mate"),
    "proposals.decline_share": on("waiting_proposal", "mate", body=REASON),
    "proposals.save": on("draft_proposal", "author", body=DRAFT),
    "proposals.return_": on("screening_proposal", "its_office", "office", body=REASON),
    "proposals.rule_out": on("screening_proposal", "its_office", "office", body=REASON),
    "proposals.screen": on("submitted_proposal", "its_office", "office"),
    "proposals.submit": on("returned_proposal", "author"),
    "proposals.take_back": on("waiting_proposal", "author"),
    "proposals.set_team": on("draft_proposal", "author"),
    "proposals.counter_share": on("waiting_proposal", "mate", body=given(share="30", reason="I build it.")),
    "proposals.adopt_counter": Step(
        {"public_id": "draft_proposal", "person_id": "author_id"}, {"author"}, refused=frozenset({403, 404})
    ),
    "proposals.leave": on("changing_proposal", "mate"),
    "proposals.add_background": on("draft_proposal", "author", body=given(company="@company", what="A patent")),
    "proposals.remove_background": Step({"public_id": "draft_proposal", "entry_id": "background"}, {"author"}),
    "proposals.propose_change": on("submitted_proposal", "author", body=REASON),
    "proposals.accept_change": on("team_change", "mate"),
    "proposals.decline_change": on("team_change", "mate", body=REASON),
    "proposals.withdraw_change": on("team_change", "author"),
    "proposals.merge": on(
        "screening_proposal",
        "its_office",
        "office",
        body=given(survivor="@submitted_proposal", credit="20", reason="The same."),
    ),
    "proposals.ask": on("proposal_in_review", "its_chair", body=given(question_1="How?", due_on="2999-01-01")),
    "proposals.keep_answers": on("asked_proposal", "author", body=given(answer_1="So.")),
    "proposals.autosave_answers": on("asked_proposal", "author", body=given(answer_1="So.")),
    "proposals.answer": on("asked_proposal", "author", body=given(answer_1="So.")),
    "proposals.appeal": on("shelved_proposal", "author", body=REASON),
    "proposals.answer_appeal": on(
        "appealed_proposal", "its_office", "office", body=given(upheld="no", answer="It stands.")
    ),
    "proposals.set_trigger": on("shelved_proposal", "its_office", "office", body=given(word="heat")),
    "proposals.drop_trigger": Step(
        {"public_id": "shelved_proposal", "trigger_id": "trigger"}, {"its_office", "office"}
    ),
    "proposals.write_comment": on("changing_proposal", *TALKING, body=given(text="Hello")),
    "proposals.withdraw_comment": Step({"public_id": "changing_proposal", "comment_id": "comment"}, {"author"}),
    "proposals.follow": on("changing_proposal", *TALKING),
    "proposals.unfollow": on("changing_proposal", *TALKING),
    "proposals.offer_to_join": on("changing_proposal", "friend", body=given(skills="Welding")),
    "proposals.accept_offer": Step({"public_id": "changing_proposal", "offer_id": "join_offer"}, {"author"}),
    "proposals.decline_offer": Step({"public_id": "changing_proposal", "offer_id": "join_offer"}, {"author"}),
    "proposals.withdraw_offer": Step({"public_id": "changing_proposal", "offer_id": "join_offer"}, {"friend"}),
    "proposals.open_to_colleagues": on("opened_proposal", "author", body=given(summary="A pump", wanted="A welder")),
    "proposals.close_to_colleagues": on("opened_proposal", "author"),
    "proposals.offer_from_outside": on("opening", "friend", "stranger", body=given(skills="Welding")),
    "proposals.withdraw_from_outside": Step({"public_id": "opening", "offer_id": "opening_offer"}, {"friend"}),
    "proposals.give_difference": on(
        "changing_proposal", "author", "mate", body=given(other="@other_proposal", reason="Ours has no pump.")
    ),
    "proposals.ask_likeness": on(
        "screening_proposal", "its_office", "office", body=given(other="@hidden_proposal", question="A pump?")
    ),
    "proposals.answer_likeness": on("likeness", "stranger", body=given(same="no")),
    "reviews.recall": on("shelved_proposal", "its_office", "office", body=REASON),
    "proposals.add_member": on("draft_proposal", "author", body=given(person="1")),
    "proposals.withdraw": on("proposal_in_review", "author"),
    "reviews.autosave": on("draft_review", "reviewer_2", body=REVIEW),
    "reviews.declare": on("review", "reviewer_1", body=given(conflict="no")),
    "reviews.save": on("draft_review", "reviewer_2", body=REVIEW),
    "reviews.seal": on("draft_review", "reviewer_2", body=REVIEW),
    "reviews.prepare_assignment": on(
        "call", "its_office", "office", body=given(reviews="2", least="0", most="9", unknown="20", company="any")
    ),
    "reviews.add_pair": on(
        "assignment", "its_office", "office", body=given(proposal="@screening_proposal", reviewer="1")
    ),
    "reviews.drop_pair": on(
        "assignment", "its_office", "office", body=given(proposal="@screening_proposal", reviewer="1")
    ),
    "reviews.publish_assignment": on("assignment", "its_office", "office"),
    "reviews.anonymise": on("screening_proposal", "its_office", "office", body=given(title="A", answer_summary="B")),
    "reviews.approve_text": on("screening_proposal", "its_office", "office"),
    "reviews.ask_one_more": on("proposal_in_review", "its_office", "office"),
    "reviews.decline": on("review", "reviewer_1", body=REASON),
    "reviews.ask_hand_over": on("review", "reviewer_1", body=given(to="@conflicted", reason="Away")),
    "reviews.answer_hand_over": on("hand_over", "its_office", "office", body=given(answer="refuse")),
    "reviews.save_table": Step({}, set(SCORERS), refused=frozenset({403, 404})),
    "reviews.read_form": Step({}, set(SCORERS), refused=frozenset({403, 404})),
    "reviews.reopen": on("sealed_review", "its_chair", body=REASON),
    "reviews.exclude": on("sealed_review", "its_chair", body=REASON),
    "reviews.lift": on(
        "proposal_in_review", "its_office", "office", body=given(person="@conflicted", kind="line_manager", reason="A")
    ),
    "reviews.rank": on("round", "its_chair", "its_office", "office"),
    "reviews.try_assignment": on("round", "its_office", "office", body=given(reviews="2", least="0", most="2")),
    "reviews.replay_run": on("round", "its_chair", "its_office", "office", "auditor", body=given(run="@assignment")),
    "reviews.close_round": on("round", "its_chair"),
    "reviews.decisions_in_bulk": on(
        "decided_round", "decided_chair", body=given(id="@decision", outcome="rejected", reason="Because.")
    ),
    "reviews.reconsider": on("decision", "decided_chair", body=REASON),
    "reviews.convene": on("decided_round", "decided_chair"),
    "reviews.note_presence": on("decided_round", "decided_chair", body=given(here="@member_key")),
    "reviews.end_meeting": on("decided_round", "decided_chair"),
    "reviews.open_item": on("item", "decided_chair"),
    "reviews.vote_again": on("item", "decided_chair", body=given(minutes="A", allotted="10")),
    "reviews.move_item": on("item", "decided_chair", body=given(to="up")),
    "reviews.note_item": on("item", "decided_chair", body=given(minutes="A", allotted="10")),
    "reviews.close_item": on("item", "decided_chair", body=given(minutes="A", allotted="10")),
    "reviews.vote": on("item", "decided_chair", body=given(choice="accept")),
    "reviews.hold": on("decided_round", "decided_chair"),
    "reviews.prepare": on("round", "its_chair"),
    "reviews.save_bids": on("call", "reviewer_1", "reviewer_2", "member"),
    "reviews.ask_help": on("review", "reviewer_1", body=given(hr_number="1", reason="A")),
    "reviews.answer_help": on("sub_review", "its_office", "office", body=given(answer="refuse")),
    "reviews.declare_for_help": on("approved_help", "mate", body=given(conflict="no")),
    "reviews.give_opinion": on("approved_help", "mate", body=given(opinion="Sound.")),
    "reviews.rate_review": on("sealed_review", "its_chair", body=given(helpful="2")),
    "reviews.open_panel": Step({}, set(OFFICES)),
    "reviews.plan_tranche": on("gated_venture", "its_office", "office", body=given(amount="1", due_on="2030-01-01")),
    "reviews.decide_panel": on("panel", "its_chair"),
    "reviews.confirm_panel": on("decided_panel", "its_chair", "reviewer_1", "reviewer_2", "member"),
    "reviews.send_back_panel": on("decided_panel", "its_chair", "reviewer_1", "reviewer_2", "member", body=REASON),
    "reviews.remind_now": on("round", "its_chair", "its_office", "office"),
    "reviews.ask_more": on("round", "its_chair", "its_office", "office", body=given(proposals="1")),
    "reviews.ask_more_judges": on("panel", "its_chair", "its_office", "office", body=given(reviewers="1")),
    "reviews.cancel_panel": on("panel", "its_office", "office", body=REASON),
    "reviews.answer_gate": on("asking_gate", "author", body=given(text="One customer signed.")),
    "reviews.declare_for_panel": on("panel_review", "reviewer_1", body=given(conflict="no")),
    "reviews.save_panel_review": on("panel_draft", "reviewer_2", body=given(score_team="4")),
    "reviews.seal_panel_review": on("panel_draft", "reviewer_2", body=given(score_team="4")),
    "reviews.release": on("decided_round", "decided_chair"),
    "reviews.sign": on("decided_round", "decided_chair", "decided_member"),
    "rules.confirm": on(
        "rule",
        "award_checker",
        "award_maker",
        "grant_checker",
        "grant_maker",
        "hr",
        "ip_counsel",
        "its_counsel",
        "stranger",
    ),
    "cloud.renew_access": on("sandbox", "inventor"),
    "cloud.close": on("sandbox", "cloud_operator", "inventor", "its_operator"),
    "cloud.raise_limit": on("sandbox", "inventor", body=given(amount="1")),
    "cloud.reveal": on("sandbox", "inventor"),
    "cloud.unfreeze": on("sandbox", "cloud_operator", "its_operator"),
    "cloud.add_member": on(
        "sandbox", "inventor", body=given(person="@mate_of_sandbox"), refused=frozenset({403, 404, 422})
    ),
    "cloud.remove_member": on("sandbox_member", "inventor"),
    "cloud.reveal_own": on("sandbox_member", "co_inventor"),
    "cloud.ask_export": on("sandbox", "inventor"),
    "cloud.close_without_copy": on(
        "sandbox", "cloud_operator", "inventor", "its_operator", body=given(reason="Because.")
    ),
    "cloud.adopt": on("lost_sandbox", "cloud_operator", "its_operator", body=given(finding="@orphan")),
    "cloud.give_up": on("orphan", "cloud_operator", "its_operator"),
    "cloud.compensate": on("operation", "cloud_operator", "its_operator"),
    "cloud.complete_task": on(
        "manual_task", "cloud_operator", "its_operator", body=given(reference="A", host="B", password="C")
    ),
    "cloud.create_provider": Step(
        {},
        {"its_operator", "cloud_operator", "stranger"},
        given(
            name_en="A",
            name_zh="甲",
            code="abc",
            driver="manual",
            currency="CNY",
            lag_seconds="60",
            region="cn-east",
            mlps_level="0",
        ),
    ),
    "cloud.describe_provider": on(
        "cloud_provider", *OPERATORS, body=given(name_en="A", name_zh="甲", region="cn-east", mlps_level="0")
    ),
    "cloud.connect": on("cloud_provider", *OPERATORS, body=given(options="a = 1", address="https://a.example.com")),
    "cloud.configure": on("plan", *OPERATORS, body=given(settings="a = 1")),
    "cloud.create_offer": on("cloud_provider", *OPERATORS, body=OFFER),
    "cloud.update_offer": on("offer", *OPERATORS, body=OFFER),
    "cloud.add_size": on(
        "offer", *OPERATORS, body=given(name_en="A", name_zh="甲", code="abc", unit="hour", price="1")
    ),
    "cloud.change_quantities": on("plan", *OPERATORS, body=given(least_quantity="1", most_quantity="2")),
    "cloud.test_exit": on("offer", *OPERATORS, body=given(tested_on=DAY, passed="yes", minutes="1")),
    "cloud.propose_price": on("plan", *OPERATORS, body=given(price="1", valid_from="2999-01-01", reason="Because.")),
    "cloud.propose_policy": Step(
        {},
        {"its_operator", "cloud_operator", "stranger"},
        given(
            name_en="A",
            name_zh="甲",
            source="B",
            lower_bp="5",
            provider="",
            theme="",
            region="",
            from_on="2027-01-01",
            reason="Because.",
        ),
    ),
    "cloud.approve_wish": on("wish", "finance"),
    "cloud.refuse_wish": on("wish", "finance", body=REASON),
    "cloud.cancel_wish": on("wish", "its_operator"),
    "cloud.ask_credits": on("venture", "inventor", body=given(amount="1", reason="Because.")),
    "cloud.ask_extension": on("sandbox", "inventor", body=given(days="1", reason="Because.")),
    "cloud.freeze_credits": on("venture", *KEEPERS, body=given(level="1", reason="Because.")),
    "cloud.thaw_credits": on("venture", *KEEPERS),
    "cloud.give_back": on("venture", "finance", "office", "ip_office", body=given(amount="1")),
    "cloud.close_month": on("cloud_company", "finance", body=given(month="2026-01-01")),
    "cloud.clear_suspense": on(
        "cloud_company", "finance", body=given(account="@suspense", venture="", amount="1", reason="Because.")
    ),
    "cloud.upload_bill": on("billed_provider", *OPERATORS, "finance", body=given(rows="1")),
    "cloud.release_bill": on("held_bill", "finance", body=REASON),
    "cloud.reject_bill": on("held_bill", "finance", body=REASON),
    "cloud.name_owner": on(
        "billed_provider", *OPERATORS, body=given(sub_account="acc", sandbox="x", reason="Because.")
    ),
    "cloud.set_bill_source": on("billed_provider", *OPERATORS, body=given(bucket="b")),
    "cloud.propose_rate": Step({}, {*FINANCE, "stranger"}, given(currency="USD", on_day=DAY, rate="7.1", source="A")),
    "cloud.import_rates": Step({}, {*FINANCE, "stranger"}, given(source="A"), refused=frozenset({403, 404, 422})),
    "cloud.retry": on("operation", "cloud_operator", "its_operator"),
    "people.open_session": Step({}, EVERYBODY),
    "people.sign_out": Step({}, EVERYBODY),
}


@pytest.fixture
def world(make: Make) -> World:
    return worlds.build(make)


def unsafe(app: Flask) -> Iterator[Any]:
    """Every rule that takes an unsafe method."""
    for rule in app.url_map.iter_rules():
        if set(rule.methods or ()) - SAFE_METHODS:
            yield rule


def test_every_unsafe_route_has_its_row(app: Flask) -> None:
    assert {rule.endpoint for rule in unsafe(app)} == set(EXPECTED)


def chosen(tokens: dict[str, str], step: Step, turn: int) -> list[tuple[str, str]]:
    """Who tries a step, with their token: all who may take it, and in turn every second of the others; nightly all."""
    refused = [name for name in tokens if name not in step.allowed]
    tried = {*step.allowed, *(refused if NIGHTLY else refused[turn % 2 :: 2])}
    return [(name, token) for name, token in tokens.items() if name in tried]


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """What happens within is as if it had not."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        db.session.remove()
        savepoint.rollback()


def fingerprint(connection: Connection) -> dict[str, tuple[int, int]]:
    """What stands in every table, by table: its rows, and which transactions wrote them. Each savepoint is one of its
    own with a higher number, so that no write that stays leaves both sums as they were."""
    parts = [
        f"SELECT '{name}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {name} {BUT_REFUSALS.get(name, '')}"
        for name in Model.metadata.tables
    ]
    rows = connection.execute(text(" UNION ALL ".join(parts)))
    return {name: (count, written) for name, count, written in rows}


@pytest.mark.fresh
@pytest.mark.no_cover  # thousands of requests: no line counts as tested by them, and they take two thirds of the time
def test_nobody_takes_a_step_that_is_somebody_else_s(
    app: Flask, client: FlaskClient, world: World, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incubator.app.render_template", lambda *_names, **_values: "")  # how a refusal looks: test_app
    assert tuple(world.people) == PEOPLE
    tokens = {name: make.session_for(person) for name, person in world.people.items()}
    bodies = {endpoint: step.body(world) for endpoint, step in EXPECTED.items()}
    connection = db.session.connection()
    db.session.remove()
    before, wrong = fingerprint(connection), []
    for turn, rule in enumerate(unsafe(app)):
        step = EXPECTED[rule.endpoint]
        for name, token in chosen(tokens, step, turn):
            if name in step.allowed:
                with undone(connection):
                    status = attempt(app, token, rule, step, world, bodies[rule.endpoint])
                wrong += [(rule.endpoint, name, status)] if status not in TAKEN else []
            else:
                status = attempt(app, token, rule, step, world, bodies[rule.endpoint])
                wrong += [(rule.endpoint, name, status)] if status not in step.refused else []
        after = fingerprint(connection)
        wrong += [(rule.endpoint, table, "changed") for table in before if before[table] != after[table]]
        before = after
    assert wrong == []
    assert connection.scalar(text(f"SELECT count(*) FROM {OF_A_REFUSAL} AS told")) > len(EXPECTED)


def attempt(app: Flask, token: str, rule: Any, step: Step, world: World, body: dict[str, Any]) -> int:
    """Send a step with a browser of its own, since signing out and choosing a language change it."""
    browser = app.test_client()
    browser.set_cookie("session", token, domain="localhost")
    values = {name: world.things[thing] for name, thing in step.things.items()}
    query = {name: world.things[thing] for name, thing in step.query.items()}
    address = rule.build(values, append_unknown=False)[1]
    return browser.post(address, data=body, query_string=query).status_code
