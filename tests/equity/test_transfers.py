"""Transfers: the lock, first refusal, the price, the second person, the register, and what is taken back."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.core import clock
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import attempt, transaction
from incubator.equity import queries, services
from incubator.equity.engines.transfers import answer_by
from incubator.equity.models import EquityTransaction
from incubator.equity.services import transfers
from incubator.equity.services.steps import exercisable
from incubator.equity.services.transfers.free import sellable, unvested_of
from incubator.home.queries import waiting_for
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM
from tests.equity.capital import Capital
from tests.equity.scene import Scene, doing, names_of
from tests.patents.test_pages_cost import counted


def refusal(call: Any) -> tuple[str, str | None]:
    with pytest.raises(DomainError) as caught:
        doing(call)
    return caught.value.code, caught.value.field


def declined(call: Any) -> tuple[str, str | None]:
    """The same of what opens its own transaction."""
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code, caught.value.field


def held(capital: Capital) -> dict[str, int]:
    table = queries.table_of(capital.security, None)
    return {line.name: line.issued for line in table.lines}


def later(days: int) -> Any:
    return clock.travelled(clock.now() + dt.timedelta(days=days))


def test_takers_get_their_parts_and_the_register_every_unit(capital: Capital) -> None:
    """By hand: 600 over 3,000 and 1,000 is 450 and 150."""
    transfer = capital.answered(capital.noticed(), 600, 600)
    assert transfer.outcome == {capital.scene.member.public_id: 450, capital.vehicle.public_id: 150}
    capital.settled(capital.approved(transfer))
    assert held(capital) == {"Zhao Min": 5_400, "Wu Han": 3_450, "Quanta Partners LP": 1_150}
    assert names_of(transfer) == [f"transfer.{step}" for step in
                                  ("check_lock", "give_notice", "answer", "answer", "take", "price", "approve",
                                   "settle")]  # fmt: skip


def test_a_waived_transfer_goes_to_the_buyer(capital: Capital) -> None:
    transfer = capital.settled(capital.approved(capital.answered(capital.noticed(), 0, 0)))
    assert held(capital) == {"Zhao Min": 5_400, "Wu Han": 3_000, "Quanta Partners LP": 1_000, "Sun Bo": 600}
    assert transfer.settled_on == clock.today()


def test_takers_of_a_part_get_nothing_unless_the_articles_say_so(scene: Scene) -> None:
    strict = Capital(scene).founded()
    transfer = strict.answered(strict.noticed(), 100, 0)
    assert (transfer.state, transfer.outcome) == ("waived", {strict.buyer.public_id: 600})
    loose = Capital(scene, whole=False, name="Loose", credit_code=None).founded()
    transfer = loose.answered(loose.noticed(), 100, 0)
    assert (transfer.state, transfer.outcome) == (
        "taken", {scene.member.public_id: 100, loose.buyer.public_id: 500},
    )  # fmt: skip


def test_silence_waives_after_the_last_day(capital: Capital) -> None:
    transfer = capital.noticed()
    last = answer_by(clock.today()).last
    assert {answer.answer_by_on for answer in transfer.answers} == {last}
    assert refusal(lambda: transfers.close_notice(capital.scene.maker, transfer))[0] == "wrong_state"
    days = (last - clock.today()).days
    with later(days):
        assert doing(lambda: transfers.close_due(SYSTEM)) == 0
    with later(days + 1):
        answer = transfer.answers[0]
        assert refusal(lambda: transfers.answer(capital.scene.member, answer, wanted=1))[0] == "wrong_state"
        assert doing(lambda: transfers.close_due(SYSTEM)) == 1
        assert doing(lambda: transfers.close_due(SYSTEM)) == 0
    assert transfer.state == "waived"


def test_a_notice_waits_on_the_home_page_of_whom_it_asks(capital: Capital) -> None:
    transfer = capital.noticed()
    kinds = [(row.kind, row.title) for row in waiting_for(capital.scene.member)]
    assert ("transfer_notice", transfer.number) in kinds
    assert "transfer_notice" not in [row.kind for row in waiting_for(capital.scene.lead)]


def test_nobody_comes_first_when_a_holder_buys_or_the_company_has_shares(scene: Scene) -> None:
    capital = Capital(scene).founded()
    transfer = capital.noticed(buyer=scene.member.public_id)
    assert (transfer.state, transfer.answers) == ("waived", [])
    stock = Capital(scene, kind="joint_stock", name="Stock", credit_code=None).founded()
    assert stock.noticed().state == "waived"
    free = Capital(scene, first_refusal=False, name="Free", credit_code=None).founded()
    assert free.noticed().state == "waived"


def test_locked_units_do_not_move_and_the_day_they_are_free_is_named(scene: Scene) -> None:
    capital = Capital(scene, lock_months=36)
    capital.issued((scene.lead, 500), on=dt.date(2020, 1, 6))
    capital.issued((scene.lead, 500), on=clock.today())
    with pytest.raises(DomainError) as caught:
        capital.requested()
    assert (caught.value.code, caught.value.field) == ("locked", "units")
    assert "500 are free" in str(caught.value.message)
    assert "Civil Code" in str(caught.value.message)
    assert capital.requested(units=500).lock["locked"] == 500
    assert declined(lambda: capital.requested(units=1))[0] == "locked"


def test_what_may_be_sold_takes_as_many_statements_however_many_securities_there_are(scene: Scene) -> None:
    capital = Capital(scene)
    costs = []
    for count in (1, 3):
        while len(sellable(capital.security, scene.lead.public_id, clock.today())) < count:
            capital.issued((scene.lead, 500), on=clock.today())
        with counted() as said:
            found = sellable(capital.security, scene.lead.public_id, clock.today())
        costs.append((len(said), [units for _one, units in found]))
    assert costs == [(costs[0][0], [500]), (costs[0][0], [500] * 3)]


def test_restricted_shares_that_have_not_vested_are_not_sold(scene: Scene) -> None:
    """48,000 restricted, a quarter vested in spring 2027, beside 500 that never were: 12,500 can go."""
    grant = scene.live(scene.plan(kind="restricted"))
    with clock.travelled(dt.datetime(2027, 6, 1, 4, tzinfo=dt.UTC)):
        capital = Capital(scene)
        capital.security = grant.plan.security
        capital.buyer = capital.holder("Li Na", "individual")
        capital.issued((scene.lead, 500), on=clock.today())
        assert declined(lambda: capital.requested(units=12_501)) == ("unvested", "units")
        transfer = capital.settled(capital.approved(capital.noticed(units=12_500)))
        assert transfer.state == "settled"
        taken = db.session.scalars(
            db.select(EquityTransaction).where(EquityTransaction.kind == "transfer", EquityTransaction.quantity < 0)
        ).all()
        assert [(row.quantity, row.grant_id) for row in taken] == [(-500, None), (-12_000, grant.id)]
        assert (exercisable(grant, clock.today()), unvested_of(grant.plan.security, scene.lead.public_id,
                                                              clock.today())) == (0, 36_000)  # fmt: skip
        assert services.stored(grant) == services.rebuild(grant)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"units": 0}, "units"),
        ({"units": 6_001}, "units"),
        ({"price_minor": 0}, "price_minor"),
        ({"payment": " "}, "payment"),
        ({"complete_by": dt.date(2020, 1, 1)}, "complete_by"),
        ({"buyer": "nobody"}, "buyer"),
        ({"seller": "nobody"}, "seller"),
    ],
)
def test_requests_that_cannot_be_are_refused(capital: Capital, changes: dict[str, Any], field: str) -> None:
    assert declined(lambda: capital.requested(**changes))[1] == field
    assert declined(lambda: capital.requested(buyer=capital.scene.lead.public_id)) == ("invalid", "buyer")


def test_what_is_asked_for_twice_is_not_there_twice(capital: Capital) -> None:
    capital.requested(units=5_500)
    assert declined(lambda: capital.requested(units=501)) == ("short", "units")


def test_only_an_approved_fresh_appraisal_of_the_noticed_price_prices(capital: Capital) -> None:
    scene, transfer = capital.scene, capital.answered(capital.noticed(), 0, 0)
    unapproved = capital.appraisal(approved=False)
    expired = capital.appraisal(appraised_on=clock.today() - dt.timedelta(days=400))
    other = capital.appraisal(unit_minor=201)
    for appraisal, code in ((None, "invalid"), (unapproved, "unapproved_appraisal"), (expired, "expired_appraisal"),
                            (other, "other_price")):  # fmt: skip
        call = refusal(lambda appraisal=appraisal: transfers.price_transfer(scene.maker, transfer, appraisal=appraisal))
        assert call == (code, "appraisal")
    assert transfer.state == "waived"


def test_an_appraisal_that_expires_before_approval_stops_it(capital: Capital) -> None:
    scene, transfer = capital.scene, capital.answered(capital.noticed(), 0, 0)
    appraisal = capital.appraisal()
    doing(lambda: transfers.price_transfer(scene.maker, transfer, appraisal=appraisal))
    with later(400):
        assert refusal(lambda: transfers.approve_transfer(scene.checker, transfer))[0] == "expired_appraisal"


def test_neither_maker_nor_party_approves(scene: Scene) -> None:
    capital = Capital(scene)
    hr_buyer = scene.make.person(scene.company, Role.HR, name="He Buys")
    capital.issued((scene.lead, 6_000), (scene.member, 3_000), (capital.vehicle, 1_000))
    transfer = capital.answered(capital.noticed(buyer=hr_buyer.public_id), 0, 0)
    appraisal = capital.appraisal()
    doing(lambda: transfers.price_transfer(scene.maker, transfer, appraisal=appraisal))
    for person in (scene.lead, hr_buyer, scene.member):
        assert refusal(lambda person=person: transfers.approve_transfer(person, transfer))[0] == "transfer.approve"
    doing(lambda: transfers.refuse_transfer(scene.checker, transfer, reason="Not now"))
    assert transfer.state == "refused"


def test_a_transfer_is_withdrawn_before_it_is_priced(capital: Capital) -> None:
    transfer = capital.noticed()
    assert refusal(lambda: transfers.withdraw_transfer(capital.scene.lead, transfer, reason=" ")) == (
        "invalid", "reason",
    )  # fmt: skip
    doing(lambda: transfers.withdraw_transfer(capital.scene.lead, transfer, reason="I stay"))
    assert transfer.state == "withdrawn"
    assert refusal(lambda: transfers.answer(capital.scene.member, transfer.answers[0], wanted=0))[0] == "wrong_state"


def test_an_answer_is_given_once_by_whom_it_asks(capital: Capital) -> None:
    transfer = capital.noticed()
    mine = transfer.answers[0]
    assert refusal(lambda: transfers.answer(capital.scene.lead, mine, wanted=0))[0] == "transfer.answer"
    assert refusal(lambda: transfers.answer(capital.scene.member, mine, wanted=601)) == ("invalid", "wanted")
    doing(lambda: transfers.answer(capital.scene.member, mine, wanted=0))
    assert refusal(lambda: transfers.answer(capital.scene.member, mine, wanted=5))[0] == "wrong_state"
    with pytest.raises(DBAPIError, match="never changed"), transaction(), attempt():
        db.session.execute(text(f"UPDATE transfer_answer SET wanted = 9 WHERE id = {mine.id}"))


def test_what_was_noticed_is_frozen_in_the_database(capital: Capital) -> None:
    capital.noticed()
    with pytest.raises(DBAPIError, match="never changed"), transaction(), attempt():
        db.session.execute(text("UPDATE transfer SET price_minor = 1"))


def test_settlement_wants_its_payment_and_a_day(capital: Capital) -> None:
    transfer = capital.approved(capital.answered(capital.noticed(), 0, 0))
    for changes, field in (({"payment_reference": " "}, "payment_reference"),
                           ({"settled_on": clock.today() + dt.timedelta(days=1)}, "settled_on")):  # fmt: skip
        terms = {"settled_on": clock.today(), "payment_reference": "P"} | changes
        call = refusal(lambda terms=terms: transfers.settle_transfer(capital.scene.maker, transfer, **terms))
        assert call == ("invalid", field)
    assert held(capital)["Zhao Min"] == 6_000


def test_a_wrong_transfer_is_taken_back_by_counter_entries(capital: Capital) -> None:
    scene = capital.scene
    transfer = capital.settled(capital.approved(capital.answered(capital.noticed(), 600, 600)))
    assert refusal(lambda: transfers.reverse_transfer(scene.maker, transfer, reason="Wrong"))[0] == "transfer.reverse"
    assert refusal(lambda: transfers.reverse_transfer(scene.checker, transfer, reason=" ")) == ("invalid", "reason")
    doing(lambda: transfers.reverse_transfer(scene.checker, transfer, reason="Paid twice"))
    assert held(capital) == {"Zhao Min": 6_000, "Wu Han": 3_000, "Quanta Partners LP": 1_000}
    rows = db.session.scalars(db.select(EquityTransaction).where(EquityTransaction.kind == "correction")).all()
    assert sorted(row.quantity for row in rows) == [-450, -150, 600]


def test_what_has_moved_on_is_not_taken_back(capital: Capital) -> None:
    first = capital.settled(capital.approved(capital.answered(capital.noticed(buyer=capital.buyer.public_id), 600, 0)))
    second = capital.noticed(seller=capital.scene.member, units=3_600)
    capital.settled(capital.approved(capital.answered(second, 0, 0)))
    assert refusal(lambda: transfers.reverse_transfer(capital.scene.checker, first, reason="Late"))[1] == "reason"


def test_an_appraisal_that_cannot_be_is_refused(capital: Capital) -> None:
    for changes, field in (
        ({"firm": " "}, "firm"), ({"filing_number": ""}, "filing_number"), ({"value_minor": 0}, "value_minor"),
        ({"unit_minor": -1}, "unit_minor"), ({"appraised_on": dt.date(2999, 1, 1)}, "appraised_on"),
        ({"valid_months": 25}, "valid_months"), ({"method": "guess"}, "method"),
    ):  # fmt: skip
        assert declined(lambda changes=changes: capital.appraisal(**changes)) == ("invalid", field)
    waiting = capital.appraisal(approved=False)
    assert refusal(lambda: services.approve_appraisal(capital.scene.maker, waiting))[0] == "appraisal.approve"
    doing(lambda: services.refuse_appraisal(capital.scene.checker, waiting, reason="No filing"))
    assert waiting.state == "refused"
