"""Emptying an account: storage, machines, people and rights are removed; anything else that can be seen is named.

What is seen is what these services list and what AWS's register of tagged resources holds, in the regions that the
plan's policy leaves open. What nobody ever tagged in another service is not in that register; the month's bill shows
it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from incubator.cloud.drivers.aws.calling import Amazon, Keys, change, look, pages
from incubator.cloud.drivers.aws.people import remove_user
from incubator.cloud.drivers.base import (
    AuthFailed,
    Conflict,
    DriverError,
    NotFound,
    Pending,
    QuotaExhausted,
    Rejected,
)

CANNOT = (AuthFailed, Conflict, QuotaExhausted, Rejected)
"""What a single thing answers that may not be removed; of a whole account it would mean something else."""
AT_A_TIME = 1000
ENDING = {"shutting-down", "deleting"}
OVER = {"terminated", "deleted"}
POLL = 30
SEEN_TO = re.compile(r"arn:[^:]+:(s3:::|iam:|ec2:[^:]*:[^:]*:(instance|volume|snapshot|image|elastic-ip|natgateway)/)")
"""Names of what was looked at itself, with their service: the register keeps what is gone for a while, and other
services have instances and images too."""
EC2: tuple[tuple[str, str, dict[str, Any], str, str, str], ...] = (
    ("describe_instances", "Reservations", {}, "InstanceId", "terminate_instances", "InstanceIds"),
    ("describe_nat_gateways", "NatGateways", {}, "NatGatewayId", "delete_nat_gateway", "NatGatewayId"),
    ("describe_images", "Images", {"Owners": ["self"]}, "ImageId", "deregister_image", "ImageId"),
    ("describe_snapshots", "Snapshots", {"OwnerIds": ["self"]}, "SnapshotId", "delete_snapshot", "SnapshotId"),
    ("describe_volumes", "Volumes", {}, "VolumeId", "delete_volume", "VolumeId"),
)
"""How it is listed, under which name, with which arguments, by what it is told apart, and how it is removed."""


class Wiper:
    """One account, as our role in it sees it. role: its name, which stays."""

    def __init__(self, amazon: Amazon, keys: Keys, regions: Sequence[str], role: str) -> None:
        self._amazon, self._keys, self._regions, self._role = amazon, keys, regions, role
        self._iam, self._s3 = amazon.client("iam", keys), amazon.client("s3", keys)
        self.left: set[str] = set()
        self._is_ending = False

    def clean(self) -> list[str]:
        """Remove what there is; the names of what stays, sorted. Raises Pending while machines are ending."""
        for region in self._regions:
            self._machines(self._amazon.client("ec2", self._keys, region))
        for bucket in self._buckets():
            self._try(f"bucket {bucket}", partial(self._bucket, bucket))
        self._rights()
        self.left |= set(self._others())
        if self._is_ending and not self.left:
            raise Pending("machines are ending", POLL)
        return sorted(self.left)

    def seen(self) -> list[str]:
        """What is there, without touching it, sorted."""
        found = {f"bucket {bucket}" for bucket in self._buckets()} | {f"user {user}" for user in self._users()}
        found |= {f"role {role}" for role in self._roles()} | set(self._others())
        for region in self._regions:
            ec2 = self._amazon.client("ec2", self._keys, region)
            for listed, field, details, name, _removed, _argument in EC2:
                found |= {one[name] for one in _listed(ec2, listed, field, details) if _state(one) not in OVER}
            found |= {f"address {one['PublicIp']}" for one in look(ec2, "describe_addresses", "Addresses")}
        return sorted(found)

    def stop(self) -> None:
        """End what runs, and leave it there."""
        for region in self._regions:
            ec2 = self._amazon.client("ec2", self._keys, region)
            running = [one["InstanceId"] for one in _listed(ec2, "describe_instances", "Reservations", {})
                       if _state(one) in {"running", "pending"}]  # fmt: skip
            if running:
                change(ec2, "stop_instances", InstanceIds=running, Force=True)

    def _try(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except NotFound:
            return
        except CANNOT as error:
            self.left.add(f"{name} ({_short(error)})")

    def _machines(self, ec2: Any) -> None:
        for listed, field, details, name, removed, argument in EC2:
            for one in _listed(ec2, listed, field, details):
                number = one[name]
                self._is_ending |= _state(one) in ENDING
                if _state(one) in ENDING | OVER or _is_attached(one):
                    continue
                argued: dict[str, Any] = {argument: [number] if argument.endswith("Ids") else number}
                self._is_ending |= removed in {"terminate_instances", "delete_nat_gateway"}
                self._try(number, partial(change, ec2, removed, **argued))
        for address in look(ec2, "describe_addresses", "Addresses"):
            number = address["AllocationId"]
            if not address.get("AssociationId"):
                self._try(number, partial(change, ec2, "release_address", AllocationId=number))

    def _buckets(self) -> list[str]:
        return [bucket["Name"] for bucket in look(self._s3, "list_buckets").get("Buckets", [])]

    def _bucket(self, name: str) -> None:
        """Every version of every object, broken uploads, then the bucket."""
        where = look(self._s3, "get_bucket_location", Bucket=name).get("LocationConstraint")
        s3 = self._amazon.client("s3", self._keys, where or "us-east-1")
        for upload in list(pages(s3, "list_multipart_uploads", "Uploads", Bucket=name)):
            change(s3, "abort_multipart_upload", Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
        for field in ("Versions", "DeleteMarkers"):
            for some in _in_parts(pages(s3, "list_object_versions", field, Bucket=name)):
                these = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in some]
                change(s3, "delete_objects", Bucket=name, Delete={"Objects": these, "Quiet": True})
        change(s3, "delete_bucket", Bucket=name)

    def _rights(self) -> None:
        for user in self._users():
            self._try(f"user {user}", partial(remove_user, self._iam, user))
        for profile in list(pages(self._iam, "list_instance_profiles", "InstanceProfiles")):
            self._try(f"profile {profile['InstanceProfileName']}", partial(self._profile, profile))
        for role in self._roles():
            self._try(f"role {role}", partial(self._role_away, role))
        for group in list(pages(self._iam, "list_groups", "Groups")):
            self._try(f"group {group['GroupName']}", partial(self._group, group["GroupName"]))
        for policy in list(pages(self._iam, "list_policies", "Policies", Scope="Local")):
            self._try(f"policy {policy['PolicyName']}", partial(self._policy, policy["Arn"]))

    def _users(self) -> list[str]:
        return [user["UserName"] for user in pages(self._iam, "list_users", "Users")]

    def _roles(self) -> list[str]:
        """Those that a team made: ours and those of AWS itself stay."""
        found = pages(self._iam, "list_roles", "Roles")
        return [role["RoleName"] for role in found
                if role["RoleName"] != self._role and not role["Path"].startswith("/aws-")]  # fmt: skip

    def _profile(self, profile: Any) -> None:
        name = profile["InstanceProfileName"]
        for role in profile["Roles"]:
            change(self._iam, "remove_role_from_instance_profile", InstanceProfileName=name, RoleName=role["RoleName"])
        change(self._iam, "delete_instance_profile", InstanceProfileName=name)

    def _role_away(self, name: str) -> None:
        for policy in list(pages(self._iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)):
            change(self._iam, "detach_role_policy", RoleName=name, PolicyArn=policy["PolicyArn"])
        for inline in list(pages(self._iam, "list_role_policies", "PolicyNames", RoleName=name)):
            change(self._iam, "delete_role_policy", RoleName=name, PolicyName=inline)
        change(self._iam, "delete_role", RoleName=name)

    def _group(self, name: str) -> None:
        for policy in list(pages(self._iam, "list_attached_group_policies", "AttachedPolicies", GroupName=name)):
            change(self._iam, "detach_group_policy", GroupName=name, PolicyArn=policy["PolicyArn"])
        for inline in list(pages(self._iam, "list_group_policies", "PolicyNames", GroupName=name)):
            change(self._iam, "delete_group_policy", GroupName=name, PolicyName=inline)
        change(self._iam, "delete_group", GroupName=name)

    def _policy(self, arn: str) -> None:
        for version in list(pages(self._iam, "list_policy_versions", "Versions", PolicyArn=arn)):
            if not version["IsDefaultVersion"]:
                change(self._iam, "delete_policy_version", PolicyArn=arn, VersionId=version["VersionId"])
        change(self._iam, "delete_policy", PolicyArn=arn)

    def _others(self) -> Iterator[str]:
        """What the register of tagged resources names beside."""
        for region in self._regions:
            register = self._amazon.client("resourcegroupstaggingapi", self._keys, region)
            for one in pages(register, "get_resources", "ResourceTagMappingList"):
                arn = one["ResourceARN"]
                if not SEEN_TO.match(arn):
                    yield arn


def _listed(ec2: Any, listed: str, field: str, details: dict[str, Any]) -> list[Any]:
    found = list(pages(ec2, listed, field, **details))
    return [one for group in found for one in group["Instances"]] if field == "Reservations" else found


def _state(one: Any) -> str:
    state = one.get("State", "")
    return str(state["Name"] if isinstance(state, dict) else state)


def _is_attached(one: Any) -> bool:
    """A volume of a machine goes with it or is free afterwards."""
    return bool(one.get("Attachments")) and "VolumeId" in one


def _in_parts(found: Iterable[Any]) -> Iterator[list[Any]]:
    some: list[Any] = []
    for one in found:
        some.append(one)
        if len(some) == AT_A_TIME:
            yield some
            some = []
    if some:
        yield some


def _short(error: DriverError) -> str:
    return str(error).partition(":")[0] or type(error).__name__
