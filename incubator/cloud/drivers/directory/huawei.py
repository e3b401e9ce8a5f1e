"""Huawei Cloud's Organizations and its enterprise's money (SDKs organizations v1, bss v2).

options of its own: domain (number of the management account; needed) · region (cn-north-4) · prepaid (as below, for
plans that name none). role is the agency in a member account, grant the id of an identity policy (needed for secrets).
settings of a plan: prepaid (yuan for one of its unit). So much is moved into an account before a team gets it, and
what is left of it is taken back before the account is closed: the cap on money is what lies there.

An account is made asynchronously and found by its name; our key stands in its description. Closing asks nothing first.
"""

import json
import uuid
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, ClassVar

from incubator.cloud.drivers.base import (
    Ambiguous,
    Capabilities,
    Conflict,
    DriverError,
    Limits,
    Pending,
    Place,
    QuotaExhausted,
    Rejected,
    Unavailable,
)
from incubator.cloud.drivers.directory.driver import POLL, TAG, TEAM, Directory, Member, MemberDriver, Spent, name_of
from incubator.cloud.drivers.directory.errors import CONNECT, READ, installed, part, refused, translated, unanswered

ORGANIZATIONS, BSS = "huaweicloudsdkorganizations.v1", "huaweicloudsdkbss.v2"
CLIENTS = {ORGANIZATIONS: "OrganizationsClient", BSS: "BssClient"}
HOSTS = {
    ORGANIZATIONS: "organizations.myhuaweicloud.com",
    BSS: "bss.myhuaweicloud.com",
    "sts": "sts.{region}.myhuaweicloud.com",
    "iam": "iam.{region}.myhuaweicloud.com",
}
PAGE = 100
CASH = "BALANCE_TYPE_DEBIT"
CENT = Decimal("0.01")
TRANSFERS = uuid.UUID("6f1c0d5e-3c0b-4c52-9a43-0c8f5f1d2a11")
"""Names of our transfers are made in this space, so that the same transfer has the same name."""
GONE, LEAVING = "suspended", "pending_closure"


