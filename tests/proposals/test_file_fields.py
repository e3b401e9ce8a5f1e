"""Questions of a call that a file answers: required, read by whom, frozen with the version, carried on."""

import copy
import io

import pytest

from incubator.calls.templates import IDEA, Audience, FieldSpec, FormTemplate, Kind, Section
from incubator.core import audit
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.proposals import queries, services
from incubator.proposals.engines import document
from tests.proposals.conftest import ANSWERS

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


def words(text):
    return {"en": text, "zh": text}


def asks_files(base, **more):
    """A form with a required file for all and an optional one for the office."""
    quote = FieldSpec.of({"key": "quote", "kind": Kind.FILE, "label": words("Quote"), "limit": 1} | more)
    secret = FieldSpec.of(
        {"key": "costs", "kind": Kind.FILE, "label": words("Costs"), "limit": 1, "required": False,
         "audience": Audience.OFFICE}
    )  # fmt: skip
    files = Section.of({"key": "f", "title": words("Files"), "fields": (quote, secret)})
    return FormTemplate(sections=(*FormTemplate.of(base).sections, files)).as_data()


@pytest.fixture
def call(make):
    return make.call(form=asks_files(IDEA.as_data()))


def attach(actor, proposal, field="", text=b""):
    with transaction():
        return services.attach(actor, proposal, file=io.BytesIO(PDF + text), name="a.pdf", field=field)


def test_a_required_file_is_missing_until_it_is_there(begin, lead, office, make, call):
    proposal = begin()
    version = queries.newest(proposal)
    assert [gap.label for gap in queries.gaps(proposal, version)] == ["Quote"]
    with pytest.raises(Invalid, match="Quote"), transaction():
        services.ask_team(lead, proposal)
    attach(lead, proposal, "quote")
    costs = attach(lead, proposal, "costs", b"1")
    for field in ("quote", "summary", "unknown"):
        with pytest.raises(Invalid) as refused:
            attach(lead, proposal, field, b"2")
        assert refused.value.field == "field"
    with transaction():
        services.ask_team(lead, proposal)
    content = proposal.submitted_version.content
    assert [one.get("field") for one in content["attachments"]] == ["quote", "costs"]
    assert document.digest(content) == proposal.submitted_version.hash
    told = [part for part in queries.dossier(proposal, version) if part.title == "Attachments"]
    assert [entry.label for entry in told[0].entries] == ["Quote"]
    whole = [part for part in queries.dossier(proposal, version, whole=True) if part.title == "Attachments"]
    assert [entry.label for entry in whole[0].entries] == ["Quote", "Costs"]
    assert not queries.is_for_all(proposal, costs)


def test_it_is_carried_on_to_a_call_that_asks_it(begin, lead, make, call):
    proposal = begin()
    attach(lead, proposal, "quote")
    attach(lead, proposal, "costs", b"1")
    attach(lead, proposal, text=b"2")
    with transaction():
        services.withdraw(lead, proposal)
    asks, plain = make.call(call.company, form=call.form), make.call(call.company)
    for other, fields in ((asks, ["quote", "costs", ""]), (plain, ["", ""])):
        with transaction():
            draft = services.copy_on(lead, proposal, call=other)
        assert [one.field for one in queries.attachments(draft, queries.newest(draft))] == fields


def test_routing_asks_for_the_files_too(begin, lead, office, make, call):
    theme = call.themes[0].theme
    proposal = begin(answers=ANSWERS)
    attach(lead, proposal, "quote")
    with transaction():
        services.ask_team(lead, proposal)
    plain = make.call(call.company, theme=theme, form=IDEA.as_data())
    with pytest.raises(Invalid), transaction():
        services.route(office, proposal, call=plain, reason="It suits better")
    again = make.call(call.company, theme=theme, form=call.form)
    with transaction():
        services.route(office, proposal, call=again, reason="It suits better")


def test_no_answer_or_file_of_the_office_is_published_by_routing(begin, lead, office, make, call):
    theme, proposal = call.themes[0].theme, begin(answers=ANSWERS)
    attach(lead, proposal, "quote")
    attach(lead, proposal, "costs", b"1")
    with transaction():
        services.ask_team(lead, proposal)
    for key, audience in (("costs", "all"), ("quote", "office"), ("problem", "office")):
        form = copy.deepcopy(call.form)
        for spec in (spec for section in form["sections"] for spec in section["fields"]):
            if spec["key"] == key:
                spec["audience"] = audience
        other = make.call(call.company, theme=theme, form=form)
        assert queries.fits(proposal.submitted_version, call)
        with pytest.raises(Invalid) as refused, transaction():
            services.route(office, proposal, call=other, reason="It suits better")
        assert refused.value.field == "call"


def test_the_pages(client, begin, lead, office, make, call, sign_in, app):
    proposal = begin()
    at = f"/proposals/{proposal.public_id}"
    sign_in(lead)
    assert "Quote" in client.get(f"{at}/check").text
    assert "under Attachments" in client.get(f"{at}/edit").text
    assert "Costs" in client.get(f"{at}/attachments").text
    refused = client.post(f"{at}/attachments", data={"field": "quote"})
    assert (refused.status_code, "Choose a file" in refused.text) == (422, True)
    for field in ("quote", "costs"):
        file = (io.BytesIO(PDF + field.encode()), f"{field}.pdf")
        assert client.post(f"{at}/attachments", data={"field": field, "file": file}).status_code == 303
    assert client.post(f"{at}/ask-team").status_code == 303
    costs = next(one for one in queries.attachments(proposal, queries.newest(proposal)) if one.field == "costs")
    reviewer = make.person(call.company)
    with make.acting():
        audit.record("test.assign", proposal)
        access.allow(reviewer.id, proposal, "assignment")
    theirs = sign_in(reviewer, app.test_client())
    assert "Costs" not in theirs.get(f"{at}/text").text
    assert theirs.get(f"{at}/attachments/{costs.public_id}").status_code == 404
    assert sign_in(office, app.test_client()).get(f"{at}/attachments/{costs.public_id}").status_code == 200
