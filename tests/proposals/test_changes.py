import pytest
from sqlalchemy import select

from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, NotFound, WrongState
from incubator.core.transaction import transaction
from incubator.notifications.models import Notice
from incubator.people.models import Role
from incubator.proposals import queries, services
from incubator.proposals.services import Share


@pytest.fixture
def mate(make, call):
    return make.person(call.company, name="He Wen")


@pytest.fixture
def newcomer(make, call):
    return make.person(call.company, name="Li Jianguo")


@pytest.fixture
def agreed(begin, lead, mate):
    """Handed in by two: 60 % and 40 %."""
    proposal = begin({mate: 4_000})
    with transaction():
        services.ask_team(lead, proposal)
    with transaction():
        services.accept_share(mate, queries.own_share(mate, proposal))
    return proposal


def notices(person):
    return list(db.session.scalars(select(Notice.kind).where(Notice.person_id == person.id).order_by(Notice.id)))


def team(proposal):
    db.session.expire_all()
    return {member.person.name: member.share_bp for member in proposal.team}


def seen_by(person):
    return set(db.session.scalars(queries.visible_to(person)))


def propose(actor, proposal, *members, reason="She builds it now"):
    with transaction():
        return services.propose_change(
            actor, proposal, members=[Share(person, "", share) for person, share in members], reason=reason
        )


def test_a_change_needs_everybody_affected(agreed, lead, mate, newcomer):
    change = propose(lead, agreed, (lead, 5_000), (mate, 4_000), (newcomer, 1_000))
    assert [(p.person.name, p.before_bp, p.after_bp, p.consent) for p in change.parts] == [
        ("Zhao Min", 6_000, 5_000, "accepted"),
        ("He Wen", 4_000, 4_000, "accepted"),
        ("Li Jianguo", 0, 1_000, "asked"),
    ]
    assert (team(agreed), seen_by(newcomer)) == ({"Zhao Min": 6_000, "He Wen": 4_000}, set())
    assert notices(newcomer) == ["team_change.asked"]
    with pytest.raises(WrongState):
        propose(mate, agreed, (lead, 4_000), (mate, 6_000))
    for stranger in (lead, mate):
        with pytest.raises(NotAllowed), transaction():
            services.accept_change(stranger, change)
    with transaction():
        services.accept_change(newcomer, change)
    assert (change.state, team(agreed)) == ("agreed", {"Zhao Min": 5_000, "He Wen": 4_000, "Li Jianguo": 1_000})
    assert seen_by(newcomer) == {agreed}
    assert queries.history(agreed)[-1].name == "proposal.change_team"
    with pytest.raises(NotAllowed), transaction():
        services.accept_change(newcomer, change)


def test_an_officer_close_to_somebody_new_is_kept_out(agreed, lead, mate, newcomer, office):
    assert agreed in seen_by(office)
    with transaction():
        newcomer.manager_id = office.id
    change = propose(lead, agreed, (lead, 5_000), (mate, 4_000), (newcomer, 1_000))
    with transaction():
        services.accept_change(newcomer, change)
    assert agreed not in seen_by(office)


def test_one_who_disagrees_leaves_everything_as_it_is(agreed, lead, mate):
    change = propose(mate, agreed, (lead, 3_000), (mate, 7_000))
    with pytest.raises(Invalid) as refused, transaction():
        services.decline_change(lead, change, reason=" ")
    assert refused.value.field == "reason"
    with transaction():
        services.decline_change(lead, change, reason="I began it")
    assert (change.state, team(agreed)) == ("declined", {"Zhao Min": 6_000, "He Wen": 4_000})
    assert notices(mate)[-1] == "team_change.declined"
    again = propose(lead, agreed, (lead, 10_000))
    with pytest.raises(NotAllowed), transaction():
        services.withdraw_change(mate, again)
    with transaction():
        services.withdraw_change(lead, again)
    assert again.state == "withdrawn"


def test_who_is_left_out_agrees_too_and_then_sees_nothing(agreed, lead, mate):
    change = propose(lead, agreed, (lead, 10_000))
    with transaction():
        services.accept_change(mate, change)
    assert (team(agreed), seen_by(mate)) == ({"Zhao Min": 10_000}, set())


