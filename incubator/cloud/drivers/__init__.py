"""What a provider can be asked, the same for all of them.

Every call is safe to repeat, has a deadline, and is made outside any database transaction. `key` is our sandbox's
public id; it is written at the provider as tag or name, so that an account can be found again by it. Before creating,
the caller looks up; create() itself answers the account that is there already.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from incubator.cloud.drivers.base import (
    Ambiguous,
    AuthFailed,
    Capabilities,
    Check,
    Conflict,
    Driver,
    DriverError,
    Health,
    Limits,
    NotEmpty,
    NotFound,
    Pending,
    Place,
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

ALIYUN = "aliyun"
AWS = "aws"
LOCAL_PG = "local_pg"
HTTP = "http"
HUAWEI = "huawei"
MANUAL = "manual"
OPENSTACK = "openstack"
OSB = "osb"
KUBERNETES = "kubernetes"
TENCENT = "tencent"
CONTRACT_TESTED = "a stub of the SDK's own classes: contract-tested, never seen a live account"


@dataclass(frozen=True)
class Kind:
    """A driver: where its class is (imported when it is needed), and what was seen of it.

    tried: what it was tested against, for the catalogue of drivers.
    """

    module: str
    name: str
    tried: str

    def cls(self) -> Any:
        """Its class: `capabilities`, and `open(place)`."""
        return getattr(import_module(self.module), self.name)


KINDS: dict[str, Kind] = {
    LOCAL_PG: Kind("incubator.cloud.drivers.local_pg", "LocalPostgres", "a real PostgreSQL cluster"),
    MANUAL: Kind("incubator.cloud.drivers.manual", "ManualDriver", "people in the browser"),
    OSB: Kind("incubator.cloud.drivers.osb", "OpenServiceBroker", "a broker of PyPI openbrokerapi"),
    KUBERNETES: Kind(
        "incubator.cloud.drivers.kubernetes.driver", "Kubernetes", "a test double of its API, never a cluster"
    ),
    AWS: Kind("incubator.cloud.drivers.aws.driver", "Aws", "a double of AWS (PyPI moto), never a live account"),
    OPENSTACK: Kind(
        "incubator.cloud.drivers.openstack.driver", "OpenStack", "a real Keystone and Swift, nothing of the others"
    ),
    ALIYUN: Kind("incubator.cloud.drivers.directory.aliyun", "Aliyun", CONTRACT_TESTED),
    TENCENT: Kind("incubator.cloud.drivers.directory.tencent", "Tencent", CONTRACT_TESTED),
    HUAWEI: Kind("incubator.cloud.drivers.directory.huawei", "Huawei", CONTRACT_TESTED),
    HTTP: Kind("incubator.cloud.drivers.http", "HttpDriver", "a server on the loopback that speaks the protocol"),
}


def open_driver(driver: str, place: Place) -> Driver:
    """The driver of a provider. Raises Unavailable when its address is not set, KeyError for an unknown driver."""
    opened: Driver = KINDS[driver].cls().open(place)
    return opened


def capabilities_of(driver: str) -> Capabilities:
    """What a kind of provider keeps by itself. Raises KeyError for an unknown driver."""
    found: Capabilities = KINDS[driver].cls().capabilities
    return found


__all__ = [
    "ALIYUN",
    "AWS",
    "HTTP",
    "HUAWEI",
    "KINDS",
    "KUBERNETES",
    "LOCAL_PG",
    "MANUAL",
    "OPENSTACK",
    "OSB",
    "TENCENT",
    "Ambiguous",
    "AuthFailed",
    "Capabilities",
    "Check",
    "Conflict",
    "Driver",
    "DriverError",
    "Health",
    "HttpDriver",
    "Limits",
    "LocalPostgres",
    "NotEmpty",
    "NotFound",
    "Pending",
    "Place",
    "QuotaExhausted",
    "Rejected",
    "RemoteRef",
    "RemoteState",
    "Secret",
    "Throttled",
    "Unavailable",
    "Usage",
    "capabilities_of",
    "open_driver",
]
