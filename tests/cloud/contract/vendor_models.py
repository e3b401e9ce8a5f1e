"""What the vendors' SDKs say of a request and an answer: which fields there are, which are needed, of what kind.

Read from the SDKs' own classes: Alibaba's and Huawei's say what is needed in their sources, Tencent's do not.
"""

import inspect
import re
import warnings
from functools import cache
from importlib import import_module
from typing import Any

ALIYUN = ("alibabacloud_resourcedirectorymaster20220419.models", "alibabacloud_bssopenapi20171214.models")
TENCENT = "tencentcloud.organization.v20210331.models"
HUAWEI = {"huaweicloudsdkorganizations.v1": "OrganizationsClient", "huaweicloudsdkbss.v2": "BssClient"}
TENCENT_NEEDS = {
    "CreateOrganizationMember": {"Name", "PolicyType", "PermissionIds", "NodeId"},
    "AddOrganizationNode": {"ParentNodeId", "Name"},
    "MoveOrganizationNodeMembers": {"NodeId", "MemberUin"},
    "DescribeOrganizationMembers": {"Offset", "Limit"},
    "DescribeOrganizationNodes": {"Offset", "Limit"},
    "DescribeOrganizationFinancialByMember": {"Month", "Offset", "Limit"},
    "CheckAccountDelete": {"MemberUin"},
    "DeleteAccount": {"MemberUin"},
    "AttachPolicy": {"TargetId", "TargetType", "PolicyId"},
    "ListPoliciesForTarget": {"TargetId"},
}
"""Tencent's documentation says so; its SDK does not."""
KINDS = {"str": str, "int": int, "bool": bool, "float": (int, float)}


class Unfit(Exception):
    """A request or an answer that the SDK's classes do not allow."""


def aliyun_request(action: str, given: dict[str, str]) -> None:
    """A query with its lists spread out (Tag.1.Key). Raises Unfit."""
    names = {name.split(".")[0] for name in given}
    fields = _dara(_aliyun(f"{action}Request")) if _aliyun(f"{action}Request") else {}
    check_names(action, names, set(fields), {name for name, (_kind, needed) in fields.items() if needed})
    for name, value in given.items():
        kind = fields[name.split(".")[0]][0]
        if (kind == "int" and not value.isdecimal()) or (kind == "bool" and value.lower() not in {"true", "false"}):
            raise Unfit(f"{action}: {name} is no {kind}")


def aliyun_answer(action: str, said: dict[str, Any]) -> None:
    """As the SDK would write it back. Raises Unfit."""
    if _full(_aliyun(f"{action}ResponseBody")().from_map(said).to_map()) != _full(said):
        raise AssertionError(f"{action}: not an answer of the SDK's")


def _full(said: Any) -> Any:
    """Without lists that are empty: the SDK adds some."""
    if isinstance(said, dict):
        return {name: _full(one) for name, one in said.items() if one != []}
    return [_full(one) for one in said] if isinstance(said, list) else said


def tencent_request(action: str, given: dict[str, Any]) -> None:
    """Raises Unfit."""
    fields = _documented(f"{action}Request")
    check_names(action, set(given), set(fields), TENCENT_NEEDS.get(action, set()))
    for name, value in given.items():
        _tencent_kind(f"{action}: {name}", fields[name], value)


def tencent_answer(action: str, said: dict[str, Any]) -> None:
    """The SDK warns of what it does not know."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        getattr(import_module(TENCENT), f"{action}Response")()._deserialize(said)


@cache
def huawei_operations() -> dict[tuple[str, str], tuple[str, str]]:
    """Method and path → module and operation, as the SDKs' clients send them."""
    found = {}
    for module, client in HUAWEI.items():
        for name, method in inspect.getmembers(getattr(import_module(module), client), inspect.ismethod):
            if name.endswith("_http_info"):
                source = inspect.getsource(method)
                said = {part: re.search(rf'"{part}": "([^"]+)"', source) for part in ("method", "resource_path")}
                kind = re.search(r'"response_type": "(\w+)Response"', source)
                if kind and said["method"] and said["resource_path"]:
                    found[said["method"][1], said["resource_path"][1]] = (module, kind[1])
    return found


