"""First refusal: the notice, the answers, and who takes what (Company Law 2023, Art. 84; the articles may differ)."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from incubator.core import clock
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid, WrongState
from incubator.equity.engines import transfers as engine
from incubator.equity.models import EquityHolding, EquityTransfer, Instrument, IssuerKind, TransferAnswer
from incubator.equity.services import caps
from incubator.equity.services.capital import holders_by_key
from incubator.equity.services.issuers import articles_of
from incubator.equity.states import TRANSFER, TransferState
from incubator.notifications.services import notify
from incubator.people.models import Person


def lock(transfer: EquityTransfer) -> None:
    """Hold a transfer for this transaction, and read it and its answers afresh."""
    db.session.flush()
    fresh = {"populate_existing": True}
    held = select(EquityTransfer).where(EquityTransfer.id == transfer.id).with_for_update(of=EquityTransfer)
    db.session.scalars(held.execution_options(**fresh)).one()
    answers = select(TransferAnswer).where(TransferAnswer.transfer_id == transfer.id).order_by(TransferAnswer.id)
    db.session.scalars(answers.execution_options(**fresh)).all()


@action("transfer.give_notice")
def give_notice(actor: Person, transfer: EquityTransfer, *, received_on: dt.date | None = None) -> None:
    """Tell the others quantity, price, payment and time, in writing; from its receipt they have the articles' days.

    Nobody is asked when the buyer holds already, the company has shares, or the articles say so.
    """
    lock(transfer)
    day = received_on or clock.today()
    if not transfer.requested_on <= day <= clock.today():
        raise Invalid(_("The notice is received between the request and today"), field="received_on")
    articles = articles_of(transfer.articles)
    holding = _holdings(transfer)
    others = [] if _is_free(transfer, articles, holding) else [k for k in holding if k != transfer.seller_public_id]
    known = holders_by_key(others)
    transfer.notice_on = day
    for key in others:
        name, person = known[key]
        transfer.answers.append(TransferAnswer(
            holder_public_id=key, holder_name=name, person_id=person, holding_units=holding[key], received_on=day,
            answer_by_on=engine.answer_by(day, articles.notice_days).last,
        ))  # fmt: skip
    TRANSFER.move(transfer, "give_notice", payload=_terms(transfer) | {"to": sorted(others)})
    for key in others:
        _tell(transfer, known[key][1])
    if not others:
        _close(transfer)


def _is_free(transfer: EquityTransfer, articles: engine.Articles, holding: dict[str, int]) -> bool:
    issuer = transfer.security.issuer
    return issuer.kind is not IssuerKind.LIMITED or not articles.first_refusal or transfer.buyer_public_id in holding


def _holdings(transfer: EquityTransfer) -> dict[str, int]:
    """The shares of everybody in the company, as common smallest units of the class."""
    rows = db.session.execute(
        select(EquityHolding.holder_public_id, EquityHolding.units).where(
            EquityHolding.class_public_id == transfer.security.public_id,
            EquityHolding.instrument == Instrument.SHARE, EquityHolding.units > 0,
        ).order_by(EquityHolding.id)
    )  # fmt: skip
    return {key: units for key, units in rows}  # noqa: C416


def _terms(transfer: EquityTransfer) -> dict[str, Any]:
    return {
        "units": transfer.units, "price_minor": transfer.price_minor, "currency": transfer.security.currency,
        "payment": transfer.payment, "complete_by": transfer.complete_by.isoformat(), "articles": transfer.articles,
    }  # fmt: skip


def _tell(transfer: EquityTransfer, person: int | None) -> None:
    if person is not None:
        notify(person, "transfer.notice", f"/equity/transfers/{transfer.public_id}", number=transfer.number,
               issuer=transfer.security.issuer.name)  # fmt: skip


@action("transfer.answer")
def answer(actor: Person, given: TransferAnswer, *, wanted: int) -> None:
    """Answer a notice once: 0 waives, otherwise the most smallest units one takes. Silence waives by itself."""
    lock(given.transfer)
    transfer = given.transfer
    if transfer.state is not TransferState.NOTICE or given.wanted is not None:
        raise WrongState(_("This was answered already, or the notice is no longer running."))
    if clock.today() > given.answer_by_on:
        raise WrongState(
            _("The time to answer ended on %(day)s; silence counts as a waiver.", day=given.answer_by_on.isoformat())
        )
    if not 0 <= wanted <= transfer.units:
        most = caps.units_text(transfer.units, transfer.security)
        raise Invalid(_("Enter a number between 0 and %(most)s", most=most), field="wanted")
    given.wanted, given.answered_at, given.answerer_id = wanted, clock.now(), actor.id
    _note(transfer, given, actor)
    if all(other.wanted is not None for other in transfer.answers):
        _close(transfer)


def _note(transfer: EquityTransfer, given: TransferAnswer, actor: Person) -> None:
    from incubator.core import audit

    audit.record("transfer.answer", transfer, {"holder": given.holder_public_id, "wanted": given.wanted,
                                               "by": actor.public_id})  # fmt: skip


def outcome_of(transfer: EquityTransfer, day: dt.date) -> engine.Outcome:
    """Where first refusal stands on a day; keys are the answers' ids."""
    answers = [engine.Answer(a.id, a.holding_units, a.received_on, a.wanted) for a in transfer.answers]
    return engine.outcome(transfer.units, answers, articles=articles_of(transfer.articles), on=day)


@action("transfer.close_notice")
def close_notice(actor: Actor, transfer: EquityTransfer) -> None:
    """End a notice whose time is over: silence waives."""
    lock(transfer)
    if not outcome_of(transfer, clock.today()).is_settled:
        raise WrongState(_("Somebody may still answer."))
    _close(transfer)


def _close(transfer: EquityTransfer) -> None:
    found = outcome_of(transfer, clock.today())
    keys = {a.id: a.holder_public_id for a in transfer.answers}
    taken = {keys[key]: units for key, units in found.taken.items()}
    transfer.outcome = taken | ({transfer.buyer_public_id: found.to_buyer} if found.to_buyer else {})
    waived = sorted(keys[key] for key in found.waived)
    TRANSFER.move(transfer, "take" if taken else "waive", payload={"outcome": transfer.outcome, "waived": waived})
    notify(transfer.maker_id, "transfer.answered", f"/equity/transfers/{transfer.public_id}", number=transfer.number)


def close_due(actor: Actor) -> int:
    """End every notice whose time is over; how many."""
    due = select(EquityTransfer).where(
        EquityTransfer.state == TransferState.NOTICE,
        ~select(TransferAnswer.id)
        .where(
            TransferAnswer.transfer_id == EquityTransfer.id, TransferAnswer.wanted.is_(None),
            TransferAnswer.answer_by_on >= clock.today(),
        )
        .exists(),
    )  # fmt: skip
    found = db.session.scalars(due).all()
    for transfer in found:
        close_notice(actor, transfer)
    return len(found)
