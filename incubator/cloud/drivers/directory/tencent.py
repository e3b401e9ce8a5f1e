"""Tencent Cloud's Organization (SDK organization 2021-03-31; what it costs is in the same).

options of its own: permissions (numbers of what the organization may see of a member's money, 1,2,7) · payer (who pays
for members) · region (ap-guangzhou). grant is a policy's number (1: all of the account). It has no cap on money that
may be used without the vendor's sales.
"""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from incubator.cloud.drivers.base import Ambiguous, Capabilities, DriverError, Limits, NotFound, Place, Unavailable
from incubator.cloud.drivers.directory.driver import POLL, TAG, TEAM, Directory, Member, MemberDriver, Spent, name_of
from incubator.cloud.drivers.directory.errors import READ, installed, part, refused, translated, unanswered

ORGANIZATION, VERSION = "organization", "2021-03-31"
VERSIONS = {ORGANIZATION: VERSION, "sts": "2018-08-13", "cam": "2019-01-16"}
SDK = "tencentcloud.organization.v20210331"
PAGE, POLICIES = 50, "SERVICE_CONTROL_POLICY"
NEEDED = {"IsCreateMember", "DeletionPermission", "BillingPermission"}
"""Of what its check answers these must be true; the others stand against deleting when they are."""
NETWORK = {"ClientNetworkError", "ServerNetworkError"}


