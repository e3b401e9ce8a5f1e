"""What holds for every driver: one suite, run against each of them for real."""

import io
from collections.abc import Iterator

import pytest

from incubator.cloud import drivers
from incubator.cloud.drivers import (
    Conflict,
    Driver,
    HttpDriver,
    Limits,
    LocalPostgres,
    NotFound,
    Place,
    RemoteRef,
    RemoteState,
    open_driver,
)
from incubator.core.keys import public_id
from tests.cloud.contract.faults import Fault
from tests.cloud.contract.rigs import DECLARED, RIGS, Rig, Setting, persist
from tests.make import Make

LIMITS = Limits(connections=3, disk_mb=64)
CASES = [pytest.param(name, fault, id=f"{name}-{fault.name}") for name in RIGS for fault in DECLARED[name][0]]


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, servers: dict[str, str], make: Make) -> Iterator[Rig]:
    with RIGS[request.param](Setting(servers, make)) as found:
        yield found


@pytest.fixture
def driver(rig: Rig) -> Driver:
    return rig.driver


@pytest.fixture
def key(rig: Rig) -> Iterator[str]:
    key = public_id()
    yield key
    removed(rig, key)


def made(rig: Rig, key: str) -> RemoteRef:
    """The account, asked for as operations do: looked up, then made, until it is there."""

    def act() -> RemoteRef:
        ref = rig.driver.find(key)
        if ref is None or ref.state is RemoteState.CREATING:
            ref = rig.driver.create(key, LIMITS)
        if ref.state is RemoteState.CREATING:
            raise drivers.Pending("not there yet", 1)
        return ref

    ref, _errors = persist(act, rig.between)
    return ref


def removed(rig: Rig, key: str) -> list[str]:
    """What is left of an account that was asked to go, as operations do."""

    def act() -> list[str]:
        ref = rig.driver.find(key)
        if ref is None:
            return []
        left = rig.driver.wipe(ref)
        if not left:
            rig.driver.delete(ref)
            if rig.driver.find(key) is not None:
                raise drivers.Pending("not gone yet", 1)
        return left

    left, _errors = persist(act, rig.between)
    return left


def test_a_healthy_provider_says_so_and_all_that_is_needed_is_there(driver: Driver) -> None:
    assert driver.check().is_up
    assert [check.words for check in driver.examine() if not check.is_good] == []


def test_what_was_never_made_is_not_found(driver: Driver, key: str) -> None:
    assert driver.find(key) is None
    if driver.capabilities.lists:
        assert driver.usage([key]) == {}


def test_what_was_created_is_found_by_its_key(rig: Rig, key: str) -> None:
    ref = made(rig, key)
    assert (ref.key, ref.state) == (key, RemoteState.ACTIVE)
    assert rig.driver.find(key) == ref
    if rig.driver.capabilities.lists:
        assert ref in rig.driver.list_all()
        assert rig.driver.usage([key, public_id()]).keys() == {key}
    else:
        with pytest.raises(drivers.Rejected):
            rig.driver.list_all()
        assert key in rig.driver.usage([key])


def test_creating_twice_makes_one_account(rig: Rig, key: str) -> None:
    ref = made(rig, key)
    assert rig.driver.create(key, LIMITS) == ref
    assert rig.accounts().count(key) == 1


def test_limits_and_access_can_be_repeated_and_a_new_secret_replaces_the_old(rig: Rig, key: str) -> None:
    ref = made(rig, key)
    for _ in range(2):
        persist(lambda: rig.driver.ensure_limits(ref, LIMITS), rig.between)
    first, _ = persist(lambda: rig.driver.ensure_access(ref), rig.between)
    second, _ = persist(lambda: rig.driver.ensure_access(ref), rig.between)
    assert (first.database, first.user) == (second.database, second.user)
    assert first.password != second.password
    assert first.password not in repr(first)


def test_members_have_secrets_of_their_own(rig: Rig, key: str) -> None:
    ref, member = made(rig, key), public_id()
    if not rig.driver.capabilities.members:
        with pytest.raises(drivers.Rejected):
            rig.driver.ensure_member(ref, member)
        rig.driver.remove_member(ref, member)
        return
    team = rig.driver.ensure_access(ref)
    first, second = (rig.driver.ensure_member(ref, member) for _ in range(2))
    assert len({team.password, first.password, second.password}) == 3
    for _ in range(2):
        rig.driver.remove_member(ref, member)


