"""What each reader of a round finds: links that lead somewhere, no hidden decision in a count, an auditor's case."""

import re
import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import DomainError, NotAllowed
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.people.models import Access, Person, Role
from incubator.proposals.models import Proposal
from incubator.reviews import queries, services
from incubator.reviews.engines.deciding import Verdict
from incubator.reviews.models import Letter, PanelKind, Review
from incubator.reviews.services import BelowQuorum, PoolShort
from incubator.reviews.states import ReviewState
from tests.reviews.conftest import Story, content, decision_of
from tests.reviews.test_panel_rights import cleared
from tests.reviews.test_panels import opened

GOOD = ((5, 5, 4, 4), (4, 4, 4, 4))
LINK = re.compile(r'href="(/(?:proposals|rounds|reviews|decisions)/[^"?#]*)')


def page(browser: Any, address: str, status: int = 200) -> str:
    """The text of a page with this status."""
    response = browser.get(address)
    assert response.status_code == status, response.text
    return str(response.text)


def body(text: str) -> str:
    """What stands in main, without the way around it."""
    return text[text.index("<main") : text.index("</main>")]


def auditor_of(story: Story) -> Person:
    """An auditor of the story's company."""
    return story.make.person(story.company, Role.AUDITOR, name="Bai Lu")


def open_case(auditor: Person, proposal: Proposal, source: str = "case:k3") -> None:
    """Access to a proposal, as an auditor's case gives it."""
    with transaction(), audit.because(auditor, "case_grant.open"):
        audit.record("case_grant.create", proposal)
        access.allow(auditor.id, proposal, source)


def hide(story: Story, person: Person, proposal: Proposal) -> None:
    """A conflict of interest, written as the records would have it."""
    with story.make.acting():
        audit.record("test.conflict", proposal)
        access.deny(person.id, proposal, "conflict")


# ---- Links


