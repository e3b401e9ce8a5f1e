"""Alibaba Cloud's Resource Directory (SDK resourcedirectorymaster 2022-04-19, bssopenapi 2017-12-14).

options of its own: payer (account that pays; otherwise the management account). It has no cap on money.
The SDK makes money a float: bills are read from the raw text.
"""

import json
import re
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from incubator.cloud.drivers.base import (
    Ambiguous,
    Capabilities,
    DriverError,
    Limits,
    NotFound,
    Pending,
    Place,
    Unavailable,
)
from incubator.cloud.drivers.directory.driver import POLL, TAG, TEAM, Directory, Member, MemberDriver, Spent, name_of
from incubator.cloud.drivers.directory.errors import (
    CONNECT,
    READ,
    installed,
    part,
    refused,
    translated,
    unanswered,
)

DIRECTORY, BILLS = "alibabacloud_resourcedirectorymaster20220419", "alibabacloud_bssopenapi20171214"
HOSTS = {
    DIRECTORY: "resourcedirectory.aliyuncs.com",
    BILLS: "business.aliyuncs.com",
    "sts": "sts.aliyuncs.com",
    "ram": "ram.aliyuncs.com",
}
VERSIONS = {"sts": "2015-04-01", "ram": "2015-05-01", BILLS: "2017-12-14"}
PAGE, LOOKS = 100, 5
LOOK_SECONDS: float = 1
CHECKING, LEAVING = "PreChecking", "Deleting"


