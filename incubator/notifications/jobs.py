"""Sending what is queued, and gathering a day's notices."""

import logging
import smtplib
from email.message import EmailMessage

from incubator.core.jobs import job
from incubator.core.settings import current
from incubator.core.transaction import transaction
from incubator.notifications import services
from incubator.notifications.drivers import smtp
from incubator.notifications.services.mails import Outcome

log = logging.getLogger(__name__)


@job("notifications.mail", every=30)
def send_mail() -> int:
    """Send what is due, a batch a connection; answers how many the server took. Several workers share the work."""
    url, taken = current().smtp_url, 0
    if url is None:
        return 0
    with transaction():
        services.give_up_interrupted()
    while batch := _claim():
        taken += _send(url, batch)
    return taken


def _claim() -> list[tuple[int, EmailMessage]]:
    with transaction():
        return services.claim_due()


def _send(url: str, batch: list[tuple[int, EmailMessage]]) -> int:
    waiting, taken = dict(batch), 0
    try:
        with smtp.connected(url) as server:
            for mail_id, message in batch:
                waiting.pop(mail_id)
                taken += _settle(mail_id, _try(server, message))
    except smtp.NotTakenError as error:
        log.warning("the mail server is away", extra={"error": type(error.__cause__).__name__})
    for mail_id in waiting:
        _settle(mail_id, Outcome("the server was not reached", passes=True))
    return taken


def _try(server: smtplib.SMTP, message: EmailMessage) -> Outcome:
    try:
        smtp.send(server, message)
    except smtp.NotTakenError as error:
        return Outcome(str(error), passes=error.passes)
    except smtp.UnsureError as error:
        return Outcome(f"the connection broke while it was handed over: {error}")
    return Outcome()


def _settle(mail_id: int, outcome: Outcome) -> bool:
    with transaction():
        services.settle(mail_id, outcome)
    return outcome.error is None


@job("notifications.digest", every=600)
def gather_digests() -> int:
    """Queue the digests that are due; answers how many."""
    if current().smtp_url is None:
        return 0
    with transaction():
        return services.gather_digests()