@pytest.mark.parametrize(
    ("shares", "reason", "field"),
    [((6_000, 4_000), "Why not", "reason"), ((5_000, 5_000), " ", "reason"), ((5_000, 4_000), "Fair", None)],
)
def test_a_change_that_is_none_or_wrong_is_refused(agreed, lead, mate, shares, reason, field):
    with pytest.raises(Invalid) as refused:
        propose(lead, agreed, (lead, shares[0]), (mate, shares[1]), reason=reason)
    assert refused.value.field == field


def test_after_the_decision_and_before_handing_in_nothing_is_changed(make, begin, lead, mate):
    with pytest.raises(WrongState):
        propose(lead, begin({mate: 1_000}), (lead, 5_000), (mate, 5_000))


def test_leaving_gives_the_share_to_those_who_stay(begin, lead, mate, newcomer):
    proposal = begin({mate: 2_000, newcomer: 3_000})
    with transaction():
        services.ask_team(lead, proposal)
    for one in (mate, newcomer):
        with transaction():
            services.accept_share(one, queries.own_share(one, proposal))
    change = propose(mate, proposal, (lead, 4_000), (mate, 3_000), (newcomer, 3_000))
    with pytest.raises(NotAllowed), transaction():
        services.leave(lead, proposal)
    with transaction():
        services.leave(newcomer, proposal)
    assert team(proposal) == {"Zhao Min": 7_143, "He Wen": 2_857}
    assert (change.state, seen_by(newcomer), notices(mate)[-1]) == ("withdrawn", set(), "proposal.member_left")
    assert queries.history(proposal)[-1].name == "proposal.leave"


def test_leaving_a_draft_leaves_the_others_what_they_have(begin, lead, mate, newcomer):
    proposal = begin({mate: 2_000})
    with transaction():
        services.leave(mate, proposal)
    assert team(proposal) == {"Zhao Min": 8_000}


def test_another_share_is_proposed_and_taken_over(begin, lead, mate):
    proposal = begin({mate: 1_000})
    with transaction():
        services.ask_team(lead, proposal)
    own = queries.own_share(mate, proposal)
    for share in (0, 1_000, 10_000):
        with pytest.raises(Invalid) as refused, transaction():
            services.counter_share(mate, own, share_bp=share, reason="Half of it is mine")
        assert refused.value.field == "share"
    with transaction():
        services.counter_share(mate, own, share_bp=2_550, reason="A quarter of it is mine")
    assert (proposal.state, own.consent, own.counter_bp) == ("draft", "declined", 2_550)
    assert (notices(lead)[-1], queries.history(proposal)[-2].name) == (
        "proposal.share_countered", "proposal.counter_share",
    )  # fmt: skip
    with transaction():
        services.adopt_counter(lead, proposal, own)
    assert (team(proposal), own.counter_bp, own.consent) == ({"Zhao Min": 7_450, "He Wen": 2_550}, None, "asked")
    with pytest.raises(WrongState), transaction():
        services.adopt_counter(lead, proposal, own)


def test_a_counter_beyond_the_proposers_share_is_not_taken_over(begin, lead, mate, newcomer):
    proposal = begin({mate: 1_000, newcomer: 8_000})
    with transaction():
        services.ask_team(lead, proposal)
    own = queries.own_share(mate, proposal)
    with transaction():
        services.counter_share(mate, own, share_bp=2_000, reason="Mine")
    with pytest.raises(Invalid), transaction():
        services.adopt_counter(lead, proposal, own)


