"""What can be done in the cloud."""

from incubator.cloud.services.access import Gone, renew_access, reveal_secret
from incubator.cloud.services.ending import close, unfreeze
from incubator.cloud.services.exporting import ask_export, close_without_copy
from incubator.cloud.services.manual import complete_task
from incubator.cloud.services.members import add_member, remove_member, reveal_member_secret
from incubator.cloud.services.operations import retry
from incubator.cloud.services.orders import least_limit, order, raise_limit
from incubator.cloud.services.providers import (
    add_offer,
    add_plan,
    add_provider,
    driver_of,
    install_local_provider,
)
from incubator.cloud.services.repairing import adopt, compensate, give_up

__all__ = [
    "Gone",
    "add_member",
    "add_offer",
    "add_plan",
    "add_provider",
    "adopt",
    "ask_export",
    "close",
    "close_without_copy",
    "compensate",
    "complete_task",
    "driver_of",
    "give_up",
    "install_local_provider",
    "least_limit",
    "order",
    "raise_limit",
    "remove_member",
    "renew_access",
    "retry",
    "reveal_member_secret",
    "reveal_secret",
    "unfreeze",
]
