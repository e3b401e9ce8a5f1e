"""What goes wrong on the way to an HTTP provider, and what each means."""

import socket
from collections.abc import Iterator

import pytest

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    DriverError,
    Health,
    HttpDriver,
    Limits,
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Throttled,
    Unavailable,
)
from tests.cloud import provider
from tests.cloud.provider import Loopback

LIMITS = Limits(connections=3, disk_mb=64)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with provider.running() as running:
        yield running


@pytest.fixture
def driver(loopback: Loopback) -> HttpDriver:
    return HttpDriver(loopback.address, provider.TOKEN, deadline=0.3)


@pytest.mark.parametrize(
    ("fault", "meaning"),
    [
        (400, Rejected),
        (401, AuthFailed),
        (402, QuotaExhausted),
        (403, AuthFailed),
        (409, Conflict),
        (422, Rejected),
        (429, Throttled),
        (500, Ambiguous),
        (503, Unavailable),
        (507, QuotaExhausted),
        ("lost", Ambiguous),
        ("garbled", Ambiguous),
    ],
)
def test_what_a_failed_change_means(
    driver: HttpDriver, loopback: Loopback, fault: object, meaning: type[DriverError]
) -> None:
    loopback.faults = [("PUT", "/accounts/k", fault)]
    with pytest.raises(DriverError) as refusal:
        driver.create("k", LIMITS)
    assert type(refusal.value) is meaning


@pytest.mark.parametrize("fault", [500, "lost", "garbled"])
def test_a_failed_look_changed_nothing(driver: HttpDriver, loopback: Loopback, fault: object) -> None:
    driver.create("k", LIMITS)
    loopback.faults = [("GET", "/accounts/k", fault)]
    with pytest.raises(Unavailable):
        driver.find("k")


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("soon", 5)])
def test_a_busy_provider_says_when_to_come_back(
    driver: HttpDriver, loopback: Loopback, header: str, seconds: int
) -> None:
    loopback.retry_after, loopback.faults = header, [("PUT", "/accounts/k", 429)]
    with pytest.raises(Throttled) as refusal:
        driver.create("k", LIMITS)
    assert refusal.value.after == seconds


def test_after_a_lost_answer_the_account_is_found(driver: HttpDriver, loopback: Loopback) -> None:
    loopback.faults = [("PUT", "/accounts/k", "lost")]
    with pytest.raises(Ambiguous):
        driver.create("k", LIMITS)
    assert driver.find("k") == RemoteRef("k", "acct-k", RemoteState.ACTIVE)
    assert driver.create("k", LIMITS) == RemoteRef("k", "acct-k", RemoteState.ACTIVE)
    assert loopback.created == ["k"]


def test_a_provider_that_takes_its_time_answers_creating(driver: HttpDriver, loopback: Loopback) -> None:
    loopback.faults = [("PUT", "/accounts/k", "late")]
    assert driver.create("k", LIMITS).state is RemoteState.CREATING
    assert driver.create("k", LIMITS).state is RemoteState.ACTIVE


def test_no_answer_in_time_is_ambiguous(driver: HttpDriver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        slow = HttpDriver(f"http://127.0.0.1:{deaf.getsockname()[1]}", "t", deadline=0.05)
        with pytest.raises(Ambiguous):
            slow.create("k", LIMITS)
        with pytest.raises(Unavailable):
            slow.find("k")


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    driver = HttpDriver(f"http://127.0.0.1:{port}", "t")
    with pytest.raises(Unavailable):
        driver.create("k", LIMITS)
    assert driver.check() == Health(False, "the provider cannot be reached")


def test_a_key_cannot_leave_its_place_in_the_address(driver: HttpDriver, loopback: Loopback) -> None:
    assert driver.find("../usage?x=") is None
    assert loopback.calls == ["GET /accounts/..%2Fusage%3Fx%3D"]
