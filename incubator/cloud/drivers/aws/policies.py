"""Service control policies: what nobody in an account may do, whatever rights they have there.

A plan's policy is named by its content, so that accounts of one plan share it and a changed plan gets another.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "incubator-"
FROZEN = "incubator-frozen"
EVERYWHERE = ("iam", "organizations", "sts", "support", "health", "budgets", "ce", "cloudfront", "route53", "account")
"""Services that have no region of their own; they are asked in one."""


WIPED_WHOLE = frozenset({"s3"})
"""Services of which a wipe sees everything that a team may make. Of ec2 it does not: a fleet or a request that stays
starts machines anew, and templates, key pairs and endpoints stay."""
BINDING = [
    "aws-marketplace:Subscribe", "ec2:AllocateHosts", "ec2:CreateCapacityReservation",
    "ec2:CreateCapacityReservationFleet", "ec2:CreateClientVpnEndpoint", "ec2:CreateTransitGateway",
    "ec2:CreateVpnConnection", "ec2:LockSnapshot", "ec2:PurchaseCapacityBlock*", "ec2:PurchaseHostReservation",
    "ec2:PurchaseReservedInstancesOffering", "ec2:PurchaseScheduledInstances", "savingsplans:CreateSavingsPlan",
]  # fmt: skip
"""What binds for longer than a sandbox lasts, or stays where no wipe looks."""


def is_wiped_whole(settings: Mapping[str, str]) -> bool:
    """Whether a plan's services are all such that nothing of them stays unseen; one that names none opens all."""
    services = words(settings.get("services", ""))
    return bool(services) and WIPED_WHOLE.issuperset(services)


def frozen(role: str) -> str:
    """Nothing at all, but for us."""
    return _document([{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": _but_us(role)}])


def guard(role: str, regions: Sequence[str], settings: Mapping[str, str]) -> str:
    """Nobody leaves the organization or touches our way in; nothing outside the regions, where no wipe would look;
    nothing that outlasts a sandbox.

    settings of the plan: services (those alone may be used, by their prefix), instance_types (those alone may run).
    """
    ours = [f"arn:*:iam::*:role/{role}"]
    statements: list[dict[str, Any]] = [
        _deny(["organizations:LeaveOrganization", "account:CloseAccount", *BINDING], "*", None),
        _deny(["iam:*"], ours, _but_us(role)),
        {"Effect": "Deny", "NotAction": [f"{name}:*" for name in EVERYWHERE], "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:RequestedRegion": list(regions)}, **_but_us(role)}},
    ]  # fmt: skip
    if services := words(settings.get("services", "")):
        allowed = [f"{name}:*" for name in sorted({*services, "iam", "sts", "tag"})]
        statements.append({"Effect": "Deny", "NotAction": allowed, "Resource": "*", "Condition": _but_us(role)})
    if types := words(settings.get("instance_types", "")):
        condition = {"StringNotEquals": {"ec2:InstanceType": types}}
        statements.append(_deny(["ec2:RunInstances"], "arn:*:ec2:*:*:instance/*", condition))
    return _document(statements)


def team() -> str:
    """What a user of a team may do: everything but what concerns people and the organization, and their own keys."""
    own = ["iam:ChangePassword", "iam:*AccessKey*", "iam:GetUser"]
    return _document([
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": own, "Resource": "arn:*:iam::*:user/${aws:username}"},
        {"Effect": "Allow", "Action": ["iam:CreateServiceLinkedRole", "iam:ListRoles"], "Resource": "*"},
    ])  # fmt: skip


def name_of(document: str) -> str:
    """By its content."""
    return f"{PREFIX}{hashlib.sha256(document.encode()).hexdigest()[:16]}"


def words(text: str) -> list[str]:
    """What stands between commas or spaces, in order."""
    return sorted({word for word in text.replace(",", " ").split() if word})


def _deny(actions: list[str], resource: str | list[str], condition: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Deny", "Action": actions, "Resource": resource}
    return found | ({"Condition": condition} if condition else {})


def _but_us(role: str) -> dict[str, Any]:
    return {"ArnNotLike": {"aws:PrincipalARN": [f"arn:*:iam::*:role/{role}"]}}


def _document(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"), sort_keys=True)
