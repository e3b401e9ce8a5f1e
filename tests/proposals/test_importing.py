"""Drafts from a table with a team and files: planned first, made all or none, by a page and by a command."""

import io
import zipfile

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from incubator.calls.states import CallState
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import Invalid, NotAllowed, WrongState
from incubator.core.transaction import transaction
from incubator.proposals import queries, services
from incubator.proposals.commands import import_proposals
from incubator.proposals.models import Proposal
from incubator.proposals.services.lines import Plan, from_folder, plan, unpack
from tests.proposals.test_file_fields import PDF

HEAD = "lead,title,theme,asked,lang,team,files,Problem and customer"


@pytest.fixture
def mate(make, call):
    return make.person(call.company, name="Gao Yu")


def table(*lines, head=HEAD):
    return "\n".join((head, *lines)).encode()


def packed(data):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("idea/proposals.csv", data)
        archive.writestr("idea/a.pdf", PDF)
    return made.getvalue()


def squeezed(kind, *more):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", kind) as archive:
        for name in ("proposals.csv", "a/a.pdf", *more):
            archive.writestr(name, bytes(n * n % 251 for n in range(5_000)))
    return made.getvalue()


@pytest.fixture
def line(lead, mate):
    return f'{lead.hr_number},Heat,Clean energy,"240,000",en,{mate.hr_number}: 40: Pumps,a.pdf,It is lost'


def test_a_table_makes_drafts_that_are_the_proposers(call, lead, mate, office, line):
    found = plan(call, *unpack(packed(table(line)), "in.zip"))
    assert found.faults == []
    with pytest.raises(NotAllowed), transaction():
        services.import_drafts(lead, call, plan=found)
    with transaction():
        [draft] = services.import_drafts(office, call, plan=found)
    version = queries.newest(draft)
    assert (draft.state, draft.lead, draft.asked, draft.theme) == ("draft", lead, 24_000_000, call.themes[0].theme)
    assert (version.answers, version.author) == ({"problem": "It is lost"}, office)
    assert {(one.person.name, one.share_bp, one.consent.value) for one in draft.team} == {
        ("Zhao Min", 6_000, "accepted"), ("Gao Yu", 4_000, "asked"),
    }  # fmt: skip
    assert [one.file.name for one in queries.attachments(draft, version)] == ["a.pdf"]
    actor = select(AuditEvent.actor_id).where(AuditEvent.name == "proposal.create", AuditEvent.subject_id == draft.id)
    assert db.session.scalar(actor) == office.id


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("X9,Heat,,,en,,,", "HR number of the proposer"),
        ("{lead},Heat,Nowhere,,en,,,", "Theme"),
        ("{lead},Heat,,,en,{mate},,", "Team"),
        ("{lead},Heat,,,en,{mate}: 100,,", "Team"),
        ("{lead},Heat,,,en,{lead}: 10,,", "Team"),
        ("{lead},Heat,,,en,{mate}: x,,", "Team"),
        ("{lead},Heat,,,en,,b.pdf,", "Files"),
        ("{lead},Heat,,,en,,odd=a.pdf,", "Files"),
        ("{lead},Heat,,much,en,,,", "asked"),
        ("{lead},Heat,,0,en,,,", "Cloud credits asked"),
        ("{lead},Heat,,-5,en,,,", "Cloud credits asked"),
        ("{lead},Heat,,10000000000001,en,,,", "asked"),
        ("{lead},Heat,,,fr,,,", "lang"),
    ],
)
def test_every_fault_names_its_line_and_column(call, lead, mate, cells, column):
    line = cells.format(lead=lead.hr_number, mate=mate.hr_number)
    found = plan(call, table(line), "t.csv", {"a.pdf": PDF})
    assert [(one.line, one.column) for one in found.faults] == [(2, column)]


