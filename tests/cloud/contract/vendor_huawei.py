"""Huawei Cloud's Organizations and BSS as their SDKs' classes describe them; STS and IAM from their documentation."""

import json
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.cloud.contract import vendor_models as models
from tests.cloud.contract import vendor_signing
from tests.cloud.contract.vendors import ROOT, Account, Refusal, Vendor, snake

Asked = dict[str, Any]
KEY = "incubator-key:"


class HuaweiStub(Vendor):
    """REST over HTTP."""

    sign = staticmethod(vendor_signing.sdk)
    making, removing = "CreateAccount", "CloseAccount"
    codes = {
        "signature": ("APIGW.0301", 401),
        "throttled": ("APIGW.0308", 429),
        "fails": ("Common.0000", 500),
        "absent": ("Organizations.1001", 404),
        "taken": ("Organizations.1002", 409),
        "full": ("QuotaExceeded", 403),
        "unfit": ("Organizations.1000", 400),
    }

    def action(self, method: str, target: str, headers: dict[str, str]) -> str:
        found = self._operation(method, urlsplit(target).path)
        return found[1] if found else f"{method} {urlsplit(target).path}"

    def refusal(self, code: str, status: int, words: str) -> tuple[int, Any]:
        return status, {"error_code": code, "error_msg": words, "request_id": "r"}

    def answer(self, action: str, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        path, asked = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        given = json.loads(body) if body else None
        found = self._operation(method, path)
        if found is None:
            return self._inside(method, path, given)
        module, operation, parts = found
        models.huawei_request(module, operation, asked | parts, given)
        said = getattr(self, f"on_{snake(operation)}")(asked | parts | (given or {}))
        models.huawei_answer(module, operation, said)
        return said or b""

    def _operation(self, method: str, path: str) -> tuple[str, str, dict[str, str]] | None:
        for (verb, pattern), (module, operation) in models.huawei_operations().items():
            if verb == method:
                parts = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern), path)
                if parts:
                    return module, operation, parts.groupdict()
        return None

    def on_show_organization(self, asked: Asked) -> Asked:
        return {"organization": {"id": "o-1"}}

    def on_list_roots(self, asked: Asked) -> Asked:
        return {"roots": [{"id": ROOT, "name": "root"}], "page_info": {}}

    def on_list_accounts(self, asked: Asked) -> Asked:
        there = self.group.look() if asked["parent_id"] == ROOT else list(self.group.accounts.values())
        found = [self._account(one) for one in there if one.folder == asked["parent_id"]]
        start = int(asked.get("marker", 0))
        more = str(start + 1) if len(found) > start + 1 else None
        return {"accounts": found[start : start + 1], "page_info": {"next_marker": more, "current_count": 1}}

    def _account(self, one: Account) -> Asked:
        status = "active" if one.going is None else "pending_closure"
        return {"id": one.id, "name": one.name, "status": status, "description": KEY + one.key if one.key else ""}

    def on_list_organizational_units(self, asked: Asked) -> Asked:
        found = [{"id": id_, "name": name} for id_, (name, parent) in self.group.folders.items()
                 if parent == asked["parent_id"]]  # fmt: skip
        return {"organizational_units": found, "page_info": {}}

    def on_create_organizational_unit(self, asked: Asked) -> Asked:
        made = self.group.folder(asked["name"], asked["parent_id"])
        return {"organizational_unit": {"id": made, "name": asked["name"]}}

    def on_list_policies(self, asked: Asked) -> Asked:
        found = [{"id": one} for one in self.group.guards.get(asked["attached_entity_id"], ())]
        return {"policies": found, "page_info": {}}

    def on_attach_policy(self, asked: Asked) -> Asked:
        self.group.attach(asked["entity_id"], asked["policy_id"])
        return {}

    def on_create_account(self, asked: Asked) -> Asked:
        number = f"c-{self.group.next()}"
        self.group.going[number] = {"name": asked["name"], "key": asked["description"].removeprefix(KEY),
                                    "looks": self.group.looks, "state": "in_progress"}  # fmt: skip
        return {"create_account_status": self._status(number)}

    def on_list_create_account_statuses(self, asked: Asked) -> Asked:
        found = [self._status(number) for number, one in self.group.going.items() if one["state"] == asked["states"]]
        return {"create_account_statuses": found, "page_info": {}}

    def on_show_create_account_status(self, asked: Asked) -> Asked:
        number = asked["create_account_status_id"]
        going = self.group.going[number]
        going["looks"] -= 1
        if going["looks"] < 0 and going["state"] == "in_progress":
            try:
                self.group.make(going["name"], going["key"], ROOT)
                going["state"] = "succeeded"
            except Refusal as refusal:
                why = {"taken": "ACCOUNT_NAME_ALREADY_EXISTS", "full": "ACCOUNT_LIMIT_EXCEEDED"}[refusal.word]
                going |= {"state": "failed", "why": why}
        return {"create_account_status": self._status(number)}

    def _status(self, number: str) -> Asked:
        going = self.group.going[number]
        said = {"id": number, "account_name": going["name"], "state": going["state"]}
        return said | ({"failure_reason": going["why"]} if "why" in going else {})

    def on_move_account(self, asked: Asked) -> Asked:
        self.group.move(asked["account_id"], asked["destination_parent_id"], asked["source_parent_id"])
        return {}

    def on_close_account(self, asked: Asked) -> Asked:
        if self.group.account(asked["account_id"]).money:
            raise Refusal("unfit", "money is left")
        self.group.remove(asked["account_id"])
        return {}

    def on_list_enterprise_multi_account(self, asked: Asked) -> Asked:
        money = float(self.group.account(asked["sub_customer_id"]).money)
        return {"total_count": 1, "amount_infos": [{"avail_retrieve_amount": money, "currency": "CNY"}]}

    def on_update_sub_enterprise_amount(self, asked: Asked) -> Asked:
        self._transfer(asked, Decimal(asked["amount"]))
        return {}

    def on_reclaim_sub_enterprise_amount(self, asked: Asked) -> Asked:
        self._transfer(asked, -Decimal(asked["amount"]))
        return {}

    def _transfer(self, asked: Asked, amount: Decimal) -> None:
        if asked["trans_id"] in self.group.transfers:
            return
        found = self.group.account(asked["customer_id"])
        if self.group.purse < amount:
            raise Refusal("unfit", "not so much is there")
        self.group.transfers[asked["trans_id"]] = amount
        found.money += amount
        self.group.purse -= amount

    def on_list_costs(self, asked: Asked) -> Asked:
        found = [{"dimensions": [{"key": "ASSOCIATED_ACCOUNT", "value": one.id}], "amount_by_costs": "0.3"}
                 for one in self.group.accounts.values()]  # fmt: skip
        return {"currency": "CNY", "total_count": len(found), "cost_data": found[asked["offset"] :]}

    def _inside(self, method: str, path: str, given: Any) -> Any:
        """STS and IAM."""
        if path == "/v5/agencies/assume":
            number, secret = self.group.lend(given["agency_urn"].split(":")[2])
            return {"credentials": {"access_key_id": number, "secret_access_key": secret, "security_token": "t"}}
        if path == "/v5/users":
            if method == "POST":
                return {"user": {"user_id": self.group.user(self.caller, is_new=True)["id"]}}
            user = self.group.users.get(self.caller)
            return {"users": [{"user_id": user["id"], "user_name": "incubator-team"}] if user else []}
        user = self.group.user(self.caller)
        if path.endswith("/attached-policies"):
            return {"attached_policies": [{"policy_id": one} for one in user["grants"]]}
        if path.endswith("/attach-user"):
            user["grants"].add(path.split("/")[3])
            return {}
        if path.endswith("/access-keys") and method == "POST":
            number, secret = self.group.new_key(self.caller)
            return {"access_key": {"access_key_id": number, "secret_access_key": secret}}
        if path.endswith("/access-keys"):
            return {"access_keys": [{"access_key_id": one} for one in user["keys"]]}
        if method == "DELETE":
            del user["keys"][path.rsplit("/", 1)[1]]
            return {}
        raise Refusal("absent", path)
