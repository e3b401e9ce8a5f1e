import pytest
from sqlalchemy import delete, select

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals import jobs, queries, services
from incubator.proposals.engines import likeness
from incubator.proposals.engines.meaning import SIZE, meanings
from incubator.proposals.models import MeaningCentre, Proposal, ProposalLikeness, TermWeight


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The bearings of conveyors failing", ["bear", "conveyor", "fail"]),
        ("Heat, heat and HEATING at 42 °C", ["heat"]),
        ("利用余热ABC", ["abc", "利用", "余热"]),
        ("输水管道泄漏", ["输水", "水管", "输水管", "泄漏"]),
        ("热", ["热"]),
        ("ab" * 50, ["ab" * 40, "ab" * 10]),
        ("", []),
    ],
)
def test_terms_are_stems_and_the_words_of_chinese(text, terms):
    assert likeness.terms(text) == terms


def test_a_text_has_so_many_terms_at_most():
    assert len(likeness.terms(" ".join(f"word{n}x" for n in range(1_000)))) == likeness.MOST


@pytest.fixture
def three(handed_in, make, call):
    """Two alike, one of somebody else that is another matter."""
    first = handed_in(title="Waste heat of server rooms warms greenhouses")
    second = handed_in(actor=make.person(call.company), title="Greenhouses warmed by waste heat from servers")
    answers = {"summary": "Cracks", "problem": "Slow", "fit": "Grid", "cloud_use": "Vision"}
    other = handed_in(actor=make.person(call.company), title="Drones inspect insulators", answers=answers)
    jobs.index_likeness()
    jobs.fit_likeness()
    return first, second, other


def test_the_office_finds_all_and_authors_what_they_may_see(three, lead, office, make):
    first, second, _other = three
    text = services.words_of(first.title, {}, first.call.form)
    assert [one.number for one in queries.similar(office, text, besides=first, everything=True)] == [second.number]
    assert queries.similar(lead, text, besides=first) == []
    assert [one.number for one in queries.similar(lead, text)] == [first.number]
    stranger = make.person(make.company(), Role.OFFICE)
    (told, _more) = queries.similar(stranger, text, everything=True)
    assert (told.number, told.title, told.is_seen, told.company) == ("", "", False, first.company.name)
    assert queries.similar(office, "quite unknown") == []


def test_of_many_the_most_telling_terms_are_followed_first(three, office, monkeypatch):
    _first, _second, other = three
    text = "Waste heat warms greenhouses, drones inspect them"
    assert len(queries.similar(office, text, everything=True)) == 3
    monkeypatch.setattr("incubator.proposals.queries.likeness.MOST_COMPARED", 1)
    assert [one.number for one in queries.similar(office, text, everything=True)] == [other.number]
    assert [one.number for one in queries.similar(office, text)] == [other.number]


def test_what_is_handed_in_again_is_indexed_again_and_each_once(three, office, lead):
    first = three[0]
    assert jobs.index_likeness() == 0
    with transaction():
        services.screen(office, first)
        services.return_(office, first, reason="Name the plant")
    newest = queries.newest(first)
    with transaction():
        services.save(
            lead, first, title="Insulators inspected by drones", answers=newest.answers, theme=first.theme,
            asked=first.asked, revision=newest.revision,
        )  # fmt: skip
    with transaction():
        services.submit(lead, first)
    assert jobs.index_likeness() == 1
    kept = db.session.scalars(select(ProposalLikeness).where(ProposalLikeness.proposal_id == first.id)).one()
    assert (kept.version_id, "inspect" in kept.terms) == (first.submitted_version_id, True)
    assert jobs.fit_likeness() == len(db.session.scalars(select(TermWeight)).all()) > 0


def unreadable(*_given):
    raise Invalid("a form of long ago")


def test_one_bad_text_or_form_does_not_stop_the_others(handed_in, monkeypatch):
    bad, good = handed_in(title="Bad pumps"), handed_in(title="Good pumps")
    terms = likeness.terms
    monkeypatch.setattr(likeness, "terms", lambda text: ["no\x00"] if text.startswith("Bad") else terms(text))
    assert (jobs.index_likeness(), jobs.index_likeness()) == (2, 0)
    kept = dict(db.session.execute(select(ProposalLikeness.proposal_id, ProposalLikeness.terms)).all())
    assert (kept[bad.id], "good" in kept[good.id]) == ([], True)
    with transaction():
        db.session.execute(delete(ProposalLikeness))
    monkeypatch.setattr("incubator.proposals.services.likeness.words_of", unreadable)
    assert jobs.index_likeness() == 2
    db.session.expire_all()
    assert db.session.scalar(select(ProposalLikeness.terms).where(ProposalLikeness.proposal_id == good.id)) == [
        "good", "pump",
    ]  # fmt: skip


