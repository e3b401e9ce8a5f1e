import datetime as dt
import re
from html import unescape

import pytest
from sqlalchemy import union_all

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals import queries, services
from incubator.web.keyset import FIRST, LAST, Place
from tests.proposals.conftest import ANSWERS


def titles(person, text):
    return [hit.title for hit in queries.search(person, text).rows]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OFFICE}))
def test_only_the_office_sees_by_role_what_was_handed_in(make, handed_in, office, role):
    proposal = handed_in()
    above = make.person(make.company(), Role.OFFICE)
    other = make.person(proposal.company, role)
    seen = [list(db.session.scalars(queries.visible_to(person))) for person in (office, above, other)]
    assert seen == [[proposal], [], []]


def test_a_denied_office_sees_nothing(make, handed_in, office):
    proposal = handed_in()
    with make.acting(office):
        audit.record("test.conflict", proposal)
        access.deny(office.id, proposal, "conflict")
    assert list(db.session.scalars(queries.visible_to(office))) == []
    assert titles(office, "heat") == []
    assert waiting(office) == []


def test_search_finds_words_of_title_and_text_in_both_languages(begin, lead):
    begin(title="Heat from server rooms", answers=ANSWERS | {"summary": "We pump it to offices."})
    begin(title="AI余热回收系统", answers=ANSWERS | {"summary": "利用机房排出的热量，为办公楼供暖。"})
    assert titles(lead, "HEAT server") == ["Heat from server rooms"]
    assert titles(lead, "offices pump") == ["Heat from server rooms"]
    assert titles(lead, "余热") == ["AI余热回收系统"]
    assert titles(lead, "办公楼供暖") == ["AI余热回收系统"]
    assert titles(lead, "热余") == []
    assert titles(lead, "summary") == []
    assert titles(lead, '"; drop table') == []
    assert titles(lead, "the heat that never was") == []


@pytest.fixture
def many(begin, monkeypatch):
    """Nine with the word, newest first: of each four the last has it most often, the first but once."""
    monkeypatch.setattr("incubator.proposals.queries.searching.MOST_HITS", 2)
    monkeypatch.setattr("incubator.proposals.queries.searching.MOST_WEIGHED", 4)
    found = [begin(title=f"{n} " + "heat " * (n % 4 + 1)) for n in range(9)]
    with transaction():
        for n, proposal in enumerate(found):
            proposal.state_at = clock.now() - dt.timedelta(minutes=n)
    return found


PAGES = [["3", "2"], ["1", "0"], ["7", "6"], ["5", "4"], ["8"]]


def walked(person, place, way):
    """The numbers in the titles on each page, from a place on."""
    pages = []
    while place is not None:
        found = queries.search(person, "heat", at=place)
        pages.append([hit.title[0] for hit in found.rows])
        place = getattr(found, way)
    return pages


def test_the_best_of_the_newest_hits_come_first_then_those_of_the_older_ones(many, lead):
    assert walked(lead, FIRST, "next") == PAGES
    last = queries.search(lead, "heat", at=Place("before", (many[7].state_at, many[7].public_id)))
    assert ([hit.title[0] for hit in last.rows], last.next) == (PAGES[-1], None)
    assert walked(lead, last.previous, "previous") == PAGES[-2::-1]
    middle = queries.search(lead, "heat", at=last.previous)
    assert walked(lead, middle.next, "next") == PAGES[-1:]


@pytest.fixture
def others(handed_in, monkeypatch):
    """The same nine, handed in, and one without the word among them."""
    monkeypatch.setattr("incubator.proposals.queries.searching.MOST_HITS", 2)
    monkeypatch.setattr("incubator.proposals.queries.searching.MOST_WEIGHED", 4)
    found = [handed_in(title=f"{n} " + "heat " * (n % 4 + 1)) for n in range(9)]
    found.insert(2, handed_in(title="A pump", answers=ANSWERS | {"summary": "A pump.", "problem": "A pump."}))
    with transaction():
        for n, proposal in enumerate(found):
            proposal.state_at = clock.now() - dt.timedelta(minutes=n)
    return found


@pytest.mark.parametrize(
    ("often", "walked_over"),
    [(1, 100), (1, 7), (1, 3), (99, 100)],
    ids=["walked", "walked in part", "not walked far enough", "by the index"],
)
def test_a_common_word_is_found_as_a_rare_one_is(others, office, monkeypatch, often, walked_over):
    monkeypatch.setattr("incubator.proposals.queries.searching.OFTEN", often)
    monkeypatch.setattr("incubator.proposals.queries.searching.MOST_WALKED", walked_over)
    assert walked(office, FIRST, "next") == PAGES
    last = queries.search(office, "heat", at=Place("before", (others[8].state_at, others[8].public_id)))
    assert walked(office, last.previous, "previous") == PAGES[-2::-1]


