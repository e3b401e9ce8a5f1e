"""The organization: three folders (organizational units), the accounts in them, policies on them, budgets.

Where an account lies is how it stands: in the pool, with a team, frozen.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from incubator.cloud.drivers.aws import policies
from incubator.cloud.drivers.aws.calling import Amazon, Keys, change, look, pages
from incubator.cloud.drivers.base import AuthFailed, Conflict, DriverError, NotFound, Rejected, Unavailable

POOL, ACTIVE, FROZEN = "incubator-pool", "incubator-active", "incubator-frozen"
TAG = "incubator-key"
SCP = "SERVICE_CONTROL_POLICY"
HOME = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
"""Where the interfaces of an organization, of bills and of budgets are."""


class Organization:
    """As its management account sees it. parent: the folder for ours; without it the root. confirm: raises AuthFailed
    for the number of another organization than that of the accounts we have."""

    def __init__(
        self, amazon: Amazon, keys: Keys, parent: str | None, role: str, confirm: Callable[[str], None]
    ) -> None:
        self._amazon, self._keys, self._parent, self._role = amazon, keys, parent, role
        self._confirm = confirm
        self._folders: dict[str, str] = {}

    @cached_property
    def api(self) -> Any:
        """Of AWS Organizations."""
        return self._amazon.client("organizations", self._keys, HOME[partition(self._amazon.region)])

    def caller(self) -> str:
        """The account of our access key."""
        client = self._amazon.client("sts", self._keys)
        return str(look(client, "get_caller_identity", "Account"))

    @cached_property
    def management(self) -> str:
        """The management account's number."""
        return str(self._described["MasterAccountId"])

    @cached_property
    def _described(self) -> Any:
        return look(self.api, "describe_organization", "Organization")

    def confirm(self) -> None:
        """Raises AuthFailed where the organization is another one than it was."""
        self._confirm(str(self._described["Id"]))

    def root(self) -> dict[str, Any]:
        """The root with the kinds of policies that are switched on."""
        found = list(pages(self.api, "list_roots", "Roots"))
        if not found:
            raise Unavailable("list_roots: an answer of another shape")
        root: dict[str, Any] = found[0]
        return root

    def check_management(self) -> None:
        """Raises Rejected for the key of another account than the management account."""
        if self.caller() != self.management:
            raise Rejected("it is one of another account")

    def check_policies(self) -> None:
        """Raises Rejected where service control policies are switched off."""
        kinds = self.root().get("PolicyTypes", [])
        if not any(one["Type"] == SCP and one["Status"] == "ENABLED" for one in kinds):
            raise Rejected("they are off: freezing and limits rest on them")

    def folders(self) -> dict[str, str]:
        """The ids of those of our three that are there, by name."""
        if len(self._folders) < 3:
            parent = self._parent or str(self.root()["Id"])
            found = pages(self.api, "list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent)
            self._folders = {one["Name"]: one["Id"] for one in found if one["Name"] in {POOL, ACTIVE, FROZEN}}
        return self._folders

    def prepare(self) -> dict[str, str]:
        """The three, made where they were missing; nothing works in the one of the frozen accounts."""
        parent = None
        for name in (POOL, ACTIVE, FROZEN):
            if name not in self.folders():
                parent = parent or self._parent or str(self.root()["Id"])
                made = change(self.api, "create_organizational_unit", "OrganizationalUnit", ParentId=parent, Name=name)
                self._folders[name] = made["Id"]
                if name == FROZEN:
                    policy = self._policy(policies.FROZEN, policies.frozen(self._role))
                    self._attach(policy, made["Id"])
        return self._folders

    def members(self) -> Iterator[Any]:
        """Every account of the organization."""
        return pages(self.api, "list_accounts", "Accounts")

    def within(self, folder: str) -> list[str]:
        """The numbers of the accounts in one of our folders that are open."""
        if folder not in self.folders():
            return []
        found = pages(self.api, "list_accounts_for_parent", "Accounts", ParentId=self.folders()[folder])
        return [account["Id"] for account in found if account["Status"] == "ACTIVE"]

    def where(self, account: str) -> str | None:
        """The name of our folder in which an account lies, '' for another; None when it is closed or not there.

        Raises AuthFailed where it is not there and our folders are not either: that is another organization.
        """
        try:
            status = look(self.api, "describe_account", "Account", AccountId=account)["Status"]
            parent = look(self.api, "list_parents", "Parents", ChildId=account)[0]["Id"]
        except NotFound:
            self.check_ours()
            return None
        names = {number: name for name, number in self.folders().items()}
        return names.get(parent, "") if status == "ACTIVE" else None

    def is_closed(self, account: str) -> bool:
        """Whether AWS says that it is closed, or not there; when it says nothing, no."""
        try:
            return self.where(account) is None
        except DriverError:
            return False

    def check_ours(self) -> None:
        """Raises AuthFailed where none of our folders is to be seen, or where the organization is another one that
        has such folders too: what is not there says nothing then."""
        if not self.folders():
            raise AuthFailed("our folders are not there: the key is another organization's, or the option parent wrong")
        self.confirm()

    def bring(self, account: str, folder: str) -> None:
        """Into a folder, from wherever it is. Moved by somebody else meanwhile is looked at again."""
        target = self.prepare()[folder]
        source = look(self.api, "list_parents", "Parents", ChildId=account)[0]["Id"]
        if source == target:
            return
        try:
            change(self.api, "move_account", AccountId=account, SourceParentId=source, DestinationParentId=target)
        except Conflict:
            return  # it is there already
        except NotFound as error:
            raise Unavailable(f"{account} is being moved: {error}") from error

    def key_of(self, account: str) -> str | None:
        """Whose it says it is."""
        tags = pages(self.api, "list_tags_for_resource", "Tags", ResourceId=account)
        return next((tag["Value"] for tag in tags if tag["Key"] == TAG), None)

    def mark(self, account: str, key: str) -> None:
        """Write whose it is, for people there and for us should our books be lost."""
        change(self.api, "tag_resource", ResourceId=account, Tags=[{"Key": TAG, "Value": key}])

    def unmark(self, account: str) -> None:
        """It is nobody's."""
        change(self.api, "untag_resource", ResourceId=account, TagKeys=[TAG])

    def restrict(self, account: str, document: str | None) -> None:
        """Put this policy on an account and take another plan's away; None: take ours away."""
        wanted = self._policy(policies.name_of(document), document) if document else None
        attached = pages(self.api, "list_policies_for_target", "Policies", TargetId=account, Filter=SCP)
        ours = {policy["Id"] for policy in attached if policy["Name"].startswith(policies.PREFIX)}
        if wanted and wanted not in ours:
            self._attach(wanted, account)
        for policy in ours - {wanted}:
            try:
                change(self.api, "detach_policy", PolicyId=policy, TargetId=account)
            except NotFound:
                continue

    def _policy(self, name: str, document: str) -> str:
        """Its id; made where it is missing."""
        if found := self._policy_named(name):
            return found
        details = {"Content": document, "Description": "Made and kept by Incubator", "Name": name, "Type": SCP}
        try:
            return str(change(self.api, "create_policy", "Policy", **details)["PolicySummary"]["Id"])
        except Conflict:
            if found := self._policy_named(name):
                return found
            raise

    def _policy_named(self, name: str) -> str | None:
        found = pages(self.api, "list_policies", "Policies", Filter=SCP)
        return next((str(policy["Id"]) for policy in found if policy["Name"] == name), None)

    def _attach(self, policy: str, target: str) -> None:
        try:
            change(self.api, "attach_policy", PolicyId=policy, TargetId=target)
        except Conflict:
            return  # it is on it already


class Budgets:
    """Alarms on what an account costs a month: AWS sends a mail, and stops nothing."""

    def __init__(self, amazon: Amazon, keys: Keys, organization: Organization, alarm: str | None) -> None:
        self._client = amazon.client("budgets", keys, HOME[partition(amazon.region)])
        self._organization, self._alarm = organization, alarm

    def set(self, account: str, settings: Mapping[str, str], quantity: int) -> None:
        """As the plan says (`budget`, US dollars a month for one of its unit); nothing when it says nothing."""
        if not settings.get("budget"):
            return
        amount = format(_dollars(settings["budget"]) * quantity, "f")
        owner, name = self._organization.management, _budget(account)
        budget = {
            "BudgetName": name, "BudgetLimit": {"Amount": amount, "Unit": "USD"}, "TimeUnit": "MONTHLY",
            "BudgetType": "COST", "CostFilters": {"LinkedAccount": [account]},
        }  # fmt: skip
        if self._amount(owner, name) == Decimal(amount):
            return
        self.drop(account)
        change(self._client, "create_budget", AccountId=owner, Budget=budget,
               NotificationsWithSubscribers=self._notices())  # fmt: skip

    def drop(self, account: str) -> None:
        """None is there afterwards."""
        try:
            change(self._client, "delete_budget", AccountId=self._organization.management, BudgetName=_budget(account))
        except NotFound:
            return

    def _amount(self, owner: str, name: str) -> Decimal | None:
        try:
            found = look(self._client, "describe_budget", "Budget", AccountId=owner, BudgetName=name)
        except NotFound:
            return None
        return Decimal(found["BudgetLimit"]["Amount"])

    def _notices(self) -> list[dict[str, Any]]:
        if not self._alarm:
            return []
        who = [{"SubscriptionType": "EMAIL", "Address": self._alarm}]
        return [
            {"Notification": {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN",
                              "Threshold": share, "ThresholdType": "PERCENTAGE"}, "Subscribers": who}
            for share in (50.0, 80.0, 100.0)
        ]  # fmt: skip


def partition(region: str) -> str:
    """The part of AWS that a region belongs to: China's stands apart."""
    return "aws-cn" if region.startswith("cn-") else "aws"


def _budget(account: str) -> str:
    return f"incubator-{account}"


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise Rejected(f"the plan's budget is {text}: it must be a number of US dollars") from error
    if not amount.is_finite() or amount <= 0:
        raise Rejected(f"the plan's budget is {text}: it must be above zero")
    return amount