class HuaweiDirectory(Directory):
    """An organization."""

    console, host = "https://console.huaweicloud.com", "myhuaweicloud.com"

    def who(self) -> str:
        """The organization."""
        self.option("domain")
        return str(part(self._look("ShowOrganization"), "organization", "id", unsure=Unavailable))

    def members(self, key: str | None, folders: Sequence[str]) -> Iterator[Member]:  # noqa: ARG002 - no filter there
        """By the description, in the root and our folders."""
        for folder in dict.fromkeys((self._root, self._parent, *folders)):
            for one in self._pages("ListAccounts", "accounts", parent_id=folder):
                said = str(one.get("description") or "")
                if said.startswith(f"{TAG}:") and one["status"] != GONE:
                    yield Member(one["id"], said.removeprefix(f"{TAG}:"), folder, one["status"] == LEAVING)

    def folders(self) -> dict[str, str]:
        """Those below ours."""
        found = self._pages("ListOrganizationalUnits", "organizational_units", parent_id=self._parent)
        return {one["name"]: one["id"] for one in found}

    def make_folder(self, name: str) -> str:
        """An organizational unit."""
        said = self._change("CreateOrganizationalUnit", {"name": name, "parent_id": self._parent})
        return str(part(said, "organizational_unit", "id", unsure=Ambiguous))

    def guards(self, folder: str) -> set[str]:
        """Policies there."""
        return {one["id"] for one in self._pages("ListPolicies", "policies", attached_entity_id=folder)}

    def guard(self, folder: str, policy: str) -> None:
        """Lay it there."""
        self._change("AttachPolicy", {"entity_id": folder}, policy_id=policy)

    def make(self, key: str, folder: str) -> None:  # noqa: ARG002 - it comes into being in the root
        """Ask for it, unless it is asked for; look once how far it is."""
        name = name_of(key)
        going = self._pages("ListCreateAccountStatuses", "create_account_statuses", states=["in_progress"])
        request = next((one["id"] for one in going if one["account_name"] == name), None)
        if request is None:
            body = {"name": name, "description": f"{TAG}:{key}"} | (
                {"agency_name": self.options["role"]} if self.options.get("role") else {}
            )
            request = part(self._change("CreateAccount", body), "create_account_status", "id", unsure=Ambiguous)
        said = self._look("ShowCreateAccountStatus", create_account_status_id=request)
        status = part(said, "create_account_status", unsure=Unavailable)
        if status["state"] == "failed":
            raise _failure(str(status.get("failure_reason")))
        if status["state"] != "succeeded":
            raise Pending("Huawei makes the account", POLL)

    def move(self, member: Member, folder: str) -> None:
        """Into another organizational unit."""
        body = {"source_parent_id": member.folder, "destination_parent_id": folder}
        self._change("MoveAccount", body, account_id=member.id)

    def fund(self, member: Member, limits: Limits) -> None:
        """Fill it up to what was ordered; nobody has spent of it yet, so that what lies there is what was moved."""
        wanted = self._prepaid(limits)
        missing = wanted - self._balance(member)
        if missing > 0:
            self._transfer("UpdateSubEnterpriseAmount", "TransferEnterpriseMultiAccountReq", member, missing, wanted)

    def left(self, member: Member) -> list[str]:  # noqa: ARG002 - the vendor has no check
        """Nothing: Huawei closes an account with everything in it, and has no check to ask first."""
        return []

    def remove(self, member: Member) -> None:
        """Take back what is left of its money, then close it."""
        rest = self._balance(member)
        if rest > 0:
            self._transfer("ReclaimSubEnterpriseAmount", "RetrieveEnterpriseMultiAccountReq", member, rest, rest)
        self._change("CloseAccount", None, account_id=member.id)

    def new_keys(self, member: Member) -> tuple[str, str]:
        """An IAM user of the account, reached by the agency that every member has."""
        agency = self.option("role", "OrganizationAccountAccessAgency")
        body = {"agency_urn": f"iam::{member.id}:agency:{agency}", "agency_session_name": "incubator"}
        mine = self._inside("sts", self.option("domain"), self.number, self.secret)
        found = part(_plain(mine, "POST", "/v5/agencies/assume", body, Unavailable), "credentials", unsure=Unavailable)
        iam = self._inside("iam", member.id, found["access_key_id"], found["secret_access_key"],
                           found["security_token"])  # fmt: skip
        user = _user(iam)
        grant = self.option("grant")
        has = _plain(iam, "GET", f"/v5/users/{user}/attached-policies", None, Unavailable)
        if grant not in {one["policy_id"] for one in part(has, "attached_policies", unsure=Unavailable)}:
            _plain(iam, "POST", f"/v5/policies/{grant}/attach-user", {"user_id": user}, Ambiguous)
        keys = f"/v5/users/{user}/access-keys"
        for one in part(_plain(iam, "GET", keys, None, Unavailable), "access_keys", unsure=Unavailable):
            _plain(iam, "DELETE", f"{keys}/{one['access_key_id']}", None, Ambiguous)
        made = part(_plain(iam, "POST", keys, {}, Ambiguous), "access_key", unsure=Ambiguous)
        return made["access_key_id"], made["secret_access_key"]

    def spent(self, month: str) -> list[Spent]:
        """Costs of a month by account, as they are to be paid."""
        models = installed(BSS, "huawei")
        asked = models.ListCostsReq(
            time_condition=models.TimeCondition(time_measure_id=2, begin_time=month, end_time=month),
            groupby=[models.GroupBy(type="dimension", key="ASSOCIATED_ACCOUNT")],
            cost_type="ORIGINAL_COST", amount_type="PAYMENT_AMOUNT", offset=0, limit=PAGE,
        )  # fmt: skip
        found: list[Spent] = []
        while True:
            said = self._ask(BSS, "ListCosts", {"body": asked}, Unavailable)
            rows = said.get("cost_data") or []
            for one in rows:
                account = next(dim["value"] for dim in one["dimensions"] if dim["key"] == "ASSOCIATED_ACCOUNT")
                found.append(Spent(account, Decimal(one["amount_by_costs"]), said["currency"]))
            asked.offset += len(rows)
            if not rows or asked.offset >= said["total_count"]:
                return found

    def _prepaid(self, limits: Limits) -> Decimal:
        """Yuan for all of what was ordered. Raises Rejected when it is not said."""
        said = limits.settings.get("prepaid") or self.option("prepaid")
        try:
            found = (Decimal(said) * limits.quantity).quantize(CENT)
        except InvalidOperation as error:
            raise Rejected(f"prepaid is not an amount: {said}"[:200]) from error
        if found <= 0:
            raise Rejected(f"prepaid is not an amount above zero: {said}"[:200])
        return found

    def _balance(self, member: Member) -> Decimal:
        asked = {"sub_customer_id": member.id, "balance_type": CASH, "offset": 0, "limit": PAGE}
        said = self._ask(BSS, "ListEnterpriseMultiAccount", asked, Unavailable)
        return sum((Decimal(one["avail_retrieve_amount"]) for one in said.get("amount_infos") or []), Decimal(0))

    def _transfer(self, operation: str, body: str, member: Member, amount: Decimal, goal: Decimal) -> None:
        name = uuid.uuid5(TRANSFERS, f"{operation} {member.key} {goal} {amount}")
        asked = getattr(installed(BSS, "huawei"), body)(
            customer_id=member.id, amount=str(amount.quantize(CENT)), trans_id=str(name), balance_type=CASH
        )
        self._ask(BSS, operation, {"body": asked}, Ambiguous)

    @cached_property
    def _root(self) -> str:
        found = part(self._look("ListRoots"), "roots", unsure=Unavailable)
        if not found:
            raise Unavailable("an answer without a root")
        return str(found[0]["id"])

    @property
    def _parent(self) -> str:
        return self.options.get("parent") or self._root

    def _pages(self, operation: str, needed: str, **details: Any) -> Iterator[Any]:
        marker: str | None = None
        while True:
            said = self._look(operation, limit=PAGE, marker=marker, **details)
            yield from part(said, needed, unsure=Unavailable)
            marker = (said.get("page_info") or {}).get("next_marker")
            if not marker:
                return

    def _look(self, operation: str, **details: Any) -> dict[str, Any]:
        return self._ask(ORGANIZATIONS, operation, details, Unavailable)

    def _change(self, operation: str, body: dict[str, Any] | None, **details: Any) -> dict[str, Any]:
        if body is not None:
            kind = BODIES[operation]
            details["body"] = getattr(installed(ORGANIZATIONS, "huawei"), kind)(**body)
        return self._ask(ORGANIZATIONS, operation, details, Ambiguous)

    def _ask(self, service: str, operation: str, details: dict[str, Any], unsure: type[DriverError]) -> dict[str, Any]:
        """By the SDK's own request; its answer as text, so that money is no float."""
        client, asked = self._clients[service], getattr(installed(service, "huawei"), f"{operation}Request")
        given = {name: value for name, value in details.items() if value is not None}
        with translated(lambda error: _meant(error, unsure)):
            return _read(getattr(client, _snake(operation))(asked(**given)))

    @cached_property
    def _clients(self) -> dict[str, Any]:
        return {service: self._client(service, service, self.option("domain"), (self.number, self.secret, None))
                for service in CLIENTS}  # fmt: skip

    def _client(self, service: str, kind: str, domain: str, keys: tuple[str, str, str | None]) -> Any:
        number, secret, token = keys
        who = installed("huaweicloudsdkcore.auth.credentials", "huawei").GlobalCredentials(number, secret, domain)
        if token:
            who = who.with_security_token(token)
        config = installed("huaweicloudsdkcore.http.http_config", "huawei").HttpConfig(timeout=(CONNECT, READ))
        host = self.endpoint or HOSTS[service].format(region=self.option("region", "cn-north-4"))
        maker = getattr(installed(kind, "huawei"), CLIENTS[kind]).new_builder()
        return maker.with_credentials(who).with_endpoint(f"{self.protocol}://{host}").with_http_config(config).build()

    def _inside(self, service: str, domain: str, number: str, secret: str, token: str | None = None) -> Any:
        """A client for what the two SDKs have no class for; their core signs and sends it."""
        return self._client(service, ORGANIZATIONS, domain, (number, secret, token))


