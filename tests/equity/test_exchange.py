"""An issuer as a file of the Open Cap Format, and such a file coming in: dry run, difference, a second person."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from incubator.core import audit, clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.equity import queries, services
from incubator.equity.engines.ocf import Left, canonical, errors_of, pack, unpack
from incubator.equity.engines.vesting import read as read_graph
from incubator.equity.engines.vesting import timeline
from incubator.equity.models import EquityGrant, EquityHolder, Instrument, Movement, OcfObject
from incubator.equity.services import arrived, exchange, register, transfers
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM
from tests.equity.capital import Capital
from tests.equity.scene import Scene, doing


def refusal(call: Any) -> tuple[str, str | None, str]:
    with pytest.raises(DomainError) as caught:
        doing(call)
    return caught.value.code, caught.value.field, str(caught.value.message)


def file_of(*items: dict[str, Any]) -> bytes:
    return json.dumps({"file_type": "OCF_TRANSACTIONS_FILE", "items": items}).encode()


HOLDER = {"object_type": "STAKEHOLDER", "id": "stk", "name": {"legal_name": "Hydra Fund"},
          "stakeholder_type": "INSTITUTION"}  # fmt: skip
CLASS = {"object_type": "STOCK_CLASS", "id": "cls", "name": "Series A", "class_type": "PREFERRED",
         "default_id_prefix": "A-", "initial_shares_authorized": "1000.00", "votes_per_share": "1",
         "seniority": "2"}  # fmt: skip
ISSUED = {"object_type": "TX_STOCK_ISSUANCE", "id": "iss", "security_id": "sec", "date": "2026-01-15",
          "custom_id": "A-1", "stakeholder_id": "stk", "stock_class_id": "cls", "quantity": "12.50",
          "share_price": {"amount": "1.20", "currency": "CNY"}, "stock_legend_ids": [],
          "security_law_exemptions": []}  # fmt: skip
WARRANT = {"object_type": "TX_WARRANT_CANCELLATION", "id": "war", "security_id": "w", "date": "2026-01-15",
           "quantity": "5", "reason_text": "gone"}  # fmt: skip


def joint_stock(scene: Scene) -> Capital:
    return Capital(scene, kind="joint_stock", lock_months=12).founded()


def test_a_limited_companys_interests_stay_here(capital: Capital) -> None:
    data, left = exchange.export(capital.issuer)
    issuer, *items = unpack(data)
    assert errors_of([issuer, *items]) == []
    assert {item["object_type"] for item in items} == {"STAKEHOLDER"}
    assert [found.why for found in left] == [Left.INTEREST]


def test_a_settled_transfer_leaves_as_the_format_says_it(scene: Scene) -> None:
    capital = joint_stock(scene)
    transfer = capital.settled(capital.approved(capital.noticed()))
    data, left = exchange.export(capital.issuer)
    issuer, *items = unpack(data)
    assert errors_of([issuer, *items]) == []
    moved = next(item for item in items if item["object_type"] == "TX_STOCK_TRANSFER")
    issued = {item["security_id"]: item for item in items if item["object_type"] == "TX_STOCK_ISSUANCE"}
    assert moved["quantity"] == "600"
    assert [issued[key]["quantity"] for key in moved["resulting_security_ids"]] == ["600"]
    assert issued[moved["balance_security_id"]]["quantity"] == "5400"
    assert {(found.why, found.key) for found in left} == {
        (Left.APPRAISAL, queries.appraisals_of(capital.issuer)[0].public_id),
        (Left.LOCK, capital.issuer.public_id), (Left.FIRST_REFUSAL, transfer.public_id),
    }  # fmt: skip


def test_grants_leave_with_their_plan(scene: Scene) -> None:
    scene.live(scene.plan(issuer_kind="joint_stock"))
    issuer = db.session.scalars(db.select(queries.capital.Issuer)).one()
    items = unpack(exchange.export(issuer)[0])
    assert errors_of(items) == []
    granted = next(item for item in items if item["object_type"] == "TX_EQUITY_COMPENSATION_ISSUANCE")
    assert (granted["quantity"], granted["exercise_price"]) == ("48000", {"amount": "1.2", "currency": "CNY"})
    (terms,) = [item for item in items if item["object_type"] == "VESTING_TERMS"]
    (start,) = [item for item in items if item["object_type"] == "TX_VESTING_START"]
    assert (granted["vesting_terms_id"], start["security_id"], start["date"], start["vesting_condition_id"]) == (
        terms["id"], granted["security_id"], "2026-03-31", "start",
    )  # fmt: skip
    planned = timeline(read_graph(terms), units=48_000, starts_on=dt.date(2026, 3, 31))
    grant = db.session.scalars(db.select(EquityGrant)).one()
    assert [(line.vests_on, line.units) for line in services.stored(grant)] == [
        (vesting.on, vesting.units) for vesting in planned.vestings
    ]


def test_what_happens_to_a_grant_leaves_too(scene: Scene) -> None:
    """A release, units brought forward; what was taken back is not told; loaded cliffs leave as dates."""
    with clock.travelled(dt.datetime(2028, 6, 1, 4, tzinfo=dt.UTC)):
        grant = scene.live(scene.plan(issuer_kind="joint_stock", kind="rsu"), months=48, every_months=12,
                           cliff_months=24, allocation="FRONT_LOADED", units=10_001)  # fmt: skip

        def step(kind: str, **details: Any) -> Any:
            made = doing(lambda: services.propose_step(scene.maker, grant, kind=kind, reason="As agreed",
                                                       effective_on=dt.date(2028, 6, 1), **details))  # fmt: skip
            doing(lambda: services.approve_step(scene.checker, made))

        step("release", units=5_000)
        step("acceleration", units=1_000)
        wrong = next(row for row in queries.transactions_of(grant) if row.kind == "acceleration")
        step("correction", transaction=wrong.public_id)
        step("acceleration", units=500)
        data, left = exchange.export(grant.plan.security.issuer)
    items = unpack(data)
    assert (errors_of(items), left) == ([], [])
    by = {item["object_type"]: item for item in items}
    released = by["TX_EQUITY_COMPENSATION_RELEASE"]
    issued = {item["security_id"]: item for item in items if item["object_type"] == "TX_STOCK_ISSUANCE"}
    assert [issued[key]["quantity"] for key in released["resulting_security_ids"]] == ["5000"]
    assert by["TX_VESTING_ACCELERATION"]["quantity"] == "500"
    first = next(item for item in items if item["object_type"] == "TX_EQUITY_COMPENSATION_ISSUANCE")
    assert [one["amount"] for one in first["vestings"]] == ["5001", "2500", "2500"]


def test_a_file_comes_in_once_two_have_looked_and_goes_out_as_it_came(scene: Scene) -> None:
    capital = joint_stock(scene)
    items = [HOLDER, CLASS, ISSUED, WARRANT]
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(*items)))
    assert found.difference == {
        "holders": 1, "classes": 1, "plans": 0, "terms": 0, "issuances": 1, "movements": 0,
        "holdings": [["Hydra Fund", "Series A", "share", "12.5"]], "matched": [],
        "sizes": [["Series A", "", "1000"]], "pools": [],
        "kept": {"the register has no TX_WARRANT_CANCELLATION": 1}, "known": 0, "changed": [],
    }  # fmt: skip
    assert db.session.scalar(db.select(db.func.count()).select_from(OcfObject)) == 0
    doing(lambda: exchange.submit_import(scene.maker, found))
    assert refusal(lambda: exchange.approve_import(scene.maker, found))[0] == "ocf_import.approve"
    doing(lambda: exchange.approve_import(scene.checker, found))
    series = queries.classes_of(capital.issuer)[1]
    table = queries.table_of(series, None)
    assert [(line.name, series.quantity(line.issued)) for line in table.lines] == [("Hydra Fund", 12.5)]
    out = {item["id"]: canonical(item) for item in unpack(exchange.export(capital.issuer)[0])}
    assert {item["id"]: out[item["id"]] for item in items} == {item["id"]: canonical(item) for item in items}
    assert sum(item["object_type"] == "TX_STOCK_ISSUANCE" for item in out.values()) == 4
    again = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(*items)))
    assert again.difference == {
        "holders": 0, "classes": 0, "plans": 0, "terms": 0, "issuances": 0, "movements": 0, "holdings": [],
        "matched": [], "sizes": [], "pools": [], "kept": {}, "known": 4, "changed": [],
    }  # fmt: skip
    other = HOLDER | {"name": {"legal_name": "Other"}}
    again = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(other)))
    assert again.difference["changed"] == ["stk"]


def test_the_formats_samples_come_in_and_go_out_equal_in_meaning(scene: Scene, checkout: Path) -> None:
    directory = checkout.parent / "shared" / "data" / "ocf" / "samples"
    if not directory.is_dir():
        pytest.skip("the samples of the format are not beside this checkout (../shared/data/ocf)")
    capital = Capital(scene, kind="joint_stock")
    items = {}
    for path in sorted(directory.glob("*.ocf.json")):
        items |= {item["id"]: item for item in unpack(path.read_bytes()) if item["object_type"] != "ISSUER"}
    issuer = {"object_type": "ISSUER", "id": "i", "legal_name": "ACME", "formation_date": "2010-01-01",
              "country_of_formation": "US"}  # fmt: skip
    data = pack(issuer, list(items.values()), as_of="2026-01-15", generated_at="2026-01-15T00:00:00Z")
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=data))
    doing(lambda: exchange.submit_import(scene.maker, found))
    doing(lambda: exchange.approve_import(scene.checker, found))
    out = {item["id"]: canonical(item) for item in unpack(exchange.export(capital.issuer)[0])}
    assert {key: out[key] for key in items} == {key: canonical(item) for key, item in items.items()}


def bring(scene: Scene, capital: Capital, *items: dict[str, Any]) -> dict[str, Any]:
    """Bring a file in, signed by a second person; what it changed."""
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(*items)))
    doing(lambda: exchange.submit_import(scene.maker, found))
    doing(lambda: exchange.approve_import(scene.checker, found))
    return dict(found.difference)


def out(capital: Capital) -> dict[str, Any]:
    items = unpack(exchange.export(capital.issuer)[0])
    assert errors_of(items) == []
    return {item["id"]: canonical(item) for item in items}


PERSON = {"object_type": "STAKEHOLDER", "id": "emp", "name": {"legal_name": "Zhao Min"},
          "stakeholder_type": "INDIVIDUAL"}  # fmt: skip
SOP = {"object_type": "STOCK_PLAN", "id": "sop", "plan_name": "2025 plan", "initial_shares_reserved": "300",
       "stock_class_ids": ["cls"], "default_cancellation_behavior": "RETIRE"}  # fmt: skip
YEARLY = {"object_type": "VESTING_TERMS", "id": "vt", "name": "Two years", "description": "half a year",
          "allocation_type": "CUMULATIVE_ROUNDING", "vesting_conditions": [
              {"id": "start", "quantity": "0", "trigger": {"type": "VESTING_START_DATE"},
               "next_condition_ids": ["yearly"]},
              {"id": "yearly", "portion": {"numerator": "1", "denominator": "2"}, "next_condition_ids": [],
               "trigger": {"type": "VESTING_SCHEDULE_RELATIVE", "relative_to_condition_id": "start",
                           "period": {"type": "MONTHS", "length": 12, "occurrences": 2,
                                      "day_of_month": "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"}}}]}  # fmt: skip
OPTION = {"object_type": "TX_EQUITY_COMPENSATION_ISSUANCE", "id": "opt-i", "security_id": "opt", "date": "2025-03-01",
          "custom_id": "O-1", "stakeholder_id": "emp", "stock_plan_id": "sop", "compensation_type": "OPTION",
          "quantity": "100", "exercise_price": {"amount": "1.00", "currency": "CNY"}, "vesting_terms_id": "vt",
          "expiration_date": None, "termination_exercise_windows": [], "security_law_exemptions": []}  # fmt: skip
BEGAN = {"object_type": "TX_VESTING_START", "id": "opt-s", "security_id": "opt", "date": "2025-03-01",
         "vesting_condition_id": "start"}  # fmt: skip


def tx(kind: str, key: str, security: str, on: str, **more: Any) -> dict[str, Any]:
    return {"object_type": f"TX_{kind}", "id": key, "security_id": security, "date": on} | more


def test_plans_vesting_and_every_move_of_a_file_arrive_in_the_register(scene: Scene) -> None:
    """100 options of which 40 are exercised, 100 shares of which 30 are sold: the register says the same."""
    capital = joint_stock(scene)
    employee = PERSON | {"issuer_assigned_id": scene.lead.hr_number}
    restricted = ISSUED | {"quantity": "100", "vestings": [{"date": "2026-01-15", "amount": "30"},
                                                           {"date": "2027-01-15", "amount": "70"}]}  # fmt: skip
    sold = [
        tx("STOCK_TRANSFER", "t", "sec", "2026-03-01", quantity="30", resulting_security_ids=["sold"],
           balance_security_id="rest"),
        ISSUED | {"id": "t-i", "security_id": "sold", "date": "2026-03-01", "quantity": "30", "stakeholder_id": "emp"},
        ISSUED | {"id": "r-i", "security_id": "rest", "date": "2026-03-01", "quantity": "70",
                  "vestings": [{"date": "2027-01-15", "amount": "70"}]},
    ]  # fmt: skip
    exercised = [
        tx("EQUITY_COMPENSATION_EXERCISE", "e", "opt", "2026-04-01", quantity="40", resulting_security_ids=["got"]),
        ISSUED | {"id": "g-i", "security_id": "got", "date": "2026-04-01", "quantity": "40", "stakeholder_id": "emp"},
    ]
    grown = {"object_type": "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "id": "adj", "date": "2026-05-01",
             "stock_class_id": "cls", "new_shares_authorized": "2000"}  # fmt: skip
    items = [HOLDER, employee, CLASS, SOP, YEARLY, restricted, *sold, OPTION, BEGAN, *exercised, grown]
    difference = bring(scene, capital, *items)
    assert {name: difference[name] for name in ("holders", "classes", "plans", "terms", "issuances", "movements")} == {
        "holders": 2, "classes": 1, "plans": 1, "terms": 1, "issuances": 5, "movements": 4,
    }  # fmt: skip
    assert (difference["kept"], sorted(difference["holdings"])) == ({}, [
        ["Hydra Fund", "Series A", "share", "70"], ["Zhao Min", "Series A", "award", "60"],
        ["Zhao Min", "Series A", "share", "70"],
    ])  # fmt: skip
    series = queries.classes_of(capital.issuer)[1]
    assert (series.total_units, series.issued_units) == (2_000, 140)
    table = {line.name: (line.issued, line.promised) for line in queries.table_of(series, None).lines}
    assert table == {"Hydra Fund": (70, 0), "Zhao Min": (70, 60)}
    fund = next(line.holder for line in queries.table_of(series, None).lines if line.name == "Hydra Fund")
    came = arrived.arrived_of(capital.issuer, scene.lead.public_id, dt.date(2026, 6, 1))
    assert [(one.came.plan.name if one.came.plan else None, one.came.award, one.there, one.vested, one.next_on)
            for one in came] == [("2025 plan", "option", 60, 50, dt.date(2027, 3, 1))]  # fmt: skip
    (rest,) = arrived.arrived_of(capital.issuer, fund, dt.date(2026, 6, 1))
    assert (rest.there, rest.vested, rest.next_units) == (70, 0, 70)
    assert transfers.free.unvested_of(series, fund, dt.date(2026, 6, 1)) == 70
    assert transfers.free.sellable(series, fund, dt.date(2026, 6, 1)) == []
    assert [units for _one, units in transfers.free.sellable(series, fund, dt.date(2027, 1, 15))] == [70]
    again = out(capital)
    assert {item["id"]: again[item["id"]] for item in items} == {item["id"]: canonical(item) for item in items}
    assert sum(item["object_type"].startswith("TX_") for item in again.values()) == 3 + 9


def test_a_later_file_goes_on_where_the_earlier_one_ended(scene: Scene) -> None:
    capital = joint_stock(scene)
    bring(scene, capital, HOLDER, CLASS, ISSUED)
    code = {"tax_ids": [{"tax_id": "91110000600037341L", "country": "CN"}]}
    back = tx("STOCK_RETRACTION", "x", "sec", "2026-02-01", reason_text="in error")
    difference = bring(scene, capital, HOLDER, CLASS, ISSUED, back, HOLDER | code | {"id": "stk2"})
    assert (difference["movements"], difference["known"]) == (1, 3)
    assert queries.classes_of(capital.issuer)[1].issued_units == 0
    assert out(capital)["x"] == canonical(back)
    found = doing(lambda: exchange.create_import(
        scene.maker, capital.issuer, data=file_of(tx("STOCK_ACCEPTANCE", "y", "sec", "2026-01-20"))
    ))  # fmt: skip
    assert (found.difference["movements"], found.difference["kept"]) == (1, {})


def test_what_came_in_moves_on_here_and_leaves_by_its_own_name(scene: Scene) -> None:
    """Half of a security that came in is sold here: the file names it as it came, and what is left vests as before."""
    capital = joint_stock(scene)
    days = [{"date": "2026-01-15", "amount": "6.25"}, {"date": "2036-01-15", "amount": "6.25"}]
    bring(scene, capital, HOLDER, CLASS, ISSUED | {"vestings": days})
    series = queries.classes_of(capital.issuer)[1]
    fund = queries.table_of(series, None).lines[0].holder
    with transaction(), audit.because(SYSTEM, "issuer.revise"):
        event = audit.record("issuer.revise", capital.issuer, {})
        for one, units in transfers.free.sellable(series, fund, clock.today()):
            register.take(one, Movement.TRANSFER, units, clock.today(), event)
            register.issue(series, holder=capital.buyer.public_id, instrument=Instrument.SHARE, quantity=units,
                           effective_on=clock.today(), event=event, kind=Movement.TRANSFER, parent=one)  # fmt: skip
    assert transfers.free.sellable(series, fund, clock.today()) == []
    (left,) = arrived.arrived_of(capital.issuer, fund, clock.today())
    assert (left.there, left.came.root_id == left.came.security_id) == (625, False)
    moved = next(item for item in out(capital).values() if item["object_type"] == "TX_STOCK_TRANSFER")
    assert (moved["security_id"], moved["quantity"]) == ("sec", "6.25")
    sale = tx("STOCK_CANCELLATION", "z", "sec", "2026-02-01", quantity="12.50", reason_text="gone")
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(sale)))
    assert found.difference["kept"] == {"the register has moved on since it came in": 1}


def test_an_exercise_in_part_leaves_the_rest_in_its_security(scene: Scene) -> None:
    """The format has no balance of an exercise: the rest of the option stays where it was, and is not issued again."""
    with clock.travelled(dt.datetime(2028, 6, 1, 4, tzinfo=dt.UTC)):
        grant = scene.live(scene.plan(issuer_kind="joint_stock"))
        for units in (10_000, 2_000):
            step = doing(lambda units=units: services.exercise(scene.lead, grant, units=units))
            doing(lambda step=step: services.approve_step(scene.checker, step))
        items = unpack(exchange.export(grant.plan.security.issuer)[0])
    assert errors_of(items) == []
    issued = [item for item in items if item["object_type"] == "TX_EQUITY_COMPENSATION_ISSUANCE"]
    used = [item for item in items if item["object_type"] == "TX_EQUITY_COMPENSATION_EXERCISE"]
    assert [item["quantity"] for item in issued] == ["48000"]
    assert [(item["security_id"], item["quantity"]) for item in used] == [
        (issued[0]["security_id"], "10000"), (issued[0]["security_id"], "2000"),
    ]  # fmt: skip


def test_nobody_signs_a_file_of_which_they_gain(scene: Scene) -> None:
    """The second HR person stands in the file under another name: who it is is shown, and they cannot sign it; nor a
    later file that only names a security of theirs."""
    capital = joint_stock(scene)
    other = scene.make.person(scene.company, Role.HR)
    mine = PERSON | {"issuer_assigned_id": scene.checker.hr_number, "name": {"legal_name": "T. M."}}
    held = ISSUED | {"stakeholder_id": "emp"}
    adjusted = {"object_type": "TX_STOCK_PLAN_POOL_ADJUSTMENT", "id": "pool", "date": "2026-05-01",
                "stock_plan_id": "sop", "shares_reserved": "400"}  # fmt: skip
    more = {"object_type": "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT", "id": "adj", "date": "2026-05-01",
            "stock_class_id": "cls", "new_shares_authorized": "2000"}  # fmt: skip
    for items, sizes, pools in (
        ([mine, CLASS, SOP, held], [["Series A", "", "1000"]], [["2025 plan", "", "300"]]),
        ([more, adjusted], [["Series A", "1000", "2000"]], [["2025 plan", "300", "400"]]),
    ):
        data = file_of(*items)
        found = doing(lambda data=data: exchange.create_import(scene.maker, capital.issuer, data=data))
        assert found.difference["matched"] == [["T. M.", scene.checker.hr_number, scene.checker.name]]
        assert (found.difference["sizes"], found.difference["pools"]) == (sizes, pools)
        doing(lambda found=found: exchange.submit_import(scene.maker, found))
        assert refusal(lambda found=found: exchange.approve_import(scene.checker, found))[0] == "not_allowed"
        doing(lambda found=found: exchange.approve_import(other, found))


def test_who_answers_for_an_institution_of_a_file_does_not_sign_it(scene: Scene) -> None:
    capital = joint_stock(scene)
    code = "91110000600037341L"
    doing(lambda: services.create_holder(
        scene.maker, capital.issuer, kind="company", name="Hydra", code=code, representative=scene.checker
    ))  # fmt: skip
    fund = HOLDER | {"tax_ids": [{"tax_id": code, "country": "CN"}]}
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(fund, CLASS, ISSUED)))
    doing(lambda: exchange.submit_import(scene.maker, found))
    assert refusal(lambda: exchange.approve_import(scene.checker, found))[0] == "not_allowed"


def test_a_class_that_was_issued_here_too_is_said_to_be_full(scene: Scene) -> None:
    """12.5 of 1,000 came in; 987.5 were issued here: 1 more of a later file is one too many."""
    capital = joint_stock(scene)
    bring(scene, capital, HOLDER, CLASS, ISSUED)
    series = queries.classes_of(capital.issuer)[1]
    with transaction(), audit.because(SYSTEM, "issuer.revise"):
        event = audit.record("issuer.revise", capital.issuer, {})
        register.issue(series, holder=capital.buyer.public_id, instrument=Instrument.SHARE, event=event,
                       quantity=series.total_units - series.issued_units, effective_on=clock.today())  # fmt: skip
    late = ISSUED | {"id": "iss2", "security_id": "sec2", "quantity": "1"}
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(late)))
    doing(lambda: exchange.submit_import(scene.maker, found))
    assert refusal(lambda: exchange.approve_import(scene.checker, found))[0] == "over_authorised"


def test_files_that_are_not_valid_are_refused_and_nothing_is_half_done(scene: Scene) -> None:
    capital = joint_stock(scene)
    for data, words in (
        (b"rubbish", "cannot be read"),
        (file_of(), "between 1 and"),
        (file_of(HOLDER | {"stakeholder_type": "ROBOT"}), "stk: stakeholder_type"),
        (file_of(HOLDER, HOLDER), "stands twice"),
        (file_of(HOLDER | {"id": "x" * 201}), "too long"),
    ):
        code, field, said = refusal(lambda data=data: exchange.create_import(scene.maker, capital.issuer, data=data))
        assert (field, words in said) == ("file", True), (code, said)
    more = ISSUED | {"quantity": "1000.01"}
    found = doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(HOLDER, CLASS, more)))
    doing(lambda: exchange.submit_import(scene.maker, found))
    assert refusal(lambda: exchange.approve_import(scene.checker, found))[0] == "over_authorised"
    assert db.session.scalar(db.select(EquityHolder.id).where(EquityHolder.name == "Hydra Fund")) is None
    doing(lambda: exchange.refuse_import(scene.checker, found, reason="Too many"))
    assert found.state == "refused"


def test_a_dry_run_that_is_out_of_date_is_not_approved(scene: Scene) -> None:
    capital = joint_stock(scene)
    first, second = [
        doing(lambda: exchange.create_import(scene.maker, capital.issuer, data=file_of(HOLDER))) for _ in range(2)
    ]
    for found in (first, second):
        doing(lambda found=found: exchange.submit_import(scene.maker, found))
    doing(lambda: exchange.approve_import(scene.checker, first))
    assert refusal(lambda: exchange.approve_import(scene.checker, second))[0] == "stale_import"


def test_the_zip_has_a_manifest_with_checksums(scene: Scene) -> None:
    data, _left = exchange.export(joint_stock(scene).issuer)
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("Manifest.ocf.json"))
    assert (manifest["ocf_version"], len(manifest["transactions_files"][0]["md5"])) == ("1.2.0", 32)


def test_every_reason_why_an_object_stays_outside_has_its_words() -> None:
    import re

    from incubator.equity.engines.ocf import families, reading
    from incubator.equity.pages.exchange import kept_words
    from incubator.equity.words import KEPT

    source = Path(families.__file__).read_text(encoding="utf-8")
    said = set(re.findall(r', "([a-z][^"]* [^"]*)"\)', source)) | {reading.WITH_FAMILY}
    assert len(said) > 15
    assert said <= set(KEPT)
    assert kept_words("the register has no X") == "the register has no X"
    assert kept_words("its vesting cannot be computed: no event y") == "its vesting cannot be computed: no event y"
    assert kept_words("written before") == "written before"
