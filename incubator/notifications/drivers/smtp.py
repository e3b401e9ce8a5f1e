"""Handing mails to a mail server (RFC 5321): each once, or saying for certain that it was not taken."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from incubator.config import SMTP_PORTS

PATIENCE = 20.0
TEMPORARY = range(400, 500)


class NotTakenError(Exception):
    """The server has not taken a mail. passes: it may take it later."""

    def __init__(self, error: object, *, passes: bool) -> None:
        super().__init__(str(error)[:500])
        self.passes = passes


class UnsureError(Exception):
    """The connection broke after the mail was handed over and before the server said that it has it."""


@contextmanager
def connected(url: str) -> Iterator[smtplib.SMTP]:
    """A connection to the server of an INCUBATOR_SMTP_URL, signed in. Raises NotTakenError when there is none."""
    try:
        server = _open(url)
    except (OSError, smtplib.SMTPException) as error:
        raise NotTakenError(error, passes=True) from error
    try:
        yield server
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _open(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or SMTP_PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=PATIENCE)
    try:
        if parts.scheme == "smtp+starttls":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def send(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Hand one mail over. Raises NotTakenError, or UnsureError when nobody can say whether it was taken."""
    sender, receiver = (parseaddr(str(message[name]))[1] for name in ("From", "To"))
    try:
        server.ehlo_or_helo_if_needed()
        for code, answer in (server.mail(sender), server.rcpt(receiver)):
            _check(server, code, answer)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise NotTakenError(error, passes=not isinstance(error, UnicodeError)) from error
    try:
        code, answer = server.data(message.as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as error:  # the server did not want to begin
        _check(server, error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        raise UnsureError(str(error)[:500]) from error
    else:
        _check(server, code, answer)


def _check(server: smtplib.SMTP, code: int, answer: bytes | str) -> None:
    if code not in range(200, 300):
        server.rset()
        words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
        raise NotTakenError(f"{code} {words}", passes=code in TEMPORARY)
