import datetime as dt

import pytest
from sqlalchemy import select

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.people import access, queries, services
from incubator.people.models import PersonCounts, Role, RoleGrant
from incubator.people.predicates import SYSTEM, has_role
from incubator.proposals.models import Proposal


def seen(person, *conditions):
    return list(db.session.scalars(select(Proposal).where(access.visible(Proposal, person, *conditions))))


def test_a_role_reaches_down_the_tree_and_never_up_or_across(make):
    group = make.company()
    subsidiary, sister = make.company(group), make.company(group)
    department = make.company(subsidiary)
    officer = make.person(subsidiary, Role.OFFICE)
    rule = has_role(Role.OFFICE)

    assert [rule(officer, company) for company in (group, subsidiary, department, sister)] == [False, True, True, False]
    assert rule(officer, None)
    assert not has_role(Role.HR)(officer, None)
    assert not rule(SYSTEM, subsidiary)


def test_a_role_counts_from_its_first_to_its_last_day(make):
    person = make.person()
    today = clock.today()
    day = dt.timedelta(days=1)
    spans = {(today - day, today - day): False, (today - day, today): True, (today + day, None): False}
    for (first, last), counts in spans.items():
        person.roles[:] = [RoleGrant(company=person.company, role=Role.HR, from_on=first, until_on=last)]
        assert has_role(Role.HR)(person, person.company) is counts
    db.session.rollback()


def test_rows_are_seen_by_scope_or_by_grant_and_deny_wins(make):
    proposal = make.proposal()
    officer = make.person(proposal.company, Role.OFFICE)
    stranger = make.person()

    def scope(person):
        return access.within(Proposal.company_id, person, Role.OFFICE)

    assert seen(officer, scope(officer)) == [proposal]
    assert seen(stranger, scope(stranger)) == []
    with make.acting():
        audit.record("test.assign", proposal)
        access.allow(stranger.id, proposal, "assignment")
        access.allow(stranger.id, proposal, "assignment", fields=["title"])
        access.deny(officer.id, proposal, "conflict")
    assert seen(stranger, scope(stranger)) == [proposal]
    assert seen(officer, scope(officer)) == []
    with make.acting():
        audit.record("test.withdraw", proposal)
        access.withdraw(officer.id, proposal, "conflict")
        access.allow(stranger.id, proposal, "assignment", until_at=clock.now() - dt.timedelta(seconds=1))
    assert seen(officer, scope(officer)) == [proposal]
    assert seen(stranger, scope(stranger)) == []


def test_access_is_given_because_of_something(make):
    with pytest.raises(RuntimeError, match="write the event first"), make.acting():
        access.allow(1, make_nothing(), "x")


def make_nothing():
    return Proposal(id=1)


def test_only_administrators_give_roles(make):
    company = make.company()
    boss, person = make.person(company, Role.ADMINISTRATOR), make.person(company)

    with transaction():
        grant = services.give_role(boss, company, person=person, role=Role.HR)
    assert (grant.role, grant.from_on) == (Role.HR, clock.today())
    assert list(db.session.scalars(queries.holders_of(Role.HR, make.company(company)))) == [person]
    with pytest.raises(NotAllowed), transaction():
        services.give_role(person, company, person=person, role=Role.ADMINISTRATOR)


def test_a_short_password_is_refused(make):
    person = make.person()
    with pytest.raises(Invalid, match="12 characters"), transaction():
        services.set_password(person, "short")


def test_counts_are_kept_by_key(make):
    person = make.person()
    with transaction():
        services.set_count(person.id, "reviews", 3)
        services.set_count(person.id, "notices", 1)
        services.set_count(person.id, "reviews", 2)

    assert db.session.scalars(select(PersonCounts.counts)).one() == {"reviews": 2, "notices": 1}
    assert queries.by_hr_number(person.hr_number) is person
    assert person.initials == "LY"
    assert make.person(name="王芳").initials == "王"
