import datetime as dt

import pytest
from sqlalchemy import select

from incubator.core import audit, clock, outbox
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people import access
from incubator.people.models import LoginSession, Role
from incubator.proposals import jobs, predicates, queries, services
from incubator.proposals.models import Comment, Difference, JoinOffer, LikenessQuestion, Proposal
from incubator.proposals.states import OfferState
from tests.reviews.test_paired_worlds import plain


@pytest.fixture
def proposal(handed_in):
    return handed_in()


@pytest.fixture
def let_in(make):
    """Somebody of another department may see a proposal, because of `source`."""

    def act(thing, source="friend", name="Gao Lan", company=None, person=None):
        person = person or make.person(company or thing.company, name=name)
        with make.acting():
            audit.record("test.happened", thing)
            access.allow(person.id, thing, source)
        return person

    return act


@pytest.fixture
def hide(make):
    """A conflict: a proposal is denied to somebody."""

    def act(person, thing):
        with make.acting():
            audit.record("test.happened", thing)
            access.deny(person.id, thing, "conflict")

    return act


def say(person, proposal, text):
    with transaction():
        return services.write_comment(person, proposal, text=text)


def told(person):
    return [one.kind for one in db.session.scalars(select(Notice).where(Notice.person_id == person.id))]


def test_who_may_talk(proposal, lead, office, let_in, hide, make):
    friend, judge = let_in(proposal), let_in(proposal, "assignment", "Ma Han")
    second, auditor = let_in(proposal, "panel:abc", "Fu Yi"), let_in(proposal, "case:abc", "Lu Ye")
    reader_of_the_text = make.person(proposal.company, name="Sun Ke")
    with make.acting():
        audit.record("test.happened", proposal)
        access.allow(reader_of_the_text.id, proposal, "friend", fields=["text"])
    chair = proposal.call.committee.members[0].person
    seat_and_office = make.person(proposal.company, Role.OFFICE, name="Xu Bo")
    hidden = make.person(proposal.company, Role.OFFICE, name="Wu Jie")
    hide(hidden, proposal)
    stranger = make.person(proposal.company)
    expected = {lead: True, office: True, friend: True, judge: False, chair: False, hidden: False, stranger: False}
    expected |= {second: False, auditor: False, reader_of_the_text: False}
    assert {person: predicates.may_talk(person, proposal) for person in expected} == expected
    assert predicates.may_talk(None, proposal) is predicates.may_talk(lead, None) is False
    assert {one.name for one in queries.talkers(proposal)} == {"Zhao Min", "He Wen", "Gao Lan", seat_and_office.name}
    joiners = {person for person in (lead, office, friend, judge, stranger) if predicates.may_join(person, proposal)}
    assert joiners == {friend}


def test_a_draft_is_talked_about_by_its_team_alone(begin, lead, office):
    draft = begin()
    assert (predicates.may_talk(lead, draft), predicates.may_talk(office, draft)) == (True, False)


def test_a_remark_tells_whom_it_names_and_who_follows_and_nobody_else(proposal, lead, office, let_in, hide):
    friend, lost, judge = let_in(proposal), let_in(proposal, name="Shen Li"), let_in(proposal, "assignment", "Ma Han")
    with transaction():
        services.follow(friend, proposal)
        services.follow(friend, proposal)
        services.follow(lost, proposal)
    hide(lost, proposal)
    comment = say(office, proposal, "@zhao min, what about the pumps? (mail me: office@example.com)")
    assert [one.person for one in comment.mentions] == [lead]
    outbox.drain()
    assert "comment.mentioned" in told(lead)
    assert (told(friend), told(lost), told(judge), "comment.written" in told(office)) == (
        ["comment.written"], [], [], False,
    )  # fmt: skip
    with transaction():
        services.unfollow(friend, proposal)
        services.unfollow(friend, proposal)
        services.screen(office, proposal)
    outbox.drain()
    assert told(friend) == ["comment.written"]


