"""What the official client is told, and what its errors mean: nothing is tried twice, followed or found by itself."""

import datetime as dt
import ssl
import sys
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kubernetes.client.exceptions import ApiException

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    DriverError,
    Limits,
    NotFound,
    Place,
    QuotaExhausted,
    Rejected,
    Throttled,
    Unavailable,
)
from incubator.cloud.drivers.kubernetes import calling
from incubator.cloud.drivers.kubernetes.driver import Kubernetes
from incubator.cloud.drivers.transport import Nothing
from tests.cloud.contract import serving
from tests.cloud.contract.api_server import TOKEN, ApiServer

LIMITS = Limits(3, 64)
STATUSES: list[tuple[int, type[DriverError], type[DriverError]]] = [
    (400, Rejected, Rejected), (401, AuthFailed, AuthFailed), (402, QuotaExhausted, QuotaExhausted),
    (403, AuthFailed, AuthFailed), (404, NotFound, NotFound), (409, Conflict, Conflict), (422, Rejected, Rejected),
    (429, Throttled, Throttled), (500, Unavailable, Ambiguous), (503, Unavailable, Unavailable),
    (504, Unavailable, Ambiguous), (507, QuotaExhausted, QuotaExhausted),
]  # fmt: skip
"""What each means of a look, and of a change."""


class Says:
    """A server that says one thing to all that is asked, and keeps what was asked."""

    def __init__(self) -> None:
        self.answer: tuple[Any, ...] = (200, {})
        self.asked: list[tuple[str, str, dict[str, str]]] = []

    def do(self, method: str, target: str, headers: dict[str, str], _body: bytes) -> tuple[Any, ...]:
        self.asked.append((method, target, headers))
        return self.answer


@pytest.fixture
def says() -> Says:
    return Says()


@pytest.fixture
def driver(says: Says) -> Iterator[Kubernetes]:
    with serving.running(says.do) as served:
        yield Kubernetes.open(Place(served.address + "/", TOKEN))


@pytest.mark.parametrize(("status", "of_a_look", "of_a_change"), STATUSES)
def test_a_refusal_is_the_driver_s_own(
    says: Says, driver: Kubernetes, status: int, of_a_look: type[DriverError], of_a_change: type[DriverError]
) -> None:
    says.answer = (status, {"kind": "Status"}, {"Retry-After": "7"})
    with pytest.raises(of_a_look) as looked:
        driver.list_all()
    with pytest.raises(of_a_change) as changed:
        driver._quota("k", {"pods": "0"})
    assert (type(looked.value), type(changed.value)) == (of_a_look, of_a_change)
    assert {getattr(error.value, "after", 7) for error in (looked, changed)} == {7}
    assert [(method, headers["connection"]) for method, _, headers in says.asked] == [
        ("GET", "close"), ("PATCH", "close"),
    ]  # fmt: skip


def test_a_redirect_is_not_followed(says: Says, driver: Kubernetes) -> None:
    says.answer = (307, {}, {"Location": "/elsewhere"})
    for act in (driver.list_all, lambda: driver._quota("k", {})):
        with pytest.raises(Rejected, match="HTTP 307"):
            act()
    assert [target for _, target, _ in says.asked if "elsewhere" in target] == []
    assert len(says.asked) == 2


@pytest.mark.parametrize("said", [b"", b"[]", b'"OK"', b"<html>", b"null", b'{"metadata": 3}'])
def test_an_answer_of_another_shape_leaves_a_change_open(says: Says, driver: Kubernetes, said: bytes) -> None:
    says.answer = (200, said, {"Content-Type": "text/html"})
    with pytest.raises(Unavailable):
        driver._namespace("k")
    if said in {b"", b'{"metadata": 3}'}:  # nothing is read but that it is an object
        driver._quota("k", {})
    else:
        with pytest.raises(Ambiguous):
            driver._quota("k", {})


def test_an_answer_is_asked_for_once_and_when_it_is_lost_a_change_is_open(says: Says, driver: Kubernetes) -> None:
    says.answer = (0, {})
    with pytest.raises(Unavailable):
        driver.list_all()
    with pytest.raises(Ambiguous):
        driver._mark("k", "frozen")
    assert len(says.asked) == 2