class AliyunDirectory(Directory):
    """A Resource Directory."""

    console, host = "https://account.console.aliyun.com", "aliyuncs.com"

    def who(self) -> str:
        """The directory."""
        return str(part(self._look("GetResourceDirectory"), "ResourceDirectory", "ResourceDirectoryId",
                        unsure=Unavailable))  # fmt: skip

    def members(self, key: str | None, folders: Sequence[str]) -> Iterator[Member]:  # noqa: ARG002 - filtered by tag
        """By tag."""
        tag = {"Key": TAG} | ({"Value": key} if key else {})
        page, seen = 1, 0
        while True:
            said = self._look("ListAccounts", Tag=[tag], IncludeTags=True, PageNumber=page, PageSize=PAGE)
            found = part(said, "Accounts", "Account", unsure=Unavailable)
            for one in found:
                ours = {tag["Key"]: tag["Value"] for tag in (one.get("Tags") or {}).get("Tag", [])}.get(TAG)
                if ours:
                    yield Member(one["AccountId"], ours, one["FolderId"], one.get("DeletionStatus") == LEAVING)
            page, seen = page + 1, seen + len(found)
            if not found or seen >= said.get("TotalCount", 0):
                return

    def folders(self) -> dict[str, str]:
        """Those below ours."""
        said = self._look("ListFoldersForParent", ParentFolderId=self._parent, PageNumber=1, PageSize=PAGE)
        return {one["FolderName"]: one["FolderId"] for one in part(said, "Folders", "Folder", unsure=Unavailable)}

    def make_folder(self, name: str) -> str:
        """A folder."""
        said = self._change("CreateFolder", FolderName=name, ParentFolderId=self._parent)
        return str(part(said, "Folder", "FolderId", unsure=Ambiguous))

    def guards(self, folder: str) -> set[str]:
        """Control policies there."""
        said = self._look("ListControlPolicyAttachmentsForTarget", TargetId=folder)
        found = part(said, "ControlPolicyAttachments", "ControlPolicyAttachment", unsure=Unavailable)
        return {one["PolicyId"] for one in found}

    def guard(self, folder: str, policy: str) -> None:
        """Lay it there."""
        self._change("AttachControlPolicy", PolicyId=policy, TargetId=folder)

    def make(self, key: str, folder: str) -> None:
        """One call; the tag is written with it."""
        said = self._change(
            "CreateResourceAccount", DisplayName=name_of(key), AccountNamePrefix=name_of(key), ParentFolderId=folder,
            Tag=[{"Key": TAG, "Value": key}], PayerAccountId=self.options.get("payer"),
        )  # fmt: skip
        part(said, "Account", "AccountId", unsure=Ambiguous)

    def move(self, member: Member, folder: str) -> None:
        """Into another folder."""
        self._change("MoveAccount", AccountId=member.id, DestinationFolderId=folder)

    def fund(self, member: Member, limits: Limits) -> None:
        """It has none to give."""

    def left(self, member: Member) -> list[str]:
        """CheckAccountDelete takes a while: an older finding that is good will do, a bad one is looked at anew."""
        known = self._finding(member)
        if known is not None and known.get("Status") == CHECKING:
            raise Pending("the provider checks whether it may be deleted", POLL)
        if known is not None and known.get("AllowDelete") == "true":
            return []
        self._change("CheckAccountDelete", AccountId=member.id)
        for _ in range(LOOKS):
            found = self._finding(member)
            if found is not None and found.get("Status") != CHECKING:
                return _reasons(found)
            time.sleep(LOOK_SECONDS)
        if known is None:
            raise Pending("the provider checks whether it may be deleted", POLL)
        return _reasons(known)

    def remove(self, member: Member) -> None:
        """For good."""
        self._change("DeleteAccount", AccountId=member.id)

    def new_keys(self, member: Member) -> tuple[str, str]:
        """A RAM user of the account, reached by the role that every member has."""
        role = self.option("role", "ResourceDirectoryAccountAccessRole").lower()
        arn = f"acs:ram::{member.id}:role/{role}"
        mine = self._client("sts", self.number, self.secret)
        said = self._plain(mine, "sts", "AssumeRole", Unavailable, RoleArn=arn, RoleSessionName="incubator")
        keys = part(said, "Credentials", unsure=Unavailable)
        ram = self._client("ram", keys["AccessKeyId"], keys["AccessKeySecret"], keys["SecurityToken"])
        try:
            self._plain(ram, "ram", "GetUser", Unavailable, UserName=TEAM)
        except NotFound:
            self._plain(ram, "ram", "CreateUser", Ambiguous, UserName=TEAM)
        grant = self.option("grant", "PowerUserAccess")
        has = self._plain(ram, "ram", "ListPoliciesForUser", Unavailable, UserName=TEAM)
        if grant not in {one["PolicyName"] for one in part(has, "Policies", "Policy", unsure=Unavailable)}:
            self._plain(ram, "ram", "AttachPolicyToUser", Ambiguous, PolicyType="System", PolicyName=grant,
                        UserName=TEAM)  # fmt: skip
        old = self._plain(ram, "ram", "ListAccessKeys", Unavailable, UserName=TEAM)
        for one in part(old, "AccessKeys", "AccessKey", unsure=Unavailable):
            self._plain(ram, "ram", "DeleteAccessKey", Ambiguous, UserName=TEAM, UserAccessKeyId=one["AccessKeyId"])
        made = part(self._plain(ram, "ram", "CreateAccessKey", Ambiguous, UserName=TEAM), "AccessKey", unsure=Ambiguous)
        return made["AccessKeyId"], made["AccessKeySecret"]

    def spent(self, month: str) -> list[Spent]:
        """QueryAccountBill by account and product."""
        sums: dict[tuple[str, str], Decimal] = {}
        page, seen = 1, 0
        while True:
            said = self._bill(BillingCycle=month, PageNum=page, PageSize=PAGE)
            found = part(said, "Data", "Items", "Item", unsure=Unavailable)
            for one in found:
                whose = str(one.get("OwnerID") or one["BillAccountID"]), one["Currency"]
                sums[whose] = sums.get(whose, Decimal(0)) + Decimal(one["PretaxAmount"])
            page, seen = page + 1, seen + len(found)
            if not found or seen >= part(said, "Data", "TotalCount", unsure=Unavailable):
                return [Spent(account, amount, currency) for (account, currency), amount in sums.items()]

    @cached_property
    def _parent(self) -> str:
        root = self.options.get("parent")
        said = None if root else self._look("GetResourceDirectory")
        return root or str(part(said, "ResourceDirectory", "RootFolderId", unsure=Unavailable))

    def _finding(self, member: Member) -> dict[str, Any] | None:
        try:
            said = self._look("GetAccountDeletionCheckResult", AccountId=member.id)
        except NotFound:
            return None
        found: dict[str, Any] = part(said, "AccountDeletionCheckResultInfo", unsure=Unavailable)
        return found

    @cached_property
    def _mine(self) -> Any:
        return self._client(DIRECTORY, self.number, self.secret)

    def _client(self, service: str, number: str, secret: str, token: str | None = None) -> Any:
        module = service if service in {DIRECTORY, BILLS} else "alibabacloud_tea_openapi"
        installed(module, "aliyun")
        api = installed(f"{module}.client", "aliyun").Client
        config = installed("alibabacloud_tea_openapi.models", "aliyun").Config(
            access_key_id=number, access_key_secret=secret, security_token=token,
            endpoint=self.endpoint or HOSTS[service], protocol=self.protocol.upper(),
            connect_timeout=CONNECT * 1000, read_timeout=READ * 1000,
        )  # fmt: skip
        return api(config)

    def _look(self, action: str, **details: Any) -> dict[str, Any]:
        return self._call(action, details, Unavailable)

    def _change(self, action: str, **details: Any) -> dict[str, Any]:
        return self._call(action, details, Ambiguous)

    def _call(self, action: str, details: dict[str, Any], unsure: type[DriverError]) -> dict[str, Any]:
        """By the SDK's own request and answer."""
        models = installed(f"{DIRECTORY}.models", "aliyun")
        method = getattr(self._mine, f"{_snake(action)}_with_options")
        asked = getattr(models, f"{action}Request", None)
        with translated(lambda error: _meant(error, unsure)):
            arguments = [] if asked is None else [asked().from_map(_given(details))]
            answer: dict[str, Any] = method(*arguments, _runtime()).body.to_map()
        return answer

    def _plain(self, client: Any, service: str, action: str, unsure: type[DriverError], **details: str) -> Any:
        """An action that the two SDKs have no class for, signed and sent by their core."""
        return json.loads(self._text(client, service, action, details, unsure), parse_float=Decimal)

    def _bill(self, **details: Any) -> Any:
        asked = installed(f"{BILLS}.models", "aliyun").QueryAccountBillRequest().from_map(details).to_map()
        client = self._client(BILLS, self.number, self.secret)
        said = self._text(client, BILLS, "QueryAccountBill", asked, Unavailable)
        return json.loads(said, parse_float=Decimal)

    def _text(self, client: Any, service: str, action: str, details: dict[str, Any], unsure: type[DriverError]) -> str:
        core = installed("alibabacloud_tea_openapi.utils_models", "aliyun")
        how = core.Params(
            action=action, version=VERSIONS[service], protocol="HTTPS", pathname="/", method="POST", auth_type="AK",
            style="RPC", req_body_type="formData", body_type="string",
        )  # fmt: skip
        with translated(lambda error: _meant(error, unsure)):
            query = {name: str(value) for name, value in details.items()}
            said = str(client.call_api(how, core.OpenApiRequest(query=query), _runtime())["body"])
            json.loads(said)
        return said


class Aliyun(MemberDriver):
    """Alibaba Cloud."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        hard_cap="none", freeze="delayed", usage_lag=86_400, async_create=True, portable_export=False,
        poll_seconds=POLL,
    )  # fmt: skip

    known_options = (*MemberDriver.known_options, "payer")

    @classmethod
    def open(cls, place: Place) -> "Aliyun":
        """The driver of a provider."""
        return cls(AliyunDirectory(place))


def _runtime() -> Any:
    return installed("darabonba.runtime", "aliyun").RuntimeOptions(autoretry=False, max_attempts=1)


def _meant(error: Exception, unsure: type[DriverError]) -> DriverError:
    """An answer has a code and a status; a time-out or a lost answer has neither."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return refused(str(getattr(error, "code", "") or ""), status, str(getattr(error, "message", "")), unsure)
    return unanswered(f"{type(error).__name__} {error}", unsure)


def _reasons(finding: dict[str, Any]) -> list[str]:
    return [one.get("Description") or one["CheckName"] for one in finding.get("NotAllowReason") or []]


def _given(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if value is not None}


def _snake(action: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()