@pytest.mark.parametrize("who", ["chair", "office", "auditor", "member"])
def test_every_link_on_the_pages_of_a_round_leads_somewhere_for_its_reader(
    story: Story, sign_in: Any, who: str
) -> None:
    story.reviewed(*GOOD)
    story.reviewed(*GOOD, title="余热回收").lang = "zh"
    story.decided()
    reader = {"chair": story.chair, "office": story.office, "auditor": auditor_of(story), "member": story.third}[who]
    address = f"/rounds/{story.round.public_id}"
    browser = sign_in(reader)
    pages = [f"{address}/decision"] if who == "member" else ["/rounds/", address, f"{address}/decision"]
    links = {link for one in pages for link in LINK.findall(body(page(browser, one)))}
    assert {link: browser.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    titles = [text for one in pages[-2:] for text in [page(browser, one)] if "余热回收" in text]
    assert len(titles) == len(pages[-2:])
    assert any(link.startswith("/proposals/") for link in links) is (who in {"chair", "office"})


def test_a_second_signer_finds_no_way_to_the_ranking_she_may_not_see(story: Story, sign_in: Any) -> None:
    story.reviewed(*GOOD)
    story.decided()
    address = f"/rounds/{story.round.public_id}"
    texts = [body(page(sign_in(person), f"{address}/decision")) for person in (story.third, story.chair)]
    assert [[link in text for link in ('href="/rounds/"', f'href="{address}"')] for text in texts] == [
        [False, False], [True, True],
    ]  # fmt: skip


def test_the_reader_s_colours_stay_on_ranking_and_decisions(story: Story, sign_in: Any) -> None:
    story.reviewed(*GOOD)
    story.decided()
    browser = sign_in(story.chair)
    browser.set_cookie("theme", "dark", domain="localhost")
    address = f"/rounds/{story.round.public_id}"
    assert ['data-theme="dark"' in page(browser, a) for a in (address, f"{address}/decision")] == [True, True]


# ---- What a conflict hides


def decision_page(story: Story, browser: Any) -> str:
    """The chair's page of decisions, without what differs from answer to answer."""
    text = body(page(browser, f"/rounds/{story.round.public_id}/decision"))
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


def conflicted(story: Story) -> Proposal:
    """A round of two decided proposals; the chair is kept from the one that is returned."""
    story.reviewed(*GOOD, title="In sight")
    hidden = story.reviewed((2, 2, 2, 2), (2, 2, 2, 2), title="Out of sight")
    hide(story, story.chair, hidden)
    story.decided()
    return hidden


def test_a_chair_in_conflict_sees_the_same_whatever_becomes_of_the_hidden_decision(story: Story, sign_in: Any) -> None:
    hidden = conflicted(story)
    browser = sign_in(story.chair)
    before = decision_page(story, browser)
    with transaction():
        decision = decision_of(hidden)
        decision.outcome, decision.override, decision.reason = Verdict.ACCEPTED, True, "The other members wish it."
    assert decision_page(story, browser) == before
    assert "departs from the rule" in decision_page(story, sign_in(story.third))


def test_letters_are_counted_of_decisions_in_sight_alone(story: Story, sign_in: Any) -> None:
    hidden = conflicted(story)
    for person in (story.chair, story.first, story.second):
        story.step("sign", person)
    story.step("hold")
    browser = sign_in(story.chair)
    assert "0 of 1 letters are written" in decision_page(story, browser)
    assert "0 of 2 letters are written" in decision_page(story, sign_in(story.third))
    before = decision_page(story, browser)
    (seen,) = [one for one in queries.current_decisions(story.round) if one.proposal_id != hidden.id]
    with transaction():
        texts = {"decision_id": seen.id, "body": "As decided.", "hash": bytes(32)}
        db.session.add_all([Letter(language="en", **texts), Letter(language="zh", **texts)])
    one = queries.progress(story.round, story.chair)
    assert (one.decisions, one.held, one.lettered, one.all_lettered) == (1, 1, 1, False)
    assert ("Release the decisions" in before, "Release the decisions" in decision_page(story, browser)) == (
        False, False,
    )  # fmt: skip


def test_the_step_waits_for_hidden_decisions_too_and_says_for_what(story: Story, sign_in: Any) -> None:
    conflicted(story)
    browser = sign_in(story.chair)
    story.step("sign")
    story.step("sign", story.first)
    assert "Waiting for another member’s signature" in decision_page(story, browser)
    story.step("sign", story.second)
    text = decision_page(story, browser)
    assert ("Have the letters written" in text, "Waiting for another" in text) == (True, False)
    story.step("hold")
    with transaction():
        services.write_letters(story.round)
    assert "Release the decisions" in decision_page(story, browser)
    done = browser.post(f"/rounds/{story.round.public_id}/release")
    assert done.status_code == 303
    assert "Released. 1 venture is open." in page(browser, done.location)


def test_the_release_counts_no_venture_of_a_hidden_proposal(story: Story, sign_in: Any) -> None:
    hidden = story.reviewed(*GOOD, title="Out of sight")
    story.reviewed(*GOOD, title="In sight")
    hide(story, story.chair, hidden)
    story.decided()
    for person in (story.chair, story.first, story.second):
        story.step("sign", person)
    story.step("hold")
    with transaction():
        services.write_letters(story.round)
    browser = sign_in(story.chair)
    done = browser.post(f"/rounds/{story.round.public_id}/release")
    assert "Released. 1 venture is open." in page(browser, done.location)


def test_a_chair_in_conflict_is_told_no_title_and_no_sum_when_a_pool_is_short(make: Any) -> None:
    story = Story(make, pool=1)
    hidden = story.reviewed(*GOOD, title="Out of sight")
    hide(story, story.chair, hidden)
    story.decided()
    for person in (story.first, story.second):
        story.step("sign", person)
    story.step("hold")
    with transaction():
        services.write_letters(story.round)
    words = "A credit pool does not cover what was accepted; the innovation office sees which."
    with pytest.raises(PoolShort, match=words):
        story.step("release")
    with transaction():
        story.call.themes[0].year += 5
    with pytest.raises(PoolShort, match=words):
        story.step("release")


def test_a_chair_in_conflict_is_not_told_how_many_hidden_proposals_lack_reviews(story: Story) -> None:
    hidden = story.proposal(title="Out of sight")
    story.put(hidden)
    hide(story, story.chair, hidden)
    with pytest.raises(BelowQuorum, match="A review that the rule asks for is still missing"):
        story.step("close_round")
    story.put(story.proposal(title="In sight"))
    with pytest.raises(BelowQuorum, match=r"1 fall short: In sight$"):
        story.step("close_round")


# ---- Closing while the call is open


def test_the_page_says_before_the_step_that_the_call_still_takes_proposals(story: Story, sign_in: Any) -> None:
    story.reviewed(*GOOD)
    address, words = f"/rounds/{story.round.public_id}", "The call takes proposals until"
    said = [words in page(sign_in(person), address) for person in (story.chair, story.office)]
    with transaction():
        story.call.closes_at = clock.now()
    after = page(sign_in(story.chair), address)
    assert (said, words in after, "Close the round" in after) == ([True, False], False, True)


def test_home_names_the_early_closing_and_leads_to_it(story: Story, sign_in: Any) -> None:
    story.reviewed(*GOOD)
    words = "The reviews so far are in, and the call still takes proposals"
    browser = sign_in(story.chair)
    assert words in page(browser, "/")
    with transaction():
        story.call.closes_at = clock.now()
    text = page(browser, "/")
    assert (words in text, "The reviews are in: close the round" in text) == (False, True)


def test_the_office_is_told_what_to_do_with_a_proposal_that_comes_after_the_round(story: Story, sign_in: Any) -> None:
    late = story.proposal(title="Too late")
    story.reviewed(*GOOD)
    browser = sign_in(story.office)
    address = f"/proposals/{late.public_id}/committee"
    assert "has closed this call" not in page(browser, address)
    story.step("close_round")
    text = page(browser, address)
    assert ("rule it out with this as the reason" in text, 'name="reviewers"' in text) == (True, False)
    given = {"reviewers": [story.first.public_id, story.second.public_id]}
    refused = browser.post(address, data=given)
    assert (refused.status_code, refused.text.count("rule it out with this as the reason")) == (422, 2)
    assert browser.post(address, data={}).text.count("rule it out with this as the reason") == 2
    assert f'href="/proposals/{late.public_id}"' in text


# ---- The auditor's case


def test_an_auditor_s_case_opens_the_reviews_of_its_proposal(story: Story, sign_in: Any) -> None:
    proposal = story.proposal()
    review, recused = story.put(proposal)
    with transaction():
        services.declare(story.first, review, has_conflict=False)
        given = content(5, 4, 3, 2, notes={"team": "Two of three have done it before."}, private_note="Ask for plans.")
        services.seal(story.first, review, content=given)
        services.declare(story.second, recused, has_conflict=True, statement="My cousin leads it.")
    auditor = auditor_of(story)
    address, browser = f"/reviews/{review.public_id}", sign_in(auditor)
    page(browser, address, 404)
    open_case(auditor, proposal)
    text = page(browser, address)
    for words in (
        "Gao Min", "Two of three have done it before.", "Ask for plans.", "Level 5", "Level 2", "Fund", "High",
        "version 1", "review.create", "review.clear", "review.seal", "Sealed",
    ):  # fmt: skip
        assert words in text
    for step in queries.steps_of(review):
        assert step.public_id in text
    assert "<form" not in body(text)
    assert "My cousin leads it." in page(browser, f"/reviews/{recused.public_id}")
    browser.set_cookie("language", "zh", domain="localhost")
    assert "5 级" in page(browser, address)


def test_a_case_gives_no_step_and_no_other_access_gives_the_page(story: Story, sign_in: Any) -> None:
    proposal = story.proposal()
    review, other = story.put(proposal)
    auditor = auditor_of(story)
    open_case(auditor, proposal)
    for step in ("save", "seal", "declare", "autosave"):
        assert sign_in(auditor).post(f"/reviews/{review.public_id}/{step}", data={"conflict": "no"}).status_code == 404
    with pytest.raises(NotAllowed), transaction():
        services.clear(auditor, review)
    assert review.state is ReviewState.ASSIGNED
    readers = (story.chair, story.office, story.second, proposal.lead, story.third)
    with transaction():
        services.declare(story.second, other, has_conflict=False)
    open_case(story.third, proposal, source="assignment")
    for person in readers:
        page(sign_in(person), f"/reviews/{review.public_id}", 404)


def test_a_case_that_ended_or_meets_a_conflict_gives_nothing(story: Story, sign_in: Any) -> None:
    proposal = story.proposal()
    review, _ = story.put(proposal)
    auditor, kept = auditor_of(story), auditor_of(story)
    for person in (auditor, kept):
        open_case(person, proposal)
    hide(story, kept, proposal)
    page(sign_in(kept), f"/reviews/{review.public_id}", 404)
    page(sign_in(auditor), f"/reviews/{review.public_id}")
    with story.make.acting():
        audit.record("test.case", proposal)
        access.allow(auditor.id, proposal, "case:k3", until_at=clock.now())
    page(sign_in(auditor), f"/reviews/{review.public_id}", 404)


def test_an_auditor_who_reviews_it_has_the_reviewer_s_page_of_the_own_review(story: Story, sign_in: Any) -> None:
    proposal = story.proposal()
    review, other = story.put(proposal)
    open_case(story.first, proposal)
    assert "Before the dossier opens" in page(sign_in(story.first), f"/reviews/{review.public_id}")
    assert "You read this by your case" in page(sign_in(story.first), f"/reviews/{other.public_id}")


# ---- The own proposal


def test_an_officer_who_is_on_the_team_finds_nothing_of_the_own_proposal_s_review(story: Story, sign_in: Any) -> None:
    auditor = story.make.person(story.company, Role.AUDITOR, Role.OFFICE)
    own = story.proposal(title="Of the officer", lead=auditor)
    shared = story.proposal(title="Of the team", shares={story.make.person(story.company): 5_000, auditor: 5_000})
    for proposal in (own, shared):
        for review in story.put(proposal):
            story.review(review, 4)
    story.reviewed(*GOOD, title="Of others")
    address = f"/rounds/{story.round.public_id}"
    browser = sign_in(auditor)
    (row,) = queries.listed(auditor)
    assert (row.proposals, row.sealed, row.assigned) == (1, 2, 2)
    story.decided()
    assert queries.progress(story.round, auditor).decisions == 1
    for text in (page(browser, address), page(browser, f"{address}/decision")):
        assert [title in text for title in ("Of the officer", "Of the team", "Of others")] == [False, False, True]
    page(browser, f"/decisions/{decision_of(own).public_id}/override", 404)
    for proposal in (own, shared):
        assert "Gao Min" not in page(browser, f"/proposals/{proposal.public_id}")
        refused = browser.get(f"/proposals/{proposal.public_id}/committee")
        assert (refused.status_code, "Gao Min" in refused.text) == (403, False)
        assert browser.post(f"/proposals/{proposal.public_id}/committee", data={}).status_code == 403


def test_an_author_in_the_office_is_not_told_who_stepped_back(story: Story) -> None:
    officer = story.make.person(story.company, Role.OFFICE)
    review, _ = story.put(story.proposal(lead=officer))
    with transaction():
        services.declare(story.first, review, has_conflict=True, statement="My cousin leads it.")
    told = select(Notice.person_id).where(Notice.kind == "review.recused")
    assert list(db.session.scalars(told)) == [story.office.id]


def test_the_chair_s_access_is_to_the_text_alone(story: Story) -> None:
    story.put(story.proposal())
    rows = select(Access.source, Access.fields).where(Access.person_id == story.chair.id)
    assert [tuple(row) for row in db.session.execute(rows)] == [("committee", ["text"])]


# ---- Signed, written, released


def test_each_signature_is_an_event_of_the_decision(story: Story) -> None:
    proposal = story.reviewed(*GOOD)
    story.decided()
    story.step("sign")
    story.step("sign", story.first)
    decision = decision_of(proposal)
    rows = (
        select(audit.AuditEvent.actor_id, audit.AuditPayload.payload)
        .join(audit.AuditPayload, audit.AuditPayload.event_id == audit.AuditEvent.id)
        .where(
            audit.AuditEvent.subject_type == "decision",
            audit.AuditEvent.subject_id == decision.id,
            audit.AuditEvent.name == "decision.sign",
        )
        .order_by(audit.AuditEvent.id)
    )
    assert [(actor, payload["signatures"], payload.get("to")) for actor, payload in db.session.execute(rows)] == [
        (story.chair.id, 1, None), (story.first.id, 2, "signed"),
    ]  # fmt: skip


def test_the_live_part_leads_on_to_the_release_and_the_released_page_says_when(story: Story, sign_in: Any) -> None:
    story.reviewed(*GOOD)
    story.held()
    address, browser = f"/rounds/{story.round.public_id}/decision", sign_in(story.chair)
    words = "Go on to the release"
    whole = page(browser, address)
    part = browser.get(address, headers={"HX-Request": "true"}).text
    other = sign_in(story.first).get(address, headers={"HX-Request": "true"}).text
    assert [words in text for text in (whole, part, other)] == [False, True, False]
    assert "Release planned" in whole
    story.step("release")
    text = page(sign_in(story.chair), address)
    assert ("Release planned" in text, "Released on" in text) == (False, True)


@pytest.mark.committed
def test_two_officers_who_ask_the_same_reviewer_at_once_get_one_review(app: Flask, make: Any) -> None:
    story = Story(make)
    proposal = story.proposal()
    story.put(proposal)
    ids, found, gate = (story.office.id, proposal.id, story.third.id), [], threading.Barrier(2)

    def run() -> None:
        with app.app_context():
            office, third = db.session.get_one(Person, ids[0]), db.session.get_one(Person, ids[2])
            mine = db.session.get_one(Proposal, ids[1])
            gate.wait()
            try:
                with transaction():
                    found.append(len(services.assign(office, mine, reviewers=[third])))
            except DomainError as refused:
                found.append(refused.code)

    db.session.rollback()
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == ["1", "invalid"]
    summary = queries.summary_of(story.round, db.session.merge(proposal))
    assert (summary.assigned, db.session.query(Review).count()) == (3, 3)


def test_who_judges_a_second_round_without_a_role_is_kept_out_at_once(story: Story, sign_in: Any, app: Any) -> None:
    proposal = story.proposal()
    story.put(proposal)
    chair, judge = story.make.person(story.company), story.make.person(story.company)
    committee = story.make.committee(story.company, chair, judge, story.third)
    panel = opened(story, PanelKind.SECOND, proposal, judge, story.third, committee=committee)
    cleared(panel)
    key = next(one.public_id for one in panel.reviews if one.reviewer_id == judge.id)
    browser, at = sign_in(judge, app.test_client()), f"/proposals/{proposal.public_id}"
    pages = (f"/panel-reviews/{key}", at, f"{at}/text")

    def found() -> list[Any]:
        return [
            *(browser.get(page).status_code for page in pages),
            proposal.number in browser.get("/search?q=heat").text,
        ]

    assert found() == [200, 200, 200, True]
    with transaction():
        judge.cost_center = proposal.lead.cost_center = "C-77"
    assert found() == [404, 404, 404, False]