class TencentDirectory(Directory):
    """An organization."""

    console, host = "https://console.cloud.tencent.com", "tencentcloudapi.com"

    def who(self) -> str:
        """The organization."""
        return str(part(self._look("DescribeOrganization"), "OrgId", unsure=Unavailable))

    def members(self, key: str | None, folders: Sequence[str]) -> Iterator[Member]:  # noqa: ARG002 - filtered by tag
        """By tag."""
        tags = [{"TagKey": TAG, "TagValue": key}] if key else None
        for one in self._pages("DescribeOrganizationMembers", Tags=tags):
            ours = {tag["TagKey"]: tag["TagValue"] for tag in one.get("Tags") or []}.get(TAG)
            if ours:
                yield Member(str(one["MemberUin"]), ours, str(one["NodeId"]))

    def folders(self) -> dict[str, str]:
        """Those below ours."""
        parent = self._parent
        return {one["Name"]: str(one["NodeId"]) for one in self._pages("DescribeOrganizationNodes")
                if str(one["ParentNodeId"]) == parent}  # fmt: skip

    def make_folder(self, name: str) -> str:
        """A department."""
        said = self._change("AddOrganizationNode", ParentNodeId=int(self._parent), Name=name)
        return str(part(said, "NodeId", unsure=Ambiguous))

    def guards(self, folder: str) -> set[str]:
        """Policies there."""
        said = self._look("ListPoliciesForTarget", TargetId=int(folder), Rp=PAGE, Page=1, PolicyType=POLICIES)
        return {str(one["StrategyId"]) for one in said.get("List") or []}

    def guard(self, folder: str, policy: str) -> None:
        """Lay it there."""
        self._change("AttachPolicy", TargetId=int(folder), TargetType="NODE", PolicyId=int(policy), Type=POLICIES)

    def make(self, key: str, folder: str) -> None:
        """One call; the tag is written with it."""
        permissions = [int(one) for one in self.option("permissions", "1,2,7").split(",")]
        said = self._change(
            "CreateOrganizationMember", Name=name_of(key), AccountName=name_of(key), PolicyType="Financial",
            PermissionIds=permissions, NodeId=int(folder), PayUin=self.options.get("payer"),
            Tags=[{"TagKey": TAG, "TagValue": key}],
        )  # fmt: skip
        part(said, "Uin", unsure=Ambiguous)

    def move(self, member: Member, folder: str) -> None:
        """Into another department."""
        self._change("MoveOrganizationNodeMembers", NodeId=int(folder), MemberUin=[int(member.id)])

    def fund(self, member: Member, limits: Limits) -> None:
        """It has none to give."""

    def left(self, member: Member) -> list[str]:
        """CheckAccountDelete: what it names."""
        said = self._look("CheckAccountDelete", MemberUin=int(member.id))
        if said.get("AllowDelete"):
            return []
        found: list[str] = []
        for name, value in (said.get("NotAllowReason") or {}).items():
            if isinstance(value, list):
                found += map(str, value)
            elif value is not None and value is (name not in NEEDED):
                found.append(name)
        return found or ["the provider names no reason"]

    def remove(self, member: Member) -> None:
        """For good."""
        self._change("DeleteAccount", MemberUin=int(member.id))

    def new_keys(self, member: Member) -> tuple[str, str]:
        """A CAM user of the account, reached by the role that every member has."""
        role = f"qcs::cam::uin/{member.id}:roleName/{self.option('role', 'OrganizationAccessControlRole')}"
        mine = self._client("sts", self._credential(self.number, self.secret))
        said = _ask(mine, "AssumeRole", {"RoleArn": role, "RoleSessionName": "incubator"}, Unavailable)
        keys = part(said, "Credentials", unsure=Unavailable)
        cam = self._client("cam", self._credential(keys["TmpSecretId"], keys["TmpSecretKey"], keys["Token"]))
        uin = self._user(cam)
        has = _ask(cam, "ListAttachedUserPolicies", {"TargetUin": uin, "Page": 1, "Rp": PAGE}, Unavailable)
        grant = int(self.option("grant", "1"))
        if grant not in {int(one["PolicyId"]) for one in has.get("List") or []}:
            _ask(cam, "AttachUserPolicy", {"PolicyId": grant, "AttachUin": uin}, Ambiguous)
        old = _ask(cam, "ListAccessKeys", {"TargetUin": uin}, Unavailable)
        for one in old.get("AccessKeys") or []:
            named = {"AccessKeyId": one["AccessKeyId"], "TargetUin": uin}
            if one["Status"] != "Inactive":
                _ask(cam, "UpdateAccessKey", named | {"Status": "Inactive"}, Ambiguous)
            _ask(cam, "DeleteAccessKey", named, Ambiguous)
        made = part(_ask(cam, "CreateAccessKey", {"TargetUin": uin}, Ambiguous), "AccessKey", unsure=Ambiguous)
        return made["AccessKeyId"], made["SecretAccessKey"]

    def spent(self, month: str) -> list[Spent]:
        """The organization's money by member, in yuan."""
        found = self._pages("DescribeOrganizationFinancialByMember", Month=month)
        return [Spent(str(one["MemberUin"]), Decimal(one["TotalCost"]), "CNY") for one in found]

    @cached_property
    def _parent(self) -> str:
        asked = self.options.get("parent")
        return asked or str(part(self._look("DescribeOrganization"), "RootNodeId", unsure=Unavailable))

    def _user(self, cam: Any) -> int:
        try:
            return int(part(_ask(cam, "GetUser", {"Name": TEAM}, Unavailable), "Uin", unsure=Unavailable))
        except NotFound:
            asked = {"Name": TEAM, "ConsoleLogin": 0, "UseApi": 0}
            return int(part(_ask(cam, "AddUser", asked, Ambiguous), "Uin", unsure=Ambiguous))

    def _pages(self, action: str, **details: Any) -> Iterator[Any]:
        seen = 0
        while True:
            said = self._look(action, Offset=seen, Limit=PAGE, **details)
            found = part(said, "Items", unsure=Unavailable)
            yield from found
            seen += len(found)
            if not found or seen >= said.get("Total", 0):
                return

    @cached_property
    def _mine(self) -> Any:
        return self._client(ORGANIZATION, self._credential(self.number, self.secret))

    def _credential(self, number: str, secret: str, token: str | None = None) -> Any:
        return installed("tencentcloud.common.credential", "tencent").Credential(number, secret, token)

    def _client(self, service: str, credential: Any) -> Any:
        common = installed("tencentcloud.common.common_client", "tencent")
        http = installed("tencentcloud.common.profile.http_profile", "tencent").HttpProfile(
            protocol=self.protocol, endpoint=self.endpoint, reqMethod="POST", reqTimeout=READ
        )
        profile = installed("tencentcloud.common.profile.client_profile", "tencent").ClientProfile(httpProfile=http)
        region = self.option("region", "ap-guangzhou")
        return common.CommonClient(service, VERSIONS[service], credential, region, profile)

    def _look(self, action: str, **details: Any) -> dict[str, Any]:
        return self._call(action, details, Unavailable)

    def _change(self, action: str, **details: Any) -> dict[str, Any]:
        return self._call(action, details, Ambiguous)

    def _call(self, action: str, details: dict[str, Any], unsure: type[DriverError]) -> dict[str, Any]:
        """By the SDK's own request, which names what may be asked; its answer as text, so that money is no float."""
        asked = getattr(installed(f"{SDK}.models", "tencent"), f"{action}Request")()
        with translated(lambda error: _meant(error, unsure)):
            asked._deserialize({name: value for name, value in details.items() if value is not None})
            given = {name: value for name, value in asked._serialize().items() if value is not None}
        return _ask(self._mine, action, given, unsure)


class Tencent(MemberDriver):
    """Tencent Cloud."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        hard_cap="none", freeze="delayed", usage_lag=86_400, async_create=True, portable_export=False,
        poll_seconds=POLL,
    )  # fmt: skip

    known_options = (*MemberDriver.known_options, "permissions", "payer", "region")

    @classmethod
    def open(cls, place: Place) -> "Tencent":
        """The driver of a provider."""
        return cls(TencentDirectory(place))


def _ask(client: Any, action: str, details: dict[str, Any], unsure: type[DriverError]) -> dict[str, Any]:
    with translated(lambda error: _meant(error, unsure)):
        said = json.loads(client.call(action, details), parse_float=Decimal)
    found: dict[str, Any] = part(said, "Response", unsure=unsure)
    return found


def _meant(error: Exception, unsure: type[DriverError]) -> DriverError:
    """What the network did has a code of the SDK's own."""
    code = str(getattr(error, "code", "") or "")
    if code and code not in NETWORK:
        return refused(code, 0, str(getattr(error, "message", "")), unsure)
    return unanswered(f"{type(error).__name__} {error}", unsure)
