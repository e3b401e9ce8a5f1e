"""A text is carried on into a new call: what comes along, who may, and what the old proposal says of it."""

import io

import pytest
from sqlalchemy import select

from incubator.calls.templates import IDEA, VENTURE
from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.proposals import queries, services
from incubator.proposals.models import Consent, Proposal
from incubator.proposals.states import ProposalState
from tests.proposals.conftest import ANSWERS


@pytest.fixture
def withdrawn(begin, lead, make, call):
    """A withdrawn proposal of two with an attachment."""
    mate = make.person(call.company, name="Mate")
    proposal = begin({mate: 4_000})
    with transaction():
        services.attach(lead, proposal, file=io.BytesIO(b"42 MWh"), name="measured.txt")
    with transaction():
        services.withdraw(lead, proposal)
    return proposal


def test_text_team_and_attachments_come_along(withdrawn, lead, make, call):
    target = make.call(call.company, form=IDEA.as_data())
    with transaction():
        draft = services.copy_on(lead, withdrawn, call=target)
    version = queries.newest(draft)

    assert (draft.state, draft.parent, draft.call, draft.lead, draft.lang) == (
        ProposalState.DRAFT, withdrawn, target, lead, "en",
    )  # fmt: skip
    assert (version.title, version.answers, version.frozen_at) == ("Heat from server rooms", ANSWERS, None)
    assert draft.asked == withdrawn.asked
    assert draft.theme is None  # the new call has other themes
    assert [(one.person.name, one.share_bp, one.consent) for one in draft.team] == [
        ("Zhao Min", 6_000, Consent.ACCEPTED), ("Mate", 4_000, Consent.ASKED),
    ]  # fmt: skip
    (file,) = queries.attachments(draft, version)
    (former,) = queries.attachments(withdrawn, queries.newest(withdrawn))
    assert (file.file.sha256, file.file_id != former.file_id) == (former.file.sha256, True)
    assert withdrawn.state is ProposalState.WITHDRAWN
    event = audit.event_of(withdrawn, "proposal.copy_on")
    assert draft.cause_id == event.id


def test_what_the_new_call_does_not_ask_stays_behind(withdrawn, lead, make, call):
    target = make.call(call.company, form=VENTURE.as_data())
    with transaction():
        draft = services.copy_on(lead, withdrawn, call=target)
    assert set(queries.newest(draft).answers) == set(ANSWERS) & set(VENTURE.fields)


def test_who_has_left_is_not_brought(withdrawn, lead, make, call):
    with transaction():
        withdrawn.team[1].person.left_on = clock.today()
    target = make.call(call.company)
    with transaction():
        draft = services.copy_on(lead, withdrawn, call=target)
    assert [member.person for member in draft.team] == [lead]


def test_only_what_has_ended_and_only_into_an_open_call_of_mine(begin, withdrawn, lead, make, call):
    running = begin()
    with pytest.raises(WrongState), transaction():
        services.copy_on(lead, running, call=call)
    with pytest.raises(NotAllowed), transaction():
        services.copy_on(withdrawn.team[1].person, withdrawn, call=call)
    for other in (make.call(), make.call(call.company, days=-0)):
        with pytest.raises(Invalid, match="takes no proposal of yours"), transaction():
            services.copy_on(lead, withdrawn, call=other)


def test_in_the_browser(client, withdrawn, lead, make, call, sign_in):
    sign_in(lead)
    at = f"/proposals/{withdrawn.public_id}"
    assert f"{at}/carry-on" in client.get(at).text
    page = client.get(f"{at}/carry-on").text
    assert call.public_id in page
    answer = client.post(f"{at}/carry-on", data={"call": call.public_id})
    draft = db.session.scalars(select(Proposal).where(Proposal.parent_id == withdrawn.id)).one()
    assert answer.location == f"/proposals/{draft.public_id}/edit"
    shown = client.get(f"/proposals/{draft.public_id}").text
    assert (withdrawn.number in shown, "Carries on" in shown) == (True, True)
    assert "Carried on in a new draft" in client.get(at).text
    assert client.post(f"{at}/carry-on", data={"call": "none"}).status_code == 404
    assert client.get(f"/proposals/{draft.public_id}/carry-on").location == f"/proposals/{draft.public_id}"


def test_without_an_open_call_the_page_says_so(client, withdrawn, lead, office, call, sign_in):
    from incubator.calls.services import close

    with transaction():
        close(office, call, reason="Enough.")
    sign_in(lead)
    assert "No call is open now" in client.get(f"/proposals/{withdrawn.public_id}/carry-on").text
