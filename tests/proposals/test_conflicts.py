"""Who is close to the team does not screen its proposal, nor sees it as the office."""

from typing import Any

import pytest

from incubator.core.db import db
from incubator.core.errors import NotAllowed
from incubator.core.transaction import transaction
from incubator.people.models import Person, Role, RoleGrant
from incubator.proposals import queries, services
from incubator.proposals.predicates import is_close_to_team


@pytest.fixture
def close_ones(make: Any, call: Any, lead: Person) -> dict[str, Person]:
    """Officers of the company: the lead's manager, the lead's report, one of the cost centre, and one who is none."""
    manager = make.person(call.company, Role.OFFICE, name="Ma Lin")
    report = make.person(call.company, Role.OFFICE, name="Du Fei", manager=lead)
    center = make.person(call.company, Role.OFFICE, name="Xu Bo", cost_center="C-100")
    free = make.person(call.company, Role.OFFICE, name="He Wen", cost_center="C-200")
    with transaction():
        lead.manager_id, lead.cost_center = manager.id, "C-100"
    return {"manager": manager, "report": report, "center": center, "free": free}


def test_the_office_that_is_close_to_the_team_sees_nothing_of_it(
    close_ones: dict[str, Person], handed_in: Any, sign_in: Any
) -> None:
    proposal = handed_in()
    for kind, officer in close_ones.items():
        browser = sign_in(officer)
        is_free = kind == "free"
        pages = ["/screening/", "/", "/search?q=server+rooms"]
        assert [proposal.number in browser.get(page).text for page in pages[:1]] == [is_free], kind
        assert ["Heat from server rooms" in browser.get(page).text for page in pages] == [is_free] * 3, kind
        assert browser.get(f"/proposals/{proposal.public_id}").status_code == (200 if is_free else 404)
        assert queries.at_the_office(officer)["submitted"] == int(is_free)


def test_who_is_close_screens_it_not_even_when_the_role_came_later(
    make: Any, call: Any, close_ones: dict[str, Person], handed_in: Any
) -> None:
    proposal = handed_in()
    later = make.person(call.company, name="Gu Wei", cost_center="C-100")
    make.add(RoleGrant(person=later, company_id=call.company.id, role=Role.OFFICE, from_on=proposal.created_at.date()))
    for officer in (*(close_ones[kind] for kind in ("manager", "report", "center")), later):
        with pytest.raises(NotAllowed), transaction():
            services.screen(officer, proposal)
    with transaction():
        services.screen(close_ones["free"], proposal)


def test_a_member_of_the_team_keeps_sight_of_it_and_a_mates_manager_loses_it(
    make: Any, close_ones: dict[str, Person], begin: Any, lead: Person, call: Any
) -> None:
    mate = make.person(call.company, Role.OFFICE, name="Wu Han", manager=close_ones["free"], cost_center="C-100")
    proposal = begin({mate: 3000})
    with transaction():
        services.ask_team(lead, proposal)
    with transaction():
        services.accept_share(mate, queries.share_of(mate, proposal))
    seen = {kind: _sees(officer, proposal) for kind, officer in close_ones.items()}
    assert (seen, _sees(mate, proposal)) == (dict.fromkeys(close_ones, False), True)
    assert not is_close_to_team(mate, None)


def _sees(person: Person, proposal: Any) -> bool:
    return proposal in db.session.scalars(queries.visible_to(person)).all()
