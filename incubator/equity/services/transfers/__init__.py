"""Transfers of issued units: requested, noticed, priced, approved, settled, and if wrong taken back."""

from incubator.equity.services.transfers.closing import (
    approve_transfer,
    content_of,
    price_transfer,
    refuse_transfer,
    reverse_transfer,
    settle_transfer,
    withdraw_transfer,
)
from incubator.equity.services.transfers.notice import answer, close_due, close_notice, give_notice, outcome_of
from incubator.equity.services.transfers.request import lots_of, request_transfer

__all__ = [
    "answer", "approve_transfer", "close_due", "close_notice", "content_of", "give_notice", "lots_of", "outcome_of",
    "price_transfer", "refuse_transfer", "request_transfer", "reverse_transfer", "settle_transfer", "withdraw_transfer",
]  # fmt: skip