def test_all_faults_of_all_lines_are_told_at_once(call, lead):
    lines = ("X9,Heat,Nowhere,0,en,,b.pdf,", f"{lead.hr_number},Heat,,,en,,,", f"{lead.hr_number},Heat,,much,en,,,")
    found = plan(call, table(*lines), "t.csv", {})
    assert [one.line for one in found.faults] == [2, 2, 2, 2, 4]
    assert {one.column for one in found.faults[:4]} == {
        "HR number of the proposer", "Theme", "Cloud credits asked", "Files",
    }  # fmt: skip


def test_a_call_elsewhere_or_closed_takes_none(call, office, make, lead, line):
    elsewhere = make.person(name="Far Away")
    assert plan(call, table(f"{elsewhere.hr_number},Heat,,,en,,,"), "t.csv", {}).faults[0].line == 2
    with pytest.raises(Invalid, match="names no proposal"):
        plan(call, table(), "t.csv", {})
    with pytest.raises(Invalid, match="At most"):
        plan(call, table(*[f"{lead.hr_number},Heat,,,en,,,"] * 201), "t.csv", {})
    with pytest.raises(Invalid), transaction():
        services.import_drafts(office, call, plan=plan(call, table("X9,Heat,,,en,,,"), "t.csv", {}))
    closed = make.call(call.company, state=CallState.CLOSED)
    with pytest.raises(WrongState), transaction():
        services.import_drafts(office, closed, plan=Plan())


def test_what_is_no_folder_is_refused():
    for data, name in ((b"PK\x03\x04broken", "in.zip"), (packed(b"x")[:60], "in.zip")):
        with pytest.raises(Invalid) as refused:
            unpack(data, name)
        assert refused.value.field == "file"
    for kind in (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA):
        made = squeezed(kind)
        for damaged in (made[:60] + bytes(20) + made[80:], made[:60] + bytes([255] * 20) + made[80:]):
            with pytest.raises(Invalid) as refused:
                unpack(damaged, "in.zip")
            assert refused.value.field == "file"
    with pytest.raises(Invalid, match="Two files are called") as refused:
        unpack(squeezed(zipfile.ZIP_STORED, "b/a.pdf"), "in.zip")
    assert refused.value.field == "file"
    with pytest.raises(Invalid, match="One table"):
        from_folder({"a.pdf": PDF})


def test_the_pages(client, call, lead, office, line, sign_in):
    sign_in(office)
    at = f"/calls/{call.public_id}/import"
    assert "Empty table" in client.get(at).text
    assert client.get(f"{at}.xlsx").data[:2] == b"PK"
    assert client.post(at, data={"what": "look"}).status_code == 422

    def send(data, what):
        return client.post(at, data={"file": (io.BytesIO(data), "in.zip"), "what": what})

    faulty = send(packed(table("X9,Heat,,,en,,,")), "make")
    assert (faulty.status_code, "Nobody who works here" in faulty.text) == (422, True)
    looked = send(packed(table(line)), "look")
    assert (looked.status_code, "1 draft would be made" in looked.text) == (200, True)
    assert db.session.scalar(select(func.count(Proposal.id))) == 0
    assert send(packed(table(line)), "make").location == f"/calls/{call.public_id}"
    assert db.session.scalar(select(func.count(Proposal.id))) == 1
    assert sign_in(lead).get(at).status_code == 404


def test_the_command(call, office, line, tmp_path):
    (tmp_path / "proposals.csv").write_bytes(table(line))
    (tmp_path / "a.pdf").write_bytes(PDF)
    arguments = [str(tmp_path), "--call", call.public_id, "--by"]
    told = CliRunner().invoke(import_proposals, [*arguments, office.hr_number])
    assert told.output == "drafts made: 1\n"
    assert "no such person" in CliRunner().invoke(import_proposals, [*arguments, "X9"]).output
    (tmp_path / "a.pdf").unlink()
    refused = CliRunner().invoke(import_proposals, [*arguments, office.hr_number])
    assert (refused.exit_code, "did not come along" in refused.output) == (1, True)
