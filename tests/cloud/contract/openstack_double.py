"""What Keystone and Swift say to the few calls that the driver makes, as the real ones were seen to say it.

`make openstack` tries the same cases against the real ones. Swift counts at once here; its quota is not kept.
"""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

USER, PASSWORD, OWN, DOMAIN = "operator", "operator-password", "f" * 32, "d" * 32
Said = tuple[Any, ...]
KINDS = {"projects", "users", "domains", "roles", "services", "limits", "registered_limits"}


class Double:
    """things: kind → number → what it says; accounts: project → container → object → content."""

    def __init__(self) -> None:
        self.address = ""
        self.things: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self.things["domains"][DOMAIN] = {"id": DOMAIN, "name": "subsidiary"}
        self.things["roles"] = {name: {"id": name, "name": name} for name in ("member", "admin", "ResellerAdmin")}
        self.things["services"]["s1"] = {"id": "s1", "name": "swift", "type": "object-store"}
        self.things["registered_limits"]["r1"] = {
            "id": "r1",
            "service_id": "s1",
            "region_id": None,
            "resource_name": "containers",
            "default_limit": 100,
        }
        self.things["projects"][OWN] = {"id": OWN, "name": "admin", "domain_id": "default", "enabled": True, "tags": []}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.credentials: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, dict[str, dict[str, bytes]]] = {}
        self.quotas: dict[str, str] = {}
        self.stuck: set[str] = set()
        self.roles = ["admin", "ResellerAdmin"]
        self.has_store = True
        self.elsewhere: dict[str, tuple[str, list[dict[str, str]]]] = {}
        self.made = 0

    def do(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Said:
        """The effect of a call, and the answer."""
        url = urlsplit(target)
        path, query = url.path.rstrip("/"), {name: values[0] for name, values in parse_qs(url.query).items()}
        said = json.loads(body) if body and headers.get("content-type") == "application/json" else {}
        if path == "/v3":
            link = [{"rel": "self", "href": f"{self.address}/v3/"}]
            return 200, {"version": {"id": "v3.14", "status": "stable", "links": link}}
        if path == "/v3/auth/tokens":
            return self._sign_in(said["auth"])
        token = self.tokens.get(headers.get("x-auth-token", ""))
        if token is None or not self._is_enabled(token["project"]):
            return 401, {}
        if path.startswith("/store/"):
            return self._store(method, path.removeprefix("/store/AUTH_"), query, headers, body, token)
        kind = path.split("/")[1]
        if kind in self.elsewhere:
            name, found = self.elsewhere[kind]
            return 200, {name: found}
        return self._identity(method, path.removeprefix("/v3/").split("/"), query, said, token)

    def keys(self) -> list[str]:
        """The keys of the projects that are there."""
        return [project["name"].removeprefix("sb-") for project in self.things["projects"].values()
                if "incubator" in project.get("tags", [])]  # fmt: skip

    def project(self, key: str) -> dict[str, Any]:
        """A project by its key."""
        return next(one for one in self.things["projects"].values() if one["name"] == f"sb-{key}")

    def _number(self) -> str:
        self.made += 1
        return f"{self.made:032x}"

    def _is_enabled(self, project: str) -> bool:
        return bool(self.things["projects"].get(project, {}).get("enabled"))

    def _sign_in(self, auth: dict[str, Any]) -> Said:
        proof, scope = auth["identity"], auth.get("scope", {}).get("project", {})
        if "application_credential" in proof["methods"]:
            given = proof["application_credential"]
            found = self.credentials.get(given["id"])
            if found is None:
                return 404, {"error": {"message": f"Could not find Application Credential: {given['id']}."}}
            if found["secret"] != given["secret"]:
                return 401, {}
            project, user = found["project_id"], found["user_id"]
        else:
            given = proof["password"]["user"]
            known = self.things["users"].get(given.get("id", ""), {}).get("password")
            is_us = (given.get("name"), given["password"]) == (USER, PASSWORD)
            if not is_us and (known is None or known != given["password"]):
                return 401, {}
            project, user = (OWN, USER) if is_us else (scope["id"], given["id"])
        return self._token(project, user, self.roles if user == USER else ["member"])

    def _token(self, project: str, user: str, roles: list[str]) -> Said:
        if not self._is_enabled(project):
            return 404, {"error": {"message": f"project {project} is disabled"}}
        number = self._number()
        self.tokens[number] = {"project": project, "user": user, "roles": roles}
        places = {"identity": f"{self.address}/v3"}
        if self.has_store:
            places["object-store"] = f"{self.address}/store/AUTH_{project}"
        places |= {kind: f"{self.address}/{kind}" for kind in self.elsewhere}
        catalog = [
            {"type": kind, "name": kind, "id": kind, "endpoints": [
                {"interface": "public", "url": url, "region": "R", "region_id": "R", "id": kind}]}
            for kind, url in places.items()
        ]  # fmt: skip
        token = {
            "user": {"id": user, "name": user, "domain": {"id": DOMAIN, "name": "subsidiary"}},
            "project": {"id": project, "name": project, "domain": {"id": DOMAIN, "name": "subsidiary"}},
            "roles": [{"id": name, "name": name} for name in roles], "catalog": catalog, "methods": ["password"],
            "expires_at": "2999-01-01T00:00:00.000000Z", "issued_at": "2020-01-01T00:00:00.000000Z",
        }  # fmt: skip
        return 201, {"token": token}, {"X-Subject-Token": number}

    def _identity(
        self, method: str, parts: list[str], query: dict[str, str], said: dict[str, Any], token: dict[str, Any]
    ) -> Said:
        kind, *rest = parts
        if "application_credentials" in parts:
            return self._credentials(method, parts, said, token)
        if "admin" not in token["roles"]:
            return 403, {}
        things = self.things[kind]
        if len(rest) > 1:  # a role of a user on a project
            return (204, b"") if rest[0] in things and rest[2] in self.things["users"] else (404, {})
        if method == "POST":
            return self._made(kind, said)
        if rest and rest[0] not in things:
            return 404, {}
        if method == "GET":
            return (
                (200, {kind[:-1]: things[rest[0]]}) if rest else (200, {kind: self._listed(kind, query), "links": {}})
            )
        if method == "PATCH":
            things[rest[0]] |= said[kind[:-1]]
            return 200, {kind[:-1]: things[rest[0]]}
        del things[rest[0]]
        return 204, b""

    def _listed(self, kind: str, query: dict[str, str]) -> list[dict[str, Any]]:
        found = list(self.things[kind].values())
        for name, value in query.items():
            if name == "tags":
                found = [one for one in found if value in one.get("tags", [])]
            elif name == "name__startswith":
                found = [one for one in found if one["name"].startswith(value)]
            else:
                found = [one for one in found if one.get(name) == value]
        return found

    def _made(self, kind: str, said: dict[str, Any]) -> Said:
        given = said[kind[:-1]] if kind[:-1] in said else said[kind][0]
        same = [one for one in self.things[kind].values() if one.get("name") and one["name"] == given.get("name")]
        if same:
            return 409, {"error": {"message": "Conflict occurred attempting to store: Duplicate entry."}}
        made = given | {"id": self._number()}
        self.things[kind][made["id"]] = made
        return 201, ({kind[:-1]: made} if kind[:-1] in said else {kind: [made]})

    def _credentials(self, method: str, parts: list[str], said: dict[str, Any], token: dict[str, Any]) -> Said:
        user = parts[1]
        if token["user"] != user and (method == "POST" or "admin" not in token["roles"]):
            return 403, {}
        if method == "GET":
            found = [{**one, "secret": None} for one in self.credentials.values() if one["user_id"] == user]
            return 200, {"application_credentials": found, "links": {}}
        if method == "DELETE":
            del self.credentials[parts[3]]
            return 204, b""
        number = self._number()
        made = said["application_credential"] | {
            "id": number,
            "secret": f"secret-{number}",
            "user_id": user,
            "project_id": token["project"],
        }
        self.credentials[number] = made
        return 201, {"application_credential": made}

    def _store(
        self, method: str, path: str, query: dict[str, str], headers: dict[str, str], body: bytes,
        token: dict[str, Any],
    ) -> Said:  # fmt: skip
        account, container, name = (*(unquote(part) for part in path.split("/", 2)), "", "")[:3]
        if account != token["project"] and "ResellerAdmin" not in token["roles"]:
            return 403, {}
        here = self.accounts.setdefault(account, {})
        if not container:
            return self._account(method, account, query, headers)
        if method == "PUT":
            here.setdefault(container, {}).update({name: body} if name else {})
            return 201, b""
        if container not in here or (name and name not in here[container]):
            return 404, {}
        if method == "GET":
            return (200, here[container][name]) if name else (200, _page(here[container], query))
        if f"{container}/{name}" in self.stuck or (not name and here[container]):
            return 409, {}
        del (here[container] if name else here)[name or container]
        return 204, b""

    def _account(self, method: str, account: str, query: dict[str, str], headers: dict[str, str]) -> Said:
        here = self.accounts[account]
        if method == "GET":
            return 200, _page(here, query)
        if method == "POST":
            self.quotas[account] = headers["x-account-meta-quota-bytes"]
            return 204, b""
        size = sum(len(content) for objects in here.values() for content in objects.values())
        return 204, b"", {"X-Account-Bytes-Used": str(size)}


def _page(names: Any, query: dict[str, str]) -> list[dict[str, str]]:
    after = [name for name in sorted(names) if name > query.get("marker", "")]
    return [{"name": name} for name in after[: int(query["limit"])]]
