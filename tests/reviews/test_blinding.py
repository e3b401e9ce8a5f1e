"""Who is hidden from whom: open, reviewers hidden, both hidden with an anonymised text that never falls back."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.calls.models import Blinding
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.core.transaction import transaction
from incubator.reviews import queries, services
from tests.make import Make
from tests.reviews.conftest import KEYS, Story
from tests.reviews.test_meetings import take

SECRET = "Lin Yue of the heat laboratory"


def blind(make: Make, blinding: Blinding) -> Story:
    return Story(make, blinding=blinding)


def test_reviewers_of_a_blind_call_read_the_anonymised_text_alone(make: Make, sign_in: Callable[..., FlaskClient]):
    story = blind(make, Blinding.BOTH_HIDDEN)
    lead = make.person(make.company(story.company, name="Hidden Company"), name="Zzyx Author")
    proposal = story.proposal(title=f"Heat by {SECRET}", lead=lead)
    office, page = sign_in(story.office), f"/proposals/{proposal.public_id}/anonymised"
    with pytest.raises(Invalid, match="anonymised text must be approved"), transaction():
        services.put_to_committee(story.office, proposal, reviewers=[story.first, story.second])
    with pytest.raises(WrongState):
        take(services.approve_text, story.office, proposal)
    assert SECRET in office.get(page).text
    assert office.post(page, data={"title": " "}).status_code == 422
    assert office.post(page, data={"title": "Heat without a name", "answer_summary": ""}).status_code == 303
    assert office.post(f"{page}/approve").status_code == 303
    with pytest.raises(WrongState):
        take(services.anonymise, story.office, proposal, title="Later", answers={})
    with pytest.raises(DBAPIError, match="never changed"), db.session.begin_nested():
        db.session.execute(text("UPDATE anonymised_text SET title = 'x'"))
    assert "Heat without a name" in office.get(page).text
    review = story.put(proposal)[0]
    browser, address = sign_in(story.first), f"/reviews/{review.public_id}"
    pages = ["/", "/reviews/", "/notices/", address]
    read = {one: browser.get(one).text for one in pages}
    assert browser.post(f"{address}/declare", data={"conflict": "no"}).status_code == 303
    pages += ["/reviews/table", "/search?q=Heat", f"{address}/decline", f"{address}/hand-over"]
    read |= {f"{one} open": browser.get(one).text for one in pages}
    assert browser.get(f"/proposals/{proposal.public_id}").status_code == 404
    body = {f"score_{key}": "4" for key in KEYS} | {"confidence": "high", "recommendation": "fund"}
    read["sealing"] = browser.post(f"{address}/seal", data=body, follow_redirects=True).text
    read |= {f"{one} sealed": browser.get(one).text for one in (address, "/reviews/?show=done")}
    # every company of the group can be chosen, whoever has proposed what
    read = {name: re.sub('<select[^>]*name="company".*?</select>', "", page, flags=re.S) for name, page in read.items()}
    told = {name for name, shown in read.items() for word in (SECRET, "Zzyx", "Hidden Company") if word in shown}
    assert told == set()
    assert sum("Heat without a name" in shown for shown in read.values()) > 6
    workbook = browser.get("/reviews/form.xlsx").data
    assert SECRET.encode() not in workbook
    summary = (proposal.submitted_version.answers if proposal.submitted_version else {}).get("summary")
    assert summary
    assert not any(summary in shown for shown in read.values())
    assert queries.shown_to_reviewers(proposal).sections == []


def test_names_of_the_others_are_shown_in_open_calls_alone(make: Make, sign_in: Callable[..., FlaskClient]):
    for blinding, shown in ((Blinding.OPEN, True), (Blinding.REVIEWER_HIDDEN, False)):
        story = blind(make, blinding)
        proposal = story.reviewed((5,) * 4, (4,) * 4)
        review = queries.live_review(story.round, proposal, story.first)
        assert review is not None
        page = sign_in(story.first).get(f"/reviews/{review.public_id}").text
        assert ("He Wen" in page) is shown
        assert ("Reviewer 1" in page) is not shown


def test_only_a_call_that_hides_both_is_anonymised(story: Story):
    with pytest.raises(WrongState):
        take(services.anonymise, story.office, story.proposal(), title="A", answers={})