def test_background_ip_is_named_by_company_and_frozen_with_the_text(make, begin, lead, mate, call):
    proposal = begin({mate: 1_000})
    for details, field in [
        ({"company": make.company(), "what": "A patent"}, "company"),
        ({"company": call.company, "what": " "}, "what"),
        ({"company": call.company, "what": "x" * 501}, "what"),
        ({"company": call.company, "what": "x", "terms": "x" * 501}, "terms"),
    ]:
        with pytest.raises(Invalid) as refused, transaction():
            services.add_background(lead, proposal, **details)
        assert refused.value.field == field
    with transaction():
        kept = services.add_background(lead, proposal, company=call.company, what="ZL2021", terms="Free within")
        gone = services.add_background(lead, proposal, company=call.company, what="Data")
    with transaction():
        services.remove_background(lead, proposal, entry=queries.background_of(proposal, gone.public_id))
    with pytest.raises(NotFound):
        queries.background_of(proposal, gone.public_id)
    for name in range(services.background.MOST - 1):
        with transaction():
            services.add_background(lead, proposal, company=call.company, what=f"More {name}")
    with pytest.raises(Invalid), transaction():
        services.add_background(lead, proposal, company=call.company, what="Too much")
    from incubator.proposals.services.handing_in import contents

    document = contents(proposal, queries.newest(proposal))
    assert document["background_ip"][0] == {
        "company": call.company.public_id, "what": "ZL2021", "terms": "Free within",
    }  # fmt: skip
    assert kept.stated_by == lead


# ---- Merging


@pytest.fixture
def two(in_screening, make, call):
    other = make.person(call.company, name="Wu Gang")
    return in_screening(), in_screening(actor=other, title="Heat of servers, reused")


def merge(actor, proposal, survivor, credit=2_000, reason="The same idea"):
    with transaction():
        return services.merge(actor, proposal, survivor=survivor, reason=reason, credit_bp=credit)


def test_a_merged_one_names_its_survivor_and_its_team_comes_in_with_consent(two, office, lead):
    proposal, survivor = two
    merge(office, proposal, survivor)
    assert (proposal.state, proposal.survivor, queries.history(proposal)[-1].reason) == (
        "merged", survivor, "The same idea",
    )  # fmt: skip
    assert notices(lead)[-2:] == ["proposal.merged", "team_change.asked"]
    change = queries.open_change(survivor)
    assert (change.merged, [(p.person.name, p.after_bp) for p in change.parts]) == (
        proposal, [("Wu Gang", 8_000), ("Zhao Min", 2_000)],
    )  # fmt: skip
    for person in (lead, survivor.lead):
        with transaction():
            services.accept_change(person, change)
    assert team(survivor) == {"Wu Gang": 8_000, "Zhao Min": 2_000}
    assert survivor in seen_by(lead)


def test_without_credit_nobody_is_asked(two, office):
    merge(office, *two, credit=0)
    assert queries.open_change(two[1]) is None


def test_what_may_not_be_merged(make, two, office, lead, call, in_screening):
    proposal, survivor = two
    for target, credit, reason, field in [
        (proposal, 2_000, "Same", "survivor"),
        (make.proposal(make.call(call.company)), 2_000, "Same", "survivor"),
        (survivor, 10_000, "Same", "credit"),
        (survivor, 2_000, " ", "reason"),
    ]:
        with pytest.raises(Invalid) as refused:
            merge(office, proposal, target, credit, reason)
        assert refused.value.field == field
    managed = make.person(call.company, manager=office)
    close = make.proposal(call, managed, state="screening")
    with pytest.raises(Invalid, match="close to the team"):
        merge(office, proposal, close)
    merge(office, proposal, survivor)
    third = in_screening(actor=make.person(call.company))
    with pytest.raises(WrongState):
        merge(office, third, survivor)


def test_a_credit_too_small_for_everybody_is_refused(make, two, office, call):
    proposal, _survivor = two
    crowd = {make.person(call.company): 5_000, make.person(call.company): 5_000}
    survivor = make.proposal(call, next(iter(crowd)), state="screening", shares=crowd)
    with pytest.raises(Invalid) as refused:
        merge(office, survivor, proposal, credit=1)
    assert refused.value.field == "credit"


def test_too_large_a_team_is_not_merged(make, two, office, call):
    crowd = {make.person(call.company): 500 for _ in range(20)}
    survivor = make.proposal(call, next(iter(crowd)), state="screening", shares=crowd)
    with pytest.raises(Invalid, match="at most 20"):
        merge(office, two[0], survivor)


