"""Calls to Amazon's interfaces with its own SDK, and what their errors mean.

The SDK is an extra (`incubator[aws]`) and is loaded when the first client is made. It is told to try once: operations
try again by themselves, after a look.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from incubator.cloud.drivers.base import (
    Ambiguous,
    AuthFailed,
    Conflict,
    DriverError,
    NotFound,
    QuotaExhausted,
    Rejected,
    Throttled,
    Unavailable,
)

CONNECT, READ = 5, 15
"""Seconds."""
WAIT = 5
THROTTLED = {
    "ConcurrentModificationException", "PriorRequestNotComplete", "RequestLimitExceeded", "SlowDown", "Throttling",
    "ThrottlingException", "TooManyRequestsException",
}  # fmt: skip
REFUSED = {
    "AccessDenied", "AccessDeniedException", "AuthFailure", "AWSOrganizationsNotInUseException", "ExpiredToken",
    "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "SignatureDoesNotMatch",
    "UnauthorizedOperation", "UnrecognizedClientException",
}  # fmt: skip
"""A key of an account without an organization is a wrong key: nothing that it does not show is gone."""
FULL = {"CloseAccountQuotaExceeded", "ConstraintViolationException", "LimitExceeded", "LimitExceededException"}
GONE = {
    "AccountNotFoundException", "ChildNotFoundException", "CreateAccountStatusNotFoundException", "NoSuchBucket",
    "NoSuchEntity", "NotFoundException", "PolicyNotAttachedException", "PolicyNotFoundException",
    "TargetNotFoundException",
}  # fmt: skip
TAKEN = {
    "AccountAlreadyClosedException", "DuplicateAccountException", "DuplicateOrganizationalUnitException",
    "DuplicatePolicyAttachmentException", "DuplicatePolicyException", "DuplicateRecordException",
    "EntityAlreadyExists",
}  # fmt: skip
MEANINGS: dict[str, type[DriverError]] = {
    **dict.fromkeys(REFUSED, AuthFailed), **dict.fromkeys(FULL, QuotaExhausted),
    **dict.fromkeys(GONE, NotFound), **dict.fromkeys(TAKEN, Conflict),
}  # fmt: skip
_making = threading.Lock()


@dataclass(frozen=True)
class Keys:
    """Who calls: an access key, with the token of a role that was taken on."""

    number: str
    secret: str
    token: str | None = None


class Amazon:
    """Clients of one place: Amazon's own addresses, or one for all services.

    Raises Unavailable while the SDK is not installed.
    """

    def __init__(self, address: str | None, region: str) -> None:
        self._address, self.region = address or None, region
        self._session = _session()
        self._clients: dict[tuple[str, Keys, str], Any] = {}

    def client(self, service: str, keys: Keys, region: str | None = None) -> Any:
        """The SDK's client of a service; made once."""
        from botocore.config import Config

        name = (service, keys, region or self.region)
        with _making:  # the SDK's session may not be used by two threads at once, its clients may
            if name not in self._clients:
                style = {"addressing_style": "path" if self._address else "auto"}
                config = Config(connect_timeout=CONNECT, read_timeout=READ, s3=style, retries={"total_max_attempts": 1})
                self._clients[name] = self._session.client(
                    service, region_name=name[2], endpoint_url=self._address, config=config,
                    aws_access_key_id=keys.number, aws_secret_access_key=keys.secret, aws_session_token=keys.token,
                )  # fmt: skip
        return self._clients[name]


@cache
def _session() -> Any:
    try:
        import boto3
    except ImportError as error:
        raise Unavailable("boto3 is not installed: install incubator[aws]") from error
    return boto3.Session()


def look(client: Any, operation: str, needed: str | None = None, **details: Any) -> Any:
    """Ask; needed: what the answer must hold, and what is answered then. Raises a DriverError: Unavailable when no
    answer came."""
    return _call(client, operation, needed, details, Unavailable)


def change(client: Any, operation: str, needed: str | None = None, **details: Any) -> Any:
    """Have something changed. Raises a DriverError: Ambiguous when no answer came."""
    return _call(client, operation, needed, details, Ambiguous)


def pages(client: Any, operation: str, needed: str, **details: Any) -> Iterator[Any]:
    """What a list holds, page after page."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        for page in client.get_paginator(operation).paginate(**details):
            yield from page.get(needed, [])
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise _meant(error, Unavailable) from error


def _call(client: Any, operation: str, needed: str | None, details: dict[str, Any], unsure: type[DriverError]) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        said = getattr(client, operation)(**details)
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise _meant(error, unsure) from error
    if needed is None:
        return said
    if needed not in said:
        raise unsure(f"{operation}: an answer of another shape")
    return said[needed]


def _meant(error: Exception, unsure: type[DriverError]) -> DriverError:
    from botocore import exceptions as sdk

    if isinstance(error, sdk.ClientError):
        return _refusal(error, unsure)
    if isinstance(error, sdk.EndpointConnectionError | sdk.ConnectTimeoutError | sdk.ProxyConnectionError):
        return Unavailable("AWS cannot be reached")
    if isinstance(error, sdk.ParamValidationError):
        return Rejected(str(error)[:200])
    return unsure(f"no answer that can be read ({type(error).__name__})")


def _refusal(error: Any, unsure: type[DriverError]) -> DriverError:
    """What an answer of AWS that is an error means, by its code, else by its status."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    words = f"{code}: {error.response.get('Error', {}).get('Message', '')}"[:200]
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in THROTTLED or status == 429:
        return Throttled(words, WAIT)
    if code in MEANINGS:
        return MEANINGS[code](words)
    if code.endswith(".NotFound") or status == 404:
        return NotFound(words)
    return unsure(words) if status >= 500 or not code else Rejected(words)