def test_who_sees_few_finds_what_was_given_to_them(others, make):
    reader = make.person(others[0].company)
    assert titles(reader, "heat") == []
    with make.acting(others[0].lead):
        audit.record("test.given", others[0])
        for proposal in (others[0], others[2]):
            access.allow(reader.id, proposal, "team")
    assert titles(reader, "heat") == ["0 heat"]


def test_how_many_hits_there_are_is_said_up_to_those_that_are_weighed(many, lead):
    found = [queries.search(lead, text) for text in ("heat", "8 heat", "nothing")]
    assert [(one.number, one.is_more) for one in found] == [(4, True), (1, False), (0, False)]


def test_a_page_of_hits_that_are_gone_shows_the_first(many, lead):
    gone = Place(None, None, "worse", LAST)
    assert [hit.title[0] for hit in queries.search(lead, "heat", at=gone).rows] == PAGES[0]


def test_search_pages_by_links(many, lead, sign_in, statements):
    browser, at, seen = sign_in(lead), "/search?q=heat", []
    browser.get(at)
    while at:
        statements.clear()
        text = browser.get(at).text
        assert len(statements) <= 8
        seen.append(re.findall(r">(\d) heat", text))
        assert ("Previous page" in text, "More than 4 hits" in text) == (len(seen) > 1, True)
        found = [link for link in re.findall(r"<a[^>]+>", text) if 'rel="next"' in link]
        at = unescape(found[0].split('href="')[1].split('"')[0]) if found else None
    assert seen == PAGES


def test_search_finds_a_number(begin, lead, office):
    proposal = begin()
    assert [hit.number for hit in queries.search(lead, f" {proposal.number.lower()} ").rows] == [proposal.number]
    assert queries.search(office, proposal.number).rows == []


def test_search_is_of_what_the_person_may_read(begin, in_screening, lead, office):
    begin(title="A draft about heat")
    returned = in_screening(title="First heat")
    with transaction():
        services.return_(office, returned, reason="Why")
    with transaction():
        services.save(
            lead, returned, title="Second heat", answers=ANSWERS | {"summary": "ultramarine"}, theme=returned.theme,
            asked=1, revision=queries.newest(returned).revision,
        )  # fmt: skip
    assert titles(office, "heat") == ["Second heat"]
    assert titles(office, "ultramarine") == []
    assert titles(lead, "ultramarine") == ["Second heat"]
    assert sorted(titles(lead, "heat")) == ["A draft about heat", "Second heat"]


def test_others_read_what_was_handed_in_and_authors_the_newest(in_screening, lead, office):
    proposal = in_screening()
    with transaction():
        services.return_(office, proposal, reason="Why")
    with transaction():
        services.save(
            lead, proposal, title="Second", answers=ANSWERS, theme=proposal.theme, asked=1,
            revision=queries.newest(proposal).revision,
        )  # fmt: skip
    assert queries.text_for(office, proposal).number == 1
    assert queries.text_for(lead, proposal).number == 2


def waiting(person):
    rows = union_all(*[select.order_by(None) for select in queries.waiting_for(person)])
    return sorted((row[0], row[1], row[2]) for row in db.session.execute(rows))


def test_what_waits_for_whom(make, begin, handed_in, in_screening, lead, office, call):
    mate = make.person(call.company)
    asked = begin({mate: 1000}, title="With a team")
    submitted, screening = handed_in(title="Handed in"), in_screening(title="Checked")
    with transaction():
        services.ask_team(lead, asked)
    returned = in_screening(title="Returned")
    with transaction():
        services.return_(office, returned, reason="Why")
    draft = begin(title="")
    assert waiting(mate) == [("proposal.accept_share", "With a team", f"/proposals/{asked.public_id}/consent")]
    assert waiting(lead) == [
        ("proposal.finish", draft.number, f"/proposals/{draft.public_id}/edit"),
        ("proposal.put_right", "Returned", f"/proposals/{returned.public_id}"),
    ]
    with transaction():
        call.closes_at = clock.now()
    assert waiting(lead) == [("proposal.put_right", "Returned", f"/proposals/{returned.public_id}")]
    assert waiting(office) == [
        ("proposal.put", "Checked", f"/proposals/{screening.public_id}"),
        ("proposal.screen", "Handed in", f"/proposals/{submitted.public_id}"),
    ]


def test_a_colleague_is_found_by_number_or_full_name(make, call):
    one = make.person(call.company, name="Zhou Qiang")
    make.person(call.company, name="Lu Xun")
    make.person(call.company, name="Lu Xun")
    chinese = make.person(call.company, name="鲁班")
    assert [queries.colleague(named) for named in (one.hr_number, "zhou qiang", "zhou", "鲁班", "lu ban")] == [
        one, one, one, chinese, chinese,
    ]  # fmt: skip
    for named in ("", "nobody", "Lu Xun"):
        with pytest.raises(Invalid):
            queries.colleague(named)
