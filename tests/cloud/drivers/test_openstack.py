"""What is particular to OpenStack: what its answers mean, registered limits, what is left at other services."""

import io
import sys
import zipfile
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    DriverError,
    Limits,
    NotFound,
    Pending,
    Place,
    QuotaExhausted,
    Rejected,
    RemoteState,
    Throttled,
    Unavailable,
    Usage,
    open_driver,
)
from incubator.cloud.drivers.openstack import store
from incubator.cloud.drivers.openstack.calling import looking, refusal
from incubator.cloud.drivers.openstack.driver import OpenStack
from tests.cloud.contract import openstack_double, serving
from tests.cloud.contract.openstack_rig import OPTIONS, upload
from tests.cloud.contract.serving import Served

TOKEN = f"{openstack_double.USER}:{openstack_double.PASSWORD}"
LIMITS = Limits(1, 5)
KEY = "k" * 16


@pytest.fixture
def double() -> openstack_double.Double:
    return openstack_double.Double()


@pytest.fixture
def served(double: openstack_double.Double) -> Iterator[Served]:
    with serving.running(double.do) as found:
        double.address = found.address
        yield found


@pytest.fixture
def driver(served: Served) -> OpenStack:
    return driver_of(served)


def driver_of(served: Served, token: str = TOKEN, **options: str) -> OpenStack:
    found = open_driver("openstack", Place(f"{served.address}/v3", token, OPTIONS | options))
    assert isinstance(found, OpenStack)
    return found


def bad(driver: OpenStack) -> list[str]:
    return [check.words for check in driver.examine() if not check.is_good]


@pytest.mark.parametrize(
    ("status", "headers", "meaning"),
    [
        (401, {}, AuthFailed), (403, {}, AuthFailed), (404, {}, NotFound), (409, {}, Conflict),
        (413, {}, QuotaExhausted), (413, {"Retry-After": "7"}, Throttled), (429, {}, Throttled), (498, {}, Throttled),
        (503, {}, Unavailable), (503, {"Retry-After": "7"}, Throttled), (507, {}, QuotaExhausted),
        (500, {}, Ambiguous), (400, {}, Rejected), (302, {}, Rejected),
    ],
)  # fmt: skip
def test_what_an_answer_means(status: int, headers: dict[str, str], meaning: type[DriverError]) -> None:
    found = refusal(status, headers, "words", Ambiguous)
    assert type(found) is meaning
    if isinstance(found, Throttled):
        assert found.after == int(headers.get("Retry-After", 5))


def test_what_the_sdk_raises_without_a_status_leaves_it_open() -> None:
    from openstack.exceptions import SDKException

    with pytest.raises(Unavailable, match="SDKException: odd"), looking():
        raise SDKException("odd")


def test_without_the_sdk_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keystoneauth1.identity", None)
    driver = open_driver("openstack", Place("http://127.0.0.1:9/v3", TOKEN, OPTIONS))
    assert driver.check().detail == "openstacksdk is not installed: install incubator[openstack]"


def test_a_cloud_that_is_away_or_does_not_know_us_is_not_up(served: Served) -> None:
    away = OpenStack.open(Place("http://127.0.0.1:9/v3", TOKEN, OPTIONS))
    assert (away.check().is_up, away.check().detail) == (False, "the cloud cannot be reached")
    unknown = OpenStack.open(Place(f"{served.address}/v3", "number:secret"))
    assert bad(unknown) == [
        "Not so: Keystone answers and accepts our sign-in. (AuthFailed: Could not find Application Credential: number. "
        "(HTTP 404))"
    ]


def test_the_check_names_what_is_missing(double: openstack_double.Double, served: Served) -> None:
    double.roles = ["member"]
    words = " ".join(bad(driver_of(served)))
    assert "Not so: Our sign-in has the role that makes projects (admin). (Rejected: it has not)" in words
    assert "ResellerAdmin). (AuthFailed" in words
    double.roles = ["admin"]
    del double.things["roles"]["member"]
    assert "(Rejected: there is no domain moon)" in " ".join(bad(driver_of(served, domain="moon")))
    words = " ".join(bad(driver_of(served)))
    assert "(Rejected: there is no role member)" in words


def test_limits_are_those_that_the_cloud_registered_times_what_was_ordered(
    double: openstack_double.Double, driver: OpenStack
) -> None:
    def standing() -> list[int]:
        return [one["resource_limit"] for one in double.things["limits"].values()]

    asked = Limits(1, 5, {"limit.object-store.containers": "7"}, quantity=3)
    ref = driver.create(KEY, asked)
    driver.ensure_limits(ref, asked)
    assert (standing(), list(double.quotas.values())) == ([21], ["5000000"])
    driver.ensure_limits(ref, Limits(1, 5, {"limit.object-store.containers": "9"}))
    assert standing() == [9]
    for _ in range(2):
        driver.freeze(ref, 1)
    assert (standing(), list(double.quotas.values())) == ([0], ["0"])
    assert driver.find(KEY) is not None
    for wrong, words in (
        ("limit.object-store.moons", "registered no limit of moons for object-store"),
        ("limit.compute.cores", "no service of the type compute"),
        ("flavour", "is not limit.<service type>.<resource>"),
    ):
        with pytest.raises(Rejected, match=words):
            driver.ensure_limits(ref, Limits(1, 5, {wrong: "1"}))


