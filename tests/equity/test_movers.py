"""Who moves to another company of the group takes no grant along unasked: their HR is asked once a move."""

import pytest
from sqlalchemy import text, update

from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.equity import queries, services
from incubator.equity.models import EquityGrant, EquityStep
from incubator.people.models import Company, Person, Role
from tests.equity.scene import START, Scene
from tests.equity.test_views import SignIn, page, send


@pytest.fixture
def grant(scene: Scene) -> EquityGrant:
    return scene.live(scene.plan())


@pytest.fixture
def elsewhere(scene: Scene) -> Company:
    """A sister company."""
    return scene.make.company(scene.group)


def move(person: Person, to: Company) -> None:
    """What the directory writes."""
    with transaction():
        person.company_id = to.id
    db.session.refresh(person)


def waiting(person: Person) -> list[tuple[str, str]]:
    rows = [row for select in queries.waiting_for(person) for row in db.session.execute(select)]
    home = [(row[1], row[2]) for row in rows if row[0] == "equity_mover"]
    assert len(home) == len(queries.movers(person))
    return home


def asked(scene: Scene, actor: Person | None = None, reason: str = "move") -> EquityStep:
    with transaction():
        return services.depart(actor or scene.maker, scene.lead, reason=reason, last_day=START, note="Transfer order")


def signed(scene: Scene, step: EquityStep) -> None:
    with transaction():
        services.approve_step(scene.checker, step)


def test_a_move_waits_for_the_hr_of_the_grant_until_it_is_settled(
    scene: Scene, grant: EquityGrant, elsewhere: Company
) -> None:
    scene.live(grant.plan, units=1_000)
    theirs = scene.make.person(elsewhere, Role.HR)
    assert grant.holder_company_id == scene.company.id
    assert waiting(scene.maker) == []
    move(scene.lead, elsewhere)
    address = f"/equity/leavers/new?reason=move&hr_number={scene.lead.hr_number}"
    assert waiting(scene.maker) == [(f"Zhao Min → {elsewhere.name['en']}", address)]
    assert [waiting(one) for one in (theirs, scene.lead, scene.member, scene.auditor)] == [[]] * 4
    step = asked(scene)
    assert (step.company_id, waiting(scene.maker)) == (scene.company.id, [])
    with transaction():
        services.refuse_step(scene.checker, step, reason="The wrong day")
    assert len(waiting(scene.maker)) == 1
    signed(scene, asked(scene))
    assert (grant.holder_company_id, waiting(scene.maker)) == (elsewhere.id, [])
    told = db.session.scalars(db.select(AuditEvent).where(AuditEvent.name == "equity_grant.settle_move")).all()
    assert [one.subject_type for one in told] == ["equity_grant"] * 2
    move(scene.lead, scene.company)
    assert len(waiting(scene.maker)) == 1


def test_who_moves_on_before_the_signature_is_asked_about_again(
    scene: Scene, grant: EquityGrant, elsewhere: Company
) -> None:
    move(scene.lead, elsewhere)
    step = asked(scene)
    move(scene.lead, scene.make.company(scene.group))
    signed(scene, step)
    assert grant.holder_company_id == elsewhere.id
    assert len(waiting(scene.maker)) == 1


def test_a_move_that_was_asked_for_before_the_directory_knew_it_is_settled(
    scene: Scene, grant: EquityGrant, elsewhere: Company
) -> None:
    step = asked(scene)
    move(scene.lead, elsewhere)
    signed(scene, step)
    assert (grant.holder_company_id, waiting(scene.maker)) == (elsewhere.id, [])


def test_leavers_and_grants_of_unknown_company_are_not_movers(
    scene: Scene, grant: EquityGrant, elsewhere: Company
) -> None:
    move(scene.lead, elsewhere)
    with transaction():
        grant.holder_company_id = None
    assert waiting(scene.maker) == []
    with transaction():
        grant.holder_company_id = scene.company.id
        scene.lead.left_on = START
    assert waiting(scene.maker) == []


def test_only_hr_of_the_grants_asks_about_somebody_elsewhere(
    scene: Scene, grant: EquityGrant, elsewhere: Company
) -> None:
    move(scene.lead, elsewhere)
    stranger = scene.make.person(scene.make.company(scene.group), Role.HR)
    for person in (stranger, scene.lead, scene.member):
        with pytest.raises(NotAllowed):
            asked(scene, person)


def test_hr_of_the_company_left_behind_settles_its_own_grants_and_a_move_alone(
    scene: Scene, grant: EquityGrant, elsewhere: Company
) -> None:
    other = scene.live(grant.plan, units=1_000)
    with transaction():
        db.session.execute(text("ALTER TABLE equity_grant DISABLE TRIGGER USER"))
        db.session.execute(update(EquityGrant).where(EquityGrant.id == other.id).values(company_id=elsewhere.id))
        db.session.execute(text("ALTER TABLE equity_grant ENABLE TRIGGER USER"))  # as if it were of a plan there
    move(scene.lead, elsewhere)
    with pytest.raises(Invalid) as refused:
        asked(scene, reason="cause")
    assert refused.value.field == "reason"
    step = asked(scene)
    assert [line["grant"] for line in step.details["lines"]] == [grant.number]
    signed(scene, step)
    assert (grant.holder_company_id, other.holder_company_id) == (elsewhere.id, scene.company.id)


def test_hr_settles_a_move_from_the_page_of_leavers(
    scene: Scene, grant: EquityGrant, elsewhere: Company, sign_in: SignIn
) -> None:
    move(scene.lead, elsewhere)
    browser = sign_in(scene.maker)
    assert "what becomes of the grants?" in page(browser, "/")
    assert f"now with {elsewhere.name['en']}" in page(browser, "/equity/leavers")
    address = "/equity/leavers/new"
    assert '<option selected value="move">' in page(browser, f"{address}?reason=move&hr_number={scene.lead.hr_number}")
    assert "selected" not in page(browser, f"{address}?reason=odd").partition("<select")[2].partition("</select")[0]
    form = {"hr_number": scene.lead.hr_number, "reason": "move", "last_day": "2026-11-01", "note": "Transfer order"}
    step = send(browser, address, confirmed="yes", **form)
    assert scene.lead.name in page(browser, step)
    assert f"now with {elsewhere.name['en']}" not in page(browser, "/equity/leavers")
    assert send(sign_in(scene.checker), f"{step}/approve") == step
    assert "move to another company was settled" in page(browser, f"/equity/grants/{grant.public_id}")
