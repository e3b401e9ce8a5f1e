"""An issuer as a file of the Open Cap Format, and such a file coming in: dry run, difference, a second person."""

import datetime as dt
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.equity import queries, services
from incubator.equity.engines.ocf import Left, canonical, errors_of, pack, unpack
from incubator.equity.engines.vesting import read as read_graph
from incubator.equity.engines.vesting import timeline
from incubator.equity.models import EquityGrant, EquityHolder, OcfObject
from incubator.equity.services import exchange
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
        "holders": 1, "classes": 1, "issuances": 1, "kept": {"the register has no TX_WARRANT_CANCELLATION": 1},
        "known": 0, "changed": [],
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
    assert again.difference == {"holders": 0, "classes": 0, "issuances": 0, "kept": {}, "known": 4, "changed": []}
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
