"""What is particular to AWS: the pool, its limits, what stays in an account, what its double is too kind about."""

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from incubator.cloud import commands
from incubator.cloud.drivers import (
    AuthFailed,
    Conflict,
    Limits,
    NotEmpty,
    NotFound,
    Pending,
    Place,
    QuotaExhausted,
    Rejected,
    RemoteRef,
    RemoteState,
    Unavailable,
    open_driver,
)
from incubator.cloud.drivers.aws import calling, policies, wiping
from incubator.cloud.drivers.aws.driver import Aws
from incubator.cloud.drivers.aws.organization import partition
from incubator.cloud.drivers.aws.pool import Pool
from incubator.cloud.models import PooledAccount, Provider
from incubator.cloud.services import steps
from incubator.cloud.services.progress import Work
from incubator.cloud.states import Kind, PoolState
from incubator.core import clock
from incubator.core.db import db
from incubator.core.transaction import transaction
from tests.cloud.contract import amazon, rigs
from tests.cloud.contract.faults import Fault
from tests.cloud.test_races import at_once
from tests.make import Make

aws_rig = rigs.aws_rig
LIMITS = Limits(0, 0, {"budget": "50", "services": "s3"}, 2)
NARROW = Limits(0, 0, {"services": "s3"})
WIDE = Limits(0, 0, {"services": "s3, ec2", "instance_types": "t3.micro"})


@pytest.fixture
def played() -> Iterator[amazon.Amazon]:
    with amazon.running() as played:
        yield played


@pytest.fixture
def driver(make: Make, played: amazon.Amazon) -> Aws:
    return aws_rig.opened(make, played)


def made(driver: Aws, key: str, limits: Limits = LIMITS) -> RemoteRef:
    driver.find(key)
    return driver.create(key, limits)


def gone(driver: Aws, ref: RemoteRef) -> None:
    assert driver.wipe(ref) == []
    driver.delete(ref)
    assert driver.find(ref.key) is None


def policies_on(played: amazon.Amazon, account: str) -> list[str]:
    """The names of ours on an account."""
    found = [one for one in played.backend.policies if one.name.startswith("incubator-")]
    return [one.name for one in found if any(target.id == account for target in one.attachments)]


def states() -> list[tuple[PoolState, str | None, int]]:
    rows = select(PooledAccount.state, PooledAccount.key, PooledAccount.uses).order_by(PooledAccount.id)
    return [tuple(row) for row in db.session.execute(rows)]  # type: ignore[misc]


def raising(error: Exception) -> Callable[..., NoReturn]:
    def act(*_: object) -> NoReturn:
        raise error

    return act


# ---- the pool -------------------------------------------------------------------------------------------------------


def test_an_account_that_was_given_back_is_used_again_when_it_has_rested(make: Make, played: amazon.Amazon) -> None:
    driver = aws_rig.opened(make, played, rest_hours="24", most="2")
    first = made(driver, "one")
    gone(driver, first)
    second = made(driver, "two")
    assert second.name != first.name  # there may be two, and the first rests
    with pytest.raises(Pending, match="rests until"):
        driver.create("three", LIMITS)
    with transaction():
        db.session.execute(update(PooledAccount).values(rests_until=clock.now() - dt.timedelta(hours=1)))
    assert made(driver, "three").name == first.name
    assert states() == [(PoolState.TAKEN, "three", 1), (PoolState.TAKEN, "two", 0)]
    with pytest.raises(QuotaExhausted, match="all 2 accounts"):
        driver.create("four", LIMITS)
    assert sum(call == "CreateAccount" for call in played.calls) == 2


@pytest.mark.committed
def test_two_orders_at_once_never_take_one_account(app: Flask, make: Make) -> None:
    with amazon.running() as played:
        provider_id = aws_rig.opened(make, played)._pool._provider_id
    with transaction():
        db.session.add_all(
            PooledAccount(provider_id=provider_id, email=f"{n}@x", reference=str(n), state=PoolState.CLEAN,
                          rests_until=clock.now())
            for n in range(3)
        )  # fmt: skip

    def take(index: int) -> str | None:
        try:
            return Pool(provider_id).take(f"key-{index % 6}", f"new-{index}@x", 4).reference or "new"
        except QuotaExhausted:
            return None

    found = at_once(app, 12, take)  # each key asks twice: both are given the same
    assert found[:6] == found[6:]
    assert sorted(str(one) for one in found[:6]) == ["0", "1", "2", "None", "None", "new"]