def test_who_follows_is_told_of_each_step_without_where_it_stands(proposal, office, let_in):
    friend = let_in(proposal)
    with transaction():
        services.follow(friend, proposal)
    with transaction():
        services.screen(office, proposal)
    outbox.drain()
    (notice,) = db.session.scalars(select(Notice).where(Notice.person_id == friend.id))
    assert (notice.kind, notice.values) == ("proposal.moved", {"title": proposal.title})


def test_nobody_can_be_mentioned_who_may_not_read_it_and_the_words_are_the_same(proposal, lead, hide, make):
    hidden = make.person(proposal.company, Role.OFFICE, name="Wu Jie")
    hide(hidden, proposal)
    refusals = []
    for name in ("Wu Jie", "No Body"):
        with pytest.raises(Invalid) as refusal:
            say(lead, proposal, f"@{name} look")
        refusals.append(str(refusal.value.message).replace(name, "N"))
    assert len(set(refusals)) == 1
    for text in (" ", "x" * 4_001):
        with pytest.raises(Invalid):
            say(lead, proposal, text)
    assert db.session.scalars(select(Comment)).all() == []


def test_of_many_who_may_read_it_everybody_can_be_mentioned(proposal, lead, let_in, monkeypatch):
    last = let_in(proposal, name="Zz Last")
    monkeypatch.setattr("incubator.proposals.queries.talk.MOST_NAMED", 1)
    assert last not in queries.talkers(proposal)
    assert [one.person for one in say(lead, proposal, "@zz last, look").mentions] == [last]


def test_chinese_names_and_the_longest_name_count(make):
    short, long = make.person(name="Lin Yue"), make.person(name="Lin Yuexin")
    chinese = make.person(name="林月")
    people = [short, long, chinese]
    assert services.mentioned("@Lin Yuexin and @lin yue, @林月请看", people) == [long, short, chinese]


def test_a_withdrawn_remark_is_shown_to_nobody(proposal, lead, office):
    comment = say(office, proposal, "Wrong file, sorry.")
    with transaction():
        services.withdraw_comment(office, comment)
        services.withdraw_comment(office, comment)
    outbox.drain()
    assert "comment.written" not in told(lead)
    with pytest.raises(NotAllowed):
        services.withdraw_comment(lead, comment)
    assert queries.number_of_comments(proposal) == 0


def test_joining_a_draft_puts_somebody_on_the_team(begin, lead, let_in):
    draft = begin()
    friend = let_in(draft)
    with transaction():
        offer = services.offer_to_join(friend, draft, skills="Pumps, ten years", message="Evenings")
    with pytest.raises(WrongState):
        services.offer_to_join(friend, draft, skills="Pumps")
    assert "join_offer.made" in told(lead)
    with transaction():
        services.accept_offer(lead, offer, answer="Welcome")
    db.session.expire_all()
    assert [(one.person.name, one.part, one.share_bp) for one in draft.team if one.person_id == friend.id] == [
        ("Gao Lan", "Pumps, ten years", 0)
    ]
    assert (offer.state, offer.answer, told(friend)) == (OfferState.ACCEPTED, "Welcome", ["join_offer.accepted"])


def test_an_offer_is_declined_or_taken_back_and_then_may_be_made_again(proposal, lead, office, let_in, hide):
    friend = let_in(proposal)
    with transaction():
        offer = services.offer_to_join(friend, proposal, skills="Pumps")
    with pytest.raises(NotAllowed):
        services.accept_offer(office, offer)
    with transaction():
        services.decline_offer(lead, offer)
    with transaction():
        again = services.offer_to_join(friend, proposal, skills="Pumps and pipes")
    with transaction():
        services.withdraw_offer(friend, again)
    with pytest.raises(WrongState):
        services.accept_offer(lead, again)
    assert [one.state for one in queries.offers(lead, proposal)] == [OfferState.DECLINED, OfferState.WITHDRAWN]
    assert queries.offers(office, proposal) == []
    with transaction():
        last = services.offer_to_join(friend, proposal, skills="Pumps")
    hide(friend, proposal)
    before = told(friend)
    with transaction():
        services.accept_offer(lead, last)
    assert told(friend) == before  # who may not see it any more learns nothing of it


