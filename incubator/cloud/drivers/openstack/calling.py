"""Signing in to an OpenStack with its own SDK, and what its errors mean.

The SDK is an extra (`incubator[openstack]`) and is loaded when the first call is made. It is told to try once:
operations try again by themselves, after a look.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
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
from incubator.cloud.drivers.transport import seconds

DEADLINE = 10.0
"""Seconds that one call may take."""
LONGEST_WORDS = 200
MEANINGS: dict[int, type[DriverError]] = {
    401: AuthFailed, 403: AuthFailed, 404: NotFound, 409: Conflict, 413: QuotaExhausted, 503: Unavailable,
    507: QuotaExhausted,
}  # fmt: skip
THROTTLED = {429, 498}
"""The second is Swift's."""
NOT_SENT = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


class Cloud:
    """One OpenStack as one person. Raises Unavailable while the SDK is not installed."""

    def __init__(self, session: Any, region: str | None, interface: str) -> None:
        self.session, self._region, self._interface = session, region, interface

    @cached_property
    def identity(self) -> Any:
        """The SDK's view of Keystone."""
        from openstack.connection import Connection

        named: dict[str, Any] = {"region_name": self._region} if self._region else {}
        return Connection(session=self.session, identity_interface=self._interface, **named).identity

    def endpoint(self, service: str) -> str | None:
        """Where the catalogue says a kind of service is; None when it names none."""
        from keystoneauth1.exceptions import EndpointNotFound

        try:
            with looking():
                found = self.session.get_endpoint(
                    service_type=service, interface=self._interface, region_name=self._region, skip_discovery=True
                )
        except Unavailable as error:
            if isinstance(error.__cause__, EndpointNotFound):
                return None
            raise
        return str(found).rstrip("/") if found else None

    def project(self) -> str:
        """The project that we are signed in to."""
        with looking():
            return str(self.session.get_project_id())

    def roles(self) -> list[str]:
        """What we are there, which means a sign-in."""
        with looking():
            return list(self.session.auth.get_access(self.session).role_names)

    def ask(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, stream: bool = False) -> Any:
        """One call, whatever is answered but an error. Raises a DriverError."""
        with looking() if method in {"GET", "HEAD"} else changing():
            answer = self.session.request(
                url, method, headers={"Accept": "application/json"} | dict(headers or {}), raise_exc=False,
                stream=stream,
            )  # fmt: skip
            if answer.status_code >= 300:
                raise refusal(answer.status_code, answer.headers, "", _unsure(method))
            return answer


def sign_in(address: str, token: str, options: Mapping[str, str]) -> Cloud:
    """token: user and password with a colon between, where the options name a project; else number and secret of an
    application credential."""
    name, _, secret = token.partition(":")
    try:
        from keystoneauth1.identity import v3
    except ImportError as error:
        raise Unavailable("openstacksdk is not installed: install incubator[openstack]") from error
    if options.get("project"):
        auth: Any = v3.Password(
            address, username=name, password=secret, project_name=options["project"],
            user_domain_name=options.get("user_domain") or "Default",
            project_domain_name=options.get("project_domain") or "Default",
        )  # fmt: skip
    else:
        auth = v3.ApplicationCredential(address, application_credential_id=name, application_credential_secret=secret)
    return _cloud(auth, options)


def sign_in_there(address: str, user: str, password: str, project: str, options: Mapping[str, str]) -> Cloud:
    """As one of a team; user and project by their numbers."""
    from keystoneauth1.identity import v3

    return _cloud(v3.Password(address, user_id=user, password=password, project_id=project), options)


def sign_in_with(address: str, credential: str, secret: str, options: Mapping[str, str]) -> Cloud:
    """With an application credential."""
    from keystoneauth1.identity import v3

    auth = v3.ApplicationCredential(address, application_credential_id=credential, application_credential_secret=secret)
    return _cloud(auth, options)


def _cloud(auth: Any, options: Mapping[str, str]) -> Cloud:
    from keystoneauth1.session import Session

    session = Session(auth=auth, timeout=DEADLINE, redirect=False, user_agent="incubator")
    return Cloud(session, options.get("region") or None, options.get("interface") or "public")


@contextmanager
def looking() -> Iterator[None]:
    """What fails here has changed nothing: without an answer the provider is Unavailable."""
    with _meaning(Unavailable):
        yield


@contextmanager
def changing() -> Iterator[None]:
    """What fails here may have happened: without an answer it is Ambiguous."""
    with _meaning(Ambiguous):
        yield


@contextmanager
def _meaning(unsure: type[DriverError]) -> Iterator[None]:
    from keystoneauth1.exceptions import ClientException
    from openstack.exceptions import SDKException

    try:
        yield
    except (ClientException, SDKException) as error:
        raise _meant(error, unsure) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise unsure(f"an answer of another shape ({type(error).__name__})") from error


def _meant(error: Any, unsure: type[DriverError]) -> DriverError:
    from keystoneauth1.exceptions import ConnectFailure

    if isinstance(error, ConnectFailure):
        return Unavailable("the cloud cannot be reached") if _never_sent(error) else unsure("no answer")
    status = getattr(error, "http_status", None) or getattr(error, "status_code", None)
    if status == 404 and str(getattr(error, "url", "")).endswith("/auth/tokens"):
        return AuthFailed(f"{error}"[:LONGEST_WORDS])  # what Keystone says of a credential that is gone
    if not status:
        return unsure(f"{type(error).__name__}: {error}"[:LONGEST_WORDS])
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    return refusal(int(status), headers, str(error), unsure)


def _never_sent(error: BaseException) -> bool:
    """Whether nobody took the connection; the SDK says the same of an answer that was lost."""
    seen: BaseException | None = error
    while seen is not None:
        if any(name in repr(seen) for name in NOT_SENT):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def refusal(status: int, headers: Mapping[str, str], said: str, unsure: type[DriverError]) -> DriverError:
    """What an answer of 300 or more means."""
    words = f"HTTP {status} {said}".strip()[:LONGEST_WORDS]
    if status in THROTTLED or (status in {413, 503} and headers.get("Retry-After")):
        return Throttled(words, seconds(headers.get("Retry-After")))
    if status in MEANINGS:
        return MEANINGS[status](words)
    return unsure(words) if status >= 500 else Rejected(words)


def _unsure(method: str) -> type[DriverError]:
    return Unavailable if method in {"GET", "HEAD"} else Ambiguous
