"""The pages of capital: HR, finance, holders and the board, in both languages."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from incubator.core import clock
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.equity.models import CapitalEntry, EquityTransfer, GrantValue, Issuer, OcfImport
from incubator.equity.queries import movements
from incubator.people.models import Person, Role
from tests.equity.capital import CODE, Capital
from tests.equity.scene import Scene
from tests.equity.test_views import newest, page, send

SignIn = Callable[..., FlaskClient]


def upload(text: bytes, name: str = "table.csv") -> Any:
    return (io.BytesIO(text), name)


def issuer_form(capital: Capital, **changes: str) -> dict[str, str]:
    return {
        "company": capital.scene.company.public_id, "name": "Other Ltd", "kind": "joint_stock", "size": "micro",
        "size_evidence": "Books of 2025", "size_on": "2025-12-31", "formed_on": "2020-01-01", "credit_code": "",
        "unit_en": "shares", "unit_zh": "股", "decimals": "2", "total": "1,000.50", "lock_months": "12",
        "notice_days": "30", "whole": "y", "first_refusal": "y",
    } | changes  # fmt: skip


def test_hr_registers_an_issuer(capital: Capital, sign_in: SignIn) -> None:
    browser = sign_in(capital.scene.maker)
    assert capital.issuer.name in page(browser, "/equity/issuers/")
    page(browser, "/equity/issuers/new")
    answer = send(browser, "/equity/issuers/new", 422, **issuer_form(capital, credit_code="91110000600037342L"))
    assert "Enter the 18 characters" in answer
    assert "Books of 2025" in answer
    answer = send(browser, "/equity/issuers/new", 422, **issuer_form(capital, credit_code=CODE))
    assert "Another issuer has this code" in answer
    answer = send(browser, "/equity/issuers/new", 422, **issuer_form(capital, total="1,000.505"))
    assert "at most 2 decimals" in answer
    address = send(browser, "/equity/issuers/new", **issuer_form(capital))
    made = newest(Issuer)
    assert isinstance(made, Issuer)
    assert (made.name, made.articles["lock_months"]) == ("Other Ltd", 12)
    assert "1,000.5 " in page(browser, address)
    page(browser, f"{address}/edit")
    send(browser, f"{address}/edit", **issuer_form(capital, name="Renamed Ltd", whole=""))
    assert "Renamed Ltd" in page(browser, address)
    page(browser, f"{address}/classes/new")
    klass = {"code": "preferred-a", "unit_en": "shares", "unit_zh": "股", "decimals": "0", "total": "500",
             "ratio_numerator": "2", "ratio_denominator": "1"}  # fmt: skip
    send(browser, f"{address}/classes/new", **klass)
    assert "no other class" in send(browser, f"{address}/classes/new", 422, **klass)
    assert "preferred-a" in page(browser, f"{address}?code=preferred-a")
    page(browser, f"{address}/holders/new")
    holder = {"kind": "vehicle", "name": "Partners", "credit_code": "", "representative": "nobody"}
    assert "Nobody has this HR number" in send(browser, f"{address}/holders/new", 422, **holder)
    send(browser, f"{address}/holders/new", **(holder | {"representative": capital.scene.lead.hr_number}))


def test_units_are_entered_by_one_and_signed_by_another(scene: Scene, sign_in: SignIn) -> None:
    capital = Capital(scene)
    form = f"/equity/issuers/{capital.issuer.public_id}/entries/new"
    browser = sign_in(scene.maker)
    page(browser, form)
    values = {"security": capital.security.public_id, "effective_on": "2026-01-15", "evidence": "Resolution 7",
              "holder": "nobody", "units": "10,001", "price_minor": "1.00"}  # fmt: skip
    assert "Nobody known has this" in send(browser, form, 422, **values)
    values["holder"] = scene.lead.hr_number
    assert "The class has 10,000 authorised and not issued, and you asked for 10,001" in send(
        browser, form, 422, **values
    )
    assert "fractions of a unit do not exist here" in send(browser, form, 422, **(values | {"units": "1.5"}))
    address = send(browser, form, **(values | {"units": "6,000"}))
    assert "Check every line" in page(browser, address)
    send(browser, f"{address}/submit")
    assert "Your signature is needed" not in page(browser, address)
    sign_in(scene.checker)
    assert "Your signature is needed" in page(browser, address)
    assert "Say why" in send(browser, f"{address}/refuse", 422, reason="")
    send(browser, f"{address}/approve")
    assert "6,000" in page(browser, f"/equity/issuers/{capital.issuer.public_id}")
    assert send(browser, f"{address}/correct", reason="Wrong") == address
    assert "Corrected" in page(browser, address)


def test_a_table_comes_in_whole_or_not_at_all(scene: Scene, sign_in: SignIn) -> None:
    capital = Capital(scene)
    browser = sign_in(scene.maker)
    form = f"/equity/issuers/{capital.issuer.public_id}/entries/new"
    values: dict[str, Any] = {"security": capital.security.public_id, "effective_on": "2026-01-15", "evidence": "R"}
    bad = f"Holder,Units,Price of one unit\n{scene.lead.hr_number},6000,1.00\nnobody,5,\n{CODE},0.5,\n".encode()
    answer = browser.post(form, data=values | {"file": upload(bad)})
    assert answer.status_code == 422
    assert "What is wrong with the table" in answer.text
    assert ">3<" in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(CapitalEntry)) == 0
    good = f"holder,units,price\n{scene.lead.hr_number},6000,1.00\n{capital.vehicle.name},1000,\n".encode()
    answer = browser.post(form, data=values | {"file": upload(good)})
    assert answer.status_code == 303, answer.text
    entry = newest(CapitalEntry)
    assert isinstance(entry, CapitalEntry)
    assert [(line["name"], line["units"], line["price_minor"]) for line in entry.lines] == [
        ("Zhao Min", 6_000, 100), ("Quanta Partners LP", 1_000, None),
    ]  # fmt: skip


def test_the_cap_table_leaves_and_the_same_table_can_come_in(capital: Capital, sign_in: SignIn) -> None:
    browser = sign_in(capital.scene.maker)
    address = f"/equity/issuers/{capital.issuer.public_id}/cap-table"
    book = openpyxl.load_workbook(io.BytesIO(browser.get(address).data))
    rows = [[cell.value for cell in row][:4] for row in book.worksheets[0].iter_rows(min_row=2)]
    assert [row[0] for row in rows] == ["Zhao Min", "Wu Han", "Quanta Partners LP"]
    assert [row[2] for row in rows] == ["6000", "3000", "1000"]
    assert [float(row[3]) for row in rows] == [0.6, 0.3, 0.1]
    assert "Zhao Min" in browser.get(f"{address}?format=csv&on=2024-02-01").text
    assert "Zhao Min" not in browser.get(f"{address}?format=csv&on=2024-01-01").text


def test_a_round_is_computed_and_nothing_stored(capital: Capital, sign_in: SignIn) -> None:
    browser = sign_in(capital.finance)
    address = f"/equity/issuers/{capital.issuer.public_id}/rounds"
    assert "No round yet" in page(browser, address)
    query = "?pre_money=10%2C000.00&new_money=2%2C000.00&pool=10&pool_from=before"
    text = page(browser, address + query)
    assert "16.66%" in text
    assert "leave nothing for the holders" in page(browser, f"{address}?pre_money=100&new_money=900&pool=20")
    assert "Enter a percentage" in page(browser, f"{address}?pre_money=100&pool=x")
    assert browser.get(f"{address}/export{query}&format=xlsx").data.startswith(b"PK")
    assert "New investor" in browser.get(f"{address}/export{query}&format=csv").text
    assert newest(AuditEvent).name == "round.export"


def test_a_transfer_goes_through_in_the_browser(capital: Capital, sign_in: SignIn) -> None:
    scene, appraisal = capital.scene, capital.appraisal()
    browser = sign_in(scene.lead)
    assert "What you can sell" in page(browser, "/equity/transfers/")
    form = f"/equity/transfers/new?class={capital.security.public_id}"
    page(browser, form)
    values = {"buyer": "nobody", "units": "600", "price_minor": "2.00", "payment": "Cash",
              "complete_by": (clock.today() + dt.timedelta(days=60)).isoformat()}  # fmt: skip
    assert "Nobody known has this" in send(browser, form, 422, **values)
    values["buyer"] = capital.buyer.name
    assert "There are not so many units" in send(browser, form, 422, **(values | {"units": "6,001"}))
    address = send(browser, form, **values)
    transfer = newest(EquityTransfer)
    assert isinstance(transfer, EquityTransfer)
    sign_in(scene.maker)
    assert "give notice" in page(browser, address)
    send(browser, f"{address}/notice")
    sign_in(scene.member)
    assert "You come first" in page(browser, address)
    mine = f"{address}/answers/{transfer.answers[0].public_id}"
    assert "Enter how many units you take" in send(browser, mine, 422, takes="take", wanted="")
    assert "Choose one" in send(browser, mine, 422)
    send(browser, mine, takes="take", wanted="600")
    sign_in(scene.auditor)
    assert "Wu Han" not in page(browser, address)
    send(browser, f"{address}/answers/{transfer.answers[1].public_id}", takes="waive")
    sign_in(scene.maker)
    assert "Hold the price" in page(browser, address)
    send(browser, f"{address}/price", appraisal=appraisal.public_id)
    assert "Your signature is needed" not in page(browser, address)
    sign_in(scene.checker)
    assert "Your signature is needed" in page(browser, address)
    send(browser, f"{address}/approve")
    assert "Name the payment" in send(browser, f"{address}/settle", 422, settled_on=clock.today().isoformat())
    send(browser, f"{address}/settle", settled_on=clock.today().isoformat(), payment_reference="PAY-7")
    sign_in(scene.lead)
    assert "Settled" in page(browser, address)
    page(browser, f"/equity/transfers/{'a' * 16}", 404)
    page(browser, f"/equity/transfers/new?class={'a' * 16}", 404)


def test_an_appraisal_is_signed_by_hr_and_finance(capital: Capital, sign_in: SignIn) -> None:
    browser = sign_in(capital.scene.maker)
    form = f"/equity/issuers/{capital.issuer.public_id}/appraisals/new"
    page(browser, form)
    values = {"security": capital.security.public_id, "appraised_on": "2026-10-31", "value_minor": "20,000.00",
              "unit_minor": "2.00", "method": "income", "firm": "Zhonghe", "filing_number": "F-1",
              "valid_months": "12"}  # fmt: skip
    assert "This day has not come yet" in send(browser, form, 422, **(values | {"appraised_on": "2999-01-01"}))
    address = send(browser, form, **values)
    for person in (capital.scene.checker, capital.finance):
        sign_in(person)
        assert "Your signature is needed" in page(browser, address)
        send(browser, f"{address}/approve")
    assert "Approved" in page(browser, address)
    with clock.travelled(clock.now() + dt.timedelta(days=500)):
        sign_in(capital.finance)
        assert "nothing is priced by it any more" in page(browser, address)


def test_finance_values_a_grant_and_books_its_expense(scene: Scene, sign_in: SignIn) -> None:
    grant = scene.live(scene.plan(), units=1_200, granted_on=dt.date(2026, 3, 31), starts_on=dt.date(2026, 3, 31))
    finance = scene.make.person(scene.company, Role.FINANCE)
    browser = sign_in(finance)
    assert "not recorded" in page(browser, "/equity/expense")
    form = f"/equity/expense/{grant.public_id}"
    page(browser, form)
    values = {"spot": "0", "rate": "10", "volatility": "20", "dividend": "0", "months": "6", "forfeiture": "0",
              "basis": "Curve of 31 March", "appraised": ""}  # fmt: skip
    assert "Enter a price above 0" in send(browser, form, 422, **values)
    send(browser, form, **(values | {"spot": "42", "appraised": "10.00"}))
    value = newest(GrantValue)
    assert isinstance(value, GrantValue)
    assert (value.value_millionths, value.source) == (10_000_000, "appraiser")
    text = page(browser, "/equity/expense")
    assert text.count("¥12,000.00") == 0
    rows = browser.get("/equity/expense/export?format=csv").text.splitlines()
    years = {row.split(",")[2][:4]: row.split(",")[4] for row in rows[1:]}
    assert years["2026"] == "4704.30"  # (9 months + 1 of 31 days) of 12, of 6,250.00
    assert browser.get("/equity/expense/export?by=month&year=2026&format=xlsx").data.startswith(b"PK")
    page(browser, "/equity/expense?by=month")
    page(browser, form)


def test_a_leavers_cost_is_given_back(scene: Scene) -> None:
    from fractions import Fraction

    from incubator.equity.engines import expense
    from incubator.equity.models import Movement
    from incubator.equity.services import accounting

    grant = scene.live(scene.plan(), units=1_200, granted_on=dt.date(2026, 3, 31), starts_on=dt.date(2026, 3, 31))
    before = accounting.tranches_of(grant, accounting.logs_of([grant])[grant.id])
    assert [tranche.units for tranche in before] == [300] * 4

    class Stop:
        kind, quantity, effective_on = Movement.CANCELLATION, -900, dt.date(2027, 6, 30)
        details = {"stops": True, "unvested": True}

    after = accounting.tranches_of(grant, [*accounting.logs_of([grant])[grant.id], Stop()])
    years = expense.years(dt.date(2026, 1, 1), dt.date(2029, 12, 31))
    costs = [period.minor for period in expense.by_period(after, years, value=Fraction(1_000))]
    assert sum(costs) == 300 * 1_000
    assert costs[1] < 0


def test_the_board_sees_totals_and_no_names(capital: Capital, sign_in: SignIn) -> None:
    scene = capital.scene
    scene.live(scene.plan())
    director, chair = (scene.make.person(scene.company, role) for role in (Role.BOARD, Role.CHAIR))
    text = page(sign_in(director), "/equity/board")
    assert "600,000" in text
    assert scene.lead.name not in text
    for other in (scene.member, chair):  # who judges proposals sees no pay
        page(sign_in(other), "/equity/board", 404)


def test_files_of_the_open_cap_format_leave_and_come_in(capital: Capital, sign_in: SignIn) -> None:
    scene = capital.scene
    browser = sign_in(scene.maker)
    address = f"/equity/issuers/{capital.issuer.public_id}"
    assert "Interests of a limited company" in page(browser, f"{address}/exchange")
    assert browser.get(f"{address}/ocf").data.startswith(b"PK")
    answer = browser.post(f"{address}/exchange", data={"file": upload(b"rubbish", "a.json")})
    assert (answer.status_code, "cannot be read" in answer.text) == (422, True)
    good = (b'{"items": [{"object_type": "STAKEHOLDER", "id": "s", "name": {"legal_name": "Fund"},'
            b' "stakeholder_type": "INSTITUTION"}]}')  # fmt: skip
    answer = browser.post(f"{address}/exchange", data={"file": upload(good, "a.json")})
    found = newest(OcfImport)
    assert isinstance(found, OcfImport)
    there = f"/equity/imports/{found.public_id}"
    assert answer.headers["Location"] == there
    page(browser, there)
    send(browser, f"{there}/submit")
    sign_in(scene.checker)
    assert "Your signature is needed" in page(browser, there)
    assert "Say why" in send(browser, f"{there}/refuse", 422, reason="")
    send(browser, f"{there}/approve")
    assert "Applied" in page(browser, there)


def test_hr_says_who_holds_for_the_state(capital: Capital, sign_in: SignIn) -> None:
    at = f"/equity/issuers/{capital.issuer.public_id}/holders/{capital.vehicle.public_id}"
    browser = sign_in(capital.scene.maker)
    assert send(browser, f"{at}/state", is_state="yes") == at
    assert "Does not hold for the state" in page(browser, at)
    assert capital.vehicle.is_state
    send(browser, f"/equity/issuers/{capital.issuer.public_id}/holders/{capital.scene.lead.public_id}/state", 422,
         is_state="yes")  # fmt: skip


@pytest.mark.parametrize("count", [1, 3])
def test_lists_have_a_fixed_number_of_queries(scene: Scene, sign_in: SignIn, count: int) -> None:
    capital = Capital(scene)
    for n in range(count):
        capital.issued((capital.holder(f"Holder {n}"), 10))
        capital.issued((scene.lead, 20))
        capital.noticed(units=1)
    browser = sign_in(scene.maker)
    issuer = f"/equity/issuers/{capital.issuer.public_id}"
    addresses = ("/equity/issuers/", issuer, f"{issuer}?on=2025-01-01", "/equity/transfers/", "/equity/board",
                 f"{issuer}/classes/{capital.security.public_id}",
                 f"{issuer}/holders/{scene.lead.public_id}")  # fmt: skip
    counts = [len(statements(browser, address)) for address in addresses]
    assert counts == EXPECTED_COUNTS


EXPECTED_COUNTS = [2, 5, 5, 3, 5, 7, 6]


def test_the_register_is_read_by_class_and_by_holder_and_leaves_as_a_table(
    capital: Capital, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = capital.scene
    capital.settled(capital.approved(capital.answered(capital.noticed(), 600, 600)))
    browser = sign_in(capital.finance)
    issuer = f"/equity/issuers/{capital.issuer.public_id}"
    of_class = f"{issuer}/classes/{capital.security.public_id}"
    shown = page(browser, of_class)
    assert [shown.count(words) for words in ("Transferred", "Balance carried over", "-5,400")] == [3, 2, 1]
    assert f"{of_class}?year={clock.today().year}" in shown
    assert "Transferred" not in page(browser, f"{of_class}?year=2024")
    book = openpyxl.load_workbook(io.BytesIO(browser.get(f"{of_class}/register?format=xlsx").data)).active
    assert book is not None
    rows = list(book.iter_rows(values_only=True))
    assert [(row[2], row[4], row[7]) for row in rows[1:4]] == [
        ("issuance", "Zhao Min", "6000"), ("issuance", "Wu Han", "3000"), ("issuance", "Quanta Partners LP", "1000"),
    ]  # fmt: skip
    assert len(rows) == 9
    assert browser.get(f"{of_class}/register?year=2024&format=csv").text.count("issuance") == 3
    monkeypatch.setattr(movements, "MOST_EXPORTED", 3)
    assert browser.get(f"{of_class}/register").status_code == 422
    holder = page(browser, f"{issuer}/holders/{scene.lead.public_id}")
    assert ("54%" in holder, scene.lead.hr_number in holder, "Wu Han" in holder) == (True, True, False)
    vehicle = page(browser, f"{issuer}/holders/{capital.vehicle.public_id}")
    assert ("Holding vehicle" in vehicle, scene.auditor.name in vehicle) == (True, True)
    monkeypatch.setattr(movements, "PAGE", 3)
    after = movements.page_of(movements.of_class(capital.security), "").after
    older = page(browser, f"{of_class}?after={after}")
    assert ("Newest" in older, older.count('class="t nw"')) == (True, 3)
    for nothing in (f"{of_class}x", f"{issuer}/holders/nobody", f"{issuer}/holders/{capital.finance.public_id}"):
        assert browser.get(nothing).status_code == 404
    sign_in(scene.member)
    assert browser.get(of_class).status_code == 404


def statements(browser: FlaskClient, address: str) -> list[str]:
    """What a page asks the database, without savepoints and settings."""
    page(browser, address)
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        page(browser, address)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return seen


def test_pages_speak_chinese(capital: Capital, sign_in: SignIn) -> None:
    scene: Scene = capital.scene
    with_zh: Person = scene.make.person(scene.company, Role.HR, Role.FINANCE, name="宋佳", language="zh")
    browser = sign_in(with_zh)
    for address, words in (
        ("/equity/issuers/", "资本"),
        (f"/equity/issuers/{capital.issuer.public_id}", "股权结构表"),
        (f"/equity/issuers/{capital.issuer.public_id}/classes/{capital.security.public_id}", "权益登记簿"),
        ("/equity/transfers/", "转让"),
        ("/equity/expense", "股权激励成本"),
        ("/equity/board", "董事会"),
    ):
        assert words in page(browser, address)
