"""The suite of all drivers over a real Keystone and a real Swift, and what only they can show.

Left out where `make openstack` has not set them up; one start serves all the cases of a process.
"""

import io
import zipfile
from collections.abc import Iterator

import pytest

from incubator.cloud.drivers import AuthFailed, Limits, Rejected, Secret
from incubator.cloud.drivers.openstack.calling import Cloud, sign_in_with
from incubator.core.keys import public_id
from tests.cloud.contract import openstack_rig, openstack_services
from tests.cloud.contract.faults import Fault
from tests.cloud.contract.openstack_services import Services
from tests.cloud.contract.rigs import Rig
from tests.cloud.contract.test_contract import (  # noqa: F401 - its cases are played here too
    comes_and_goes,
    driver,
    key,
    removed,
    test_a_healthy_provider_says_so_and_all_that_is_needed_is_there,
    test_a_step_on_what_is_not_there_says_so,
    test_creating_twice_makes_one_account,
    test_deleting_removes_it_and_deleting_again_is_fine,
    test_freezing_and_opening_again_show_and_can_be_repeated,
    test_limits_and_access_can_be_repeated_and_a_new_secret_replaces_the_old,
    test_members_have_secrets_of_their_own,
    test_what_is_inside_can_be_taken_out_where_the_provider_says_so,
    test_what_was_created_is_found_by_its_key,
    test_what_was_never_made_is_not_found,
)

pytestmark = pytest.mark.skipif(not openstack_services.are_set_up(), reason=openstack_services.WHY_NOT)
MB = 1_000_000


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with openstack_services.running() as found:
        yield found


@pytest.fixture
def rig(services: Services) -> Iterator[Rig]:
    with openstack_rig.real(services) as found:
        yield found


@pytest.mark.parametrize("fault", [pytest.param(one, id=f"openstack-{one.name}") for one in openstack_rig.OPENSTACK])
def test_one_account_comes_and_goes_whatever_happens(rig: Rig, fault: Fault) -> None:
    comes_and_goes(rig, fault)


def test_a_quota_bites_a_freeze_holds_and_the_team_is_let_in_again(rig: Rig, services: Services) -> None:
    name = public_id()
    ref = rig.driver.create(name, Limits(1, 1, {"limit.object-store.containers": "7"}, quantity=2))
    secret = rig.driver.ensure_access(ref)
    team = signed_in(secret)
    files = f"{team.endpoint('object-store')}/files"

    def put(path: str, size: int) -> int:
        return int(team.session.put(f"{files}{path}", data=b"x" * size, raise_exc=False).status_code)

    assert [put("", 0), put("/a/%E6%96%87.bin", 600_000)] == [201, 201]
    assert put("/not-counted-yet", 600_000) == 201  # Swift has not counted the first one: its quota does not bite
    services.count()
    assert rig.driver.usage([name])[name].size_bytes == 1_200_000
    assert put("/counted", 600_000) == 413
    raised = team.session.post(
        files.removesuffix("/files"), headers={"X-Account-Meta-Quota-Bytes": "9"}, raise_exc=False
    )
    assert raised.status_code == 403

    rig.driver.ensure_limits(ref, Limits(1, 5))
    assert put("/allowed", 10) == 201
    services.count()
    rig.driver.freeze(ref, 1)
    assert (put("/frozen", 10), team.ask("GET", f"{files}/allowed").content) == (413, b"x" * 10)
    rig.driver.freeze(ref, 2)
    for look in (lambda: team.ask("GET", f"{files}/allowed"), lambda: signed_in(secret).roles()):
        with pytest.raises(AuthFailed):
            look()
    with pytest.raises(Rejected, match="is frozen"):
        rig.driver.ensure_access(ref)
    copy = io.BytesIO()
    rig.driver.export(ref, copy)
    with zipfile.ZipFile(copy) as archive:
        assert {one: len(archive.read(one)) for one in archive.namelist() if one != "README.txt"} == {
            "files/a/文.bin": 600_000, "files/allowed": 10, "files/not-counted-yet": 600_000,
        }  # fmt: skip
    rig.driver.unfreeze(ref, Limits(1, 5))
    assert signed_in(secret).ask("GET", f"{files}/allowed").content == b"x" * 10
    with pytest.raises(Rejected, match="registered no limit of moons"):
        rig.driver.ensure_limits(ref, Limits(1, 5, {"limit.object-store.moons": "1"}))
    assert removed(rig, name) == []
    with pytest.raises(AuthFailed):
        signed_in(secret).roles()


def signed_in(secret: Secret) -> Cloud:
    """As the team, with what stands in its secret alone."""
    number = secret.note.split("application_credential_id: ")[1].split()[0]
    return sign_in_with(secret.host, number, secret.password, {})
