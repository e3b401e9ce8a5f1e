"""Days and tables as answers: typed, refused, stored, read and compared."""

import pytest
from sqlalchemy import select

from incubator.calls.templates import IDEA, RESEARCH, VENTURE
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.proposals import jobs, queries, services
from incubator.proposals.engines import likeness
from incubator.proposals.engines.answers import Fault, clean, fault_of
from incubator.proposals.models import ProposalLikeness

PLAN, RESULT_ON = VENTURE.fields["plan"], RESEARCH.fields["result_on"]
EMPTY = [None, None, None]


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ([[1, 2, "a"], EMPTY, None], None),
        ([[1, 2, "a"]], Fault.WRONG_KIND),
        ("plan", Fault.WRONG_KIND),
        ([[1, 2], EMPTY, EMPTY], Fault.WRONG_KIND),
        ([7, EMPTY, EMPTY], Fault.WRONG_KIND),
        ([[1, 2, "x" * 121], EMPTY, EMPTY], Fault.TOO_LONG),
        ([[10**14, 2, ""], EMPTY, EMPTY], Fault.OUT_OF_RANGE),
        ([["1", 2, ""], EMPTY, EMPTY], Fault.WRONG_KIND),
    ],
)
def test_a_table_has_its_rows_and_columns(value, fault):
    assert fault_of(PLAN, value) == fault


@pytest.mark.parametrize(
    ("value", "fault"),
    [("2026-11-24", None), ("2026-11-31", Fault.WRONG_KIND), ("20261124", Fault.WRONG_KIND), (7, Fault.WRONG_KIND)],
)
def test_a_day_is_a_day(value, fault):
    assert fault_of(RESULT_ON, value) == fault


def test_an_empty_table_answers_nothing():
    assert clean([["", " "], [None]]) is None
    assert clean([["a", ""], [""]]) == [["a", None], None]


@pytest.fixture
def call(make):
    return make.call(form=VENTURE.as_data())


def test_a_plan_is_typed_refused_kept_and_read(make, call, lead, sign_in):
    with transaction():
        proposal = services.create_draft(lead, call, lang="en")
    client, at = sign_in(lead), f"/proposals/{proposal.public_id}"
    shown = client.get(f"{at}/edit").text
    assert 'name="answer_plan-1-2"' in shown
    assert "months" in shown
    wrong = {"version": "1", "answer_plan-0-0": "much", "answer_plan-0-2": "Kept KPI"}
    refused = client.post(f"{at}/edit", data=wrong)
    assert refused.status_code == 422
    assert ("First year, Need: Enter an amount" in refused.text, "Kept KPI" in refused.text) == (True, True)
    blank = {"theme": "", "answer_readiness": ""}
    right = blank | {"version": "1", "answer_plan-0-0": "1,200.50", "answer_plan-2-2": "Two customers"}
    assert client.post(f"{at}/edit", data=right).status_code == 303
    db.session.expire_all()
    kept = queries.newest(proposal)
    assert kept.answers["plan"] == [[120_050, None, None], None, [None, None, "Two customers"]]
    assert 'value="1,200.50"' in client.get(f"{at}/edit").text
    text = client.get(f"{at}/text").text
    assert ("<td>¥1,200.50</td>" in text, "Two customers" in text) == (True, True)
    (changed,) = queries.changed(proposal, None, kept)[-1:]
    assert (changed.label, changed.pieces[0].text) == (
        "Three-year investment plan", "First year · ¥1,200.50\nSecond year\nThird year · Two customers",
    )  # fmt: skip


def test_what_only_the_office_reads_is_not_there_for_others(make, sign_in, app):
    from incubator.people.models import Role

    call = make.call(form=RESEARCH.as_data())
    lead = make.person(call.company)
    with transaction():
        proposal = services.create_draft(lead, call, lang="en")
    at = f"/proposals/{proposal.public_id}"
    sent = {"version": "1", "theme": "", "answer_publish": "secret", "answer_result_on": "2027-03-01"}
    assert sign_in(lead).post(f"{at}/edit", data=sent).status_code == 303
    db.session.expire_all()
    assert queries.newest(proposal).answers == {"publish": "secret", "result_on": "2027-03-01"}
    office, reader = make.person(call.company, Role.OFFICE), make.person(call.company)
    with transaction():
        kept = queries.newest(proposal)
        proposal.submitted_at, proposal.submitted_version = kept.saved_at, kept
    with make.acting():
        make_seen(proposal, reader)
    seen = {}
    for name, person in {"lead": lead, "office": office, "reader": reader}.items():
        page = sign_in(person, app.test_client()).get(f"{at}/text").text
        seen[name] = ("Kept as a trade secret" in page, "2027-03-01" in page)
    assert seen == {"lead": (True, True), "office": (True, True), "reader": (False, True)}
    assert 'value="2027-03-01"' in sign_in(lead).get(f"{at}/edit").text


def test_no_search_and_no_likeness_tells_what_only_the_office_reads(make):
    form = IDEA.as_data()
    (of_office,) = (spec for section in form["sections"] for spec in section["fields"] if spec["key"] == "cloud_use")
    of_office["audience"] = "office"
    call = make.call(form=form)
    lead, answers = make.person(call.company), {"summary": "Copper wire", "problem": "B", "fit": "C"}
    with transaction():
        proposal = services.create_draft(lead, call, lang="en")
        services.save(
            lead, proposal, title="Cables", answers=answers | {"cloud_use": "Zirconium supplier"},
            theme=call.themes[0].theme, asked=100_000, revision=queries.newest(proposal).revision,
        )  # fmt: skip
        services.ask_team(lead, proposal)
    assert [[hit.title for hit in queries.search(lead, word).rows] for word in ("copper", "zirconium")] == [
        ["Cables"],
        [],
    ]
    jobs.index_likeness()
    text = services.words_of("Cables", queries.newest(proposal).answers, form)
    assert text == "Cables Copper wire B C"
    assert set(db.session.scalars(select(ProposalLikeness.terms)).one()) == set(likeness.terms(text))


def make_seen(proposal, person):
    from incubator.core import audit

    audit.record("test.seen", proposal)
    access.allow(person.id, proposal, "test")