def huawei_request(module: str, operation: str, given: dict[str, Any], body: Any) -> None:
    """Path and query, and the body. Raises Unfit."""
    cls = getattr(import_module(module), f"{operation}Request")
    fields = dict(cls.openapi_types)
    needed = _always_set(cls)
    check_names(operation, set(given) | ({"body"} if body is not None else set()), set(fields), needed)
    for name, value in given.items():
        if fields[name] == "int" and not value.isdecimal():
            raise Unfit(f"{operation}: {name} is no int")
    if body is not None:
        _huawei_kind(module, operation, fields["body"], body, is_asked=True)


def huawei_answer(module: str, operation: str, said: Any) -> None:
    """Raises Unfit."""
    _huawei_kind(module, operation, f"{operation}Response", said, is_asked=False)


def check_names(what: str, given: set[str], known: set[str], needed: set[str]) -> None:
    """Raises Unfit for a name that is not known, and for one that is needed and missing."""
    if given - known:
        raise Unfit(f"{what}: unknown {sorted(given - known)}")
    if needed - given:
        raise Unfit(f"{what}: missing {sorted(needed - given)}")


@cache
def _aliyun(name: str) -> Any:
    return next((found for module in ALIYUN if (found := getattr(import_module(module), name, None))), None)


@cache
def _dara(cls: Any) -> dict[str, tuple[str, bool]]:
    """Names on the wire → kind, whether it is needed."""
    kinds = {name: str(one.annotation) for name, one in inspect.signature(cls.__init__).parameters.items()}
    source = inspect.getsource(cls)
    named = dict(re.findall(r"self\.(\w+) is not None:\s+result\['(\w+)'\]", source))
    named |= {
        field: name for name, field in re.findall(r"result\['(\w+)'\] = \[\]\s+if self\.(\w+) is not None", source)
    }
    needed = set(re.findall(r"This parameter is required\.(?:\s+#[^\n]*)*\s+self\.(\w+) =", source))
    return {name: (kinds[field], field in needed) for field, name in named.items()}


@cache
def _documented(name: str) -> dict[str, str]:
    cls = getattr(import_module(TENCENT), name)
    return dict(re.findall(r":type (\w+): ([^\n]+)", str(cls.__init__.__doc__)))


def _tencent_kind(what: str, kind: str, value: Any) -> None:
    if kind.startswith("list of "):
        if not isinstance(value, list):
            raise Unfit(f"{what} is no list")
        for one in value:
            _tencent_kind(what, kind.removeprefix("list of ").removesuffix(" non-negative"), one)
    elif kind in KINDS:
        if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "bool"):
            raise Unfit(f"{what} is no {kind}")
    else:
        fields = _documented(kind.rpartition(".")[2].strip("`"))
        check_names(what, set(value), set(fields), set())
        for name, inner in value.items():
            _tencent_kind(f"{what}.{name}", fields[name], inner)


@cache
def _always_set(cls: Any) -> frozenset[str]:
    """The SDK's constructor sets these whether they are given or not."""
    return frozenset(re.findall(r"^        self\.(\w+) = \1$", inspect.getsource(cls.__init__), re.MULTILINE))


def _huawei_kind(module: str, what: str, kind: str, value: Any, *, is_asked: bool) -> None:
    if kind.startswith("list["):
        if not isinstance(value, list):
            raise Unfit(f"{what} is no list")
        for one in value:
            _huawei_kind(module, what, kind[5:-1], one, is_asked=is_asked)
    elif kind in KINDS:
        if not isinstance(value, KINDS[kind]):
            raise Unfit(f"{what} is no {kind}")
    elif (cls := getattr(import_module(module), kind, None)) is not None:
        names = {wire: field for field, wire in cls.attribute_map.items()}
        check_names(what, set(value), set(names), set(_always_set(cls)) if is_asked else set())
        for name, inner in value.items():
            if inner is not None:
                _huawei_kind(module, f"{what}.{name}", cls.openapi_types[names[name]], inner, is_asked=is_asked)