def test_what_is_inside_can_be_taken_out_where_the_provider_says_so(rig: Rig, key: str) -> None:
    ref, target = made(rig, key), io.BytesIO()
    if rig.driver.capabilities.portable_export:
        rig.driver.export(ref, target)
        assert target.getvalue().startswith(b"PK")
    else:
        with pytest.raises(drivers.Rejected):
            rig.driver.export(ref, target)


def test_freezing_and_opening_again_show_and_can_be_repeated(rig: Rig, key: str) -> None:
    ref = made(rig, key)
    persist(lambda: rig.driver.ensure_access(ref), rig.between)
    for _ in range(2):
        persist(lambda: rig.driver.freeze(ref, 2), rig.between)
    if rig.driver.capabilities.shows_freeze:
        assert rig.driver.find(key) == RemoteRef(key, ref.name, RemoteState.FROZEN)
    for _ in range(2):
        persist(lambda: rig.driver.unfreeze(ref, LIMITS), rig.between)
    assert rig.driver.find(key) == ref


def test_deleting_removes_it_and_deleting_again_is_fine(rig: Rig, key: str) -> None:
    ref = made(rig, key)
    assert removed(rig, key) == []
    rig.driver.delete(ref)
    assert rig.driver.wipe(ref) == []
    rig.driver.remove_member(ref, public_id())
    assert (rig.driver.find(key), rig.accounts().count(key)) == (None, 0)


def test_a_step_on_what_is_not_there_says_so(driver: Driver, key: str) -> None:
    ghost = RemoteRef(key, f"sb_{key}", RemoteState.ACTIVE)
    for step in (lambda: driver.freeze(ghost, 2), lambda: driver.ensure_access(ghost)):
        with pytest.raises(NotFound):
            step()


@pytest.mark.parametrize(("name", "fault"), CASES)
def test_one_account_comes_and_goes_whatever_happens(
    name: str, fault: Fault, servers: dict[str, str], make: Make
) -> None:
    """The cell of the README's table: asked again as operations do, each account is there once and goes for good."""
    with RIGS[name](Setting(servers, make)) as rig:
        comes_and_goes(rig, fault)


def comes_and_goes(rig: Rig, fault: Fault) -> None:
    """One case, over whichever rig."""
    key = public_id()
    allowed = rig.raises[fault]
    if fault is Fault.TAKEN:
        rig.inject(fault, key, False)
        with pytest.raises(Conflict):
            rig.driver.create(key, LIMITS)
        return
    if fault in {Fault.STUCK, Fault.RENAMED}:
        _changed_by_hand(rig, key, fault)
        return
    errors = _create(rig, key, fault)
    assert errors <= allowed
    assert bool(errors) is bool(allowed)
    assert rig.accounts().count(key) == 1
    if fault is not Fault.SLOW:
        rig.inject(fault, key, True)
    assert removed(rig, key) == []
    assert rig.accounts().count(key) == 0


def _create(rig: Rig, key: str, fault: Fault) -> set[type[drivers.DriverError]]:
    rig.inject(fault, key, False)

    def act() -> RemoteRef:
        ref = rig.driver.find(key)
        return ref if ref is not None and ref.state is not RemoteState.CREATING else rig.driver.create(key, LIMITS)

    _ref, errors = persist(act, rig.between)
    return errors


def _changed_by_hand(rig: Rig, key: str, fault: Fault) -> None:
    ref = made(rig, key)
    if fault is Fault.RENAMED:
        rig.rename(key)
        assert rig.driver.find(key) is None
        assert key not in rig.accounts()
        with pytest.raises(NotFound):
            rig.driver.ensure_access(ref)
        rig.driver.delete(ref)
        return
    rig.inject(fault, key, True)
    left = removed(rig, key)
    assert len(left) == 1
    assert rig.driver.find(key) is not None
    rig.mend(key)
    assert removed(rig, key) == []


def test_a_provider_without_an_address_is_unavailable() -> None:
    with pytest.raises(drivers.Unavailable, match="address is not set"):
        open_driver("local_pg", Place(None))


def test_a_driver_nobody_wrote_is_an_error() -> None:
    with pytest.raises(KeyError):
        open_driver("moon", Place("http://127.0.0.1:9"))


def test_the_kinds_of_drivers(servers: dict[str, str]) -> None:
    assert isinstance(open_driver("local_pg", Place(servers["sandbox"])), LocalPostgres)
    assert isinstance(open_driver("http", Place("https://cloud.example.com", "t")), HttpDriver)
    assert {name: drivers.capabilities_of(name) for name in RIGS} == {
        name: kind.cls().capabilities for name, kind in drivers.KINDS.items() if name in RIGS
    }