def test_an_answer_that_takes_too_long_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "DEADLINE", 0.2)
    done = threading.Event()

    def late(*_: Any) -> tuple[int, Any]:
        done.wait(20)
        return 0, {}

    with serving.running(late) as served:
        with pytest.raises(Ambiguous):
            Kubernetes.open(Place(served.address, TOKEN))._quota("k", {})
        done.set()


def test_what_is_no_answer_to_the_client_leaves_a_change_open() -> None:
    """Such as a connection that breaks in the middle of TLS."""

    def broken(**_: Any) -> Any:
        raise ApiException(status=0, reason="SSLError")

    with pytest.raises(Ambiguous):
        calling.change(broken, Nothing)
    with pytest.raises(Unavailable):
        calling.look(broken, Nothing)


@pytest.mark.parametrize("status", [200, 500])
def test_a_long_answer_is_read_to_a_limit(
    says: Says, driver: Kubernetes, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "LARGEST", 100)
    says.answer = (status, {"items": ["x" * 200]})
    with pytest.raises(Ambiguous) as caught:
        driver._quota("k", {})
    words = "".join(traceback.format_exception(caught.value))
    assert "x" * 200 not in words


def test_a_token_stands_in_no_error(says: Says, driver: Kubernetes) -> None:
    says.answer = (201, {"status": {"token": ["very-secret"]}, "metadata": {"labels": {"incubator/key": "k"}}})
    with pytest.raises(Ambiguous) as caught:
        driver.ensure_access(driver._namespace("k").ref())
    assert "very-secret" not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(driver) + repr(vars(driver))


def test_nothing_is_found_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, kubeconfig, nor account of a pod."""
    elsewhere = "http://127.0.0.1:9"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, elsewhere)
    config = tmp_path / "config"
    config.write_text("nonsense: [")
    for name, value in (("KUBECONFIG", str(config)), ("KUBERNETES_SERVICE_HOST", "127.0.0.1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "9")
    with serving.running(ApiServer().do) as served:
        assert Kubernetes.open(Place(served.address, TOKEN)).check().is_up


def test_without_the_client_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    driver = Kubernetes.open(Place("http://127.0.0.1:9", TOKEN))
    with pytest.raises(Unavailable, match=r"kubernetes is not installed: install incubator\[kubernetes\]"):
        driver.find("k")  # what waits goes on once it is
    assert not driver.check().is_up


class Version(BaseHTTPRequestHandler):
    """Says its version."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    do_PATCH = do_GET  # noqa: N815 - the name that http.server asks for

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """An address behind TLS, and the certificate of whom signed for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1)
    )
    certificate = (
        built.add_extension(names, False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(certificate + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    server = HTTPServer(("127.0.0.1", 0), Version)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", certificate.decode()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_certificate_is_trusted_by_the_authority_of_the_options_alone(secure: tuple[str, str]) -> None:
    address, ca = secure
    trusting = Kubernetes.open(Place(address, TOKEN, {"ca": ca}))
    assert trusting.check().is_up
    for options in ({}, {"ca": "no certificate"}):
        doubting = Kubernetes.open(Place(address, TOKEN, options))
        with pytest.raises(Unavailable, match="cannot be reached"):  # nothing was sent
            doubting._quota("k", {})


def test_a_handshake_that_takes_too_long_has_changed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "DEADLINE", 0.2)
    with HTTPServer(("127.0.0.1", 0), Version) as silent:  # takes the connection and says nothing
        driver = Kubernetes.open(Place(f"https://127.0.0.1:{silent.server_address[1]}", TOKEN))
        with pytest.raises(Unavailable, match="cannot be reached"):
            driver._quota("k", {})


def test_an_address_that_is_none_is_not_reached() -> None:
    with pytest.raises(Unavailable):
        Kubernetes.open(Place("http://127.0.0.1:99999", TOKEN))._quota("k", {})
