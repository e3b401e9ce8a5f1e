"""What holds for the vendors' SDKs alone: signatures, shapes, money, what is asked before anything is for good."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from unittest import mock

import pytest
from flask.testing import FlaskClient

from incubator.cloud import drivers
from incubator.cloud.drivers import Limits, Place, RemoteState, open_driver
from incubator.core.transaction import transaction
from tests.cloud.conftest import World
from tests.cloud.contract import rigs, vendor_models, vendors
from tests.cloud.contract import vendor_rigs as tried
from tests.cloud.contract.faults import Fault

LIMITS, KEY = Limits(connections=3, disk_mb=64), "abcdefgh12345678"
NAMES = list(tried.STUBS)
LOOKS = ("Get", "List", "Describe", "Show", "Query")


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_secret_is_refused_as_the_vendor_does_and_said_in_plain_words(name: str) -> None:
    with tried.opened(name) as (double, _driver):
        wrong = open_driver(name, Place(double.address, f"{vendors.NUMBER}:guessed", tried.OPTIONS))
        with pytest.raises(drivers.AuthFailed, match=double.codes["signature"][0]):
            wrong.find(KEY)
        assert not wrong.check().is_up
        assert [one.is_good for one in wrong.examine()] == [False]


@pytest.mark.parametrize("name", NAMES)
def test_examining_only_looks_and_says_what_is_not_set(name: str) -> None:
    with tried.opened(name, policy="") as (double, driver):
        bad = [one.words for one in driver.examine() if not one.is_good]
        assert len(bad) == 1
        assert "option policy" in bad[0]
        assert all(call.startswith(LOOKS) for call in double.group.calls)
        with pytest.raises(drivers.Rejected, match="policy"):
            driver.create(KEY, LIMITS)
        assert double.group.keys() == []


@pytest.mark.parametrize("name", NAMES)
def test_the_frozen_lie_under_the_policy_and_what_was_moved_by_hand_is_brought_back(name: str) -> None:
    with tried.opened(name) as (double, driver):
        ref = driver.create(KEY, LIMITS)
        driver.freeze(ref, 1)
        account = double.group.accounts[ref.name]
        assert double.group.guards == {account.folder: {vendors.POLICY}}
        assert double.group.folders[account.folder][0] == "incubator-frozen"
        account.folder = "1000"
        seen = driver.find(KEY)
        assert seen is not None
        assert seen.state is RemoteState.CREATING
        assert driver.create(KEY, LIMITS).state is RemoteState.ACTIVE


@pytest.mark.parametrize("name", NAMES)
def test_a_full_directory_is_a_matter_for_a_person(name: str) -> None:
    with tried.opened(name) as (double, driver):
        double.group.full = True
        with pytest.raises(drivers.QuotaExhausted):
            driver.create(KEY, LIMITS)


@pytest.mark.parametrize("name", NAMES)
def test_bills_are_read_as_decimals(name: str) -> None:
    with tried.opened(name) as (_double, driver):
        ref = driver.create(KEY, LIMITS)
        spent = driver.spent("2026-10")  # type: ignore[attr-defined]
        assert (spent[KEY].account, spent[KEY].amount, spent[KEY].currency) == (ref.name, Decimal("0.3"), "CNY")


@pytest.mark.parametrize("name", ["aliyun", "tencent"])
def test_nothing_is_deleted_while_the_vendors_check_finds_something(name: str) -> None:
    with tried.opened(name) as (double, driver):
        ref = driver.create(KEY, LIMITS)
        double.group.stuck.append("an elastic machine")
        with pytest.raises(drivers.NotEmpty, match="an elastic machine"):
            driver.delete(ref)
        assert double.removing not in double.group.calls


@pytest.mark.parametrize("step", ["UpdateSubEnterpriseAmount", "ReclaimSubEnterpriseAmount"])
def test_huaweis_money_is_moved_once_though_its_answer_is_lost_and_comes_back(step: str) -> None:
    with tried.opened("huawei") as (double, driver):
        double.group.fault = (step, Fault.LOST)
        three = Limits(connections=3, disk_mb=64, settings={"prepaid": "10.10"}, quantity=3)
        ref, first = rigs.persist(lambda: driver.create(KEY, three), lambda: None)
        assert double.group.accounts[ref.name].money == Decimal("30.30")
        assert double.group.purse == Decimal("969.70")
        _none, second = rigs.persist(lambda: driver.delete(ref), lambda: None)
        assert drivers.Ambiguous in first | second
        assert double.group.purse == Decimal(1000)
        assert len(double.group.transfers) == 2


@pytest.mark.parametrize(("prepaid", "said"), [("", "not set"), ("much", "no|not an amount"), ("0", "above zero")])
def test_huawei_hands_over_nothing_without_a_cap(prepaid: str, said: str) -> None:
    with tried.opened("huawei", prepaid=prepaid) as (double, driver):
        with pytest.raises(drivers.Rejected, match=said):
            driver.create(KEY, LIMITS)
        assert double.group.purse == Decimal(1000)


@contextmanager
def _deaf() -> Iterator[str]:
    """What takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("name", NAMES)
