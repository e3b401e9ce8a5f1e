"""Who gets into an account: users of its IAM, each with a password for the console and one access key."""

import secrets
import time
from contextlib import suppress
from typing import Any

from incubator.cloud.drivers.aws import policies
from incubator.cloud.drivers.aws.calling import Amazon, Keys, change, look, pages
from incubator.cloud.drivers.aws.organization import partition
from incubator.cloud.drivers.base import AuthFailed, Conflict, NotFound, RemoteRef, Secret, Unavailable

TEAM = "team"
CONSOLES = {"aws": "https://{account}.signin.aws.amazon.com/console",
            "aws-cn": "https://{account}.signin.amazonaws.cn/console"}  # fmt: skip
TRIES, PAUSE = 6, 2.0
"""A new key is known everywhere within seconds."""


class People:
    """The users of one account. policy: what they may do there, the ARN of a policy of AWS or a name below its own;
    None: everything but what concerns people and the organization; their own password and keys they may change."""

    def __init__(self, amazon: Amazon, keys: Keys, policy: str | None) -> None:
        self._amazon = amazon
        self._iam = amazon.client("iam", keys)
        self._policy = policy if not policy or policy.startswith("arn:") else _managed(amazon.region, policy)

    def let_in(self, ref: RemoteRef, user: str) -> Secret:
        """A user with a new password and a new access key that was tried; the older ones stop working."""
        try:
            change(self._iam, "create_user", UserName=user)
        except Conflict:
            self._drop_keys(user)
        self._allow(user)
        password = f"{secrets.token_urlsafe(18)}-aA1"
        try:
            change(self._iam, "create_login_profile", UserName=user, Password=password, PasswordResetRequired=False)
        except Conflict:
            change(self._iam, "update_login_profile", UserName=user, Password=password, PasswordResetRequired=False)
        made = change(self._iam, "create_access_key", "AccessKey", UserName=user)
        keys = Keys(made["AccessKeyId"], made["SecretAccessKey"])
        self._try(keys)
        return self._secret(ref, user, password, keys)

    def let_out(self, user: str) -> None:
        """The user with everything of theirs in IAM; nobody there is fine."""
        remove_user(self._iam, user)

    def _allow(self, user: str) -> None:
        if self._policy:
            change(self._iam, "attach_user_policy", UserName=user, PolicyArn=self._policy)
        else:
            change(self._iam, "put_user_policy", UserName=user, PolicyName="team", PolicyDocument=policies.team())

    def _drop_keys(self, user: str) -> None:
        for key in list(pages(self._iam, "list_access_keys", "AccessKeyMetadata", UserName=user)):
            change(self._iam, "delete_access_key", UserName=user, AccessKeyId=key["AccessKeyId"])

    def _try(self, keys: Keys) -> None:
        for left in reversed(range(TRIES)):
            try:
                look(self._amazon.client("sts", keys), "get_caller_identity")
            except AuthFailed as error:
                if not left:
                    raise Unavailable("the new access key does not work yet") from error
                time.sleep(PAUSE)
            else:
                return

    def _secret(self, ref: RemoteRef, user: str, password: str, keys: Keys) -> Secret:
        console = CONSOLES[partition(self._amazon.region)].format(account=ref.name)
        note = (
            f"AWS_ACCESS_KEY_ID={keys.number}\nAWS_SECRET_ACCESS_KEY={keys.secret}\n"
            f"AWS_DEFAULT_REGION={self._amazon.region}"
        )
        return Secret(console, 443, ref.name, user, password, kind="service", note=note)


def _managed(region: str, name: str) -> str:
    return f"arn:{partition(region)}:iam::aws:policy/{name}"


PARTS = (
    ("list_access_keys", "AccessKeyMetadata", "AccessKeyId", "delete_access_key", "AccessKeyId"),
    ("list_attached_user_policies", "AttachedPolicies", "PolicyArn", "detach_user_policy", "PolicyArn"),
    ("list_user_policies", "PolicyNames", None, "delete_user_policy", "PolicyName"),
    ("list_groups_for_user", "Groups", "GroupName", "remove_user_from_group", "GroupName"),
    ("list_mfa_devices", "MFADevices", "SerialNumber", "deactivate_mfa_device", "SerialNumber"),
    ("list_ssh_public_keys", "SSHPublicKeys", "SSHPublicKeyId", "delete_ssh_public_key", "SSHPublicKeyId"),
)
"""What hangs on a user: how it is listed, under which name, by what, and how it is removed."""


def remove_user(iam: Any, user: str) -> None:
    """The user and what hangs on them. Nobody there is fine; raises a DriverError for what cannot be removed."""
    try:
        for listed, field, name, removed, argument in PARTS:
            for one in list(pages(iam, listed, field, UserName=user)):
                change(iam, removed, UserName=user, **{argument: one[name] if name else one})
        with suppress(NotFound):
            change(iam, "delete_login_profile", UserName=user)
        change(iam, "delete_user", UserName=user)
    except NotFound:
        return