def test_a_cloud_without_an_object_store_gives_projects_alone(
    double: openstack_double.Double, driver: OpenStack
) -> None:
    double.has_store = False
    ref = driver.create(KEY, LIMITS)
    assert (bad(driver), driver.usage([KEY])) == ([], {KEY: Usage(0, 0)})
    driver.freeze(ref, 2)
    with pytest.raises(Rejected, match="no object store"):
        driver.export(ref, io.BytesIO())
    assert driver.wipe(ref) == []


def test_what_other_services_hold_is_named_and_not_forgotten(
    double: openstack_double.Double, driver: OpenStack
) -> None:
    double.elsewhere = {
        "compute": ("servers", [{"id": "1", "name": "web"}]), "block-storage": ("volumes", [{"id": "2", "name": ""}])
    }  # fmt: skip
    ref = driver.create(KEY, LIMITS)
    assert driver.wipe(ref) == ["server web", "volume 2"]


def test_a_frozen_project_gives_no_secret_and_two_of_one_key_are_a_persons_business(
    double: openstack_double.Double, driver: OpenStack
) -> None:
    ref = driver.create(KEY, LIMITS)
    driver.freeze(ref, 2)
    with pytest.raises(Rejected, match="is frozen"):
        driver.ensure_access(ref)
    twin = double.project(KEY) | {"id": "twin", "name": "twin"}
    double.things["projects"]["twin"] = twin
    with pytest.raises(Conflict, match="2 projects"):
        driver.find(KEY)


def test_a_renamed_project_is_still_found(double: openstack_double.Double, driver: OpenStack) -> None:
    driver.create(KEY, LIMITS)
    double.project(KEY)["name"] = "mine"
    found = driver.find(KEY)
    assert found is not None
    assert (found.key, found.name, found.state) == (KEY, "mine", RemoteState.ACTIVE)


def test_only_our_users_go_and_the_secret_says_until_when(double: openstack_double.Double, driver: OpenStack) -> None:
    ref = driver.create(KEY, LIMITS)
    secret = driver.ensure_access(ref)
    driver.ensure_member(ref, "m" * 16)
    double.things["users"]["x"] = {"id": "x", "name": "somebody", "domain_id": openstack_double.DOMAIN}
    assert "This secret is good until 20" in secret.note
    assert secret.password not in secret.note
    driver.remove_member(ref, "m" * 16)
    assert sorted(user["name"] for user in double.things["users"].values()) == [f"sb-{KEY}-team", "somebody"]
    driver.delete(ref)
    assert [user["name"] for user in double.things["users"].values()] == ["somebody"]
    assert double.credentials == {}


def test_pages_are_followed_and_names_stay_inside_the_copy(driver: OpenStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "PAGE", 2)
    ref = driver.create(KEY, LIMITS)
    for name in ("files/../../up", "files//root", "files/c:x", "files/ok.txt", "files/会议"):
        upload(driver, KEY, name)
    target = io.BytesIO()
    driver.export(ref, target)
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == [
            "README.txt", "files/%2E%2E/%2E%2E/up", "files/%2F/root", "files/c%3Ax", "files/ok.txt", "files/会议",
        ]  # fmt: skip
    monkeypatch.setattr(store, "LONGEST", -1)
    with pytest.raises(Rejected, match="more than can be copied"):
        driver.export(ref, io.BytesIO())
    monkeypatch.setattr(store, "WIPING", -1)
    with pytest.raises(Pending):
        driver.wipe(ref)
    monkeypatch.setattr(store, "WIPING", 45)
    assert driver.wipe(ref) == []


def test_a_container_that_stays_is_named(double: openstack_double.Double, driver: OpenStack) -> None:
    ref = driver.create(KEY, LIMITS)
    upload(driver, KEY, "kept/report.txt")
    double.stuck.add("kept/report.txt")
    assert driver.wipe(ref) == ["kept/report.txt"]
    double.stuck = {"kept/"}
    assert driver.wipe(ref) == ["kept"]


def test_a_store_whose_address_names_no_project_is_refused(driver: OpenStack) -> None:
    cloud = SimpleNamespace(project=lambda: "f" * 32, endpoint=lambda _kind: "http://127.0.0.1:9/swift/v1")
    with pytest.raises(Rejected, match="does not name the project"):
        store.Store(cloud)._account("p")