def test_every_call_has_a_deadline_and_what_was_changed_is_unsure_then(name: str) -> None:
    module = f"incubator.cloud.drivers.directory.{name}.READ"
    with _deaf() as address, mock.patch(module, 0.1):
        driver = open_driver(name, Place(address, tried.TOKEN, tried.OPTIONS | {"parent": "1000"}))
        with pytest.raises(drivers.Unavailable, match="no answer"):
            driver.find(KEY)
        with pytest.raises(drivers.Ambiguous):
            driver._directory.make_folder("x")  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "module"), [
    ("aliyun", "alibabacloud_resourcedirectorymaster20220419"),
    ("tencent", "tencentcloud.organization.v20210331.models"),
    ("huawei", "huaweicloudsdkorganizations.v1"),
])  # fmt: skip
def test_a_missing_sdk_is_said_in_one_line(name: str, module: str) -> None:
    with mock.patch.dict(sys.modules, {module: None}):
        health = open_driver(name, Place(None, tried.TOKEN, tried.OPTIONS)).check()
    assert (health.is_up, health.detail) == (False, f"the vendor's SDK is not there: install incubator[{name}]")


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogue_of_drivers_says_that_no_live_account_was_seen(name: str) -> None:
    assert "contract-tested, never seen a live account" in drivers.KINDS[name].tried


def test_its_operator_sees_that_and_what_it_may_be_told(world: World, sign_in: Callable[..., FlaskClient]) -> None:
    with transaction():
        world.partner.driver, world.partner.address = "huawei", None
    client, page = sign_in(world.operator), f"/catalogue/providers/{world.partner.public_id}"
    assert "Contract-tested, never seen a live account" in client.get(page).text
    asked = {"token": "ABC:hush", "options": "policy = p-1\ndomain = 12\nprepaid = 100"}
    assert client.post(f"{page}/connection", data=asked | {"options": "email = x"}).status_code == 422
    assert client.post(f"{page}/connection", data=asked).status_code == 303
    shown = client.get(page).text
    assert ("p-1" in shown, "hush" in shown) == (True, False)


def test_the_double_refuses_what_the_sdks_classes_do_not_allow() -> None:
    unfit = [
        lambda: vendor_models.aliyun_request("MoveAccount", {"AccountId": "1", "To": "2"}),
        lambda: vendor_models.aliyun_request("MoveAccount", {"AccountId": "1"}),
        lambda: vendor_models.aliyun_request("ListAccounts", {"PageNumber": "one"}),
        lambda: vendor_models.tencent_request("DeleteAccount", {"MemberUin": "1"}),
        lambda: vendor_models.tencent_request("DeleteAccount", {}),
        lambda: vendor_models.tencent_request("AddOrganizationNode", {"ParentNodeId": 1, "Name": "a", "X": 1}),
        lambda: vendor_models.huawei_request(
            "huaweicloudsdkorganizations.v1", "MoveAccount", {"account_id": "1"}, {"source_parent_id": "1"}
        ),
        lambda: vendor_models.huawei_request(
            "huaweicloudsdkorganizations.v1", "CreateAccount", {}, {"name": 5}
        ),
        lambda: vendor_models.huawei_request(
            "huaweicloudsdkorganizations.v1", "CreateAccount", {}, {"name": "a", "colour": "b"}
        ),
    ]  # fmt: skip
    for ask in unfit:
        with pytest.raises(vendor_models.Unfit):
            ask()
