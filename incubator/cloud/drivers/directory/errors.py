"""What the SDKs of three vendors raise, in the words of all drivers."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from incubator.cloud.drivers.base import (
    AuthFailed,
    Conflict,
    DriverError,
    NotFound,
    QuotaExhausted,
    Rejected,
    Throttled,
    Unavailable,
)

WAIT, WORDS = 30, 200
CONNECT, READ = 5, 20
"""The deadline of every call: seconds until it is connected, and until it is answered."""
TOO_MANY, SERVER = 429, 500
STATUSES: dict[int, type[DriverError]] = {401: AuthFailed, 403: AuthFailed, 404: NotFound, 409: Conflict}
THROTTLED = re.compile(r"Throttling|RequestLimitExceeded|LimitExceeded\.\w*Frequency|APIGW\.0308|429$")
MEANINGS: list[tuple[re.Pattern[str], type[DriverError]]] = [
    (
        re.compile(
            r"InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidSecurityToken|NoPermission|Forbidden"
            r"|AuthFailure|UnauthorizedOperation|FailedOperation\.PermissionDenied|APIGW\.03|PAP5|Unauthorized"
        ),
        AuthFailed,
    ),
    (re.compile(r"LimitExceeded|QuotaExceed|\w*\.\w*Over(Upper)?Limit|Quota"), QuotaExhausted),
    (re.compile(r"(\w+\.)*\w*(NotExist|NotFound)"), NotFound),
    (re.compile(r"(\w+\.)*(EntityAlreadyExists?|\w*(NameUsed|AlreadyExists?|NameExist(ed)?))"), Conflict),
]
"""Codes begin so. Alibaba's and Huawei's are from their public documentation, Tencent's stand in its SDK."""
UNREACHED = re.compile(r"NewConnectionError|Failed to establish|ConnectTimeout|refused|Name or service|getaddrinfo")


def installed(module: str, extra: str) -> ModuleType:
    """A part of an SDK, imported when it is needed. Raises Unavailable while it is not there."""
    try:
        return import_module(module)
    except ImportError as error:
        raise Unavailable(f"the vendor's SDK is not there: install incubator[{extra}]") from error


def refused(code: str, status: int, words: str, unsure: type[DriverError]) -> DriverError:
    """An answer that is an error, by its code, else by its status (0: not known). unsure: what a server's own fault
    means for this call."""
    said = f"{code}: {words}"[:WORDS]
    if THROTTLED.match(code) or status == TOO_MANY:
        return Throttled(said, WAIT)
    for pattern, meaning in MEANINGS:
        if pattern.match(code):
            return meaning(said)
    if status >= SERVER or code.startswith("InternalError") or not code:
        return unsure(said)
    return STATUSES.get(status, Rejected)(said)


def unanswered(words: str, unsure: type[DriverError]) -> DriverError:
    """No answer, or none that can be read."""
    if UNREACHED.search(words):
        return Unavailable("the provider cannot be reached")
    return unsure(f"no answer that can be read: {words}"[:WORDS])


@contextmanager
def translated(meant: Callable[[Exception], DriverError]) -> Iterator[None]:
    """Whatever an SDK raises, as an error of a driver."""
    try:
        yield
    except DriverError:
        raise
    except Exception as error:
        raise meant(error) from error


def part(said: Any, *names: str, unsure: type[DriverError]) -> Any:
    """What stands there in an answer. Raises `unsure` for one of another shape."""
    for name in names:
        if not isinstance(said, dict) or said.get(name) is None:
            raise unsure(f"an answer without {name}")
        said = said[name]
    return said