def test_an_account_that_comes_late_is_the_one_that_was_asked_for_twice(driver: Aws, played: amazon.Amazon) -> None:
    played.delay = 7
    with pytest.raises(calling.Ambiguous):
        driver.create("late", LIMITS)
    ref = driver.create("late", LIMITS)
    assert [one.email for one in played.backend.accounts[1:]] == ["cloud+late@example.com"]
    assert (ref.state, played.keys()) == (RemoteState.ACTIVE, ["late"])


def test_an_account_whose_order_was_given_up_meanwhile_serves_the_next(driver: Aws, played: amazon.Amazon) -> None:
    played.looks = 1
    with pytest.raises(Pending):
        driver.create("first", LIMITS)
    found = driver.find("first")
    assert found is not None
    assert (found.state, driver.wipe(found)) == (RemoteState.CREATING, [])
    driver.delete(found)
    assert (driver.find("first"), driver.list_all()) == (None, [])
    assert made(driver, "second").key == "second"
    assert sum(call == "CreateAccount" for call in played.calls) == 1


@pytest.mark.parametrize(
    ("reason", "meaning", "left"),
    [
        ("ACCOUNT_LIMIT_EXCEEDED", QuotaExhausted, []),
        ("INVALID_ADDRESS", Rejected, []),
        ("INTERNAL_FAILURE", Unavailable, [(PoolState.MAKING, "k", 0)]),
    ],
)
def test_why_aws_makes_no_account(
    driver: Aws, played: amazon.Amazon, reason: str, meaning: type[Exception], left: object
) -> None:
    played.fails = reason
    with pytest.raises(meaning):
        driver.create("k", LIMITS)
    assert states() == left
    played.fails = None
    assert made(driver, "k").state is RemoteState.ACTIVE


def test_one_that_was_closed_by_hand_is_lost_and_another_is_taken(driver: Aws, played: amazon.Amazon) -> None:
    gone(driver, made(driver, "one"))
    played.backend.accounts[-1].status = "SUSPENDED"
    with pytest.raises(Unavailable, match="was closed at AWS"):
        driver.create("two", LIMITS)
    assert made(driver, "two").state is RemoteState.ACTIVE
    assert [state for state, *_rest in states()] == [PoolState.LOST, PoolState.TAKEN]
    played.backend.accounts[-1].status = "SUSPENDED"
    assert (driver.find("two"), driver.list_all()) == (None, [])
    driver.delete(RemoteRef("two", "", RemoteState.ACTIVE))
    assert [state for state, *_rest in states()] == [PoolState.LOST, PoolState.LOST]


def test_no_more_are_closed_than_aws_allows(driver: Aws, played: amazon.Amazon) -> None:
    provider_id, now = driver._pool._provider_id, clock.now()
    gone(driver, made(driver, "one"))
    account = next(row.reference for row in driver._pool.all())
    taken = made(driver, "two", NARROW)
    with pytest.raises(QuotaExhausted, match="nobody has"):
        driver.close(taken.name)
    gone(driver, taken)
    with transaction():
        db.session.add_all(
            PooledAccount(provider_id=provider_id, email=f"{n}@x", reference=str(n), state=PoolState.CLOSED,
                          closed_at=now - dt.timedelta(days=29 if n < 9 else 31))
            for n in range(12)
        )  # fmt: skip
    driver.close(str(account))
    assert played.calls[-1] == "CloseAccount"
    assert made(driver, "three").name != account  # the tenth of ten
    gone(driver, RemoteRef("three", "", RemoteState.ACTIVE))
    other = next(row.reference for row in driver._pool.all() if row.state is PoolState.CLEAN)
    with pytest.raises(QuotaExhausted, match="closes 10 accounts"):
        driver.close(str(other))
    assert played.calls.count("CloseAccount") == 1


