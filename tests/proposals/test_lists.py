"""Lists narrowed by the address, in the reader's rights; views that are kept; files that honour the filter."""

import csv
import io

import pytest
from markupsafe import escape
from sqlalchemy import event

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.people import access, services
from incubator.people.models import Role
from incubator.people.queries import saved_views
from incubator.proposals import queries
from incubator.proposals.models import Confidentiality
from incubator.proposals.queries import Filter
from incubator.proposals.states import ProposalState as S


def titles(rows):
    return sorted(row.title for row in db.session.execute(rows))


def page(client, address, status=200):
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.text


@pytest.fixture
def several(make, call, lead):
    """Three proposals in two calls, of two companies below the office's."""
    other = make.call(call.company)
    below = make.company(call.company, "Plant")
    gao = make.person(below, name="Gao Yu")
    heat = make.proposal(call, lead, state=S.SUBMITTED, title="Heat")
    wind = make.proposal(call, gao, state=S.SCREENING, title="Wind")
    team = {gao: 6_000, lead: 4_000}
    rope = make.proposal(other, gao, state=S.RETURNED, title="Rope", shares=team)
    make.proposal(make.call(), state=S.SUBMITTED, title="Elsewhere")
    return heat, wind, rope


def test_the_board_is_narrowed_by_each_thing_and_all_together(several, office, call, lead):
    _heat, wind, rope = several
    for given, found in (
        ({}, ["Heat", "Rope", "Wind"]),
        ({"state": "screening"}, ["Wind"]),
        ({"state": "nonsense"}, ["Heat", "Rope", "Wind"]),
        ({"call": call.public_id}, ["Heat", "Wind"]),
        ({"theme": rope.theme.public_id}, ["Rope"]),
        ({"company": wind.company.public_id}, ["Rope", "Wind"]),
        ({"company": call.company.public_id}, ["Heat", "Rope", "Wind"]),
        ({"company": "unknown"}, []),
        ({"person": "gao"}, ["Rope", "Wind"]),
        ({"person": "GaoYu"}, ["Rope", "Wind"]),
        ({"person": lead.hr_number}, ["Heat", "Rope"]),
        ({"person": "100%_"}, []),
        ({"call": call.public_id, "person": "zhao"}, ["Heat"]),
    ):
        assert titles(queries.board(office, Filter(**given))) == found, given
    assert queries.at_the_office(office, Filter(person="gao", state="submitted")) == {
        "submitted": 0, "screening": 1, "returned": 1,
    }  # fmt: skip


def test_choices_are_what_the_reader_may_know_of(several, office, lead, call, make):
    hidden = make.call(make.company(call.company, "Aside"))
    found = queries.choices(office)
    assert {key for key, _name in found.calls} == {call.public_id, several[2].call.public_id, hidden.public_id}
    assert several[1].company.public_id in {key for key, _name in found.companies}
    mine = queries.choices(lead)
    assert {key for key, _name in mine.calls} == {call.public_id, several[2].call.public_id}
    assert [key for key, _name in mine.companies] == [call.company.public_id]


def test_a_blind_reader_finds_nobody_by_name_or_company(make, call, several, lead):
    heat = several[0]
    chair = make.person(make.company(), Role.CHAIR)
    with make.acting():
        audit.record("test.assign", heat)
        access.allow(chair.id, heat, "assignment", fields=["text"])

    def found(**given):
        return [hit.title for hit in queries.search(chair, "heat", Filter(**given)).rows]

    assert found() == ["Heat"]
    assert found(person="zhao") == found(company=call.company.public_id) == []
    assert found(call=call.public_id) == ["Heat"]
    assert [hit.title for hit in queries.search(lead, "heat", Filter(person="zhao")).rows] == ["Heat"]


def test_search_by_filters_alone(several, lead):
    found = db.session.execute(queries.fitting(lead, Filter(call=several[0].call.public_id)))
    assert [hit.title for hit in found] == ["Heat"]
    assert queries.search(lead, several[0].number, Filter(state="rejected")).rows == []