def test_a_full_team_takes_nobody_and_a_judge_cannot_join(begin, lead, let_in, monkeypatch):
    draft = begin()
    friend, judge = let_in(draft), let_in(draft, "assignment", "Ma Han")
    with transaction():
        offer = services.offer_to_join(friend, draft, skills="Pumps")
    monkeypatch.setattr("incubator.proposals.services.talk.LARGEST", 1)
    with pytest.raises(Invalid):
        services.accept_offer(lead, offer)
    with pytest.raises(NotAllowed):
        services.offer_to_join(judge, draft, skills="Judging")
    with pytest.raises(Invalid):
        services.offer_to_join(let_in(draft, name="Tang Rui"), draft, skills=" ")


# ---- Likeness


def test_why_it_differs_is_kept_changed_and_read_by_the_office(handed_in, lead, office, make, call, hide):
    mine, other = handed_in(), handed_in(actor=make.person(call.company), title="Much the same")
    for reason in ("Ours needs no pump", "Ours has no pump at all"):
        with transaction():
            services.give_difference(lead, mine, other=other, reason=reason)
    kept = db.session.scalars(select(Difference)).one()
    (row,) = queries.differences_of(office, mine)
    assert (row.title, row.reason, row.author) == ("Much the same", "Ours has no pump at all", "Zhao Min")
    assert kept.reason == row.reason
    (unseen,) = queries.differences_of(make.person(make.company(), Role.OFFICE), mine)
    assert (unseen.title, unseen.company) == ("", other.company.name)
    hide(office, other)
    assert queries.differences_of(office, mine) == []
    for reason, thing in (("", other), ("Itself", mine)):
        with pytest.raises(Invalid):
            services.give_difference(lead, mine, other=thing, reason=reason)
    with pytest.raises(NotAllowed):
        services.give_difference(office, mine, other=other, reason="Not mine to say")


@pytest.fixture
def hidden_one(make, handed_in):
    """A proposal of another company of the group, and its office."""
    elsewhere = make.call()
    author = make.person(elsewhere.company, name="Deng Yan")
    other = make.proposal(elsewhere, author, state="submitted", title="Their secret pump")
    return other, make.person(elsewhere.company, Role.OFFICE, name="Fang Tao")


def test_the_company_of_a_hidden_one_says_whether_it_is_the_same(in_screening, office, hidden_one, hide, make):
    mine, (other, theirs) = in_screening(), hidden_one
    silent = make.person(other.company, Role.OFFICE, name="Lu Qing")
    hide(silent, other)
    with pytest.raises(Invalid):
        services.ask_likeness(office, mine, other=other, question=" ")
    with transaction():
        asked = services.ask_likeness(office, mine, other=other, question="A pump that needs no bearing?")
    with pytest.raises(WrongState):
        services.ask_likeness(office, mine, other=other, question="Again?")
    assert (told(theirs), told(silent)) == (["likeness.asked"], [])
    waiting = db.session.execute(queries.waiting_for(theirs)[-1]).all()
    assert [row[2] for row in waiting] == [f"/likeness/{asked.public_id}"]
    with transaction():
        services.answer_likeness(theirs, asked, is_same=False, remark="Ours is for water")
    with pytest.raises(WrongState):
        services.answer_likeness(theirs, asked, is_same=True)
    assert (asked.is_same, told(office)[-1:]) == (False, ["likeness.answered"])
    with pytest.raises(NotAllowed):
        services.answer_likeness(office, asked, is_same=True)