def test_one_that_aws_does_not_close_stays_in_the_pool(driver: Aws, played: amazon.Amazon) -> None:
    gone(driver, made(driver, "one", NARROW))
    account, played.closings = str(driver._pool.all()[0].reference), 0
    with pytest.raises(QuotaExhausted, match="ConstraintViolation"):
        driver.close(account)
    assert states() == [(PoolState.CLEAN, None, 1)]
    played.fault = ("CloseAccount", Fault.FAILS)
    with pytest.raises(calling.Ambiguous):
        driver.close(account)
    assert states() == [(PoolState.CLEAN, None, 1)]
    played.closings, played.fault = 1, ("CloseAccount", Fault.LOST)
    driver.close(account)  # its answer is lost, and a look says that it is closed
    assert states() == [(PoolState.CLOSED, None, 1)]


def test_one_whose_closing_was_lost_in_an_outage_is_still_the_sandbox_s(
    driver: Aws, played: amazon.Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = made(driver, "k", WIDE)
    assert driver.wipe(ref) == []
    with monkeypatch.context() as outage:
        outage.setattr(driver._organization, "where", raising(Unavailable("AWS cannot be reached")))
        played.fault = ("CloseAccount", Fault.FAILS)
        with pytest.raises(calling.Ambiguous):
            driver.close(ref.name, "k")
    assert (states(), driver.find("k")) == ([(PoolState.TAKEN, "k", 0)], ref)
    driver._pool.close(ref.name, 1, "k")  # and the worker is killed before it asks AWS
    assert states() == [(PoolState.CLOSED, None, 0)]
    assert (driver.find("k"), states()) == (ref, [(PoolState.TAKEN, "k", 0)])
    gone(driver, ref)
    assert states() == [(PoolState.CLOSED, None, 0)]
    assert played.backend.get_account_by_id(ref.name).status == "SUSPENDED"


@pytest.mark.parametrize("later", [WIDE, NARROW, Limits(0, 0)])
def test_an_account_that_may_hold_what_no_wipe_sees_is_closed_and_not_used_again(
    driver: Aws, played: amazon.Amazon, later: Limits
) -> None:
    ref = made(driver, "k", NARROW if later is not NARROW else WIDE)
    driver.ensure_limits(ref, later)
    gone(driver, ref)
    assert (states(), driver.list_all()) == ([(PoolState.CLOSED, None, 0)], [])
    assert played.backend.get_account_by_id(ref.name).status == "SUSPENDED"
    assert made(driver, "next", NARROW).name != ref.name


def test_one_that_aws_closes_no_more_this_month_waits_and_keeps_no_sandbox(make: Make, played: amazon.Amazon) -> None:
    driver = aws_rig.opened(make, played, most="2")
    ref, played.closings = made(driver, "k", WIDE), 0
    work = Work(1, 1, Kind.CLOSE, "k", 3, Limits(0, 0), lambda: driver, False, ["wipe"])
    for step in ("wipe", "settle"):
        steps.run(work, step)
    assert (states(), driver.list_all()) == ([(PoolState.CLEAN, None, 1)], [])
    account = played.backend.get_account_by_id(ref.name)
    assert (played.folders()[account.parent_id], account.tags) == ("incubator-frozen", {})  # what runs unseen does not
    assert made(driver, "next", NARROW).name != ref.name
    with pytest.raises(QuotaExhausted, match="or wait to be closed"):
        driver.create("more", NARROW)
    played.closings = 1
    driver.close(ref.name)
    assert states() == [(PoolState.CLOSED, None, 1), (PoolState.TAKEN, "next", 0)]


def test_one_that_was_given_up_before_its_team_got_in_is_used_again(driver: Aws, played: amazon.Amazon) -> None:
    driver.find("k")
    played.fault = ("MoveAccount", Fault.FAILS)
    with pytest.raises((calling.Ambiguous, Unavailable)):
        driver.create("k", WIDE)
    found = driver.find("k")
    assert found is not None
    gone(driver, found)
    assert (states(), played.calls.count("CloseAccount")) == ([(PoolState.CLEAN, None, 1)], 0)
    assert made(driver, "next", NARROW).name == found.name


def test_a_sandbox_whose_account_was_lost_gets_another_address(driver: Aws, played: amazon.Amazon) -> None:
    made(driver, "k", NARROW)
    played.backend.accounts[-1].status = "SUSPENDED"
    with pytest.raises(Unavailable, match="was closed at AWS"):
        driver.create("k", LIMITS)
    made(driver, "k", NARROW)
    assert [one.email for one in played.backend.accounts[1:]] == ["cloud+k@example.com", "cloud+k-2@example.com"]


def test_a_creation_under_way_with_another_address_is_not_ours(driver: Aws, played: amazon.Amazon) -> None:
    played.looks = 1
    with pytest.raises(Pending):
        driver.create("ours", LIMITS)
    with transaction():  # an older backup was read in: numbers of rows come again
        db.session.execute(update(PooledAccount).values(key="new", email="cloud+new@example.com", request=None))
    with pytest.raises(Pending):
        driver.create("new", LIMITS)
    assert made(driver, "new", NARROW).key == "new"
    assert [one.email for one in played.backend.accounts[1:]] == ["cloud+new@example.com"]


def test_one_that_says_that_it_is_anothers_is_not_handed_out(driver: Aws, played: amazon.Amazon) -> None:
    ref = made(driver, "before", NARROW)
    with transaction():  # an older backup was read in
        db.session.execute(update(PooledAccount).values(key=None, state=PoolState.CLEAN, rests_until=clock.now()))
    with pytest.raises(Unavailable, match="another sandbox's"):
        driver.create("new", LIMITS)
    assert made(driver, "new", NARROW).name != ref.name
    assert driver.find("before") == ref


def test_an_operator_checks_and_closes_from_the_shell(driver: Aws, played: amazon.Amazon) -> None:
    gone(driver, made(driver, "one", NARROW))
    account = str(driver._pool.all()[0].reference)
    runner = CliRunner()
    found = runner.invoke(commands.driver, ["check", "aws"])
    assert (found.exit_code, found.output.splitlines()[-1]) == (0, "Ready for orders.")
    for words, said in (
        (["aws", account], f"AWS closes {account}"), (["aws", account], "nobody has"), (["x", account], "no provider")
    ):  # fmt: skip
        assert said in runner.invoke(commands.driver, ["close-account", *words]).output
    assert played.calls.count("CloseAccount") == 1


def test_what_our_books_lost_is_found_by_its_tag(driver: Aws) -> None:
    ref = made(driver, "kept")
    with transaction():
        for row in db.session.scalars(select(PooledAccount)):
            db.session.delete(row)
    assert driver.list_all() == [ref]
    assert driver.find("other") is None
    assert driver.find("kept") == ref
    assert states() == [(PoolState.TAKEN, "kept", 0)]


def test_another_organization_never_means_that_our_accounts_are_gone(make: Make, played: amazon.Amazon) -> None:
    driver = aws_rig.opened(make, played)
    rested = made(driver, "rested", NARROW)
    made(driver, "other", NARROW)
    gone(driver, rested)
    played.backend.accounts = played.backend.accounts[:1]
    played.backend.ou = [one for one in played.backend.ou if not one.name.startswith("incubator-")]
    elsewhere = Aws(Place(played.address, aws_rig.TOKEN, aws_rig.OPTIONS, driver._pool._provider_id))
    for act in (elsewhere.list_all, lambda: elsewhere.find("other"), lambda: elsewhere.create("new", LIMITS)):
        with pytest.raises(AuthFailed, match="another organization"):
            act()
    with transaction():  # from before organizations were remembered
        db.session.execute(update(Provider).values(organization=""))
    assert "another organization" in next(check.words for check in elsewhere.examine() if not check.is_good)
    assert db.session.scalar(select(Provider.organization)) == ""
    assert states() == [(PoolState.CLEAN, None, 1), (PoolState.TAKEN, "other", 0)]


def test_another_organization_with_folders_like_ours_is_not_ours(make: Make, played: amazon.Amazon) -> None:
    driver = aws_rig.opened(make, played)
    assert [check.is_good for check in driver.examine()] == [True] * 8
    made(driver, "one", NARROW)
    number, played.backend.org.id = played.backend.org.id, "o-another"
    played.backend.accounts = played.backend.accounts[:1]
    elsewhere = Aws(Place(played.address, aws_rig.TOKEN, aws_rig.OPTIONS, driver._pool._provider_id))
    for act in (elsewhere.list_all, lambda: elsewhere.find("one"), lambda: elsewhere.create("new", NARROW)):
        with pytest.raises(AuthFailed, match=f"o-another, and our accounts are in {number}"):
            act()
    said = [check for check in elsewhere.examine() if not check.is_good]
    assert "Not so: It is the organization in which our accounts are." in said[0].words
    assert states() == [(PoolState.TAKEN, "one", 0)]


def test_closing_one_that_somebody_moved_away_stops_for_a_person(driver: Aws, played: amazon.Amazon) -> None:
    ref = made(driver, "moved", NARROW)
    aws_rig.bucket(driver, ref.name, "full")
    account = played.backend.get_account_by_id(ref.name)
    place, account.parent_id = account.parent_id, played.backend.list_roots()["Roots"][0]["Id"]
    work = Work(1, 1, Kind.CLOSE, "moved", 3, Limits(0, 0), lambda: driver, False, ["wipe"])
    for act in (
        lambda: steps.run(work, "stop"), lambda: steps.run(work, "wipe"), lambda: steps.run(work, "settle"),
        lambda: driver.wipe(ref), lambda: driver.delete(ref), lambda: driver.create("moved", LIMITS),
    ):  # fmt: skip
        with pytest.raises(Conflict, match="move it back to incubator-frozen"):
            act()
    assert states() == [(PoolState.TAKEN, "moved", 0)]
    account.parent_id = place
    steps.run(work, "wipe")
    assert states() == [(PoolState.CLEAN, None, 1)]


# ---- what holds in an account ---------------------------------------------------------------------------------------


def test_a_plan_restricts_the_account_and_sets_an_alarm(driver: Aws, played: amazon.Amazon) -> None:
    ref = made(driver, "k")
    budgets = driver._amazon.client("budgets", driver._keys)
    amount = budgets.describe_budget(AccountId=amazon.MANAGEMENT, BudgetName=f"incubator-{ref.name}")["Budget"]
    assert (amount["BudgetLimit"]["Amount"], amount["CostFilters"]) == ("100", {"LinkedAccount": [ref.name]})
    for _ in range(2):
        driver.ensure_limits(ref, Limits(0, 0, {"budget": "70", "services": "s3"}))
    assert policies_on(played, ref.name) == [
        policies.name_of(policies.guard("OrganizationAccountAccessRole", ["us-east-1"], NARROW.settings))
    ]
    for wrong in ("much", "0", "NaN"):
        with pytest.raises(Rejected, match="budget is"):
            driver.ensure_limits(ref, Limits(0, 0, {"budget": wrong, "services": "s3"}))
    gone(driver, ref)
    assert policies_on(played, ref.name) == []
    with pytest.raises(budgets.exceptions.NotFoundException):
        budgets.describe_budget(AccountId=amazon.MANAGEMENT, BudgetName=f"incubator-{ref.name}")


def test_what_a_plan_forbids_is_in_its_policy() -> None:
    said = json.loads(policies.guard("ours", ["b", "a"], {"services": "s3,ec2", "instance_types": "t3.micro"}))
    assert len(said["Statement"]) == 5
    assert {
        "account:CloseAccount", "ec2:CreateCapacityReservationFleet", "ec2:LockSnapshot", "ec2:PurchaseCapacityBlock*",
        "ec2:PurchaseReservedInstancesOffering",
    } <= set(said["Statement"][0]["Action"])  # fmt: skip
    assert said["Statement"][2]["Condition"]["StringNotEquals"] == {"aws:RequestedRegion": ["b", "a"]}
    assert said["Statement"][3]["NotAction"] == ["ec2:*", "iam:*", "s3:*", "sts:*", "tag:*"]
    assert said["Statement"][4]["Condition"] == {"StringNotEquals": {"ec2:InstanceType": ["t3.micro"]}}
    assert json.loads(policies.frozen("ours"))["Statement"][0]["Condition"] == {
        "ArnNotLike": {"aws:PrincipalARN": ["arn:*:iam::*:role/ours"]}
    }
    assert len(policies.guard("ours", ["us-east-1"], {"services": " ".join(f"service{n}" for n in range(200))})) < 5120


def test_the_secret_has_a_password_for_the_console_and_an_access_key_that_works(
    make: Make, played: amazon.Amazon
) -> None:
    driver = aws_rig.opened(make, played, policy="arn:aws:iam::aws:policy/none")
    ref = made(driver, "k")
    driver._options["policy"] = ""
    first, second = driver.ensure_access(ref), driver.ensure_access(ref)
    iam = aws_rig.inside(driver, ref.name, "iam")
    keys = [one["AccessKeyId"] for one in iam.list_access_keys(UserName="team")["AccessKeyMetadata"]]
    assert len(keys) == 1
    assert f"AWS_ACCESS_KEY_ID={keys[0]}" in second.note
    assert keys[0] not in first.note
    assert (second.host, second.database) == (f"https://{ref.name}.signin.aws.amazon.com/console", ref.name)
    driver._options["policy"] = "SomePolicy"
    with pytest.raises(NotFound, match="SomePolicy"):
        driver.ensure_access(ref)


def test_a_key_that_does_not_work_yet_is_waited_for(
    driver: Aws, played: amazon.Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    from incubator.cloud.drivers.aws import people

    ref, waits = made(driver, "k"), []
    monkeypatch.setattr(people.time, "sleep", waits.append)
    played.slow_keys = 2
    assert driver.ensure_access(ref).user == "team"
    played.slow_keys = 99
    with pytest.raises(Unavailable, match="does not work yet"):
        driver.ensure_access(ref)
    assert len(waits) == 2 + 5


def test_everything_in_an_account_goes_and_what_cannot_is_named(driver: Aws, played: amazon.Amazon) -> None:
    ref = made(driver, "k", NARROW)
    driver.ensure_access(ref)
    iam, s3, ec2 = (aws_rig.inside(driver, ref.name, service) for service in ("iam", "s3", "ec2"))
    aws_rig.bucket(driver, ref.name, "data-of-k")
    s3.put_bucket_versioning(Bucket="data-of-k", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="data-of-k", Key="a", Body=b"1")
    s3.delete_object(Bucket="data-of-k", Key="a")
    s3.create_multipart_upload(Bucket="data-of-k", Key="broken")
    trust = '{"Version": "2012-10-17", "Statement": []}'
    allowed = policies.team()
    policy = iam.create_policy(PolicyName="own", PolicyDocument=allowed)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=allowed, SetAsDefault=True)
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust)
    iam.attach_role_policy(RoleName="app", PolicyArn=policy)
    iam.put_role_policy(RoleName="app", PolicyName="inline", PolicyDocument=allowed)
    iam.create_instance_profile(InstanceProfileName="app")
    iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    iam.create_group(GroupName="people")
    iam.attach_group_policy(GroupName="people", PolicyArn=policy)
    iam.put_group_policy(GroupName="people", PolicyName="inline", PolicyDocument=allowed)
    iam.add_user_to_group(GroupName="people", UserName="team")
    iam.attach_user_policy(UserName="team", PolicyArn=policy)
    machine = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)
    ec2.allocate_address(Domain="vpc")
    queue = driver._amazon.client("sqs", driver._inside(ref.name))
    queue.create_queue(QueueName="jobs", tags={"team": "k"})

    driver.freeze(ref, 3)
    state = ec2.describe_instances()["Reservations"][0]["Instances"][0]["State"]["Name"]
    assert state == "stopped"
    with pytest.raises(NotEmpty) as caught:
        driver.delete(ref)
    address = f"address {ec2.describe_addresses()['Addresses'][0]['PublicIp']}"
    assert {"bucket data-of-k", "user team", "role app", machine, address} <= set(caught.value.left)
    left = driver.wipe(ref)
    assert left == [f"arn:aws:sqs:us-east-1:{ref.name}:jobs"]
    queue.delete_queue(QueueUrl=queue.get_queue_url(QueueName="jobs")["QueueUrl"])
    gone(driver, ref)
    assert states() == [(PoolState.CLEAN, None, 1)]


