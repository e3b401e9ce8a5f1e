"""Who sees a disclosure before filing, in every role; who sees matters and awards."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.patents import queries, services
from incubator.patents.parts import inventions_of_venture
from incubator.people import access
from incubator.people.models import Person, Role
from incubator.people.predicates import SYSTEM
from tests.patents.scene import TEXT, Scene

SignIn = Callable[..., FlaskClient]
KNOWING = {Role.OFFICE, Role.HR, Role.IP_COUNSEL}


def waiting(person: Person) -> list[tuple[Any, ...]]:
    found = [tuple(row[:4]) for one in queries.waiting_for(person) for row in db.session.execute(one)]
    return sorted(found, key=str)


def docket(person: Person) -> list[tuple[Any, ...]]:
    rows = db.session.execute(queries.docket(person)[0])
    return [(row.number, row.title, row.disclosure_id, row.matter_id) for row in rows]


def takeable(person: Person) -> list[str | None]:
    return [row.care_id for row in db.session.execute(queries.docket(person)[0])]


@pytest.mark.parametrize("role", [None, *Role])
def test_before_filing_no_role_alone_reads_the_text(scene: Scene, sign_in: SignIn, role: Role | None) -> None:
    disclosure = scene.taken_up()
    assert docket(scene.counsel) == [(disclosure.number, TEXT["title"], disclosure.public_id, None)]
    person = scene.make.person(scene.company, *([role] if role else []))
    browser = sign_in(person)
    offered = {Role.IP_COUNSEL: [disclosure.public_id], Role.OFFICE: [None], Role.HR: [None]}
    assert takeable(person) == (offered.get(role, []) if role else [])
    assert browser.get(f"/inventions/{disclosure.public_id}").status_code == 404
    page = browser.get("/patents/")
    assert page.status_code == (200 if role in KNOWING else 404)
    assert TEXT["title"] not in page.text
    assert (disclosure.number in page.text) is (role in KNOWING)
    assert docket(person) == ([(disclosure.number, None, None, None)] if role in KNOWING else [])
    seen = [row.title for row in queries.of_venture(person, scene.venture)]
    assert seen == ([None] if role in KNOWING else [])
    assert queries.mine(person) == []


def test_inventors_read_it_and_their_colleagues_in_the_venture_do_not(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose([(scene.lead, 10_000)])
    assert sign_in(scene.lead).get(f"/inventions/{disclosure.public_id}").status_code == 200
    assert sign_in(scene.mate).get(f"/inventions/{disclosure.public_id}").status_code == 404
    assert [row.number for row in queries.of_venture(scene.lead, scene.venture)] == [disclosure.number]
    assert queries.of_venture(scene.mate, scene.venture) == []


def test_counsel_of_another_company_is_a_stranger(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    stranger = scene.make.person(scene.make.company(), Role.IP_COUNSEL, Role.OFFICE, Role.HR)
    assert docket(stranger) == []
    browser = sign_in(stranger)
    assert browser.get(f"/inventions/{disclosure.public_id}").status_code == 404
    assert browser.get(f"/patents/decisions/{disclosure.public_id}").status_code == 404
    assert disclosure.number not in browser.get("/patents/").get_data(as_text=True)


def test_a_case_lets_an_auditor_read_and_a_conflict_hides_from_counsel(scene: Scene, sign_in: SignIn) -> None:
    disclosure = scene.disclose()
    auditor = scene.make.person(scene.company, Role.AUDITOR)
    with scene.make.acting(SYSTEM, "case.open"):
        audit.record("case.open", disclosure)
        access.allow(auditor.id, disclosure, "case")
        access.deny(scene.counsel.id, disclosure, "conflict")
        access.deny(scene.office.id, disclosure, "conflict")
        access.deny(scene.mate.id, disclosure, "conflict")
    assert sign_in(auditor).get(f"/inventions/{disclosure.public_id}").status_code == 200
    assert sign_in(scene.counsel).get(f"/inventions/{disclosure.public_id}").status_code == 404
    assert (docket(scene.counsel), docket(scene.office), queries.mine(scene.mate)) == ([], [], [])


def test_once_published_the_office_and_the_venture_see_the_title(scene: Scene) -> None:
    matter = scene.filed()
    disclosure = matter.disclosure
    assert docket(scene.office) == [(disclosure.number, None, None, None)]
    with transaction():
        services.record_publication(scene.counsel, matter, happened_on=dt.date(2024, 9, 1))
    assert docket(scene.office) == [(disclosure.number, TEXT["title"], None, matter.public_id)]
    colleague = scene.make.person(scene.company)
    assert [(row.title, row.disclosure_id) for row in queries.of_venture(colleague, scene.venture)] == [
        (TEXT["title"], None)
    ]


def test_a_matter_is_read_like_its_disclosure_until_it_is_published(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.filed()
    address = f"/patents/{matter.public_id}"
    people = (scene.counsel, scene.office, scene.hr_a, scene.lead)
    assert [sign_in(one).get(address).status_code for one in people] == [200, 404, 404, 404]
    with transaction():
        services.record_publication(scene.counsel, matter, happened_on=dt.date(2024, 9, 1))
    assert [sign_in(one).get(address).status_code for one in people] == [200, 200, 200, 404]


@pytest.mark.parametrize("role", [None, *Role])
def test_awards_are_for_hr_of_the_company(scene: Scene, sign_in: SignIn, role: Role | None) -> None:
    award = scene.granted()
    browser = sign_in(scene.make.person(scene.company, *([role] if role else [])))
    expected = 200 if role is Role.HR else 404
    addresses = ("/awards/", f"/awards/{award.public_id}", f"/awards/{award.public_id}/payroll.csv")
    assert [browser.get(one).status_code for one in addresses] == [expected] * 3


def test_hr_of_another_company_sees_no_award(scene: Scene, sign_in: SignIn) -> None:
    award = scene.granted()
    browser = sign_in(scene.make.person(scene.make.company(), Role.HR))
    assert award.number not in browser.get("/awards/").get_data(as_text=True)
    assert browser.get(f"/awards/{award.public_id}").status_code == 404


def test_an_inventor_sees_their_own_part_and_nobody_elses(scene: Scene) -> None:
    scene.in_payroll()
    mine, other = queries.my_awards(scene.lead), queries.my_awards(scene.mate)
    assert [(row.amount, row.state, row.period) for row in mine] == [(240_000, "in_payroll", f"{clock.today():%Y-%m}")]
    assert [row.amount for row in other] == [160_000]
    assert queries.my_awards(scene.counsel) == []


def test_each_step_waits_for_whoever_can_take_it(scene: Scene) -> None:
    everybody = (scene.lead, scene.mate, scene.counsel, scene.office, scene.hr_a)

    def all_waiting() -> list[list[str]]:
        return [[row[0] for row in waiting(one)] for one in everybody]

    disclosure = scene.disclose()
    address = f"/inventions/{disclosure.public_id}"
    assert waiting(scene.mate) == [("inventor_share.answer", TEXT["title"], address, None)]
    assert all_waiting() == [[], ["inventor_share.answer"], ["disclosure.take_up"], [], []]
    scene.taken_up(disclosure)
    assert all_waiting() == [[], ["inventor_share.answer"], ["disclosure.assess"], [], []]
    with transaction():
        services.assess(scene.counsel, disclosure, assessment="New.")
        services.decline_share(scene.mate, scene.share(disclosure, scene.mate), reason="No.")
    assert all_waiting() == [["disclosure.reshare"], [], [], [], []]
    with transaction():
        services.change_shares(scene.lead, disclosure, shares=[(scene.lead, 5000), (scene.mate, 5000)])
    with transaction():
        services.accept_share(scene.mate, scene.share(disclosure, scene.mate))
    assert all_waiting() == [[], [], ["disclosure.decide"], [], []]
    scene.proposed(disclosure)
    assert all_waiting() == [[], [], [], [], []]
    with transaction():
        matter = services.decide(scene.office, disclosure)
    assert all_waiting() == [[], [], ["matter.file"], [], []]
    award = scene.granted(matter=scene.filed(matter=matter))
    assert all_waiting() == [[], [], [], [], ["award.calculate"]]
    assert waiting(scene.hr_a) == [
        ("award.calculate", award.number, f"/awards/{award.public_id}", clock.end_of(award.due_on))
    ]
    scene.calculated(award)
    assert all_waiting() == [[], [], [], [], []]


def test_hr_who_is_an_inventor_is_not_asked_to_calculate(scene: Scene) -> None:
    inventor = scene.make.person(scene.company, Role.HR)
    scene.granted(matter=scene.filed(matter=scene.matter(scene.assessed([(scene.lead, 5000), (inventor, 5000)]))))
    assert waiting(inventor) == []


def test_the_part_of_a_venture_is_there_for_its_members_and_hidden_where_there_is_nothing(scene: Scene) -> None:
    stranger = scene.make.person(scene.company)
    assert inventions_of_venture(stranger, scene.venture) is None
    assert inventions_of_venture(scene.mate, scene.venture) == (
        "patents/_venture.html", {"inventions": [], "is_member": True, "uses": []},
    )  # fmt: skip
    scene.disclose()
    assert inventions_of_venture(stranger, scene.venture) is None
    part = inventions_of_venture(scene.office, scene.venture)
    assert part is not None
    assert (len(part[1]["inventions"]), part[1]["is_member"]) == (1, False)
