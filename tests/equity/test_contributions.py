"""Patents contributed as capital: the inventors' part lands in the register, signed by a second person."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from incubator.core import audit
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.equity import queries, services
from incubator.equity.models import CapitalEntry, EquityTransaction, Issuer, SecurityClass
from incubator.home.queries import waiting_for
from incubator.patents import services as patents
from incubator.patents.engines.remuneration import Mode
from incubator.patents.models import Exploitation
from incubator.rules import queries as rules
from incubator.rules import services as rule_services
from tests.equity.capital import ISSUER
from tests.equity.scene import doing
from tests.equity.test_views import newest, page, send
from tests.make import Make
from tests.patents.scene import Scene

FORMED = dt.date(2025, 12, 31)
SignIn = Callable[..., FlaskClient]


@pytest.fixture
def inventions(make: Make) -> Scene:
    return Scene(make)


@pytest.fixture
def issuer(inventions: Scene) -> Issuer:
    with transaction():
        return services.create_issuer(inventions.hr_a, inventions.company, **(ISSUER | {"lock_months": 0}))


def contributed(scene: Scene, income: int = 1_001) -> Exploitation:
    matter = scene.granted(dt.date(2024, 6, 3)).matter
    with transaction():
        return patents.record_use(
            scene.counsel, matter, mode=Mode.CONTRIBUTION, from_on=FORMED, to_on=FORMED, income=income,
            evidence="Resolution 7",
        )  # fmt: skip


def confirm(scene: Scene) -> None:
    for rule in rules.of_law("cn.patent.remuneration"):
        for person in (scene.hr_a, scene.counsel):
            doing(lambda rule=rule, person=person: rule_services.confirm(person, rule))


def refusal(call: Any) -> str:
    with pytest.raises(DomainError) as caught:
        doing(call)
    return caught.value.code


def drafted(scene: Scene, security: SecurityClass, record: Exploitation) -> CapitalEntry:
    made: CapitalEntry = doing(lambda: services.draft_patent_entry(scene.hr_a, security, record=record))
    return made


def test_half_of_what_a_patent_formed_is_the_inventors_in_the_same_register(inventions: Scene, issuer: Issuer) -> None:
    """1,001 formed: at least half is 500 (rounded by the patents' engine), shared as the inventors agreed."""
    scene, (security,) = inventions, queries.classes_of(issuer)
    record = contributed(scene)
    assert ("patent_units", record.number) in [(row.kind, row.title) for row in waiting_for(scene.hr_a)]
    entry = drafted(scene, security, record)
    assert ("patent_units", record.number) not in [(row.kind, row.title) for row in waiting_for(scene.hr_a)]
    born = db.session.get_one(audit.AuditEvent, entry.cause_id)
    assert (born.name, born.subject_id) == ("exploitation.create", record.id)
    assert refusal(lambda: services.draft_patent_entry(scene.hr_a, security, record=record)) == "invalid"
    doing(lambda: services.submit_entry(scene.hr_a, entry))
    assert refusal(lambda: services.approve_entry(scene.hr_b, entry)) == "unconfirmed_rule"
    confirm(scene)
    doing(lambda: services.approve_entry(scene.hr_b, entry))
    rows = db.session.scalars(db.select(EquityTransaction).order_by(EquityTransaction.id)).all()
    assert sum(row.quantity for row in rows) in (500, 501)
    assert {(row.kind, row.instrument, row.details["patent"]) for row in rows} == {("issuance", "share", record.number)}
    shares = {share.person.public_id: share.share_bp for share in record.matter.disclosure.shares if share.share_bp}
    assert {row.holder_public_id for row in rows} == set(shares)


def test_a_record_that_was_corrected_meanwhile_stops_its_entry(inventions: Scene, issuer: Issuer) -> None:
    scene, (security,) = inventions, queries.classes_of(issuer)
    confirm_after = contributed(scene)
    entry = drafted(scene, security, confirm_after)
    doing(lambda: services.submit_entry(scene.hr_a, entry))
    confirm(scene)
    with transaction():
        new = patents.correct_use(
            scene.counsel, confirm_after, from_on=FORMED, to_on=FORMED, income=2_000, evidence="Resolution 8"
        )
    assert refusal(lambda: services.approve_entry(scene.hr_b, entry)) == "stale_record"
    doing(lambda: services.refuse_entry(scene.hr_b, entry, reason="Corrected"))
    again = drafted(scene, security, new)
    assert sum(line["units"] for line in again.lines) == 1_000


def test_hr_drafts_it_from_the_page_of_entries(inventions: Scene, issuer: Issuer, sign_in: SignIn) -> None:
    scene, (security,) = inventions, queries.classes_of(issuer)
    record = contributed(scene, income=30_000)
    browser = sign_in(scene.hr_a)
    address = f"/equity/issuers/{issuer.public_id}/entries"
    assert record.number in page(browser, f"{address}/new")
    given = {"record": record.number, "formed_in": security.public_id}
    over = send(browser, f"{address}/patent", 422, **given)
    assert "authorised and not issued" in over
    assert "Choose a contribution" in send(browser, f"{address}/patent", 422, **(given | {"record": "U-NONE"}))
    with transaction():
        patents.correct_use(scene.counsel, record, from_on=FORMED, to_on=FORMED, income=1_000, evidence="Resolution 8")
    record = newest(Exploitation)
    assert isinstance(record, Exploitation)
    there = send(browser, f"{address}/patent", **(given | {"record": record.number}))
    assert record.number in page(browser, there)
    assert "In approval" not in page(browser, f"{address}/new")