@pytest.mark.parametrize(
    ("arn", "hidden"),
    [
        ("arn:aws:ec2:us-east-1:1:instance/i-1", True),
        ("arn:aws-cn:ec2:cn-north-1::image/ami-1", True),
        ("arn:aws:s3:::data", True),
        ("arn:aws:iam::1:role/app", True),
        ("arn:aws:connect:us-east-1:1:instance/x", False),
        ("arn:aws:imagebuilder:us-east-1:1:image/x", False),
        ("arn:aws:workspaces:us-east-1:1:snapshot/x", False),
        ("arn:aws:sqs:us-east-1:1:jobs:iam:", False),
    ],
)
def test_what_another_service_calls_an_instance_is_not_hidden(arn: str, hidden: bool) -> None:
    assert bool(wiping.SEEN_TO.match(arn)) is hidden


def test_machines_that_are_ending_are_waited_for(driver: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = made(driver, "k", NARROW)
    aws_rig.inside(driver, ref.name, "ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    with pytest.raises(Pending, match="ending"):
        driver.wipe(ref)
    assert driver.wipe(ref) == []


# ---- being reached --------------------------------------------------------------------------------------------------


def test_what_an_operator_is_told_before_anybody_orders(make: Make, played: amazon.Amazon) -> None:
    driver = aws_rig.opened(make, played, email="cloud@example.com", most="some")
    assert [check.words for check in driver.examine() if not check.is_good] == [
        "Not so: New accounts have an e-mail address of their own (option email with {key}). (Rejected: the option "
        "email is not set: it must look like cloud+{key}@example.com)",
        "Not so: The pool may hold accounts, and how long they rest is a number. (Rejected: the option most is some: "
        "it must be a whole number)",
    ]
    assert not {"CreateAccount", "CreateOrganizationalUnit", "CreatePolicy"} & set(played.calls)
    good = Aws(Place(played.address, aws_rig.TOKEN, aws_rig.OPTIONS, driver._pool._provider_id))
    gone(good, made(good, "k"))
    assert [check.words for check in good.examine() if not check.is_good] == []
    played.backend.disable_policy_type(
        RootId=played.backend.list_roots()["Roots"][0]["Id"], PolicyType="SERVICE_CONTROL_POLICY"
    )
    member = good._inside(next(str(row.reference) for row in good._pool.all()))
    good._organization._keys = member
    del good._organization.__dict__["api"]
    words = [check.words for check in good.examine() if not check.is_good]
    assert words[0].startswith("Not so: Our access key is one of the organization's management account.")


def test_a_place_that_is_away_is_not_up() -> None:
    driver = open_driver("aws", Place("http://127.0.0.1:9", "a:b"))
    assert (driver.check().is_up, driver.check().detail) == (False, "AWS cannot be reached")
    assert [check.is_good for check in driver.examine()] == [False]


def test_without_its_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    calling._session.cache_clear()
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(Unavailable, match=r"install incubator\[aws\]"):
        open_driver("aws", Place(None, "a:b"))


def test_china_stands_apart() -> None:
    assert [partition(region) for region in ("eu-west-1", "cn-north-1")] == ["aws", "aws-cn"]


@pytest.mark.parametrize(
    ("code", "status", "meaning"),
    [
        ("ConcurrentModificationException", 400, calling.Throttled),
        ("Whatever", 429, calling.Throttled),
        ("InvalidVolume.NotFound", 400, NotFound),
        ("AccessDenied", 403, AuthFailed),
        ("AWSOrganizationsNotInUseException", 400, AuthFailed),
        ("EntityAlreadyExists", 409, Conflict),
        ("ConstraintViolationException", 400, QuotaExhausted),
        ("Odd", 400, Rejected),
        ("InternalError", 500, calling.Ambiguous),
    ],
)
def test_what_an_error_of_aws_means(code: str, status: int, meaning: type[Exception]) -> None:
    from botocore.exceptions import ClientError, ParamValidationError

    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    assert type(calling._meant(ClientError(response, "x"), calling.Ambiguous)) is meaning
    assert type(calling._meant(ParamValidationError(report="r"), calling.Ambiguous)) is Rejected
