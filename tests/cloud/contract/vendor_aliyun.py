"""Alibaba Cloud's Resource Directory as its SDK's classes describe it; STS and RAM from their documentation."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from incubator.cloud.drivers.directory.driver import TAG
from tests.cloud.contract import vendor_models as models
from tests.cloud.contract import vendor_signing
from tests.cloud.contract.vendors import ROOT, Account, Refusal, Vendor, snake

PLAIN = {
    "AssumeRole": {"RoleArn", "RoleSessionName"},
    "GetUser": {"UserName"},
    "CreateUser": {"UserName"},
    "ListPoliciesForUser": {"UserName"},
    "AttachPolicyToUser": {"PolicyType", "PolicyName", "UserName"},
    "ListAccessKeys": {"UserName"},
    "DeleteAccessKey": {"UserName", "UserAccessKeyId"},
    "CreateAccessKey": {"UserName"},
}


class AliyunStub(Vendor):
    """RPC over HTTP: the action in a header, everything else in the query."""

    sign = staticmethod(vendor_signing.acs3)
    making, removing = "CreateResourceAccount", "DeleteAccount"
    codes = {
        "signature": ("SignatureDoesNotMatch", 403),
        "throttled": ("Throttling.User", 429),
        "fails": ("InternalError", 500),
        "absent": ("EntityNotExists.ResourceDirectory.Account", 404),
        "taken": ("EntityAlreadyExists.Account.DisplayName", 409),
        "full": ("LimitExceeded.Account", 409),
        "unfit": ("InvalidParameter", 400),
    }

    def action(self, method: str, target: str, headers: dict[str, str]) -> str:
        return headers.get("x-acs-action", "")

    def refusal(self, code: str, status: int, words: str) -> tuple[int, Any]:
        return status, {"Code": code, "Message": words, "RequestId": "r", "HostId": "h"}

    def answer(self, action: str, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        asked = dict(parse_qsl(urlsplit(target).query))
        if action in PLAIN:
            models.check_names(action, set(asked), PLAIN[action], PLAIN[action])
            return {"RequestId": "r"} | getattr(self, f"plain_{snake(action)}")(asked)
        models.aliyun_request(action, asked)
        said = {"RequestId": "r"} | getattr(self, f"on_{snake(action)}")(asked)
        models.aliyun_answer(action, said)
        return said

    def on_get_resource_directory(self, asked: dict[str, str]) -> dict[str, Any]:
        return {"ResourceDirectory": {"ResourceDirectoryId": "rd-1", "RootFolderId": ROOT}}

    def on_list_accounts(self, asked: dict[str, str]) -> dict[str, Any]:
        wanted = asked.get("Tag.1.Value")
        found = [one for one in self.group.look() if one.key and wanted in {None, one.key}]
        page, size = int(asked["PageNumber"]), int(asked["PageSize"])
        shown = [self._account(one) for one in found[(page - 1) * size : page * size]]
        return {"Accounts": {"Account": shown}, "TotalCount": len(found), "PageNumber": page, "PageSize": size}

    def _account(self, one: Account) -> dict[str, Any]:
        said = {"AccountId": one.id, "DisplayName": one.name, "FolderId": one.folder, "Status": "CreateSuccess",
                "Tags": {"Tag": [{"Key": TAG, "Value": one.key}]}}  # fmt: skip
        return said | ({} if one.going is None else {"DeletionStatus": "Deleting"})

    def on_list_folders_for_parent(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [{"FolderId": id_, "FolderName": name} for id_, (name, parent) in self.group.folders.items()
                 if parent == asked["ParentFolderId"]]  # fmt: skip
        return {"Folders": {"Folder": found}, "TotalCount": len(found)}

    def on_create_folder(self, asked: dict[str, str]) -> dict[str, Any]:
        made = self.group.folder(asked["FolderName"], asked["ParentFolderId"])
        return {"Folder": {"FolderId": made, "FolderName": asked["FolderName"]}}

    def on_list_control_policy_attachments_for_target(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [{"PolicyId": one} for one in self.group.guards.get(asked["TargetId"], ())]
        return {"ControlPolicyAttachments": {"ControlPolicyAttachment": found}}

    def on_attach_control_policy(self, asked: dict[str, str]) -> dict[str, Any]:
        self.group.attach(asked["TargetId"], asked["PolicyId"])
        return {}

    def on_create_resource_account(self, asked: dict[str, str]) -> dict[str, Any]:
        made = self.group.make(asked["DisplayName"], asked["Tag.1.Value"], asked["ParentFolderId"])
        return {"Account": {"AccountId": made.id, "DisplayName": made.name, "FolderId": made.folder}}

    def on_move_account(self, asked: dict[str, str]) -> dict[str, Any]:
        self.group.move(asked["AccountId"], asked["DestinationFolderId"])
        return {}

    def on_check_account_delete(self, asked: dict[str, str]) -> dict[str, Any]:
        self.group.account(asked["AccountId"]).check = 1
        return {}

    def on_get_account_deletion_check_result(self, asked: dict[str, str]) -> dict[str, Any]:
        found = self.group.account(asked["AccountId"])
        if found.check is None:
            raise Refusal("absent", "no check")
        found.check -= 1
        if found.check >= 0:
            return {"AccountDeletionCheckResultInfo": {"Status": "PreChecking"}}
        reasons = [{"CheckId": one, "CheckName": one, "Description": one} for one in self.group.stuck]
        return {"AccountDeletionCheckResultInfo": {
            "Status": "PreCheckComplete", "AllowDelete": "false" if reasons else "true", "NotAllowReason": reasons,
        }}  # fmt: skip

    def on_delete_account(self, asked: dict[str, str]) -> dict[str, Any]:
        self.group.remove(asked["AccountId"])
        return {"DeletionType": "0"}

    def on_query_account_bill(self, asked: dict[str, str]) -> dict[str, Any]:
        found = [{"OwnerID": one.id, "BillAccountID": "1", "Currency": "CNY", "PretaxAmount": amount}
                 for one in self.group.accounts.values() for amount in (0.1, 0.2)]  # fmt: skip
        return {"Success": True, "Data": {"Items": {"Item": found}, "TotalCount": len(found),
                                          "BillingCycle": asked["BillingCycle"]}}  # fmt: skip

    def plain_assume_role(self, asked: dict[str, str]) -> dict[str, Any]:
        account = asked["RoleArn"].split(":")[3]
        number, secret = self.group.lend(account)
        return {"Credentials": {"AccessKeyId": number, "AccessKeySecret": secret, "SecurityToken": "t"}}

    def plain_get_user(self, asked: dict[str, str]) -> dict[str, Any]:
        return {"User": {"UserId": self.group.user(self.caller)["id"]}}

    def plain_create_user(self, asked: dict[str, str]) -> dict[str, Any]:
        return {"User": {"UserId": self.group.user(self.caller, is_new=True)["id"]}}

    def plain_list_policies_for_user(self, asked: dict[str, str]) -> dict[str, Any]:
        return {"Policies": {"Policy": [{"PolicyName": one} for one in self.group.user(self.caller)["grants"]]}}

    def plain_attach_policy_to_user(self, asked: dict[str, str]) -> dict[str, Any]:
        self.group.user(self.caller)["grants"].add(asked["PolicyName"])
        return {}

    def plain_list_access_keys(self, asked: dict[str, str]) -> dict[str, Any]:
        return {"AccessKeys": {"AccessKey": [{"AccessKeyId": one} for one in self.group.user(self.caller)["keys"]]}}

    def plain_delete_access_key(self, asked: dict[str, str]) -> dict[str, Any]:
        del self.group.user(self.caller)["keys"][asked["UserAccessKeyId"]]
        return {}

    def plain_create_access_key(self, asked: dict[str, str]) -> dict[str, Any]:
        number, secret = self.group.new_key(self.caller)
        return {"AccessKey": {"AccessKeyId": number, "AccessKeySecret": secret}}
