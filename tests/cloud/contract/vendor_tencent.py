"""Tencent Cloud's Organization as its SDK's classes describe it; STS and CAM from their documentation."""

import json
from typing import Any

from incubator.cloud.drivers.directory.driver import TAG
from tests.cloud.contract import vendor_models as models
from tests.cloud.contract import vendor_signing
from tests.cloud.contract.vendors import ROOT, Vendor, snake

PLAIN = {
    "AssumeRole": {"RoleArn", "RoleSessionName"},
    "GetUser": {"Name"},
    "AddUser": {"Name", "ConsoleLogin", "UseApi"},
    "ListAttachedUserPolicies": {"TargetUin", "Page", "Rp"},
    "AttachUserPolicy": {"PolicyId", "AttachUin"},
    "ListAccessKeys": {"TargetUin"},
    "UpdateAccessKey": {"AccessKeyId", "Status", "TargetUin"},
    "DeleteAccessKey": {"AccessKeyId", "TargetUin"},
    "CreateAccessKey": {"TargetUin"},
}
Asked = dict[str, Any]


class TencentStub(Vendor):
    """JSON over HTTP: the action in a header; errors are answers too."""

    sign = staticmethod(vendor_signing.tc3)
    making, removing = "CreateOrganizationMember", "DeleteAccount"
    codes = {
        "signature": ("AuthFailure.SignatureFailure", 200),
        "throttled": ("RequestLimitExceeded", 200),
        "fails": ("InternalError", 200),
        "absent": ("ResourceNotFound.OrganizationMemberNotExist", 200),
        "taken": ("FailedOperation.MemberNameUsed", 200),
        "full": ("LimitExceeded.CreateMemberOverLimit", 200),
        "unfit": ("InvalidParameter", 200),
    }

    def action(self, method: str, target: str, headers: dict[str, str]) -> str:
        return headers.get("x-tc-action", "")

    def refusal(self, code: str, status: int, words: str) -> tuple[int, Any]:
        return status, {"Response": {"Error": {"Code": code, "Message": words}, "RequestId": "r"}}

    def answer(self, action: str, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        asked = json.loads(body)
        if action in PLAIN:
            models.check_names(action, set(asked), PLAIN[action], PLAIN[action])
            return {"Response": {"RequestId": "r"} | getattr(self, f"plain_{snake(action)}")(asked)}
        models.tencent_request(action, asked)
        said = {"RequestId": "r"} | getattr(self, f"on_{snake(action)}")(asked)
        models.tencent_answer(action, said)
        return {"Response": said}

    def on_describe_organization(self, asked: Asked) -> Asked:
        return {"OrgId": 5, "RootNodeId": int(ROOT), "HostUin": 1}

    def on_describe_organization_members(self, asked: Asked) -> Asked:
        wanted = {tag["TagValue"] for tag in asked.get("Tags", [])}
        found = [{"MemberUin": int(one.id), "Name": one.name, "NodeId": int(one.folder),
                  "Tags": [{"TagKey": TAG, "TagValue": one.key}] if one.key else []}
                 for one in self.group.accounts.values() if not wanted or one.key in wanted]  # fmt: skip
        return self._page(found, asked)

    def on_describe_organization_nodes(self, asked: Asked) -> Asked:
        found = [{"NodeId": int(id_), "Name": name, "ParentNodeId": int(parent)}
                 for id_, (name, parent) in self.group.folders.items()]  # fmt: skip
        return self._page(found, asked)

    def _page(self, found: list[Asked], asked: Asked) -> Asked:
        return {"Items": found[asked["Offset"] : asked["Offset"] + asked["Limit"]], "Total": len(found)}

    def on_add_organization_node(self, asked: Asked) -> Asked:
        return {"NodeId": int(self.group.folder(asked["Name"], str(asked["ParentNodeId"])))}

    def on_list_policies_for_target(self, asked: Asked) -> Asked:
        found = [{"StrategyId": int(one)} for one in self.group.guards.get(str(asked["TargetId"]), ())]
        return {"TotalNum": len(found), "List": found}

    def on_attach_policy(self, asked: Asked) -> Asked:
        self.group.attach(str(asked["TargetId"]), str(asked["PolicyId"]))
        return {}

    def on_create_organization_member(self, asked: Asked) -> Asked:
        if not {1, 2} <= set(asked["PermissionIds"]):
            raise models.Unfit("permissions 1 and 2 are needed")
        made = self.group.make(asked["Name"], asked["Tags"][0]["TagValue"], str(asked["NodeId"]))
        return {"Uin": int(made.id)}

    def on_move_organization_node_members(self, asked: Asked) -> Asked:
        for one in asked["MemberUin"]:
            self.group.move(one, str(asked["NodeId"]))
        return {}

    def on_check_account_delete(self, asked: Asked) -> Asked:
        self.group.account(asked["MemberUin"])
        reasons = {"ExistResources": self.group.stuck, "DeletionPermission": True, "IsShareManager": False}
        return {"AllowDelete": False, "NotAllowReason": reasons} if self.group.stuck else {"AllowDelete": True}

    def on_delete_account(self, asked: Asked) -> Asked:
        self.group.remove(asked["MemberUin"])
        del self.group.accounts[str(asked["MemberUin"])]
        return {}

    def on_describe_organization_financial_by_member(self, asked: Asked) -> Asked:
        found = [{"MemberUin": int(one.id), "TotalCost": 0.3, "Ratio": "1"} for one in self.group.accounts.values()]
        return self._page(found, asked) | {"TotalCost": 0.3}

    def plain_assume_role(self, asked: Asked) -> Asked:
        number, secret = self.group.lend(asked["RoleArn"].split("uin/")[1].split(":")[0])
        return {"Credentials": {"TmpSecretId": number, "TmpSecretKey": secret, "Token": "t"}}

    def plain_get_user(self, asked: Asked) -> Asked:
        return {"Uin": int(self.group.user(self.caller)["id"])}

    def plain_add_user(self, asked: Asked) -> Asked:
        return {"Uin": int(self.group.user(self.caller, is_new=True)["id"])}

    def plain_list_attached_user_policies(self, asked: Asked) -> Asked:
        return {"List": [{"PolicyId": one} for one in self.group.user(self.caller)["grants"]]}

    def plain_attach_user_policy(self, asked: Asked) -> Asked:
        self.group.user(self.caller)["grants"].add(asked["PolicyId"])
        return {}

    def plain_list_access_keys(self, asked: Asked) -> Asked:
        keys = self.group.user(self.caller)["keys"]
        return {"AccessKeys": [{"AccessKeyId": one, "Status": status} for one, status in keys.items()]}

    def plain_update_access_key(self, asked: Asked) -> Asked:
        self.group.user(self.caller)["keys"][asked["AccessKeyId"]] = asked["Status"]
        return {}

    def plain_delete_access_key(self, asked: Asked) -> Asked:
        keys = self.group.user(self.caller)["keys"]
        if keys[asked["AccessKeyId"]] != "Inactive":
            raise models.Unfit("it is in use")
        del keys[asked["AccessKeyId"]]
        return {}

    def plain_create_access_key(self, asked: Asked) -> Asked:
        number, secret = self.group.new_key(self.caller)
        return {"AccessKey": {"AccessKeyId": number, "SecretAccessKey": secret, "Status": "Active"}}
