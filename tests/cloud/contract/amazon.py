"""AWS as moto plays it (a real HTTP server), with what moto answers too kindly put right in front of it.

create_account is in progress first; an e-mail address makes one account; a move from where an account is not, and a
policy put on twice, are refused; a tenth of the accounts may be closed. A fault is put before one call, by its name.
"""

import contextlib
import io
import itertools
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.cloud.contract.faults import Fault

MANAGEMENT, NUMBER, SECRET = "123456789012", "AKIAIOSFODNN7EXAMPLE", "secret-of-the-operator"
EMAIL = "cloud+{key}@example.com"
CODES = {
    Fault.FAILS: (500, "InternalFailure"),
    Fault.THROTTLED: (400, "TooManyRequestsException"),
    Fault.REFUSED: (400, "UnrecognizedClientException"),
}
Start = Callable[..., Any]


@dataclass
class Call:
    """One request: what is asked for, and what with."""

    action: str
    said: dict[str, Any]
    method: str
    path: str


class Refusal(Exception):
    """An answer of AWS that is an error."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Amazon:
    """fault: (call, what goes wrong), used up by it. looks: how often a creation is still in progress. taken: e-mail
    addresses of somebody else's accounts. stuck: what may not be deleted. closings: how many are left. refuses: with
    which code the store of files refuses every call. largest: bytes of the largest call so far.
    fails: why no account is made. slow_keys: how often a new user's key is not known yet."""

    def __init__(self) -> None:
        self.address = ""
        self.fault: tuple[str, Fault] | None = None
        self.looks = 0
        self.taken_by_others = False
        self.stuck: set[str] = set()
        self.closings = 10
        self.refuses: str | None = None
        self.largest = 0
        self.fails: str | None = None
        self.slow_keys = 0
        self.calls: list[str] = []
        self.late: list[tuple[int, dict[str, Any]]] = []
        self.delay: int | None = None
        self._going: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Do what is asked, or what goes wrong. A connection that is dropped is an error of it."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        call = _call(environ, body)
        with self._lock:
            self.calls.append(call.action)
            self.largest = max(self.largest, len(body))
            self._age()
            fault = self._fault(call)
            if fault is Fault.DOWN:
                raise ConnectionResetError
            if fault in CODES:
                status, code = CODES[fault]
                return _say(start, {"__type": code, "message": code}, status)
            try:
                answer = self._answer(call, environ, start, is_heard=fault is None)
            except Refusal as refusal:
                return _say(start, {"__type": refusal.code, "message": refusal.code}, refusal.status)
            if fault is Fault.LOST:
                raise ConnectionResetError
            return _say(start, None, 200) if fault is Fault.GARBLED else answer

    @property
    def backend(self) -> Any:
        """What moto keeps of the organization."""
        from moto.organizations.models import organizations_backends

        return organizations_backends[MANAGEMENT]["aws"]

    def folders(self) -> dict[str, str]:
        """Names of the organizational units by id."""
        return {one.id: one.name for one in self.backend.ou}

    def keys(self) -> list[str]:
        """Whose accounts lie with the teams or frozen, and are not closed."""
        ours = {number for number, name in self.folders().items() if name in {"incubator-active", "incubator-frozen"}}
        return [one.tags["incubator-key"] for one in self.backend.accounts
                if one.parent_id in ours and one.status == "ACTIVE" and "incubator-key" in one.tags]  # fmt: skip

    def _fault(self, call: Call) -> Fault | None:
        if self.fault is None or self.fault[0] not in {call.action, "*"}:
            return None
        _action, fault = self.fault
        self.fault = None
        return fault

    def _answer(self, call: Call, environ: dict[str, Any], start: Start, *, is_heard: bool) -> Iterable[bytes]:
        special = getattr(self, f"_{call.action.lower()}", None)
        said = special(call.said) if special else None
        if said is not None:
            return _say(start if is_heard else _deaf, said, 200)
        if call.action == "GetCallerIdentity" and self.slow_keys and _is_members(environ):
            self.slow_keys -= 1
            return _say_xml(start, "InvalidClientTokenId", wrapped=True)
        if self.refuses:
            return _say_xml(start, self.refuses)
        if call.method == "DELETE" and call.path.strip("/") in self.stuck:
            raise Refusal("AccessDenied", 403)
        return list(_moto()(environ, start if is_heard else _deaf))

    def _age(self) -> None:
        """Late effects come to pass after so many further calls."""
        self.late = [(left - 1, said) for left, said in self.late]
        for left, said in list(self.late):
            if left <= 0:
                self.late.remove((left, said))
                with contextlib.suppress(Refusal):
                    self._make(said)

    def _make(self, said: dict[str, Any]) -> str:
        if self.fails:
            raise Refusal(self.fails)
        if self.taken_by_others or any(one.email == said["Email"] for one in self.backend.accounts):
            raise Refusal("EMAIL_ALREADY_EXISTS")
        return str(self.backend.create_account(**said)["CreateAccountStatus"]["AccountId"])

    def _createaccount(self, said: dict[str, Any]) -> dict[str, Any]:
        if self.delay is not None:
            self.late.append((self.delay, said))
            self.delay = None
            raise ConnectionResetError
        number = f"car-{next(self._numbers):08x}"
        self._going[number] = {"said": said, "looks": self.looks}
        return {"CreateAccountStatus": {"Id": number, "State": "IN_PROGRESS", "AccountName": said["AccountName"]}}

    def _describecreateaccountstatus(self, said: dict[str, Any]) -> dict[str, Any]:
        number = said["CreateAccountRequestId"]
        going = self._going[number]
        status = {"Id": number, "State": "IN_PROGRESS", "AccountName": going["said"]["AccountName"]}
        going["looks"] -= 1
        if going["looks"] < 0 and "account" not in going:
            try:
                going["account"] = self._make(going["said"])
            except Refusal as refusal:
                return {"CreateAccountStatus": status | {"State": "FAILED", "FailureReason": refusal.code}}
        if "account" in going:
            status |= {"State": "SUCCEEDED", "AccountId": going["account"]}
        return {"CreateAccountStatus": status}

    def _listcreateaccountstatus(self, _said: dict[str, Any]) -> dict[str, Any]:
        return {"CreateAccountStatuses": [
            {"Id": number, "State": "IN_PROGRESS", "AccountName": going["said"]["AccountName"]}
            for number, going in self._going.items() if "account" not in going
        ]}  # fmt: skip

    def _moveaccount(self, said: dict[str, Any]) -> None:
        if self.backend.get_account_by_id(said["AccountId"]).parent_id != said["SourceParentId"]:
            raise Refusal("SourceParentNotFoundException")

    def _attachpolicy(self, said: dict[str, Any]) -> None:
        targets = self.backend.list_targets_for_policy(PolicyId=said["PolicyId"])["Targets"]
        if any(target["TargetId"] == said["TargetId"] for target in targets):
            raise Refusal("DuplicatePolicyAttachmentException")

    def _closeaccount(self, said: dict[str, Any]) -> None:
        if self.backend.get_account_by_id(said["AccountId"]).status == "SUSPENDED":
            raise Refusal("AccountAlreadyClosedException")
        if not self.closings:
            raise Refusal("ConstraintViolationException")
        self.closings -= 1


