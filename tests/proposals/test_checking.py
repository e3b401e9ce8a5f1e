"""The check page says who reads it, its class and who is kept out; the dossier is taken away in the reader's rights."""

import pytest

from incubator.core import audit
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals import queries, services
from incubator.proposals.models import Confidentiality
from incubator.proposals.states import ProposalState
from incubator.proposals.views.checking import readers_of


def test_readers_are_the_office_by_name_and_judges_by_number(begin, lead, office, make, call):
    close = make.person(call.company, Role.OFFICE, name="Gu Qing", manager=lead)
    found = readers_of(begin())
    assert (found.office, found.kept_out, found.members, found.reviewers) == ([office], [close], 1, 0)


def test_the_check_page_sets_the_class(client, begin, lead, office, make, call, sign_in):
    make.person(call.company, Role.OFFICE, name="Gu Qing", manager=lead)
    proposal = begin()
    at = f"/proposals/{proposal.public_id}"
    sign_in(lead)
    shown = client.get(f"{at}/check").text
    assert ("He Wen" in shown, "Gu Qing" in shown, "1 member" in shown) == (True, True, True)
    refused = client.post(f"{at}/class", data={"confidentiality": "nonsense"})
    assert refused.status_code == 422
    assert client.post(f"{at}/class", data={"confidentiality": "internal"}).status_code == 422
    assert client.post(f"{at}/class", data={"confidentiality": "core"}).location == f"{at}/check"
    assert "Core secret" in client.get(at).text


def test_going_back_after_handing_in_leads_to_where_it_stands_and_hands_in_nothing_twice(client, begin, lead, sign_in):
    proposal = begin()
    at = f"/proposals/{proposal.public_id}"
    sign_in(lead)
    assert client.post(f"{at}/ask-team").location == f"{at}/receipt"
    assert {client.get(at + page).location for page in ("/check", "/edit", "/attachments")} == {at}
    again = client.post(f"{at}/ask-team")
    assert (again.status_code, "This has moved on meanwhile" in again.text) == (409, True)
    typed = {"version": "3", "title": "Too late"}
    assert (
        client.post(f"{at}/edit", data=typed).status_code
        == client.post(f"{at}/autosave", data=typed).status_code
        == 409
    )
    db.session.expire_all()
    assert (proposal.title, len(queries.versions(proposal))) == ("Heat from server rooms", 1)


@pytest.fixture
def reader(make, call):
    """Somebody whom the proposal was given to, blind."""

    def act(proposal):
        person = make.person(call.company)
        with make.acting():
            audit.record("test.assign", proposal)
            access.allow(person.id, proposal, "assignment", fields=["text"])
        return person

    return act


def test_the_dossier_is_in_the_readers_rights(client, make, call, lead, office, reader, sign_in, app):
    proposal = make.proposal(call, lead, state=ProposalState.IN_REVIEW)
    at = f"/proposals/{proposal.public_id}/dossier"
    client.set_cookie("language", "zh")
    pdf = sign_in(lead).get(f"{at}.pdf")
    assert (pdf.status_code, pdf.data[:5], b"NotoSansSC" in pdf.data) == (200, b"%PDF-", True)
    blind = sign_in(reader(proposal), app.test_client())
    shown = blind.get(at).text
    assert ("Zhao Min" in shown, "Heat from server rooms" in shown) == (False, True)
    assert blind.get(f"{at}.pdf").status_code == 200
    assert "Zhao Min" in sign_in(office, app.test_client()).get(at).text
    assert sign_in(make.person(), app.test_client()).get(f"{at}.pdf").status_code == 404
    with transaction():
        proposal.confidentiality = Confidentiality.CORE
    assert blind.get(at).status_code == blind.get(f"{at}.pdf").status_code == 404
    assert sign_in(office, app.test_client()).get(at).status_code == 200


def test_the_dossier_holds_the_appeal_for_those_who_may_read_it(in_screening, lead, office, reader, sign_in, app):
    proposal = in_screening()
    with transaction():
        services.rule_out(office, proposal, reason="Not new")
    with transaction():
        services.appeal(lead, proposal, reason="It *is* new")
    at = f"/proposals/{proposal.public_id}/dossier"
    shown = [sign_in(one, app.test_client()).get(at).text for one in (lead, office, reader(proposal))]
    assert ["It <em>is</em> new" in text for text in shown] == [True, True, False]
    assert sign_in(lead, app.test_client()).get(f"{at}.pdf").status_code == 200
