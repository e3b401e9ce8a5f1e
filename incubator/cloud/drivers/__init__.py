"""What a provider can be asked, the same for all of them.

Every call is safe to repeat, has a deadline, and is made outside any database transaction. `key` is our sandbox's
public id; it is written at the provider as tag or name, so that an account can be found again by it. Before creating,
the caller looks up; create() itself answers the account that is there already.
"""

from incubator.cloud.drivers.base import (
    Ambiguous,
    AuthFailed,
    Capabilities,
    Conflict,
    Driver,
    DriverError,
    Health,
    Limits,
    NotFound,
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Secret,
    Throttled,
    Unavailable,
    Usage,
)
from incubator.cloud.drivers.http import HttpDriver
from incubator.cloud.drivers.local_pg import LocalPostgres

LOCAL_PG = "local_pg"
HTTP = "http"


def open_driver(driver: str, *, address: str | None, token: str | None) -> Driver:
    """The driver of a provider. Raises Unavailable when its address is not set, KeyError for an unknown driver.

    address: for local_pg the superuser's URL of the sandboxes' cluster, for http the base URL.
    """
    if not address:
        raise Unavailable("the provider's address is not set")
    if driver == LOCAL_PG:
        return LocalPostgres(address)
    return {HTTP: HttpDriver}[driver](address, token or "")


__all__ = [
    "HTTP",
    "LOCAL_PG",
    "Ambiguous",
    "AuthFailed",
    "Capabilities",
    "Conflict",
    "Driver",
    "DriverError",
    "Health",
    "HttpDriver",
    "Limits",
    "LocalPostgres",
    "NotFound",
    "QuotaExhausted",
    "Rejected",
    "RemoteRef",
    "RemoteState",
    "Secret",
    "Throttled",
    "Unavailable",
    "Usage",
    "open_driver",
]
