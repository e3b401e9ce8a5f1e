"""Versions of a text: listed, compared, brought back, for its authors alone."""

import pytest

from incubator.core import audit
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.proposals import queries, services
from incubator.proposals.engines.changes import Change, Piece
from tests.proposals.conftest import ANSWERS


@pytest.fixture
def save(lead):
    """Save another text by somebody; another person's save is a version of its own."""

    def act(proposal, actor=lead, **changes):
        with transaction():
            return services.save(
                actor, proposal, title="Heat from server rooms", answers=ANSWERS | changes, theme=proposal.theme,
                asked=proposal.asked, revision=queries.newest(proposal).revision,
            )  # fmt: skip

    return act


@pytest.fixture
def mate(make, call):
    return make.person(call.company, name="Mate")


@pytest.fixture
def proposal(begin, mate, save):
    """Two versions: the lead's, and the mate's with another problem and another amount of words."""
    proposal = begin({mate: 4_000})
    save(proposal, mate, problem="Heat is lost in winter.")
    return proposal


def test_versions_are_listed_with_who_and_what_changed(client, proposal, sign_in, lead):
    sign_in(lead)
    at = f"/proposals/{proposal.public_id}"
    assert f"{at}/versions" in client.get(at).text
    rows = queries.versions(proposal)
    assert [(row.number, row.author) for row in rows] == [(2, "Mate"), (1, "Zhao Min")]
    page = client.get(f"{at}/versions").text
    assert ("Mate" in page, rows[0].public_id in page) == (True, True)

    shown = client.get(f"{at}/versions/{rows[0].public_id}").text
    assert "Heat is lost<ins> in winter</ins>." in shown
    assert "Bring this text back" not in shown
    first = client.get(f"{at}/versions/{rows[1].public_id}").text
    assert ("The first version" in first, "Bring this text back" in first) == (True, True)


def test_what_changed_is_told_question_by_question(proposal):
    second = queries.newest(proposal)
    (entry,) = queries.changed(proposal, queries.before(second), second)
    assert entry.pieces == [
        Piece(Change.SAME, "Heat is lost"), Piece(Change.ADDED, " in winter"), Piece(Change.SAME, "."),
    ]  # fmt: skip
    assert queries.changed(proposal, second, second) == []
    first = queries.before(second)
    assert len(queries.changed(proposal, None, first)) == 1 + len(ANSWERS)


def test_an_earlier_text_is_brought_back_and_nothing_is_lost(client, proposal, sign_in, lead):
    sign_in(lead)
    first = queries.before(queries.newest(proposal))
    at = f"/proposals/{proposal.public_id}"
    assert client.post(f"{at}/versions/{first.public_id}/restore").location == f"{at}/edit"
    assert "Version 1 stands again" in client.get(f"{at}/edit").text
    newest = queries.newest(proposal)
    assert (newest.number, newest.revision, newest.answers, newest.author) == (3, 4, ANSWERS, lead)
    assert [row.number for row in queries.versions(proposal)] == [3, 2, 1]
    assert audit.event_of(proposal, "proposal.restore").actor_id == lead.id
    again = client.post(f"{at}/versions/{first.public_id}/restore")
    assert (again.status_code, "This is the text that stands." in again.text) == (422, True)


def test_what_is_handed_in_stays_and_strangers_see_no_version(client, proposal, make, call, lead, mate, sign_in):
    first = queries.before(queries.newest(proposal))
    stranger = make.person(call.company)
    with pytest.raises(NotAllowed), transaction():
        services.restore(stranger, proposal, former=first)
    sign_in(stranger)
    for page in ("versions", f"versions/{first.public_id}"):
        assert client.get(f"/proposals/{proposal.public_id}/{page}").status_code == 404
    with transaction():
        services.ask_team(lead, proposal)
    with pytest.raises(WrongState), transaction():
        services.restore(lead, proposal, former=first)
    sign_in(lead)
    assert client.get(f"/proposals/{proposal.public_id}/versions/none").status_code == 404
    assert "Bring this text back" not in client.get(f"/proposals/{proposal.public_id}/versions/{first.public_id}").text


def test_restoring_nothing_new_is_refused(proposal, lead):
    newest = queries.newest(proposal)
    with pytest.raises(Invalid, match="the text that stands"), transaction():
        services.restore(lead, proposal, former=newest)
