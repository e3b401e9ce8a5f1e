import datetime as dt

import pytest
from sqlalchemy import func, select, update

from incubator.calls.models import Call
from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.proposals import queries, services
from incubator.proposals.models import Consent, ProposalVersion
from incubator.proposals.states import ProposalState
from tests.proposals.conftest import ANSWERS


@pytest.fixture
def draft(call, lead):
    with transaction():
        return services.create_draft(lead, call, lang="en")


def save(actor, proposal, *, title="Heat", answers=ANSWERS, theme=None, asked=100, revision=1):
    with transaction():
        return services.save(actor, proposal, title=title, answers=answers, theme=theme, asked=asked, revision=revision)


def versions(proposal):
    rows = select(ProposalVersion.number, ProposalVersion.revision, ProposalVersion.title)
    return db.session.execute(
        rows.where(ProposalVersion.proposal_id == proposal.id).order_by(ProposalVersion.number)
    ).all()


def test_a_draft_begins_empty_with_its_proposer_and_follows_from_the_call(draft, call, lead):
    cause = db.session.get(AuditEvent, draft.cause_id)
    [member] = draft.team
    assert (draft.state, draft.title, draft.lang, draft.company_id) == ("draft", "", "en", lead.company_id)
    assert (member.person_id, member.share_bp, member.consent) == (lead.id, 10_000, Consent.ACCEPTED)
    assert (cause.name, cause.subject_id) == ("call.publish", call.id)
    assert versions(draft) == [(1, 1, "")]


def test_only_who_is_addressed_begins_a_draft_and_only_while_the_call_is_open(make, call, lead):
    stranger = make.person()
    with pytest.raises(NotAllowed), transaction():
        services.create_draft(stranger, call, lang="en")
    with transaction():
        call.closes_at = clock.now()
    with pytest.raises(WrongState), transaction():
        services.create_draft(lead, call, lang="en")


def test_saves_within_ten_minutes_fold_and_write_no_event(draft, lead):
    before = db.session.scalar(select(func.count(AuditEvent.id)))
    save(lead, draft, title="One")
    save(lead, draft, title="Two", revision=2)
    assert versions(draft) == [(1, 3, "Two")]
    assert (draft.title, draft.asked) == ("Two", 100)
    assert db.session.scalar(select(func.count(AuditEvent.id))) == before


def test_a_save_after_ten_minutes_is_a_new_version(draft, lead):
    save(lead, draft, title="One")
    with transaction():
        early = clock.now() - dt.timedelta(minutes=11)
        db.session.execute(update(ProposalVersion).values(created_at=early))
    save(lead, draft, title="Two", revision=2)
    assert versions(draft) == [(1, 2, "One"), (2, 3, "Two")]


def test_a_save_by_another_person_is_a_new_version(make, draft, lead):
    mate = make.person(draft.company)
    with transaction():
        services.add_member(lead, draft, person=mate)
    save(mate, draft, title="Hers")
    assert versions(draft) == [(1, 1, ""), (2, 2, "Hers")]


def test_the_same_text_again_changes_nothing(draft, lead):
    save(lead, draft)
    save(lead, draft, revision=2)
    assert versions(draft) == [(1, 2, "Heat")]


def test_a_stale_save_is_refused_and_shows_the_text_that_stands(draft, lead):
    save(lead, draft, title="First tab")
    with pytest.raises(services.TextMoved) as refused:
        save(lead, draft, title="Second tab")
    assert (refused.value.status, refused.value.current.title) == (409, "First tab")
    assert versions(draft) == [(1, 2, "First tab")]


def test_text_is_stored_clean(draft, lead):
    version = save(lead, draft, title="  Heat\x00 ", answers={"summary": " a\r\nb \x00", "problem": "  "})
    assert (version.title, version.answers) == ("Heat", {"summary": "a\nb"})


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"title": "x" * 201}, "title"),
        ({"answers": {"summary": "x" * 1501}}, "summary"),
        ({"answers": {"other": "x"}}, "other"),
        ({"answers": {"summary": 5}}, "summary"),
        ({"asked": 0}, "asked"),
        ({"asked": 10**15 + 1}, "asked"),
    ],
)
def test_limits_hold_in_a_draft(draft, lead, details, field):
    with pytest.raises(Invalid) as refused:
        save(lead, draft, **details)
    assert refused.value.field == field


def test_the_theme_is_one_of_the_calls(make, draft, lead):
    save(lead, draft, theme=draft.call.themes[0].theme)
    assert draft.theme_id == draft.call.themes[0].theme_id
    with pytest.raises(Invalid) as refused:
        save(lead, draft, theme=make.theme(), revision=2)
    assert refused.value.field == "theme"


def test_only_its_authors_write_and_only_a_draft(make, draft, lead):
    with pytest.raises(NotAllowed):
        save(make.person(draft.company), draft)
    with transaction():
        draft.state = ProposalState.SUBMITTED
    with pytest.raises(WrongState):
        save(lead, draft)


def test_what_is_missing_is_listed_with_where_to_change_it(draft, lead):
    save(lead, draft, title="", answers={}, asked=None)
    assert [gap.page for gap in queries.gaps(draft, queries.newest(draft))] == [
        "/edit#title", "/edit#theme", "/edit#asked", "/edit#answer_summary", "/edit#answer_problem",
        "/edit#answer_fit", "/edit#answer_cloud_use",
    ]  # fmt: skip
    save(lead, draft, theme=draft.call.themes[0].theme, revision=1)
    assert queries.gaps(draft, queries.newest(draft)) == []


def test_a_published_calls_form_is_frozen_in_the_database(call):
    with pytest.raises(Exception, match="form, rubric and rule stand"), transaction():
        db.session.execute(update(Call).where(Call.id == call.id).values(form={"sections": [1]}))
