"""Pages of deadlines, families and costs: who sees what, what is answered at the field, what leaves as a file."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.home.calendar import calendar_of
from incubator.patents import jobs, services
from incubator.patents.engines.numbers import PatentKind
from incubator.patents.models import (
    CostPurpose,
    CostStage,
    Deadline,
    DeadlineDifference,
    Matter,
    MatterCost,
    MatterEvent,
    MatterEventKind,
    Office,
)
from incubator.patents.states import DeadlineState
from incubator.people.models import Role
from tests.patents.scene import Scene, application_number
from tests.patents.test_pages_cost import cost

SignIn = Callable[..., FlaskClient]
AT = "/patents/deadlines/"
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000053 00000 n \n0000000102 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n"
    b"startxref\n160\n%%EOF\n"
)


@pytest.fixture
def matter(scene: Scene) -> Matter:
    found = scene.filed(clock.today() - dt.timedelta(days=345))
    jobs.recompute()
    db.session.refresh(found)
    return found


def priority(matter: Matter) -> Deadline:
    return db.session.scalars(
        select(Deadline).where(Deadline.matter_id == matter.id, Deadline.key.endswith(".priority"))
    ).one()


def test_the_docket_shows_the_earliest_first_and_is_cut_by_its_filters(
    scene: Scene, matter: Matter, sign_in: SignIn
) -> None:
    browser = sign_in(scene.counsel)
    page = browser.get(AT).text
    assert page.index("Last day to claim the priority") < page.index("Request for examination")
    assert "Publication of the application" not in page
    assert (matter.number in page, "Gu Lan" in page, "¥2,500.00" in page) == (True, True, True)
    for query, shows in (
        ("?due=30", True), ("?due=7", False), ("?due=missed", False), ("?office=EPO", False), ("?office=Mars", True),
        (f"?counsel={scene.counsel.public_id}", True), (f"?counsel={scene.hr_a.public_id}", False),
        ("?state=done", False), ("?state=odd", True),
    ):  # fmt: skip
        assert (">Last day to claim the priority" in browser.get(AT + query).text) is shows, query
    assert "Clear filters" in browser.get(AT + "?due=7").text


def test_the_office_sees_the_day_and_not_what_it_is_about_before_publication(
    scene: Scene, matter: Matter, sign_in: SignIn
) -> None:
    page = sign_in(scene.office).get(AT).text
    assert (matter.number in page, "Heat pump" in page, "Not published yet" in page) == (True, False, True)
    one = sign_in(scene.office).get(AT + priority(matter).public_id).text
    assert ("Heat pump" in one, "Record that it was met" in one) == (False, False)
    with transaction():
        db.session.execute(update(Matter).values(published_on=clock.today()))
    assert "Heat pump" in sign_in(scene.office).get(AT).text


def test_others_find_nothing(scene: Scene, matter: Matter, sign_in: SignIn, app: Flask) -> None:
    stranger = scene.make.person(scene.make.company(), Role.IP_COUNSEL)
    assert sign_in(scene.lead).get(AT).status_code == 404
    browser = sign_in(stranger, app.test_client())
    assert matter.number not in browser.get(AT).text
    assert browser.get(AT + priority(matter).public_id).status_code == 404
    assert browser.get(f"/patents/families/{matter.family.public_id}").status_code == 404


def test_the_trace_is_readable_on_the_pages_of_deadline_and_matter(
    scene: Scene, matter: Matter, sign_in: SignIn
) -> None:
    browser = sign_in(scene.counsel)
    for page in (browser.get(AT + priority(matter).public_id).text, browser.get(f"/patents/{matter.public_id}").text):
        assert "Counted from: the priority date" in page
        assert "Period: 1 year; corresponding day, or the last day of that month" in page
        assert "The right can be asked back until this day" in page
        assert "Patent Law of the PRC, Art. 29" in page
        assert "not confirmed" in page


@pytest.mark.parametrize(
    ("due", "grace", "restore", "words"),
    [
        (-3, None, 30, "The right can be asked back, with good reason, until"),
        (-3, None, None, "Missed, and the time of grace is over."),
        (3, None, None, ""),
    ],
)
def test_a_missed_one_stays_and_says_what_can_still_be_done(
    scene: Scene, matter: Matter, sign_in: SignIn, due: int, grace: int | None, restore: int | None, words: str
) -> None:
    one = priority(matter)
    with transaction():
        later = clock.today() + dt.timedelta(days=restore) if restore is not None else None
        values = {"due_on": clock.today() + dt.timedelta(days=due), "restore_until": later, "provisional": True}
        db.session.execute(update(Deadline).where(Deadline.id == one.id).values(**values))
    browser = sign_in(scene.counsel)
    page = browser.get(AT + one.public_id).text
    assert words in page
    assert "This day is provisional" in page
    assert ("Missed" in browser.get(f"/patents/{matter.public_id}").text) is (due < 0)


def test_a_missed_fee_shows_its_surcharge(scene: Scene, sign_in: SignIn) -> None:
    filed = clock.today().replace(day=1) - dt.timedelta(days=3 * 365 + 40)
    matter = scene.filed(filed)
    scene.granted(filed + dt.timedelta(days=700), matter)
    jobs.recompute()
    one = db.session.scalars(select(Deadline).where(Deadline.year == 4)).one()
    page = sign_in(scene.counsel).get(AT + one.public_id).text
    assert "Missed. It can still be done until" in page
    assert "with a surcharge of" in page
    assert "Missed, in the time of grace" in sign_in(scene.counsel).get(AT).text


def test_counsel_acknowledges_completes_with_a_file_and_opens_again(
    scene: Scene, matter: Matter, sign_in: SignIn
) -> None:
    one, browser = priority(matter), sign_in(scene.counsel)
    at = AT + one.public_id
    assert browser.post(f"{at}/acknowledge").status_code == 303
    assert "Acknowledged by Gu Lan" in browser.get(at).text
    refused = browser.post(f"{at}/complete", data={"done_on": "2026-02-30", "evidence": "Kept"})
    assert refused.status_code == 422
    assert "There is no such day: 2026-02-30." in refused.text
    assert "Kept" in refused.text
    wrong = browser.post(
        f"{at}/complete",
        data={"done_on": clock.today().isoformat(), "evidence": "Receipt", "file": (io.BytesIO(b"MZ\x90"), "a.exe")},
    )
    assert wrong.status_code == 422
    done = browser.post(
        f"{at}/complete",
        data={"done_on": clock.today().isoformat(), "evidence": "Receipt", "file": (io.BytesIO(PDF), "receipt.pdf")},
    )
    assert done.status_code == 303
    page = browser.get(at).text
    assert ("Recorded as met by Gu Lan" in page, "receipt.pdf" in page) == (True, True)
    assert browser.get(f"{at}/file").data == PDF
    assert sign_in(scene.office).get(f"{at}/file").status_code == 404
    browser = sign_in(scene.counsel)
    assert browser.post(f"{at}/reopen", data={"reason": ""}).status_code == 422
    assert browser.post(f"{at}/reopen", data={"reason": "Wrong receipt."}).status_code == 303
    assert browser.get(f"{at}/file").status_code == 404 or one.file_id is not None


def test_two_persons_let_one_pass(scene: Scene, matter: Matter, sign_in: SignIn, app: Flask) -> None:
    at = AT + priority(matter).public_id
    counsel, office = sign_in(scene.counsel, app.test_client()), sign_in(scene.office, app.test_client())
    assert counsel.post(f"{at}/propose-drop", data={"reason": ""}).status_code == 422
    assert counsel.post(f"{at}/propose-drop", data={"reason": "No market."}).status_code == 303
    assert "Sign: let it pass" in office.get(at).text
    assert "Sign: let it pass" not in counsel.get(at).text
    assert office.post(f"{at}/refuse-drop", data={"reason": ""}).status_code == 422
    assert office.post(f"{at}/refuse-drop", data={"reason": "Wait."}).status_code == 303
    assert counsel.post(f"{at}/propose-drop", data={"reason": "No market."}).status_code == 303
    assert office.post(f"{at}/drop").status_code == 303
    assert "Let pass on purpose" in counsel.get(AT + "?state=dropped").text


def test_bulk_acknowledges_or_proposes_to_let_pass(scene: Scene, matter: Matter, sign_in: SignIn) -> None:
    ids = list(db.session.scalars(select(Deadline.public_id).where(Deadline.duty)))
    browser = sign_in(scene.counsel)
    answer = browser.post(f"{AT}bulk?due=90&state=open", data={"id": ids, "step": "acknowledge"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{AT}?due=90&state=open")
    assert db.session.scalar(select(func.count(Deadline.id)).where(Deadline.acknowledged_at.is_not(None))) == 2
    answer = browser.post(f"{AT}bulk", data={"id": ids[:1], "step": "drop", "reason": ""})
    assert (answer.status_code, "Give a reason." in answer.text) == (422, True)
    browser.post(f"{AT}bulk", data={"id": ids[:1], "step": "drop", "reason": "No market."})
    assert "1 done." in browser.get(AT).text


def test_the_docket_leaves_as_csv_and_xlsx(
    scene: Scene, matter: Matter, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(scene.counsel)
    answer = browser.get(f"{AT}export?format=csv&due=30")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert lines[0].split(",")[:5] == ["Application", "Office", "Number at the office", "Deadline", "Due on"]
    assert len(lines) == 2
    assert priority(matter).due_on.isoformat() in lines[1]
    assert browser.get(f"{AT}export?format=csv&due=30").data == answer.data
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"{AT}export?format=xlsx").data)).active
    assert sheet is not None
    assert (sheet.max_row, sheet["A2"].value) == (3, matter.number)
    monkeypatch.setattr("incubator.patents.queries.LIMIT", 1)
    assert browser.get(f"{AT}export?format=csv").status_code == 422


def test_differences_are_shown_and_applied(scene: Scene, sign_in: SignIn) -> None:
    matter = scene.filed(dt.date(2023, 3, 3))
    jobs.recompute()
    with transaction():
        services.correct(
            scene.counsel, matter, event=matter.events[0], happened_on=dt.date(2023, 3, 6),
            number=application_number(2023),
        )  # fmt: skip
    jobs.recompute()
    browser = sign_in(scene.counsel)
    page = browser.get("/patents/differences/").text
    assert "2026-03-03" in page
    assert "2026-03-06" in page
    assert "Would change when applied" in browser.get(f"/patents/{matter.public_id}").text
    first, second = db.session.scalars(select(DeadlineDifference.public_id).order_by(DeadlineDifference.id)).all()
    assert browser.post(f"/patents/differences/{first}/discard", data={"reason": ""}).status_code == 422
    assert browser.post(f"/patents/differences/{first}/discard", data={"reason": "Typing error."}).status_code == 303
    assert browser.post("/patents/differences/bulk", data={"id": [second]}).status_code == 303
    assert "Everything is as computed" in browser.get("/patents/differences/").text
    assert browser.post(f"/patents/differences/{second}/apply").status_code == 409


def test_anything_is_recorded_with_its_file(scene: Scene, matter: Matter, sign_in: SignIn) -> None:
    browser, at = sign_in(scene.counsel), f"/patents/{matter.public_id}"
    assert "What happened" in browser.get(f"{at}/record?kind=pay").text
    given: dict[str, Any] = {"kind": "pay", "happened_on": clock.today().isoformat(), "service_mode": "", "about": ""}
    refused = browser.post(f"{at}/record", data=given)
    assert refused.status_code == 422
    assert "Say for which year the fee was paid" in refused.text
    given |= {"kind": "notice", "service_mode": "electronic", "file": (io.BytesIO(PDF), "notice.pdf")}
    assert browser.post(f"{at}/record", data=given).status_code == 303
    event = db.session.scalars(select(MatterEvent).where(MatterEvent.kind == MatterEventKind.NOTICE)).one()
    assert browser.get(f"{at}/events/{event.public_id}/file").data == PDF
    assert browser.get(f"{at}/events/{matter.events[0].public_id}/file").status_code == 404
    assert "Electronically" in browser.get(at).text


def test_a_family_takes_in_one_more_application(scene: Scene, matter: Matter, sign_in: SignIn) -> None:
    browser, at = sign_in(scene.counsel), f"/patents/families/{matter.family.public_id}"
    assert "China (CNIPA)" in browser.get(at).text
    assert browser.post(at, data={"office": "EPO", "kind": "design"}).status_code == 422
    answer = browser.post(at, data={"office": "EPO", "kind": "invention"})
    assert answer.status_code == 303
    assert "Europe (EPO)" in browser.get(at).text
    scene.cleared(matter)
    filed = browser.post(
        answer.headers["Location"] + "/file", data={"happened_on": clock.today().isoformat(), "number": "EP16839078.8"}
    )
    assert filed.status_code == 303
    assert "looks wrong: 8, expected 9" in browser.get(answer.headers["Location"]).text
    wrong = browser.post(at, data={"office": "USPTO", "kind": "invention"})
    refused = browser.post(
        wrong.headers["Location"] + "/file", data={"happened_on": clock.today().isoformat(), "number": "x"}
    )
    assert "Write the number like 16/123,456." in refused.text


def test_costs_are_planned_paid_reduced_and_reversed(scene: Scene, matter: Matter, sign_in: SignIn) -> None:
    browser, at = sign_in(scene.counsel), f"/patents/{matter.public_id}"
    given = {
        "stage": "planned", "purpose": "office", "currency": "CNY", "full_amount": "1,200.00", "is_reduced": "y",
        "on_day": (clock.today() + dt.timedelta(days=40)).isoformat(), "note": "",
    }  # fmt: skip
    assert browser.post(f"{at}/reduce", data={"reduction_bp": "185", "reason": "N"}).status_code == 422
    assert browser.post(f"{at}/reduce", data={"reduction_bp": "85", "reason": "Notice 17"}).status_code == 303
    assert browser.post(f"{at}/costs", data=given | {"full_amount": "1,20"}).status_code == 422
    assert browser.post(f"{at}/costs", data=given | {"full_amount": "-1"}).status_code == 422
    assert browser.post(f"{at}/costs", data=given | {"stage": "actual"}).status_code == 422
    assert browser.post(f"{at}/costs", data=given).status_code == 303
    assert browser.post(f"{at}/costs", data=given | {"currency": "JPY", "full_amount": "5,000"}).status_code == 303
    made = db.session.scalars(select(MatterCost).order_by(MatterCost.id)).all()
    assert [(one.amount, one.full_amount, one.currency) for one in made] == [
        (18_000, 120_000, "CNY"), (750, 5_000, "JPY"),
    ]  # fmt: skip
    page = browser.get(f"{at}/costs").text
    assert ("¥180.00" in page, "of ¥1,200.00" in page, "85%" in page) == (True, True, True)
    reverse = f"{at}/costs/{made[0].public_id}/reverse"
    assert browser.post(reverse, data={"note": ""}).status_code == 422
    assert browser.post(reverse, data={"note": "Twice."}).status_code == 303
    assert browser.post(reverse, data={"note": "Twice."}).status_code == 409
    assert browser.post(f"{at}/costs/{'a' * 16}/reverse", data={"note": "x"}).status_code == 404
    assert db.session.scalar(select(func.sum(MatterCost.amount)).where(MatterCost.currency == "CNY")) == 0
    assert browser.post(f"{at}/assign", data={"counsel": "nobody"}).status_code == 422
    assert browser.post(f"{at}/assign", data={"counsel": scene.counsel.hr_number}).status_code == 303
    assert "Costs and care" in browser.get(at).text


def test_the_forecast_adds_fees_and_planned_costs_by_month_and_currency(
    scene: Scene, matter: Matter, sign_in: SignIn
) -> None:
    browser = sign_in(scene.counsel)
    assert "No fees in the next twelve months" in browser.get("/patents/forecast").text
    with transaction():
        services.add_cost(
            scene.counsel, matter, stage=CostStage.PLANNED, purpose=CostPurpose.ATTORNEY, full_amount=250_000,
            currency="EUR", on_day=clock.today() + dt.timedelta(days=60),
        )  # fmt: skip
        values = {"fee_amount": 90_000, "fee_currency": "CNY"}
        db.session.execute(update(Deadline).where(Deadline.id == priority(matter).id).values(**values))
    page = browser.get("/patents/forecast").text
    assert "CNY: ¥900 in twelve months" in page
    assert "EUR: €2,500 in twelve months" in page
    assert page.count("<svg") >= 2
    with transaction():
        overdue = {"due_on": clock.today().replace(day=1) - dt.timedelta(days=1)}
        db.session.execute(update(Deadline).where(Deadline.id == priority(matter).id).values(**overdue))
    assert "¥900 overdue" in browser.get("/patents/forecast").text


def test_the_calendar_of_its_counsel_has_the_day_and_not_the_invention(scene: Scene, matter: Matter) -> None:
    entries = [one for one in calendar_of(scene.counsel) if one.address.startswith(AT)]
    assert [(one.day, one.title) for one in entries] == [
        (priority(matter).due_on, f"{matter.number}: Last day to claim the priority of this filing")
    ]
    assert [one for one in calendar_of(scene.office) if one.address.startswith(AT)] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_a_fixed_number_of_statements(scene: Scene, sign_in: SignIn, app: Flask, rows: int) -> None:
    for number in range(rows):
        matter = scene.matter()
        with transaction():
            services.record_filing(
                scene.counsel, matter, happened_on=dt.date(2026, 3, 2),
                number=application_number(2026, serial=601862 + number),
            )  # fmt: skip
            if number:
                services.add_matter(scene.counsel, matter.family, office=Office.EPO, kind=PatentKind.INVENTION)
    jobs.recompute()
    one = db.session.scalars(select(Deadline).where(Deadline.state == DeadlineState.OPEN).limit(1)).one()
    pages = {
        AT: 3, AT + one.public_id: 5, "/patents/differences/": 2, "/patents/forecast": 2,
        f"/patents/families/{matter.family.public_id}": 4, f"/patents/{matter.public_id}": 7,
        f"/patents/{matter.public_id}/costs": 5,
    }  # fmt: skip
    browsers = {address: sign_in(scene.counsel, app.test_client()) for address in pages}
    found = {address: cost(browser, address) for address, browser in browsers.items()}
    assert found == pages
