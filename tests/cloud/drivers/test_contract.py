"""What holds for every driver: one suite, run against each of them for real."""

from collections.abc import Iterator

import pytest

from incubator.cloud.drivers import (
    Driver,
    HttpDriver,
    Limits,
    LocalPostgres,
    NotFound,
    RemoteRef,
    RemoteState,
    open_driver,
)
from incubator.core.keys import public_id
from tests.cloud import provider

LIMITS = Limits(connections=3, disk_mb=64)


@pytest.fixture(params=["local_pg", "http"])
def driver(request: pytest.FixtureRequest, servers: dict[str, str]) -> Iterator[Driver]:
    if request.param == "local_pg":
        yield open_driver("local_pg", address=servers["sandbox"], token=None)
        return
    with provider.running() as loopback:
        yield open_driver("http", address=loopback.address, token=provider.TOKEN)


@pytest.fixture
def key(driver: Driver) -> Iterator[str]:
    key = public_id()
    yield key
    ref = driver.find(key)
    if ref is not None:
        driver.delete(ref)


def test_a_healthy_provider_says_so(driver: Driver) -> None:
    assert driver.check().is_up


def test_what_was_never_made_is_not_found(driver: Driver, key: str) -> None:
    assert driver.find(key) is None
    assert driver.usage([key]) == {}


def test_what_was_created_is_found_by_its_key(driver: Driver, key: str) -> None:
    ref = driver.create(key, LIMITS)
    assert (ref.key, ref.state) == (key, RemoteState.ACTIVE)
    assert driver.find(key) == ref
    assert ref in driver.list_all()


def test_creating_twice_makes_one_account(driver: Driver, key: str) -> None:
    assert driver.create(key, LIMITS) == driver.create(key, LIMITS)
    assert [ref.key for ref in driver.list_all()].count(key) == 1


def test_limits_and_access_can_be_repeated_and_a_new_secret_replaces_the_old(driver: Driver, key: str) -> None:
    ref = driver.create(key, LIMITS)
    driver.ensure_limits(ref, LIMITS)
    driver.ensure_limits(ref, LIMITS)
    first, second = driver.ensure_access(ref), driver.ensure_access(ref)
    assert (first.database, first.user) == (second.database, second.user)
    assert first.password != second.password


def test_a_secret_does_not_stand_in_its_own_text(driver: Driver, key: str) -> None:
    secret = driver.ensure_access(driver.create(key, LIMITS))
    assert secret.password not in repr(secret)


def test_freezing_and_opening_again_show_and_can_be_repeated(driver: Driver, key: str) -> None:
    ref = driver.create(key, LIMITS)
    driver.ensure_access(ref)
    for _ in range(2):
        driver.freeze(ref, 2)
    assert driver.find(key) == RemoteRef(key, ref.name, RemoteState.FROZEN)
    for _ in range(2):
        driver.unfreeze(ref, LIMITS)
    assert driver.find(key) == ref


def test_usage_is_read_for_the_accounts_that_are_there(driver: Driver, key: str) -> None:
    driver.create(key, LIMITS)
    usage = driver.usage([key, public_id()])
    assert list(usage) == [key]
    assert usage[key].size_bytes > 0


def test_deleting_removes_it_and_deleting_again_is_fine(driver: Driver, key: str) -> None:
    ref = driver.create(key, LIMITS)
    driver.delete(ref)
    driver.delete(ref)
    assert driver.find(key) is None


def test_a_step_on_what_is_not_there_says_so(driver: Driver, key: str) -> None:
    ghost = RemoteRef(key, f"sb_{key}", RemoteState.ACTIVE)
    with pytest.raises(NotFound):
        driver.freeze(ghost, 2)
    with pytest.raises(NotFound):
        driver.ensure_access(ghost)


def test_a_provider_without_an_address_is_unavailable() -> None:
    with pytest.raises(Exception, match="address is not set"):
        open_driver("local_pg", address=None, token=None)


def test_a_driver_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        open_driver("moon", address="http://127.0.0.1:9", token=None)


def test_the_kinds_of_drivers(servers: dict[str, str]) -> None:
    assert isinstance(open_driver("local_pg", address=servers["sandbox"], token=None), LocalPostgres)
    assert isinstance(open_driver("http", address="https://cloud.example.com", token="t"), HttpDriver)