@cache
def _moto() -> Any:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    return DomainDispatcherApplication(create_backend_app)


def _call(environ: dict[str, Any], body: bytes) -> Call:
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    said = json.loads(body) if target else {}
    action = target.rpartition(".")[2]
    if not action and body.startswith(b"Action="):
        action = body.partition(b"=")[2].partition(b"&")[0].decode()
    return Call(action, said, environ["REQUEST_METHOD"], environ["PATH_INFO"])


def _deaf(_status: str, _headers: Any, _error: Any = None) -> None:
    """Takes an answer that nobody hears."""


def _is_members(environ: dict[str, Any]) -> bool:
    """Whether a user of a member account asks, and not the operator."""
    return NUMBER not in environ.get("HTTP_AUTHORIZATION", "")


def _say_xml(start: Start, code: str, *, wrapped: bool = False) -> list[bytes]:
    error = f"<Error><Code>{code}</Code><Message>No</Message></Error>"
    content = f"<?xml version='1.0'?>{f'<ErrorResponse>{error}</ErrorResponse>' if wrapped else error}".encode()
    start("403 X", [("Content-Type", "application/xml"), ("Content-Length", str(len(content)))])
    return [content]


def _say(start: Start, said: Any, status: int) -> list[bytes]:
    content = b"<nonsense" if said is None else json.dumps(said).encode()
    start(f"{status} X", [("Content-Type", "application/x-amz-json-1.1"), ("Content-Length", str(len(content)))])
    return [content]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True


@contextlib.contextmanager
def running() -> Iterator[Amazon]:
    """An organization with policies switched on and nothing in it."""
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # seconds for each account
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
    amazon = Amazon()
    server = make_server("127.0.0.1", 0, amazon, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    amazon.address = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        amazon.backend.create_organization("us-east-1", FeatureSet="ALL")
        amazon.backend.enable_policy_type(
            RootId=amazon.backend.list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY"
        )
        yield amazon
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
