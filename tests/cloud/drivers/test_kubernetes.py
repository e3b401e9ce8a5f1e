"""What is particular to clusters: rights are asked for one by one, quantities, names that are taken, what is frozen."""

from collections.abc import Iterator

import pytest

from incubator.cloud.drivers import Conflict, Limits, Place, RemoteState
from incubator.cloud.drivers.kubernetes.driver import RIGHTS, Kubernetes
from incubator.cloud.drivers.kubernetes.quantities import hard_limits, number
from tests.cloud.contract import serving
from tests.cloud.contract.api_server import TOKEN, ApiServer

LIMITS = Limits(3, 64, settings={"cpu": "2", "memory": "4Gi"})


@pytest.fixture
def cluster() -> ApiServer:
    return ApiServer()


@pytest.fixture
def driver(cluster: ApiServer) -> Iterator[Kubernetes]:
    with serving.running(cluster.do) as served:
        yield Kubernetes.open(Place(served.address, TOKEN))


def test_a_right_that_is_missing_is_named(cluster: ApiServer, driver: Kubernetes) -> None:
    cluster.denied = {("patch", "rbac.authorization.k8s.io", "rolebindings")}
    assert [check.words for check in driver.examine() if not check.is_good] == [
        "Not so: We may patch rolebindings. (Rejected: the cluster does not allow it)"
    ]
    assert cluster.objects == {}


def test_each_right_that_is_needed_is_asked_for_and_no_other(cluster: ApiServer, driver: Kubernetes) -> None:
    ref = driver.create("k", LIMITS)
    driver.ensure_access(ref)
    driver.ensure_member(ref, "m")
    driver.freeze(ref, 2)
    driver.unfreeze(ref, LIMITS)
    driver.usage(["k"])
    driver.remove_member(ref, "m")
    assert driver.wipe(ref) == []
    assert cluster.used == set(RIGHTS)
    cluster.denied = set(RIGHTS)
    assert sum(not check.is_good for check in driver.examine()) == len(RIGHTS)


def test_the_quota_has_what_the_plan_says_and_is_shut_while_frozen(cluster: ApiServer, driver: Kubernetes) -> None:
    ref = driver.create("k", LIMITS)
    quota = "/api/v1/namespaces/sb-k/resourcequotas/sandbox"
    full = {"requests.storage": "64M", "pods": "3", "limits.cpu": "2", "limits.memory": "4Gi"}
    assert cluster.objects[quota]["spec"]["hard"] == full
    secret = driver.ensure_access(ref)
    assert (secret.kind, secret.database, secret.user) == ("cluster", "sb-k", "team")
    driver.freeze(ref, 1)
    bound = "/apis/rbac.authorization.k8s.io/v1/namespaces/sb-k/rolebindings/team"
    shut = full | {"pods": "0"}
    assert (cluster.objects[quota]["spec"]["hard"], bound in cluster.objects) == (shut, True)  # volumes stay capped
    driver.freeze(ref, 2)
    assert (cluster.objects[quota]["spec"]["hard"], bound in cluster.objects) == (shut, False)
    driver.unfreeze(ref, LIMITS)
    assert (cluster.objects[quota]["spec"]["hard"], bound in cluster.objects) == (full, True)
    assert cluster.managers[quota].keys() == {"incubator"}
    driver.ensure_limits(ref, Limits(5, 64))
    assert cluster.objects[quota]["spec"]["hard"] == {"requests.storage": "64M", "pods": "5"}


def test_a_namespace_that_is_not_ours_is_a_conflict(cluster: ApiServer, driver: Kubernetes) -> None:
    cluster.objects["/api/v1/namespaces/sb-k"] = {"metadata": {"name": "sb-k", "labels": {}}}
    with pytest.raises(Conflict):
        driver.find("k")


def test_a_long_list_is_read_page_by_page(cluster: ApiServer, driver: Kubernetes) -> None:
    for index in range(1001):
        name = f"sb-{index}"
        labels = {"incubator/key": str(index)}
        cluster.objects[f"/api/v1/namespaces/{name}"] = {"metadata": {"name": name, "labels": labels}}
    found = driver.list_all()
    assert (len({ref.key for ref in found}), {ref.state for ref in found}) == (1001, {RemoteState.ACTIVE})


@pytest.mark.parametrize(
    ("said", "count"), [("2", 2), ("1Gi", 2**30), ("1500M", 1_500_000_000), ("1.5k", 1500), ("many", 0), ("", 0)]
)
def test_quantities(said: str, count: int) -> None:
    assert number(said) == count


def test_a_cluster_that_is_away_is_not_up() -> None:
    assert not Kubernetes("http://127.0.0.1:9", "t", {}).check().is_up


def test_several_get_a_quota_so_many_times_as_large() -> None:
    settings = {"cpu": "500m", "memory": "1.5Gi", "pods": "many"}
    assert hard_limits(Limits(12, 256, settings, quantity=4)) == {
        "requests.storage": "256M", "pods": "many", "limits.cpu": "2000m", "limits.memory": "6.0Gi",
    }  # fmt: skip
    assert hard_limits(LIMITS)["limits.memory"] == "4Gi"
