"""What is particular to brokers: what failed is deleted, what is busy is waited for, what is not set is said."""

import json
from collections.abc import Iterator

import pytest

from incubator.cloud.drivers import Limits, Pending, Place, Rejected, RemoteRef, RemoteState, open_driver
from incubator.cloud.drivers.osb import OpenServiceBroker, _secret
from tests.cloud.contract import osb_broker, serving
from tests.cloud.contract.serving import Served

LIMITS = Limits(1, 1)
OPTIONS = {"service_id": osb_broker.SERVICE, "plan_id": osb_broker.PLAN}
REF = RemoteRef("k", "k", RemoteState.ACTIVE)


@pytest.fixture
def broker() -> osb_broker.Broker:
    return osb_broker.Broker()


@pytest.fixture
def served(broker: osb_broker.Broker) -> Iterator[Served]:
    with serving.running(osb_broker.do_of(broker)) as served:
        yield served


def driver_of(served: Served, **options: str) -> OpenServiceBroker:
    driver = open_driver("osb", Place(served.address, f"{osb_broker.USER}:{osb_broker.PASSWORD}", options))
    assert isinstance(driver, OpenServiceBroker)
    return driver


def test_what_the_broker_could_not_make_is_deleted_and_a_person_is_told(
    broker: osb_broker.Broker, served: Served
) -> None:
    driver = driver_of(served, **OPTIONS)
    broker.slow = broker.fails = True
    assert driver.create("k", LIMITS).state is RemoteState.CREATING
    assert driver.find("k") == RemoteRef("k", "k", RemoteState.CREATING)
    with pytest.raises(Pending):
        driver.create("k", LIMITS)
    assert "k" in broker.going


@pytest.mark.parametrize(
    ("said", "meaning"), [({"error": "ConcurrencyError"}, Pending), ({"error": "MaintenanceInfoConflict"}, Rejected)]
)
def test_422_says_busy_or_wrong_for_good(said: dict[str, str], meaning: type[Exception]) -> None:
    answers = serving.running(lambda method, *_: (404, {}) if method == "GET" else (422, said))
    with answers as served, pytest.raises(meaning):
        driver_of(served, **OPTIONS).create("k", LIMITS)


def test_a_plan_that_names_no_ids_is_refused_and_the_check_says_so(served: Served) -> None:
    with pytest.raises(Rejected, match="are not set"):
        driver_of(served).create("k", LIMITS)
    words = [check.words for check in driver_of(served, service_id="a", plan_id="b").examine() if not check.is_good]
    assert words == [
        "Not so: The service and the plan of our settings stand in its catalogue. (Rejected: a with b is not offered)"
    ]
    with_own = Limits(1, 1, settings=OPTIONS)
    assert driver_of(served).create("k", with_own).state is RemoteState.ACTIVE


def test_a_broker_that_is_away_is_not_up() -> None:
    driver = open_driver("osb", Place("http://127.0.0.1:9", "bearer-token", OPTIONS))
    assert not driver.check().is_up
    assert [check.is_good for check in driver.examine()] == [False]


def test_credentials_by_their_usual_names_the_rest_in_the_note() -> None:
    secret = _secret(REF, {"uri": "amqp://x", "username": "u", "password": "p", "vhost": "v", "ca": "PEM", "port": "x"})
    assert (secret.host, secret.database, secret.user, secret.password, secret.note, secret.port) == (
        "amqp://x", "v", "u", "p", "ca: PEM", 0,
    )  # fmt: skip
    with pytest.raises(Rejected):
        _secret(REF, {})


def test_a_broker_is_told_how_many_were_ordered() -> None:
    told: list[dict[str, object]] = []

    def answer(method: str, _path: str, _headers: object, body: bytes) -> tuple[int, dict[str, object]]:
        if method == "GET":
            return 404, {}
        told.append(json.loads(body))
        return 201, {}

    with serving.running(answer) as served:
        for quantity in (1, 12):
            driver_of(served, **OPTIONS).create("k", Limits(1, 1, quantity=quantity))
    assert [body.get("parameters") for body in told] == [None, {"quantity": 12}]
