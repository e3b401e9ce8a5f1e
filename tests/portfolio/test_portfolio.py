"""The portfolio: few statements, right sums, in scope."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from incubator.calls.models import Call
from incubator.people.models import Company, Role
from incubator.portfolio.queries import Line, portfolio
from incubator.proposals.states import ProposalState as P
from incubator.ventures.states import VentureState
from tests.equity.test_views import page, statements
from tests.make import Make

SignIn = Callable[..., FlaskClient]


def fill(make: Make, company: Company) -> Call:
    """A call with proposals in several states, two of them ventures."""
    call = make.call(company, budget=5_000_000)
    for state in (P.DRAFT, P.SUBMITTED, P.IN_REVIEW, P.REJECTED):
        make.proposal(call, state=state, asked=700_000)
    for _ in range(2):
        make.venture(make.proposal(call, state=P.ACCEPTED, asked=1_500_000))
    return call


def test_figures_by_state_theme_and_company(make: Make) -> None:
    group = make.company()
    company = make.company(group)
    call = fill(make, company)
    office = make.person(group, Role.OFFICE)
    found = portfolio(office)
    assert found.states == {P.DRAFT: 1, P.SUBMITTED: 1, P.IN_REVIEW: 1, P.REJECTED: 1, P.ACCEPTED: 2}
    assert found.funnel == [("submitted", 5), ("reviewed", 4), ("decided", 3), ("accepted", 2), ("ventures", 2)]
    theme = call.themes[0].theme
    assert found.themes == [Line(theme.name, "CNY", 5, 2, 0, 3_000_000, 5_000_000)]
    assert found.themes[0].used_bp == 6_000
    assert found.companies == [Line(company.name, "CNY", 5, 2, 2, 3_000_000)]
    assert found.companies[0].used_bp is None
    assert found.totals == [("CNY", 3_000_000, 5_000_000)]
    assert {type(line.budget) for line in found.themes} == {int}
    assert (found.stages, found.live, found.proposals) == ({VentureState.CHARTERED: 2}, 2, 5)
    assert len(found.cards[VentureState.CHARTERED]) == 2


def test_only_what_is_in_scope_counts(make: Make) -> None:
    group = make.company()
    one, other = make.company(group), make.company(group)
    fill(make, one)
    assert portfolio(make.person(other, Role.FINANCE)).states == {}
    assert portfolio(make.person(one, Role.CHAIR)).proposals == 5


def test_credits_granted_are_summed(make: Make) -> None:
    from incubator.core import audit
    from incubator.ventures import services

    group = make.company()
    venture = make.venture(make.proposal(make.call(group), state=P.ACCEPTED))
    pool = make.pool(make.theme(group))
    with make.acting():
        cause = audit.record("decision.release", venture)
        services.grant_credit(venture, pool=pool, amount=250_000, cause_id=cause.id)
    assert portfolio(make.person(group, Role.FINANCE)).credits == {"CNY": 250_000}


@pytest.mark.parametrize("role", [Role.OFFICE, Role.FINANCE, Role.AUDITOR, Role.CHAIR])
def test_the_page_for_each_of_its_readers(make: Make, sign_in: SignIn, role: Role) -> None:
    group = make.company()
    fill(make, make.company(group))
    text = page(sign_in(make.person(group, role)), "/portfolio/")
    for words in ("¥30,000", "¥50,000", "60%", "Heat from server rooms", "Clean energy"):
        assert words in text


def test_the_page_in_chinese_and_before_anything_is_there(make: Make, sign_in: SignIn) -> None:
    group = make.company()
    office = make.person(group, Role.OFFICE)
    browser = sign_in(office)
    assert "Nothing to show yet" in page(browser, "/portfolio/")
    fill(make, group)
    browser.set_cookie("language", "zh", domain="localhost")
    assert "清洁能源" in page(browser, "/portfolio/")


def test_others_find_no_page(make: Make, sign_in: SignIn) -> None:
    company = make.company()
    for roles in ((), (Role.HR,), (Role.REVIEWER,), (Role.ADMINISTRATOR,)):
        page(sign_in(make.person(company, *roles)), "/portfolio/", 404)


def test_statements_do_not_grow_with_proposals(make: Make, sign_in: SignIn) -> None:
    group = make.company()
    office = make.person(group, Role.OFFICE)
    fill(make, make.company(group))
    before = statements(sign_in(office), "/portfolio/")
    for _ in range(2):
        fill(make, make.company(group))
    assert statements(sign_in(office), "/portfolio/") == before
    assert before <= 8


def test_a_stage_with_many_ventures_shows_the_newest(make: Make, sign_in: SignIn) -> None:
    group = make.company()
    call = make.call(group)
    for n in range(7):
        make.venture(make.proposal(call, state=P.ACCEPTED, title=f"Idea number {n}"))
    text = page(sign_in(make.person(group, Role.OFFICE)), "/portfolio/")
    assert "2 more" in text
    assert ("Idea number 6" in text, "Idea number 0" in text) == (True, False)
