"""The rigs of the drivers `aliyun`, `tencent` and `huawei`: their real SDKs against one double."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from unittest import mock

from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    Driver,
    DriverError,
    Pending,
    Place,
    Throttled,
    Unavailable,
    open_driver,
)
from tests.cloud.contract import rigs, vendors
from tests.cloud.contract.faults import Fault
from tests.cloud.contract.vendor_aliyun import AliyunStub
from tests.cloud.contract.vendor_huawei import HuaweiStub
from tests.cloud.contract.vendor_tencent import TencentStub

AT_ONCE = "an account is made in one call; what takes its time is to delete it"
ALL: "dict[Fault, set[type[DriverError]]]" = {
    Fault.DOWN: {Unavailable},
    Fault.FAILS: {Ambiguous},
    Fault.LOST: {Ambiguous},
    Fault.GARBLED: {Ambiguous},
    Fault.THROTTLED: {Throttled},
    Fault.REFUSED: {AuthFailed},
    Fault.TAKEN: {Conflict},
    Fault.RENAMED: set(),
    Fault.STUCK: set(),
}
ALIYUN_NOT = {Fault.SLOW: AT_ONCE}
TENCENT_NOT = {Fault.SLOW: AT_ONCE}
HUAWEI = {name: errors for name, errors in ALL.items() if name is not Fault.STUCK} | {Fault.SLOW: {Pending}}
HUAWEI_NOT = {Fault.STUCK: "it closes an account with everything in it, and has no check to ask first"}
DECLARED = {"aliyun": (ALL, ALIYUN_NOT), "tencent": (ALL, TENCENT_NOT), "huawei": (HUAWEI, HUAWEI_NOT)}
STUBS: dict[str, type[vendors.Vendor]] = {"aliyun": AliyunStub, "tencent": TencentStub, "huawei": HuaweiStub}
TOKEN = f"{vendors.NUMBER}:{vendors.SECRET}"
OPTIONS = {"policy": vendors.POLICY, "domain": "1", "prepaid": "12.50", "grant": "1"}


@contextlib.contextmanager
def vendor(name: str, _setting: "rigs.Setting | None" = None) -> Iterator["rigs.Rig"]:
    """One of them; its double is the rig's `double`."""
    with opened(name) as (double, driver):
        group = double.group

        def inject(fault: Fault, key: str, ending: bool) -> None:
            if fault is Fault.SLOW:
                group.looks = 2
            elif fault is Fault.TAKEN:
                group.make(f"sb-{key}", "", vendors.ROOT)
            elif fault is Fault.STUCK:
                group.stuck.append("an elastic machine")
            else:
                action = double.removing if ending else double.making
                group.fault = ("*" if fault is Fault.DOWN else action, fault)

        def rename(key: str) -> None:
            next(one for one in group.accounts.values() if one.key == key).key = ""

        def mend(_key: str) -> None:
            group.stuck.clear()

        tried, why_not = DECLARED[name]
        yield rigs.Rig(name, driver, inject, group.keys, tried, why_not, rename, mend)


@contextlib.contextmanager
def opened(name: str, **options: str) -> "Iterator[tuple[vendors.Vendor, Driver]]":
    """A double that listens, and the driver that asks it."""
    with (
        vendors.running(STUBS[name]()) as double,
        mock.patch("incubator.cloud.drivers.directory.aliyun.LOOK_SECONDS", 0),
    ):
        yield double, open_driver(name, Place(double.address, TOKEN, OPTIONS | options))


RIGS: "dict[str, Callable[[rigs.Setting], contextlib.AbstractContextManager[rigs.Rig]]]" = {
    name: partial(vendor, name) for name in STUBS
}