def test_of_many_all_is_looked_at_only_for_who_screens(three, office, sign_in, client, monkeypatch):
    first, second, _other = three
    seen = []
    monkeypatch.setattr(queries, "similar", lambda *_given, everything, **_named: seen.append(everything) or [])
    screens = {"proposal.screen": second.id}
    monkeypatch.setattr("incubator.proposals.views.lists.can", lambda _who, right, one: screens[right] == one.id)
    sign_in(office)
    client.get(f"/screening/similar?id={first.public_id}&id={second.public_id}")
    assert seen == [False, True]


def test_the_pages_of_similar_proposals(three, lead, office, sign_in, app, make):
    first, second, _other = three
    at = f"/proposals/{first.public_id}"
    theirs = sign_in(office)
    assert f"{at}/similar" in theirs.get(at).text
    assert second.title in theirs.get(f"{at}/similar").text
    hers = sign_in(lead, app.test_client())
    assert "Nothing similar was found" in hers.get(f"{at}/similar").text
    part = hers.get(f"{at}/similar?title=Greenhouse", headers={"HX-Request": "true"}).text
    assert ("<html" in part, second.title in part) == (False, False)


def test_texts_in_other_words_and_in_the_other_language_mean_alike():
    vectors = meanings(
        [
            "Waste heat warms greenhouses",
            "Glasshouses heated by surplus warmth",
            "用余热给温室供暖",
            "A robot paints ships",
        ]
    )
    assert {len(one) for one in vectors} == {SIZE}
    assert [sum(n * n for n in one) for one in vectors] == pytest.approx([1.0] * 4, abs=1e-3)
    first, *others = vectors
    same, chinese, other = (sum(a * b for a, b in zip(first, one, strict=True)) for one in others)
    assert min(same, chinese) > 2 * other


@pytest.fixture
def meant(three):
    """The three with their meanings."""
    assert (jobs.index_meanings(), jobs.index_meanings()) == (3, 0)
    return three


def test_what_shares_no_word_is_found_by_its_meaning(meant, office):
    first, second, third = meant
    words = "Glasshouses kept cosy thanks to surplus warmth of computing halls"
    assert queries.similar(office, words, everything=True) == []
    found = queries.similar(office, words, meaning=services.say_meaning(words), everything=True)
    assert {one.number for one in found} == {first.number, second.number}
    drones = "Unmanned aircraft look for broken porcelain on pylons"
    found = queries.similar(office, drones, meaning=services.say_meaning(drones), besides=first, everything=True)
    assert [one.number for one in found] == [third.number]


def test_the_centre_moves_only_when_it_is_worth_it(meant, monkeypatch):
    jobs.fit_likeness()
    assert db.session.scalar(select(MeaningCentre.id)) is None  # three texts have no middle that tells anything
    monkeypatch.setattr("incubator.proposals.services.likeness.LEAST", 3)
    jobs.fit_likeness()
    centre = db.session.scalars(select(MeaningCentre)).one()
    before = list(centre.centre)
    jobs.fit_likeness()
    db.session.expire_all()
    assert list(db.session.scalars(select(MeaningCentre)).one().centre) == before
    first = db.session.scalars(select(ProposalLikeness).order_by(ProposalLikeness.id)).first()
    assert sum(n * n for n in first.centred) == pytest.approx(1.0, abs=1e-2)
    assert list(first.meaning) != list(first.centred)


def test_a_conflict_hides_that_there_is_anything_similar(meant, make, call):
    first, second, _third = meant
    words = first.title
    judge = make.person(make.company(), Role.OFFICE)
    told = queries.similar(judge, words, everything=True, besides=first)
    assert [one.company for one in told] == [second.company.name]
    with make.acting():
        audit.record("test.happened", second)
        access.deny(judge.id, second, "conflict")
    assert queries.similar(judge, words, everything=True, besides=first) == []
    assert db.session.scalars(queries.hidden_from(judge).where(Proposal.id == second.id)).all() == []


def test_the_page_of_what_was_handed_in_needs_no_worker_to_know_its_meaning(meant, handed_in, office, sign_in):
    first, second, third = meant
    assert services.meaning_of("without a worker") is None
    shown = sign_in(office).get(f"/proposals/{first.public_id}/similar").text
    assert (second.title in shown, third.title in shown, "Very alike" in shown) == (True, False, True)