def test_who_is_close_to_either_is_neither_asked_nor_told_of_likeness(in_screening, office, lead, hidden_one, make):
    mine, (other, theirs) = in_screening(), hidden_one
    close = [make.person(other.company, Role.OFFICE, manager=one) for one in (lead, other.lead)]
    with transaction():
        lead.cost_center, other.lead.cost_center = "C-1", "C-2"
    close += [make.person(other.company, Role.OFFICE, cost_center=center) for center in ("C-1", "C-2")]
    boss = make.person(other.company, Role.OFFICE)
    with transaction():
        lead.manager_id = boss.id
    with transaction():
        asked = services.ask_likeness(office, mine, other=other, question="A pump that needs no bearing?")
    db.session.expire_all()
    for person in (*close, boss):
        assert told(person) == []
        assert db.session.scalars(queries.asked_of_office(person)).all() == []
        assert db.session.execute(queries.waiting_for(person)[-1]).all() == []
        assert predicates.is_free_of(person, asked) is False
    assert (told(theirs), db.session.scalars(queries.asked_of_office(theirs)).all()) == (["likeness.asked"], [asked])


def test_who_is_close_to_the_team_of_a_hidden_one_learns_nothing_of_it(in_screening, office, lead, hidden_one, make):
    mine, (other, _theirs) = in_screening(title="A secret pump"), hidden_one
    jobs.index_likeness()
    jobs.fit_likeness()
    with transaction():
        services.give_difference(lead, mine, other=other, reason="Ours needs no oil")
    near = make.person(mine.company, Role.OFFICE)
    with transaction():
        near.manager_id = other.lead_id
    db.session.expire_all()
    for person, is_told in ((office, True), (near, False)):
        found = queries.similar(person, "Their secret pump", besides=mine, everything=True)
        assert [one.company for one in found] == [other.company.name] * is_told
        assert len(db.session.scalars(queries.hidden_from(person).where(Proposal.id == other.id)).all()) == is_told
        assert len(queries.differences_of(person, mine)) == is_told


def test_joining_is_offered_where_one_may_join(handed_in, lead, office, let_in, make, call):
    twin = handed_in(actor=make.person(call.company), title="A pump that has no bearing")
    jobs.index_likeness()
    jobs.fit_likeness()
    friend, judge = let_in(twin), let_in(twin, "assignment", "Ma Han")
    second, auditor = let_in(twin, "panel:abc", "Fu Yi"), let_in(twin, "case:abc", "Lu Ye")
    for person in (friend, judge, second, auditor, office, twin.lead):
        (one,) = queries.similar(person, twin.title)
        assert (one.is_seen, one.may_join) == (True, predicates.may_join(person, twin)) == (True, person is friend)
    with transaction():
        services.withdraw(twin.lead, twin)
    (one,) = queries.similar(office, twin.title, everything=True)
    assert one.may_join is False


def test_whose_proposal_it_is_does_not_answer_for_the_office(in_screening, office, hidden_one):
    mine, (other, _theirs) = in_screening(), hidden_one
    asked = LikenessQuestion(proposal=mine, other=other, asked_by=office, question="?")
    with db.session.no_autoflush:
        assert predicates.is_free_of(other.lead, asked) is False
    db.session.expunge_all()
    assert predicates.is_free_of(office, None) is True


# ---- Pages


def test_the_page_of_the_talk(proposal, lead, office, let_in, sign_in, app):
    at = f"/proposals/{proposal.public_id}"
    friend, judge = let_in(proposal), let_in(proposal, "assignment", "Ma Han")
    theirs = sign_in(friend)
    assert "Join the team" in theirs.get(f"{at}/talk").text
    refused = theirs.post(f"{at}/join", data={"skills": "", "message": "Kept?"})
    assert (refused.status_code, "Kept?" in refused.text) == (422, True)
    assert theirs.post(f"{at}/join", data={"skills": "Welding", "message": ""}).status_code == 303
    refused = theirs.post(f"{at}/talk", data={"text": "@Nobody Known hello"})
    assert (refused.status_code, "@Nobody Known hello" in refused.text) == (422, True)
    assert theirs.post(f"{at}/talk", data={"text": "Hello **all**"}).status_code == 303
    assert theirs.post(f"{at}/follow").status_code == 303
    assert "No longer follow" in theirs.get(f"{at}/talk").text
    assert theirs.post(f"{at}/unfollow").status_code == 303
    comment = db.session.scalars(select(Comment)).one()
    hers = sign_in(lead, app.test_client())
    page = hers.get(f"{at}/talk").text
    assert ("<strong>all</strong>" in page, "Welding" in page, "Welcome Gao Lan" in page) == (True, True, True)
    offer = db.session.scalars(select(JoinOffer)).one()
    long = hers.post(f"{at}/join/{offer.public_id}/decline", data={"answer": "x" * 1_001})
    assert (long.status_code, "Shorten this" in long.text) == (422, True)
    assert hers.post(f"{at}/join/{offer.public_id}/accept", data={"answer": ""}).location == f"{at}/team"
    assert hers.post(f"{at}/talk/{comment.public_id}/withdraw").status_code == 403
    assert theirs.post(f"{at}/talk/{comment.public_id}/withdraw").status_code == 303
    assert "Hello" not in sign_in(office, app.test_client()).get(f"{at}/talk").text
    other = sign_in(judge, app.test_client())
    assert (other.get(at).status_code, other.get(f"{at}/talk").status_code, f"{at}/talk" in other.get(at).text) == (
        200, 404, False,
    )  # fmt: skip
    assert other.post(f"{at}/talk", data={"text": "I judge this"}).status_code == 404


