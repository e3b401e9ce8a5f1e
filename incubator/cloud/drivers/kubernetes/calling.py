"""Calls to a Kubernetes API server with the official client, and what its errors mean.

The client is an extra (`incubator[kubernetes]`) and is loaded when the first call is made. It looks for nothing by
itself: no kubeconfig, no account of a pod, no proxy of the environment. It is told to try once, as operations try again
by themselves, after a look; redirects are not followed. Answers are read here: of each only what the driver needs, so
that a newer or older server is understood.
"""

from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from incubator.cloud.drivers.base import Ambiguous, DriverError, Rejected, Throttled, Unavailable
from incubator.cloud.drivers.transport import DEADLINE, LARGEST, REFUSALS, Answer, seconds

if TYPE_CHECKING:
    from urllib3.connectionpool import HTTPConnectionPool

A = TypeVar("A", bound=Answer)
Operation = Callable[..., Any]
"""A method of one of the client's interfaces."""


class Cluster:
    """The client's interfaces to one API server. ca: PEM of whom alone to trust, otherwise whom the system trusts.

    Raises Unavailable while the client is not installed.
    """

    def __init__(self, address: str, token: str, ca: str | None) -> None:
        self._address, self._token, self._ca = address, token, ca

    @cached_property
    def core(self) -> Any:
        """Namespaces and what is in them."""
        return self._interface("CoreV1Api")

    @cached_property
    def rbac(self) -> Any:
        """Role bindings."""
        return self._interface("RbacAuthorizationV1Api")

    @cached_property
    def authorization(self) -> Any:
        """What we may do."""
        return self._interface("AuthorizationV1Api")

    @cached_property
    def version(self) -> Any:
        """Which Kubernetes it is."""
        return self._interface("VersionApi")

    def _interface(self, name: str) -> Any:
        try:
            from kubernetes import client
        except ImportError as error:
            raise Unavailable("kubernetes is not installed: install incubator[kubernetes]") from error
        settings = client.Configuration(
            host=self._address.rstrip("/"), api_key={"BearerToken": self._token},
            api_key_prefix={"BearerToken": "Bearer"}, ca_cert_data=self._ca or None, retries=False, proxy="",
            no_proxy="",
        )  # fmt: skip
        api = client.ApiClient(settings)
        api.user_agent = "incubator"
        api.set_default_header("Connection", "close")
        api.rest_client.pool_manager.pool_classes_by_scheme = _pools()
        api.rest_client = _ShortRefusals(api.rest_client)
        return getattr(client, name)(api)


class _ShortRefusals:
    """The client's own connections; of a refusal, which it reads whole, it gets the beginning."""

    def __init__(self, connections: Any) -> None:
        self._connections = connections

    def request(self, *words: Any, **details: Any) -> Any:
        reply = self._connections.request(*words, **details)
        if reply.status >= 300:
            try:
                reply.data = reply.response.read(LARGEST)
            finally:
                reply.response.close()
        return reply


@cache
def _pools() -> "dict[str, type[HTTPConnectionPool]]":
    """urllib3's connections, which tell what was never sent: whatever fails until the other side is known to be who it
    is (a handshake that takes too long is a lost answer to urllib3)."""
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.exceptions import HTTPError, NewConnectionError

    class Plain(HTTPConnection):
        def connect(self) -> None:
            try:
                super().connect()
            except (OSError, HTTPError) as error:
                raise NewConnectionError(self, "not connected") from error

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            try:
                super().connect()
            except (OSError, HTTPError) as error:
                raise NewConnectionError(self, "not connected") from error

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


def look(operation: Operation, answer: type[A], *names: str, **details: Any) -> A:
    """Ask. Raises a DriverError: Unavailable when no answer came."""
    return _asked(Unavailable, operation, answer, *names, **details)


def change(operation: Operation, answer: type[A], *names: str, **details: Any) -> A:
    """Have something changed. Raises a DriverError: Ambiguous when no answer came."""
    return _asked(Ambiguous, operation, answer, *names, **details)


def _asked(unsure: type[DriverError], operation: Operation, answer: type[A], *names: str, **details: Any) -> A:
    from kubernetes.client.exceptions import ApiException
    from urllib3.exceptions import HTTPError, LocationValueError, NewConnectionError

    try:
        reply = operation(*names, **details, _request_timeout=DEADLINE, _preload_content=False)
        try:
            content = reply.read(LARGEST)
        finally:
            reply.close()
    except (NewConnectionError, LocationValueError) as error:
        raise Unavailable("the provider cannot be reached") from error
    except (HTTPError, OSError) as error:
        raise unsure("no answer") from error
    except ApiException as error:
        raise _refusal(error, unsure) from error
    try:
        return answer.model_validate_json(content or b"{}")
    except ValidationError:
        raise unsure("an answer of another shape") from None  # pydantic's words hold what was said: perhaps a token


def _refusal(error: Any, unsure: type[DriverError]) -> DriverError:
    """What a status of 300 or more means; 0: what is no answer at all to the client."""
    status = int(error.status or 0)
    if not status:
        return unsure("no answer")
    if status == 429:
        return Throttled("too many calls", seconds(error.headers.get("Retry-After")))
    if status in REFUSALS:
        return REFUSALS[status](f"HTTP {status}")
    return unsure(f"HTTP {status}") if status >= 500 else Rejected(f"HTTP {status}")
