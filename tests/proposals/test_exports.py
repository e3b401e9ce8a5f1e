"""Lists as files: in the viewer's rights, in their language, harmless to spreadsheets."""

import csv
import io

import openpyxl
import pytest
from sqlalchemy import event

from incubator.core import audit
from incubator.core.db import db
from incubator.people import access
from incubator.people.models import Role
from incubator.proposals.states import ProposalState


def table(answer) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def proposals(make, call, lead):
    bad = make.proposal(call, lead, state=ProposalState.SUBMITTED, title="=HYPERLINK(1)", asked=123_456)
    other = make.proposal(call, make.person(call.company), state=ProposalState.SCREENING, title="Heat")
    make.proposal(call, lead, title="A draft")
    make.proposal(title="Elsewhere", state=ProposalState.SUBMITTED)
    return bad, other


def test_the_office_exports_what_it_sees(client, proposals, office, sign_in, call):
    bad, other = proposals
    sign_in(office)
    answer = client.get("/screening/export.csv")
    rows = table(answer)
    company = call.company.name["en"]

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert rows[0] == [
        "Number", "Title", "State", "Company", "Proposer", "Credits asked", "Currency", "Confidentiality class",
        "Handed in",
    ]  # fmt: skip
    assert [row[:-1] for row in rows[1:]] == [
        [other.number, "Heat", "Screening", company, other.lead.name, "10000.00", "CNY", "Internal"],
        [bad.number, "'=HYPERLINK(1)", "Submitted", company, "Zhao Min", "1234.56", "CNY", "Internal"],
    ]  # fmt: skip
    assert [row[1] for row in table(client.get("/screening/export.csv?state=screening"))[1:]] == ["Heat"]

    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/screening/export.xlsx").data)).active
    assert (sheet["B3"].value, sheet["B3"].data_type, sheet["F3"].value) == ("=HYPERLINK(1)", "s", 1234.56)
    page = client.get("/screening/?state=screening").text
    assert "/screening/export.csv?state=screening" in page
    assert client.get("/screening/export.pdf").status_code == 404


def test_everybody_exports_their_own_in_their_language(client, proposals, lead, sign_in):
    sign_in(lead)
    client.set_cookie("language", "zh")
    rows = table(client.get("/proposals/export.csv"))

    assert rows[0][0] == "编号"
    assert sorted(row[1] for row in rows[1:]) == ["'=HYPERLINK(1)", "A draft"]
    assert all(row[3] == "2027 年征集" for row in rows[1:])
    assert "/proposals/export.xlsx" in client.get("/proposals/").text
    assert client.get("/screening/export.csv").status_code == 404


def test_what_is_found_is_exported_as_its_reader_may_see_it(client, make, begin, in_screening, call, lead, sign_in):
    found, draft = in_screening(title="Cooling of servers"), begin(title="Cooling of kilns")
    in_screening(title="Ice")
    chair = make.person(make.company(), Role.CHAIR)
    with make.acting():
        audit.record("test.assign", found)
        access.allow(chair.id, found, "assignment", fields=["text"])
    sign_in(lead)
    rows = table(client.get("/search/export.csv?q=cooling"))
    assert rows[0] == ["Number", "Title", "State", "Company", "Proposer", "Confidentiality class", "State since"]
    company = call.company.name["en"]
    assert [row[:-1] for row in rows[1:]] == [
        [draft.number, "Cooling of kilns", "Draft", company, "Zhao Min", "Internal"],
        [found.number, "Cooling of servers", "Screening", company, "Zhao Min", "Internal"],
    ]
    for query in (f"q={found.number.lower()}", "q=cooling&state=screening"):
        assert [row[0] for row in table(client.get(f"/search/export.csv?{query}"))[1:]] == [found.number]
    assert "/search/export.xlsx?q=cooling&amp;state=screening" in client.get("/search?q=cooling&state=screening").text
    none = [client.get(f"/search/export.{kind}").status_code for kind in ("csv", "csv?q=", "pdf?q=cooling")]
    assert none == [404] * 3
    sign_in(chair)
    rows = table(client.get("/search/export.csv?q=cooling"))
    assert [row[:-1] for row in rows[1:]] == [[found.number, "Cooling of servers", "Screening", "", "", "Internal"]]
    assert len(table(client.get("/search/export.csv?q=cooling&person=zhao"))) == 1


def test_an_export_takes_a_fixed_number_of_statements(client, make, call, office, sign_in, app):
    sign_in(office)
    seen: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    counts = []
    for _round in range(2):
        make.proposal(call, make.person(call.company, Role.REVIEWER), state=ProposalState.SUBMITTED)
        event.listen(db.engine, "before_cursor_execute", note)
        assert client.get("/screening/export.csv").status_code == 200
        event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len([one for one in seen if one.startswith("SELECT")]))
        seen.clear()
    assert counts[0] == counts[1] <= 4