# ---- Pages


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


def test_the_pages_of_a_changed_team(agreed, lead, mate, newcomer, sign_in, app):
    at = f"/proposals/{agreed.public_id}"
    client = sign_in(lead)
    assert f"{at}/team/change" in page(client, f"{at}/team")
    keys = {one.name: one.public_id for one in (lead, mate)}
    given = {f"share_{keys['Zhao Min']}": "50", f"share_{keys['He Wen']}": "40"}
    assert "Reason" in page(client, f"{at}/team/change")
    wrong = client.post(f"{at}/team/change", data=given | {"reason": "Kept words"})
    assert (wrong.status_code, "10.00 % is missing" in wrong.text, "Kept words" in wrong.text) == (422, True, True)
    who = {"person_text": newcomer.hr_number, "share": "10", "part": "Pumps", "reason": "He builds it"}
    made = client.post(f"{at}/team/change", data=given | who)
    assert (made.status_code, made.location.startswith("/team-changes/")) == (303, True)
    assert client.get(f"{at}/team/change").location == made.location
    assert "Take it back" in page(client, made.location)

    theirs = sign_in(newcomer, app.test_client())
    assert made.location in page(theirs, "/")
    assert "10% instead of 0%" in page(theirs, made.location)
    assert theirs.post(f"{made.location}/decline", data={"reason": ""}).status_code == 422
    page(theirs, at, 404)
    assert theirs.post(f"{made.location}/accept").location == made.location
    assert "Agreed by all" in page(theirs, made.location)
    page(theirs, at)
    assert theirs.post(f"{at}/team/leave").location == "/proposals/"
    page(theirs, at, 404)
    page(sign_in(lead), f"{at}/background")


def test_the_pages_of_a_counter_and_of_background(begin, lead, mate, sign_in, app, call):
    proposal = begin({mate: 4_000})
    with transaction():
        services.ask_team(lead, proposal)
    at = f"/proposals/{proposal.public_id}"
    hers = sign_in(mate, app.test_client())
    refused = hers.post(f"{at}/consent/counter", data={"share": "40", "reason": "Kept"})
    assert (refused.status_code, "another share" in refused.text) == (422, True)
    assert hers.post(f"{at}/consent/counter", data={"share": "45.5", "reason": "I build it"}).location == at
    client = sign_in(lead)
    shown = page(client, f"{at}/team")
    assert "Would agree to 45.5%" in shown
    adopt = f"{at}/team/{mate.public_id}/adopt"
    assert adopt in shown
    assert client.post(adopt).location == f"{at}/team"
    assert client.post(f"{at}/team/nobody/adopt").status_code == 409
    assert "Nothing is named" in page(client, f"{at}/background")
    assert client.post(f"{at}/background", data={"what": ""}).status_code == 422
    named = {"company": call.company.public_id, "what": "ZL2021", "terms": "Free within the group"}
    assert client.post(f"{at}/background", data=named).location == f"{at}/background"
    assert "ZL2021" in page(client, f"{at}/background")
    entry = queries.background(proposal)[0].public_id
    client.post(f"{at}/background/{entry}/remove")
    assert "ZL2021" not in page(client, f"{at}/background")
    assert hers.get(f"{at}/team/change").location == f"{at}/team"


def test_the_pages_of_merging(two, office, sign_in, make, call):
    proposal, survivor = two
    at = f"/proposals/{proposal.public_id}"
    client = sign_in(office)
    assert f"{at}/merge" in page(client, at)
    assert survivor.number in page(client, f"{at}/merge")
    assert client.post(f"{at}/merge", data={"survivor": "", "credit": "20"}).status_code == 422
    given = {"survivor": survivor.public_id, "credit": "20", "reason": "The same"}
    assert client.post(f"{at}/merge", data=given).location == at
    assert f"goes on in {survivor.number}" in page(client, at)
    assert client.get(f"{at}/merge").location == at
    page(sign_in(make.person(call.company, Role.OFFICE, manager=proposal.lead)), f"{at}/merge", 404)
