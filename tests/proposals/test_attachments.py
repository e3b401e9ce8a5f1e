"""Files beside the text: who attaches, what is taken, which version has them, who reads them under which name."""

import hashlib
import io

import pytest
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.files.models import File
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals import queries, services
from incubator.proposals.models import Attachment
from tests.files.samples import PNG, office, pdf
from tests.proposals.conftest import ANSWERS

PAPER = pdf(b"<< /Type /Catalog >>")


@pytest.fixture
def attach(lead):
    def act(proposal, data=PAPER, name="Zhao Min, measurements.pdf", actor=lead):
        with transaction():
            return services.attach(actor, proposal, file=io.BytesIO(data), name=name)

    return act


def names(proposal, version=None) -> list[str]:
    found = queries.attachments(proposal, version or queries.newest(proposal))
    return [one.file.name for one in found]


def upload(browser, proposal, data=PAPER, name="Plan.pdf"):
    return browser.post(f"/proposals/{proposal.public_id}/attachments", data={"file": (io.BytesIO(data), name)})


def test_an_author_attaches_and_removes_in_the_browser(client, begin, sign_in, lead):
    proposal = begin()
    page = f"/proposals/{proposal.public_id}/attachments"
    sign_in(lead)
    assert "None yet" in client.get(page).text
    assert upload(client, proposal).location == page
    assert "Plan.pdf" in client.get(page).text

    link = queries.attachments(proposal, queries.newest(proposal))[0].public_id
    answer = client.get(f"{page}/{link}")
    assert (answer.status_code, answer.data, answer.content_type) == (200, PAPER, "application/pdf")
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    assert "Plan.pdf" in answer.headers["Content-Disposition"]
    text = client.get(f"/proposals/{proposal.public_id}/check").text
    assert f"{page}/{link}" in text
    assert "Attachment 1" in text

    assert client.post(f"{page}/{link}/remove").location == page
    assert (client.get(f"{page}/{link}").status_code, names(proposal)) == (404, [])
    assert db.session.query(File).count() == 0


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (office(word__vbaProject_bin=b"x"), "a.docx", "This document holds macros."),
        (b"MZ\0\0", "a.pdf", "This is no file of a kind that is taken here"),
        (b"", "a.pdf", "This file is empty."),
    ],
)
def test_a_refused_file_is_answered_beside_the_field(client, begin, sign_in, lead, data, name, words):
    proposal = begin()
    sign_in(lead)
    answer = upload(client, proposal, data, name)

    assert answer.status_code == 422
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert names(proposal) == []


def test_without_a_file_it_is_asked_for(client, begin, sign_in, lead):
    proposal = begin()
    sign_in(lead)
    for sent in ({}, {"file": "text"}):
        answer = client.post(f"/proposals/{proposal.public_id}/attachments", data=sent)
        assert (answer.status_code, "Choose a file" in answer.text) == (422, True)


def test_ten_at_most_and_none_twice(begin, attach):
    proposal = begin()
    attach(proposal)
    with pytest.raises(Invalid, match="attached already"):
        attach(proposal, name="again.pdf")
    for number in range(9):
        attach(proposal, f"Text {number}".encode(), f"{number}.txt")
    with pytest.raises(Invalid, match="at most 10 attachments"):
        attach(proposal, PNG, "eleventh.png")
    assert len(names(proposal)) == 10


def test_what_was_handed_in_keeps_its_files_whatever_comes_later(begin, attach, lead, office):
    proposal = begin()
    kept, gone = attach(proposal), attach(proposal, PNG, "drawing.png")
    with transaction():
        services.ask_team(lead, proposal)
    first = proposal.submitted_version
    assert first.content["attachments"] == [
        {"name": "Zhao Min, measurements.pdf", "type": "application/pdf", "size": len(PAPER), "sha256": sha(PAPER)},
        {"name": "drawing.png", "type": "image/png", "size": len(PNG), "sha256": sha(PNG)},
    ]
    with pytest.raises(WrongState):
        attach(proposal, b"late", "late.txt")
    with pytest.raises(WrongState), transaction():
        services.detach(lead, proposal, attachment=gone)

    with transaction():
        services.screen(office, proposal)
    with transaction():
        services.return_(office, proposal, reason="Add the quote.")
    with transaction():
        services.detach(lead, proposal, attachment=gone)
    quote = attach(proposal, b"A quote", "quote.txt")
    assert names(proposal) == ["Zhao Min, measurements.pdf", "quote.txt"]
    assert names(proposal, first) == ["Zhao Min, measurements.pdf", "drawing.png"]
    assert queries.newest(proposal).answers == ANSWERS

    with transaction():
        services.submit(lead, proposal)
    second = proposal.submitted_version
    assert second.number == first.number + 1
    assert [one["sha256"] for one in second.content["attachments"]] == [sha(PAPER), sha(b"A quote")]
    assert {one.id for one in db.session.scalars(select(Attachment))} == {kept.id, gone.id, quote.id}
    assert audit.event_of(proposal, "proposal.detach").actor_id == lead.id


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_reviewers_get_the_file_under_a_name_that_tells_nothing(client, make, begin, attach, lead, sign_in):
    proposal = begin()
    attachment = attach(proposal)
    with transaction():
        services.ask_team(lead, proposal)
    reader = make.person(None, Role.REVIEWER)
    address = f"/proposals/{proposal.public_id}/attachments/{attachment.public_id}"
    sign_in(reader)
    assert client.get(address).status_code == 404
    with make.acting():
        audit.record("review.clear", proposal)
        access.allow(reader.id, proposal, "assignment", fields=[])
    answer = client.get(address)

    name = f"{proposal.number}-{attachment.public_id}.pdf"
    assert answer.data == PAPER
    assert answer.headers["Content-Disposition"] == f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
    assert "Zhao Min" not in client.get(f"/proposals/{proposal.public_id}/text").text


def test_only_authors_write_and_nobody_else_reads_a_draft(client, make, begin, attach, call, sign_in, office):
    proposal, mate = begin(), make.person(call.company)
    attachment = attach(proposal)
    with pytest.raises(NotAllowed):
        attach(proposal, PNG, "a.png", actor=mate)
    for stranger in (mate, office):
        sign_in(stranger)
        page = f"/proposals/{proposal.public_id}/attachments"
        for address in (page, f"{page}/{attachment.public_id}"):
            assert client.get(address).status_code == 404
        assert upload(client, proposal).status_code == 404
        assert client.post(f"{page}/{attachment.public_id}/remove").status_code == 404


def test_after_handing_in_the_page_leads_back(client, begin, lead, sign_in):
    proposal = begin()
    with transaction():
        services.ask_team(lead, proposal)
    sign_in(lead)
    assert client.get(f"/proposals/{proposal.public_id}/attachments").location == f"/proposals/{proposal.public_id}"
    assert clock.now() > proposal.submitted_at
