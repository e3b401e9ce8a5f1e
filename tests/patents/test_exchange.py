"""Files in: inventions and applications out of tables, families out of XML; looked at first, applied in one step."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select

from incubator.core.db import db
from incubator.core.errors import DomainError, Invalid, NotAllowed
from incubator.core.transaction import transaction
from incubator.patents import services
from incubator.patents.models import Award, Disclosure, ImportKind, Matter, PatentImport
from incubator.patents.services import exchange
from incubator.patents.states import MatterState
from incubator.proposals.models import Consent
from tests.patents.engines.test_family_files import CNIPA, OPS
from tests.patents.scene import Scene, application_number

SignIn = Callable[..., FlaskClient]
HEAD = ("reference", "venture", "title", "problem", "solution", "inventors")


def book(*rows: tuple[Any, ...]) -> bytes:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    made = io.BytesIO()
    workbook.save(made)
    return made.getvalue()


def received(scene: Scene, kind: ImportKind, data: bytes, name: str, disclosure: Any = None) -> PatentImport:
    with transaction():
        return exchange.receive(scene.counsel, disclosure, kind=kind, data=data, name=name)


def applied(scene: Scene, record: PatentImport) -> list[str]:
    with transaction():
        services.apply_import(scene.counsel, record)
    return [row[2] for row in record.report or []]


def refusal(call: Any) -> tuple[type, str | None, str]:
    with pytest.raises(DomainError) as caught, transaction():
        call()
    return type(caught.value), caught.value.field, str(caught.value.message)


def line(scene: Scene, reference: str = "R-1", **changes: Any) -> tuple[Any, ...]:
    inventors = f"{scene.lead.hr_number}: 60; {scene.mate.hr_number}：40%"
    row = dict(zip(HEAD, (reference, scene.venture.number, "A pump", "Heat", "Lift it", inventors), strict=True))
    return tuple((row | changes).values())


def test_inventions_are_made_once_and_their_inventors_asked(scene: Scene) -> None:
    data = book(HEAD, line(scene), line(scene, "R-2", title="A valve"))
    record = received(scene, ImportKind.DISCLOSURES, data, "inventions.xlsx")
    assert [item.outcome for item in exchange.planned(scene.counsel, record).items] == ["new", "new"]
    assert db.session.scalar(select(func.count(Disclosure.id))) == 0
    assert applied(scene, record) == ["new", "new"]
    made = db.session.scalars(select(Disclosure).order_by(Disclosure.id)).all()
    assert [(one.title, one.reference, one.author_id) for one in made] == [
        ("A pump", "R-1", scene.lead.id), ("A valve", "R-2", scene.lead.id),
    ]  # fmt: skip
    assert [(share.share_bp, share.consent) for share in made[0].shares] == [
        (6000, Consent.ASKED), (4000, Consent.ASKED),
    ]  # fmt: skip
    assert applied(scene, record) == ["new", "new"]  # a second time nothing more
    again = received(scene, ImportKind.DISCLOSURES, data, "again.xlsx")
    assert applied(scene, again) == ["known", "known"]
    assert db.session.scalar(select(func.count(Disclosure.id))) == 2


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        ({"inventors": "000001: 60; 000002: 39.99"}, "inventors", "Nobody here has the HR number"),
        ({"inventors": "half"}, "inventors", "Write HR numbers with their shares"),
        ({"venture": "V-NONE"}, "venture", "There is no venture V-NONE in your care."),
        ({"title": "=1+1"}, "title", "A formula stands here. Put its value in its place."),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_is_applied(
    scene: Scene, changes: dict[str, Any], column: str, words: str
) -> None:
    if "000001" in str(changes):
        changes = {"inventors": "999999999: 60; 2: 39.99"}
    record = received(scene, ImportKind.DISCLOSURES, book(HEAD, line(scene, **changes), line(scene, "R-2")), "a.xlsx")
    (error,) = exchange.planned(scene.counsel, record).errors
    assert (error.line, error.column, words in error.message) == (2, column, True)
    kind, field, _words = refusal(lambda: services.apply_import(scene.counsel, record))
    assert (kind, field, db.session.scalar(select(func.count(Disclosure.id)))) == (Invalid, "file", 0)


def test_shares_of_99_99_and_a_30_february_say_what_would_be_right(scene: Scene) -> None:
    short = f"{scene.lead.hr_number}: 60; {scene.mate.hr_number}: 39.99"
    rows = [(*HEAD, "published_on"), (*line(scene, inventors=short), ""), (*line(scene, "R-2"), "2026-02-30")]
    record = received(scene, ImportKind.DISCLOSURES, book(*rows, (*line(scene, "R-1"), "")), "a.xlsx")
    errors = exchange.planned(scene.counsel, record).errors
    assert [(one.line, one.message) for one in errors] == [
        (2, "The shares sum to 99.99 %. They must sum to exactly 100.00 %."),
        (3, "Enter a day such as 2026-11-24"),
        (4, "This reference stands twice in the file."),
    ]


def matters(*rows: str) -> bytes:
    return "\n".join(["invention,office,kind,number,filed_on,published_on,granted_on", *rows]).encode()


def test_applications_are_entered_and_completed_with_their_award(scene: Scene) -> None:
    prepared = scene.matter()
    number, invention = application_number(), prepared.disclosure.number
    first = received(
        scene, ImportKind.MATTERS, matters(f"{invention},CNIPA,invention,{number},2023-03-01,2024-09-03,"), "m.csv"
    )
    assert applied(scene, first) == ["new"]
    assert (prepared.state, prepared.application_number) == (MatterState.PUBLISHED, number)
    data = matters(f"{invention},CNIPA,invention,ZL{number},2023-03-01,2024-09-03,2025-06-03")
    second = received(scene, ImportKind.MATTERS, data, "m.csv")
    assert applied(scene, second) == ["more"]
    assert db.session.scalars(select(Award.matter_id)).all() == [prepared.id]
    assert applied(scene, received(scene, ImportKind.MATTERS, data, "m.csv")) == ["known"]
    assert db.session.scalar(select(func.count(Matter.id))) == 1


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("{n},CNIPA,invention,201710601862.4,2017-03-01,,", "number", "it would be 3, as in 201710601862.3"),
        ("{n},CNIPA,design,{a},2023-03-01,,", "kind", "This number is of another kind of patent."),
        ("{n},CNIPA,invention,{a},2023-03-01,,2023-02-01", "granted_on", "This day lies before the filing"),
        ("I-NONE,CNIPA,invention,{a},2023-03-01,,", "invention", "There is no invention I-NONE in your care."),
        ("{u},CNIPA,invention,{a},2023-03-01,,", "invention", "It is not decided yet that"),
        ("{n},JPO,invention,1,2023-03-01,,", "office", "Choose one of: CNIPA, WIPO, EPO or USPTO"),
    ],
)
def test_what_is_wrong_with_an_application_is_named(scene: Scene, row: str, column: str, words: str) -> None:
    known = {"n": scene.matter().disclosure.number, "u": scene.taken_up().number, "a": application_number()}
    record = received(scene, ImportKind.MATTERS, matters(row.format(**known)), "m.csv")
    (error,) = exchange.planned(scene.counsel, record).errors
    assert (error.line, error.column, words in error.message) == (2, column, True)


def test_a_number_of_another_invention_is_refused_and_a_line_that_fails_undoes_all(scene: Scene) -> None:
    filed, other = scene.filed(), scene.matter()
    row = f"{other.disclosure.number},CNIPA,invention,{filed.application_number},2023-03-01,,"
    (error,) = exchange.planned(
        scene.counsel, received(scene, ImportKind.MATTERS, matters(row), "m.csv")
    ).errors  # fmt: skip
    assert error.message == "This number stands for another application already."
    number = application_number(serial=700001)
    rows = [f"{other.disclosure.number},CNIPA,invention,{number},2023-03-01,,",
            f"{other.disclosure.number},EPO,invention,EP16839078.9,2023-08-01,,"]  # fmt: skip
    record = received(scene, ImportKind.MATTERS, matters(*rows), "m.csv")
    kind, _field, words = refusal(lambda: services.apply_import(scene.counsel, record))
    assert (kind, words.startswith("Line 3 (")) == (Invalid, True)
    assert "security review" in words


def test_a_family_is_read_from_the_files_of_the_offices(scene: Scene) -> None:
    disclosure = scene.matter(scene.assessed_abroad()).disclosure
    record = received(scene, ImportKind.FAMILY, OPS, "family.xml", disclosure)
    assert applied(scene, record) == ["new", "new", "new", "new", "passed"]
    found = db.session.scalars(select(Matter).order_by(Matter.id)).all()
    assert [(one.office, one.application_number, one.state) for one in found] == [
        ("CNIPA", "201710601862.3", MatterState.GRANTED), ("USPTO", "US16/123456", MatterState.PUBLISHED),
        ("WIPO", "PCT/CN2018/096543", MatterState.FILED), ("EPO", "EP16839078.9", MatterState.FILED),
    ]  # fmt: skip
    again = received(scene, ImportKind.FAMILY, CNIPA, "cn.xml", disclosure)
    assert applied(scene, again) == ["known"]
    bad = lambda data: exchange.receive(scene.counsel, disclosure, kind=ImportKind.FAMILY, data=data, name="x.xml")  # noqa: E731
    assert refusal(lambda: bad(b"<a/>"))[:2] == (Invalid, "file")
    assert refusal(lambda: bad(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"))[:2] == (Invalid, "file")
    assert refusal(lambda: bad(None))[:2] == (Invalid, "file")
    stranger = scene.make.person(scene.company)
    call = lambda: exchange.receive(stranger, disclosure, kind=ImportKind.FAMILY, data=OPS, name="x.xml")  # noqa: E731
    assert refusal(call)[0] is NotAllowed


def test_by_clicking(scene: Scene, sign_in: SignIn) -> None:
    browser = sign_in(scene.counsel)
    assert browser.get("/patents/imports/").status_code == 200
    for kind in ("disclosures", "matters"):
        assert browser.get(f"/patents/imports/template/{kind}.xlsx").data[:2] == b"PK"

    def post(data: bytes, name: str, **fields: str) -> Any:
        sent = {"file": (io.BytesIO(data), name)} | fields
        return browser.post("/patents/imports/", data=sent, content_type="multipart/form-data")

    assert post(b"", "", kind="disclosures").status_code == 422
    assert post(OPS, "family.xml", kind="family", invention="I-NONE").status_code == 422
    faulty = post(book(HEAD, line(scene, title="=1+1")), "a.xlsx", kind="disclosures").headers["Location"]
    assert "A formula stands here" in browser.get(faulty).get_data(as_text=True)
    assert browser.post(f"{faulty}/apply").status_code == 422
    good = post(book(HEAD, line(scene)), "b.xlsx", kind="disclosures").headers["Location"]
    assert "Apply all of it" in browser.get(good).get_data(as_text=True)
    assert browser.post(f"{good}/apply").status_code == 303
    assert "What came of each line" in browser.get(good).get_data(as_text=True)
    other = sign_in(scene.make.person(scene.company))
    assert [other.get(one).status_code for one in ("/patents/imports/", good)] == [404, 404]
