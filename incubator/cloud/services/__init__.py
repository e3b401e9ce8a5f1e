"""What can be done in the cloud."""

from incubator.cloud.services.access import Gone, renew_access, reveal_secret
from incubator.cloud.services.ending import close, unfreeze
from incubator.cloud.services.operations import retry
from incubator.cloud.services.orders import least_limit, order, raise_limit
from incubator.cloud.services.providers import (
    add_offer,
    add_plan,
    add_provider,
    driver_of,
    install_local_provider,
)

__all__ = [
    "Gone",
    "add_offer",
    "add_plan",
    "add_provider",
    "close",
    "driver_of",
    "install_local_provider",
    "least_limit",
    "order",
    "raise_limit",
    "renew_access",
    "retry",
    "reveal_secret",
    "unfreeze",
]
