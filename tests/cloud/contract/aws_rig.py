"""The rig of the driver `aws`."""

import contextlib
from collections.abc import Iterator
from typing import Any

from incubator.cloud import services
from incubator.cloud.drivers import (
    Ambiguous,
    AuthFailed,
    Conflict,
    Pending,
    Place,
    Throttled,
    Unavailable,
)
from incubator.cloud.drivers.aws.driver import Aws
from incubator.people.models import Role
from tests.cloud.contract import amazon, rigs
from tests.cloud.contract.faults import Fault
from tests.make import Make

AWS: "rigs.Expected" = {
    Fault.DOWN: {Unavailable},
    Fault.FAILS: {Unavailable, Ambiguous},
    Fault.LOST: {Ambiguous},
    Fault.GARBLED: {Ambiguous, Unavailable},
    Fault.THROTTLED: {Throttled},
    Fault.REFUSED: {AuthFailed},
    Fault.SLOW: {Pending},
    Fault.TAKEN: {Conflict},
    Fault.RENAMED: set(),
    Fault.STUCK: set(),
}
TOKEN = f"{amazon.NUMBER}:{amazon.SECRET}"
OPTIONS = {"email": amazon.EMAIL, "rest_hours": "0"}


def opened(make: Make, played: amazon.Amazon, **options: str) -> Aws:
    """The driver of a provider that was taken in."""
    company = make.company()
    operator, said = make.person(company, Role.CLOUD_OPERATOR), OPTIONS | options
    with make.acting():
        row = services.add_provider(
            operator, company, code="aws", name={"en": "A", "zh": "亚"}, driver="aws", address=played.address,
            token=TOKEN, options=said,
        )  # fmt: skip
    return Aws(Place(played.address, TOKEN, said, row.id))


@contextlib.contextmanager
def aws(setting: "rigs.Setting") -> Iterator["rigs.Rig"]:
    """AWS as moto plays it."""
    with amazon.running() as played:
        driver = opened(setting.make, played)

        def inject(fault: Fault, key: str, ending: bool) -> None:
            if fault is Fault.SLOW:
                played.looks = 2
            elif fault is Fault.TAKEN:
                played.taken_by_others = True
            elif fault is Fault.STUCK:
                found = driver.find(key)
                assert found is not None
                bucket(driver, found.name, f"kept-{key}")
                played.stuck.add(f"kept-{key}")
            else:
                first = "*" if fault is Fault.DOWN else None
                played.fault = (first or ("MoveAccount" if ending else "CreateAccount"), fault)

        def rename(key: str) -> None:
            accounts = played.backend.accounts
            accounts.remove(next(one for one in accounts if one.tags.get("incubator-key") == key))

        yield rigs.Rig("aws", driver, inject, played.keys, AWS, {}, rename, lambda _key: played.stuck.clear())


def bucket(driver: Aws, account: str, name: str) -> None:
    """Something of the team's in an account."""
    s3 = inside(driver, account, "s3")
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="report.txt", Body=b"kept")


def inside(driver: Aws, account: str, service: str) -> Any:
    """The SDK's client of a service, in an account."""
    return driver._amazon.client(service, driver._inside(account))
