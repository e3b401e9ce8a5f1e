"""What a Kubernetes API server says to the few calls that the driver makes, from memory; nothing runs in it.

Namespaces end in two looks after they were deleted (Terminating in between), never while `stuck` names them. Applying
keeps who said which field: what a manager leaves out that it said before, and nobody else did, is removed; what another
says differently is a conflict, or with force the new one's alone. Quotas refuse nothing here: that a real server does
is its own business.
"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "cluster-token"
APPLY = "application/apply-patch+yaml"
Field = tuple[str, ...]
Right = tuple[str, str, str]
NAMES = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}
"""Fields that are nobody's."""


class ApiServer:
    """objects: path of each object → what it says; managers: path → by whom which of its fields are said. denied:
    rights that we have not; used: those that calls needed so far. A right is verb, group and resource."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.managers: dict[str, dict[str, set[Field]]] = {}
        self.going: dict[str, int] = {}
        self.stuck: set[str] = set()
        self.tokens = 0
        self.denied: set[Right] = set()
        self.used: set[Right] = set()

    def do(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """The effect of a call, and the answer."""
        if headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}
        url = urlsplit(target)
        path, query = url.path, {name: values[0] for name, values in parse_qs(url.query).items()}
        said = json.loads(body) if body else {}
        if path == "/version/":
            return 200, {"major": "1"}
        if path.endswith("selfsubjectaccessreviews"):
            asked = said["spec"]["resourceAttributes"]
            what = "/".join(part for part in (asked["resource"], asked["subresource"]) if part)
            return 201, {"status": {"allowed": (asked["verb"], asked["group"], what) not in self.denied}}
        self.used |= set(self._rights(method, path))
        if method == "GET":
            return self._get(path, query)
        if method == "POST":
            return self._post(path, said)
        if method == "PATCH":
            if headers["content-type"] != APPLY:
                return 415, {}
            return self._apply(path, said, query["fieldManager"], query.get("force") == "true")
        return self._delete(path)

    def namespaces(self) -> list[str]:
        """The keys of the namespaces that are there."""
        return [path.rsplit("/sb-", 1)[1] for path in self.objects if path.startswith("/api/v1/namespaces/sb-")
                and path.count("/") == 4]  # fmt: skip

    def _rights(self, method: str, path: str) -> Iterator[Right]:
        """What a call needs, as a server tells it from its address."""
        group, inside = ("", path) if path.startswith("/api/v1/") else (path.split("/")[2], path)
        parts = inside.split("/v1/", 1)[1].split("/")
        what = parts[2:] if parts[0] == "namespaces" and len(parts) > 2 else parts
        resource, is_named = "/".join([what[0], *what[2:]]), len(what) > 1
        verb = {"GET": "get" if is_named else "list", "POST": "create", "PATCH": "patch",
                "DELETE": "delete" if is_named else "deletecollection"}[method]  # fmt: skip
        yield verb, group, resource
        if method == "PATCH" and path not in self.objects:
            yield "create", group, resource

    def _get(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        if path in self.objects:
            self._age(path)
        if path in self.objects:
            return 200, self.objects[path]
        kind = path.rsplit("/", 1)[1]
        if kind not in {"namespaces", "resourcequotas", "serviceaccounts"}:
            return 404, {}
        found = [one for at, one in sorted(self.objects.items()) if self._is_listed(at, path, kind, query)]
        start, size = int(query.get("continue", 0)), int(query.get("limit", 500))
        more = str(start + size) if len(found) > start + size else ""
        return 200, {"metadata": {"continue": more}, "items": found[start : start + size]}

    def _is_listed(self, at: str, path: str, kind: str, query: dict[str, str]) -> bool:
        parts = at.split("/")
        if parts[-2] != kind or not (at.startswith(path + "/") or path == f"/api/v1/{kind}"):
            return False
        labels = self.objects[at]["metadata"].get("labels", {})
        return query.get("labelSelector", "") in {"", *labels}

    def _age(self, path: str) -> None:
        name = path.rsplit("/", 1)[1]
        if path not in self.going or name in self.stuck:
            return
        self.going[path] -= 1
        if self.going[path] <= 0:
            del self.going[path]
            for at in [at for at in self.objects if at == path or f"/{name}/" in at]:
                self._remove(at)

    def _remove(self, at: str) -> None:
        del self.objects[at]
        self.managers.pop(at, None)

    def _post(self, path: str, said: dict[str, Any]) -> tuple[int, Any]:
        if path.endswith("/token"):
            if path.removesuffix("/token") not in self.objects:
                return 404, {}
            self.tokens += 1
            return 201, {"status": {"token": f"token-{self.tokens}"}}
        at = f"{path}/{said['metadata']['name']}"
        if at in self.objects:
            return 409, {"reason": "AlreadyExists"}
        self.managers[at] = {"who-made-it": set(_fields(said)) - NAMES}
        self.objects[at] = said | {"status": {"phase": "Active"}}
        return 201, self.objects[at]

    def _apply(self, path: str, said: dict[str, Any], manager: str, is_forced: bool) -> tuple[int, Any]:
        inside = path.split("/namespaces/", 1)[1].split("/")
        if f"/api/v1/namespaces/{inside[0]}" not in self.objects:
            return 404, {}
        made = {"metadata": {}, "status": {"used": {"requests.storage": "1M", "pods": "2"}}}
        fields, wanted = dict(_fields(self.objects.get(path, made))), dict(_fields(said))
        managers = self.managers.setdefault(path, {})
        before = managers.pop(manager, set())
        disputed = {field for field in set().union(*managers.values()) & set(wanted) if fields[field] != wanted[field]}
        if disputed and not is_forced:
            managers[manager] = before
            return 409, {}
        left = {name: owned - disputed for name, owned in managers.items()} | {manager: set(wanted) - NAMES}
        self.managers[path] = {name: owned for name, owned in left.items() if owned}
        gone = before - set().union(*left.values())
        self.objects[path] = _object({field: fields[field] for field in fields if field not in gone} | wanted)
        if len(inside) > 1:
            self.objects[path]["metadata"]["namespace"] = inside[0]
        return 200, self.objects[path]

    def _delete(self, path: str) -> tuple[int, Any]:
        if path.endswith(("/pods", "/rolebindings")):
            for at in [at for at in self.objects if at.startswith(path + "/")]:
                self._remove(at)
            return 200, {}
        if path not in self.objects:
            return 404, {}
        if path.count("/") > 4:
            self._remove(path)
            return 200, {}
        self.going.setdefault(path, 2)
        since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        stuck = {"type": "NamespaceFinalizersRemaining", "status": "True", "message": "volumes has finalizer csi"}
        self.objects[path]["status"] = {"phase": "Terminating", "conditions": [stuck]}
        if path.rsplit("/", 1)[1] in self.stuck:
            self.objects[path]["metadata"]["deletionTimestamp"] = since.isoformat()
        return 200, self.objects[path]


def _fields(said: dict[str, Any], above: Field = ()) -> Iterator[tuple[Field, Any]]:
    """Each with its value; a list is one."""
    for name, value in said.items():
        if isinstance(value, dict) and value:
            yield from _fields(value, (*above, name))
        else:
            yield (*above, name), value


def _object(fields: dict[Field, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field, value in fields.items():
        inside = found
        for name in field[:-1]:
            inside = inside.setdefault(name, {})
        inside[field[-1]] = value
    return found