class Huawei(MemberDriver):
    """Huawei Cloud."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        hard_cap="native", freeze="delayed", usage_lag=86_400, async_create=True, portable_export=False,
        poll_seconds=POLL,
    )  # fmt: skip

    known_options = (*MemberDriver.known_options, "domain", "region", "prepaid")
    known_settings = ("prepaid",)

    @classmethod
    def open(cls, place: Place) -> "Huawei":
        """The driver of a provider."""
        return cls(HuaweiDirectory(place))


BODIES = {
    "AttachPolicy": "PolicyTachReqBody",
    "CreateAccount": "CreateAccountReqBody",
    "CreateOrganizationalUnit": "CreateOrganizationalUnitReqBody",
    "MoveAccount": "MoveAccountReqBody",
}


SHAPE = "CreateAccountResponse"
"""The SDK's core wants a class to read an answer into; what it does not know is in the text that we read ourselves."""


def _user(iam: Any) -> str:
    """The team's user; made when it is not there."""
    said = _plain(iam, "GET", "/v5/users", None, Unavailable)
    for one in part(said, "users", unsure=Unavailable):
        if one["user_name"] == TEAM:
            return str(one["user_id"])
    made = _plain(iam, "POST", "/v5/users", {"user_name": TEAM, "enabled": True}, Ambiguous)
    return str(part(made, "user", "user_id", unsure=Ambiguous))


def _plain(
    client: Any, method: str, path: str, body: dict[str, Any] | None, unsure: type[DriverError]
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    with translated(lambda error: _meant(error, unsure)):
        said = client.do_http_request(method, path, {}, [], headers, body, {}, None, SHAPE, [], {}, SHAPE)
        return _read(said)


def _read(answer: Any) -> dict[str, Any]:
    raw = answer.raw_content
    found: dict[str, Any] = json.loads(raw, parse_float=Decimal) if raw else {}
    return found


def _failure(reason: str) -> DriverError:
    """What an account that was not made means; the reasons' names are not documented."""
    words = reason.lower()
    if "exist" in words:
        return Conflict(f"the name belongs to an account of somebody else ({reason})")
    if "limit" in words or "quota" in words:
        return QuotaExhausted(reason)
    return Rejected(f"Huawei made no account: {reason}"[:200])


def _meant(error: Exception, unsure: type[DriverError]) -> DriverError:
    """An answer has a status; a connection or a time-out has none."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return refused(
            str(getattr(error, "error_code", "") or ""), status, str(getattr(error, "error_msg", "")), unsure
        )
    return unanswered(f"{type(error).__name__} {error}", unsure)


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