def test_an_offer_is_taken_back_on_the_page(proposal, let_in, sign_in):
    theirs, at = sign_in(let_in(proposal)), f"/proposals/{proposal.public_id}"
    theirs.post(f"{at}/join", data={"skills": "Welding"})
    offer = db.session.scalars(select(JoinOffer)).one()
    assert theirs.post(f"{at}/join/{offer.public_id}/withdraw").status_code == 303
    assert "Offer to join" in theirs.get(f"{at}/talk").text


def test_the_pages_of_likeness(handed_in, in_screening, lead, office, hidden_one, sign_in, app, make, call, let_in):
    mine, (other, officer) = in_screening(title="A pump that has no bearing"), hidden_one
    twin = handed_in(actor=make.person(call.company), title="A pump that has no bearing at all")
    own = handed_in(title="A pump that has no bearing of ours")
    let_in(twin, person=lead)
    jobs.index_likeness()
    jobs.fit_likeness()
    at = f"/proposals/{mine.public_id}"
    hers = sign_in(lead)
    page = hers.get(f"{at}/similar").text
    assert (own.title in page, f"/proposals/{own.public_id}/talk#join" in page) == (True, False)
    assert (twin.title in page, "Mine differs because" in page, f"/proposals/{twin.public_id}/talk#join" in page) == (
        True, True, True,
    )  # fmt: skip
    refused = hers.post(f"{at}/similar/differs", data={"other": twin.public_id, "reason": ""})
    assert (refused.status_code, "Say in a sentence" in refused.text) == (422, True)
    done = hers.post(f"{at}/similar/differs", data={"other": twin.public_id, "reason": "Ours is for water"})
    assert done.status_code == 303
    assert hers.post(f"{at}/similar/differs", data={"other": other.public_id, "reason": "x"}).status_code == 404
    theirs = sign_in(office, app.test_client())
    page = theirs.get(f"{at}/similar").text
    assert ("Ours is for water" in page, other.title in page, "Ask whether it is the same" in page) == (
        True, False, True,
    )  # fmt: skip
    ask = {"other": other.public_id, "question": ""}
    refused = theirs.post(f"{at}/similar/ask", data=ask)
    assert (refused.status_code, "in your own words" in refused.text) == (422, True)
    assert theirs.post(f"{at}/similar/ask", data=ask | {"question": "No bearing?"}).status_code == 303
    assert "not answered yet" in theirs.get(f"{at}/similar").text
    assert theirs.post(f"{at}/similar/ask", data={"other": twin.public_id, "question": "?"}).status_code == 404
    asked = db.session.scalars(select(LikenessQuestion)).one()
    answering = sign_in(officer, app.test_client())
    page = answering.get(f"/likeness/{asked.public_id}").text
    assert ("No bearing?" in page, mine.title in page, mine.number in page) == (True, False, False)
    assert answering.post(f"/likeness/{asked.public_id}", data={}).status_code == 422
    done = answering.post(f"/likeness/{asked.public_id}", data={"same": "yes", "remark": "Quite"})
    assert (done.status_code, "The same" in answering.get(f"/likeness/{asked.public_id}").text) == (303, True)
    assert "Its office says: the same" in theirs.get(f"{at}/similar").text
    assert theirs.get(f"/likeness/{asked.public_id}").status_code == 404