def test_the_pages_show_filters_and_files_honour_them(client, several, office, lead, sign_in, call):
    sign_in(office)
    asked = f"person=gao&call={call.public_id}"
    shown = page(client, f"/screening/?{asked}")
    assert ("Wind" in shown, "Rope</a>" in shown) == (True, False)
    assert f"/screening/export.csv?call={call.public_id}&amp;person=gao" in shown
    rows = list(csv.reader(io.StringIO(client.get(f"/screening/export.csv?{asked}").data.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["Wind"]
    assert "Narrow the list by less" in page(client, "/screening/?person=nobody")
    hers = sign_in(lead)
    assert "Heat" in page(hers, f"/search?call={call.public_id}")
    assert "Rope" not in page(hers, f"/proposals/?call={call.public_id}")
    assert "Nothing matches" in page(hers, "/proposals/?state=lapsed")


def test_the_title_of_a_core_secret_leaves_in_no_list(client, several, office, sign_in):
    with transaction():
        several[0].confidentiality = Confidentiality.CORE
    text = sign_in(office).get("/screening/export.csv").data.decode("utf-8-sig")
    assert ("Heat" in text, "Core secret" in text, "Wind" in text) == (False, True, True)


def test_views_are_ones_own_and_one_is_the_default(lead, office):
    with transaction():
        first = services.save_view(lead, "screening", name=" Wind  only ", query="person=gao", is_default=True)
        second = services.save_view(lead, "screening", name="Rope", query="state=returned", is_default=True)
        services.save_view(lead, "screening", name="Rope", query="state=screening")
        services.save_view(office, "screening", name="Rope", query="")
    assert [(one.name, one.query, one.is_default) for one in saved_views(lead, "screening")] == [
        ("Rope", "state=screening", True), ("Wind only", "person=gao", False),
    ]  # fmt: skip
    with transaction():
        services.set_default_view(lead, first, is_default=True)
    assert (first.is_default, second.is_default) == (True, False)
    with pytest.raises(NotAllowed), transaction():
        services.remove_view(office, first)
    with pytest.raises(NotAllowed), transaction():
        services.set_default_view(office, first, is_default=False)
    for name, query in (("  ", ""), ("x" * 61, ""), ("long", "q" * 1_001)):
        with pytest.raises(Invalid) as refused, transaction():
            services.save_view(lead, "screening", name=name, query=query)
        assert refused.value.field == "name"
    for number in range(18):
        with transaction():
            services.save_view(lead, "screening", name=str(number), query="")
    with pytest.raises(Invalid), transaction():
        services.save_view(lead, "screening", name="one more", query="")


def test_the_pages_of_views(client, several, office, lead, sign_in):
    sign_in(office)
    refused = client.post("/screening/views?person=gao", data={"name": " "})
    assert (refused.status_code, "Name it" in refused.text, "Rope" in refused.text) == (422, True, True)
    answer = client.post("/screening/views?person=gao&before=1-a", data={"name": "Of Gao", "is_default": "y"})
    assert answer.location == "/screening/?person=gao"
    assert client.get("/screening/").location == "/screening/?person=gao"
    shown = page(client, "/screening/?person=gao")
    assert "This view: Of Gao" in shown
    assert "Heat" in page(client, "/screening/?view=all")
    view = saved_views(office, "screening")[0].public_id
    assert client.post(f"/views/{view}/default").location == "/screening/?person=gao"
    assert client.get("/screening/").status_code == 200
    assert sign_in(lead).post(f"/views/{view}/remove").status_code == 404
    sign_in(office)
    assert client.post(f"/views/{view}/remove").location == "/screening/?view=all"
    sign_in(lead)
    assert client.post("/proposals/views", data={"name": "All", "is_default": "y"}).status_code == 303
    assert client.get("/proposals/").status_code == 200
    assert client.post("/proposals/views", data={"name": ""}).status_code == 422
    assert client.post("/proposals/views", data={"name": "Mine"}).location == "/proposals/?view=all"
    assert "Mine" in page(client, "/proposals/")


def test_a_search_is_kept_opened_and_removed(client, several, office, lead, sign_in):
    sign_in(office)
    assert "Keep this view" not in page(client, "/search")
    asked = "q=rope+%22&person=gao"
    assert "Keep this view" in page(client, f"/search?{asked}")
    refused = client.post(f"/search/views?{asked}", data={"name": " "})
    assert (refused.status_code, "Name it" in refused.text, "Rope" in refused.text) == (422, True, True)
    refused = client.post("/search/views?q=++", data={"name": "All"})
    assert (refused.status_code, "Search for something first" in refused.text) == (422, True)
    refused = client.post("/search/views?q=" + "%E7%83%AD" * 200, data={"name": "Long"})
    assert (refused.status_code, "more than can be kept" in refused.text) == (422, True)
    assert not saved_views(office, "search")

    kept, elsewhere = f"/search?{asked}", f"worse=9-{'a' * 16}"
    answer = client.post(f"/search/views?{asked}&{elsewhere}", data={"name": "Ropes", "is_default": "y"})
    assert answer.location == kept
    shown = page(client, kept)
    assert ("This view: Ropes" in shown, several[2].public_id in shown) == (True, True)
    assert escape(f"/search/views?{asked}") in shown
    assert escape("/search/views?q=%7B0%7D") in page(client, "/search?q={0}")  # the look is kept, the words are not
    assert client.get("/search").location == kept
    assert "Search proposals" in page(client, "/search?view=all")
    view = saved_views(office, "search")[0].public_id
    other = sign_in(lead)
    assert "Ropes" not in page(other, kept)
    assert [other.post(f"/views/{view}/{step}").status_code for step in ("default", "remove")] == [404, 404]
    sign_in(office)
    assert client.post(f"/views/{view}/default").location == kept
    assert client.get("/search").status_code == 200
    assert client.post(f"/views/{view}/remove").location == "/search?view=all"
    assert "Ropes" not in page(client, kept)


def test_a_narrowed_list_takes_a_fixed_number_of_statements(client, make, call, office, sign_in):
    sign_in(office)
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    counts = []
    for rounds in (1, 2):
        for _number in range(rounds):
            make.proposal(call, make.person(call.company), state=S.SUBMITTED)
        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get(f"/screening/?call={call.public_id}&person=lin").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len([one for one in seen if one.startswith("SELECT")]))
        seen.clear()
    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize("odd", ["%02x%03", "%029%03", "%00"])
def test_what_no_keyboard_writes_is_left_out(client, office, sign_in, odd):
    sign_in(office)
    assert client.get(f"/search?q=heat&person={odd}").status_code == 200
    assert client.get(f"/screening/?person={odd}").status_code == 200