def test_who_is_in_conflict_reads_what_stood_there_before_there_was_one(make, sign_in, app):
    call = make.call()
    office = make.person(call.company, Role.OFFICE, name="He Wen")
    lead, other_lead = make.person(call.company, name="Zhao Min"), make.person(call.company, name="Deng Yan")
    mine = make.proposal(call, lead, state="submitted", title="A pump that has no bearing")
    with transaction():
        services.write_comment(lead, mine, text="Hello")
    before = _read(office, mine, sign_in, app)
    other = make.proposal(call, other_lead, state="submitted", title="A pump that has no bearing at all")
    with make.acting():
        audit.record("test.happened", other)
        access.deny(office.id, other, "conflict")
    with transaction():
        services.give_difference(lead, mine, other=other, reason="Ours needs no oil")
        services.write_comment(other_lead, other, text="@Deng Yan, we know of another")
        services.follow(other_lead, other)
    assert _read(office, mine, sign_in, app) == before
    free = _read(make.person(call.company, Role.OFFICE), mine, sign_in, app)
    assert ("at all" in free[1], "no oil" in free[1], "at all" in free[3]) == (True, True, True)


def _read(office, mine, sign_in, app):
    """The pages of an office, without what is random."""
    outbox.drain()
    jobs.index_likeness()
    jobs.fit_likeness()
    at, browser = f"/proposals/{mine.public_id}", sign_in(office, app.test_client())
    addresses = (at, f"{at}/similar", f"{at}/talk", "/", "/notices", "/screening/", "/search?q=pump")
    return [plain(browser.get(address).text) for address in addresses]


# ---- Presence


def test_the_team_sees_who_writes_where(begin, make, call, lead, sign_in, app):
    mate = make.person(call.company, name="Tang Rui")
    draft = begin({mate: 4_000})
    with make.acting():
        audit.record("test.happened", draft)
        access.allow(mate.id, draft, "team")
    at = f"/proposals/{draft.public_id}"
    hers, his = sign_in(lead), sign_in(mate, app.test_client())
    assert f"{at}/presence" in hers.get(f"{at}/edit").text
    assert hers.get(f"{at}/presence?field=answer_problem").text.strip() == ""
    assert "Zhao Min is writing at" in his.get(f"{at}/presence?field=").text
    assert "Tang Rui has this page open" in hers.get(f"{at}/presence?field=title").text
    stranger = sign_in(make.person(call.company, Role.OFFICE), app.test_client())
    assert stranger.get(f"{at}/presence").status_code == 404


def test_an_open_page_keeps_nobody_signed_in_but_writing_does(begin, lead, sign_in, monkeypatch):
    draft, now, hers = begin(), clock.now(), sign_in(lead)
    at, seen = f"/proposals/{draft.public_id}", select(LoginSession.seen_at)
    before = db.session.scalar(seen)
    monkeypatch.setattr(clock, "now", lambda: now + dt.timedelta(minutes=2))
    assert hers.get(f"{at}/presence").status_code == 200
    assert db.session.scalar(seen) == before
    revision = queries.newest(draft).revision
    assert hers.post(f"{at}/autosave", data={"version": revision, "title": "Written on"}).status_code == 200
    assert db.session.scalar(seen) > before


def test_a_colleague_who_was_not_heard_of_has_left(begin, make, call, lead, monkeypatch):
    mate = make.person(call.company, name="Tang Rui")
    draft = begin({mate: 4_000})
    services.note_presence(mate, draft, field="title")
    assert [one.name for one in services.note_presence(lead, draft, field="title")] == ["Tang Rui"]
    monkeypatch.setattr("incubator.proposals.services.presence.SEEN_FOR", 0)
    assert services.note_presence(lead, draft, field="title") == []
