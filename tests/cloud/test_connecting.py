"""How a provider is reached and what a size tells it, in the browser of its operators."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from incubator.cloud import vault
from incubator.cloud.models import PooledAccount, Provider, Sandbox
from incubator.cloud.states import PoolState, SandboxState
from incubator.core.audit import AuditEvent, AuditPayload
from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people.models import Role
from tests.cloud.conftest import World

OPTIONS = "email = cloud+{key}@example.com\nregion = eu-west-1\n"


@pytest.fixture
def amazon(world: World) -> Provider:
    with transaction():
        world.partner.driver, world.partner.address = "aws", None
        db.session.add(PooledAccount(provider_id=world.partner.id, email="a@x", reference="1", state=PoolState.LOST))
    return world.partner


def test_an_operator_says_how_a_provider_is_reached(
    world: World, amazon: Provider, sign_in: Callable[..., FlaskClient]
) -> None:
    client, page = sign_in(world.operator), f"/catalogue/providers/{amazon.public_id}"
    at = f"{page}/connection"
    shown = client.get(at).text
    assert "It knows: email, region, regions" in shown
    wrong = client.post(at, data={"options": OPTIONS + "colour = red", "token": "ABC:hush", "address": ""})
    assert (wrong.status_code, "It does not know colour" in wrong.text, "eu-west-1" in wrong.text) == (422, True, True)
    assert "hush" not in wrong.text
    for options in ("no sign", "email = a\nemail = b", " = x"):
        assert "each name once" in client.post(at, data={"options": options}).text
    assert client.post(at, data={"options": OPTIONS, "address": "ftp://x"}).status_code == 422
    assert client.post(at, data={"options": OPTIONS, "token": "ABC:hush"}).status_code == 303
    assert vault.decrypt(amazon.token or b"") == "ABC:hush"
    assert (amazon.options, amazon.address) == ({"email": "cloud+{key}@example.com", "region": "eu-west-1"}, None)
    assert client.post(at, data={"options": "ca = a\n  b\n"}).status_code == 422
    assert client.post(at, data={"options": "region = cn-north-1"}).status_code == 303
    assert vault.decrypt(amazon.token or b"") == "ABC:hush"
    seen = client.get(page).text
    assert "By AWS: an account of your organization for each sandbox" in seen
    assert "1 not where it was put" in " ".join(seen.split())
    assert "hush" not in seen
    events = db.session.query(AuditEvent).filter_by(name="provider.connect").count()
    assert events == 2


def test_nobody_is_led_away_from_accounts_that_are_there(
    world: World, amazon: Provider, sign_in: Callable[..., FlaskClient]
) -> None:
    with transaction():
        amazon.options = {"region": "eu-west-1", "regions": "eu-west-1", "most": "3"}
    sandbox = world.order()
    client, at = sign_in(world.operator), f"/catalogue/providers/{amazon.public_id}/connection"
    kept = "region = eu-west-1\nregions = eu-west-1"
    for wrong, name in (
        ("region = us-east-1\nregions = eu-west-1", "region"), ("region = eu-west-1\nregions = us-east-1", "regions"),
        (f"{kept}\nparent = ou-1", "parent"), (f"{kept}\nrole = other", "role"),
    ):  # fmt: skip
        refused = client.post(at, data={"options": wrong, "token": "A:new"})
        assert (refused.status_code, f"{name} says where accounts are: 1 sandboxes are" in refused.text) == (422, True)
    moved = client.post(at, data={"options": kept, "token": "A:new", "address": "https://elsewhere.example.com"})
    assert (moved.status_code, "Accounts are at the old address: 1 sandboxes" in moved.text) == (422, True)
    more = {"options": "region = eu-west-1\nregions = eu-west-1, eu-west-2\nmost = 9", "token": "A:renewed"}
    assert client.post(at, data=more).status_code == 303
    assert vault.decrypt(amazon.token or b"") == "A:renewed"
    with transaction():
        db.session.execute(update(Sandbox).where(Sandbox.id == sandbox.id).values(state=SandboxState.CLOSED))
        db.session.execute(update(PooledAccount).values(state=PoolState.CLEAN))
    assert "the pool holds 1" in client.post(at, data={"options": "region = us-east-1"}).text
    with transaction():
        db.session.execute(update(PooledAccount).values(state=PoolState.LOST))
        amazon.organization = "o-known"
    assert client.post(at, data={"options": "region = us-east-1"}).status_code == 303
    assert amazon.organization == "o-known"
    assert client.post(at, data={"options": "region = us-east-1", "token": "A:other"}).status_code == 303
    assert amazon.organization == ""


def test_a_wrong_organization_is_forgotten_while_nothing_was_made_there(
    world: World, amazon: Provider, sign_in: Callable[..., FlaskClient]
) -> None:
    sandbox = world.order()
    client, at = sign_in(world.operator), f"/catalogue/providers/{amazon.public_id}/connection"
    with transaction():
        db.session.add(PooledAccount(provider_id=amazon.id, email="b@x", key=sandbox.key))  # asked for in vain
    for reference, remote_name, known in ((None, None, ""), ("2", None, "o-1"), (None, "2", "o-1")):
        with transaction():
            amazon.organization = "o-1"
            db.session.execute(update(PooledAccount).where(PooledAccount.email == "b@x").values(reference=reference))
            db.session.execute(update(Sandbox).where(Sandbox.id == sandbox.id).values(remote_name=remote_name))
        assert client.post(at, data={"token": "A:right"}).status_code == 303
        assert amazon.organization == known


def test_a_token_that_is_kept_goes_to_no_other_server(world: World, sign_in: Callable[..., FlaskClient]) -> None:
    partner = world.partner
    with transaction():
        partner.address, partner.token = "https://cloud.example.com/api", vault.encrypt("hush")
    client, at = sign_in(world.operator), f"/catalogue/providers/{partner.public_id}/connection"
    for other in ("https://mine.example.com/api", "http://cloud.example.com/api", "https://cloud.example.com:1/api",
                  "https://mine.example.com\\@cloud.example.com/api", "https://[/api"):  # fmt: skip
        refused = client.post(at, data={"address": other})
        assert (refused.status_code, "is not sent to another server" in refused.text) == (422, True)
    assert (partner.address, vault.decrypt(partner.token or b"")) == ("https://cloud.example.com/api", "hush")
    assert client.post(at, data={"address": "https://cloud.example.com/v2"}).status_code == 303
    assert client.post(at, data={"address": "https://u:p@new.example.com", "token": "own"}).status_code == 303
    said = db.session.query(AuditPayload).order_by(AuditPayload.event_id.desc()).limit(1).one().payload
    assert (said["address"], said["was"]) == ("https://new.example.com", "https://cloud.example.com/v2")


def test_a_size_says_what_its_provider_is_told(
    world: World, amazon: Provider, sign_in: Callable[..., FlaskClient]
) -> None:
    plan = world.plan()
    client, at = sign_in(world.operator), f"/catalogue/plans/{plan.public_id}/settings"
    assert "It knows: budget, services, instance_types" in client.get(at).text
    refused = client.post(at, data={"settings": "budgets = 5"})
    assert (refused.status_code, "It does not know budgets" in refused.text) == (422, True)
    assert client.post(at, data={"settings": "budget = 50\nservices = s3, ec2"}).status_code == 303
    assert plan.settings == {"budget": "50", "services": "s3, ec2"}
    assert "budget = 50" in client.get(f"/catalogue/providers/{amazon.public_id}").text


def test_what_a_sandbox_is_at_a_broker_stays_while_one_runs(world: World, sign_in: Callable[..., FlaskClient]) -> None:
    plan = world.plan()
    with transaction():
        world.partner.driver, plan.settings = "osb", {"service_id": "s", "plan_id": "p"}
    sandbox = world.order()
    client, at = sign_in(world.operator), f"/catalogue/plans/{plan.public_id}/settings"
    for other in ("service_id = s\nplan_id = q", "service_id = s", "plan_id = p\nservice_id = t"):
        refused = client.post(at, data={"settings": other})
        assert (refused.status_code, "1 sandboxes of this size are not closed" in refused.text) == (422, True)
        assert other.splitlines()[-1] in refused.text
    assert client.post(at, data={"settings": "plan_id = p\nservice_id = s\nregion = x"}).status_code == 303
    with transaction():
        db.session.execute(update(Sandbox).where(Sandbox.id == sandbox.id).values(state=SandboxState.CLOSED))
    assert client.post(at, data={"settings": "service_id = s\nplan_id = q"}).status_code == 303
    assert plan.settings == {"service_id": "s", "plan_id": "q"}


def test_what_goes_on_over_lines_comes_back_as_it_was(world: World, sign_in: Callable[..., FlaskClient]) -> None:
    with transaction():
        world.partner.driver = "kubernetes"
    client, at = sign_in(world.operator), f"/catalogue/providers/{world.partner.public_id}/connection"
    form = {"address": "https://k.example.com", "token": "t", "options": "ca = BEGIN\n  line\n  END\nrole = edit"}
    assert client.post(at, data=form).status_code == 303
    assert world.partner.options == {"ca": "BEGIN\nline\nEND", "role": "edit"}
    assert "ca = BEGIN\n  line\n  END\nrole = edit" in client.get(at).text.replace("\r", "")


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_nobody_else_sees_or_changes_it(
    world: World, amazon: Provider, role: Role, sign_in: Callable[..., FlaskClient]
) -> None:
    client = sign_in(world.make.person(world.operator.company, role))
    at = f"/catalogue/providers/{amazon.public_id}"
    assert "not where it was put" not in client.get(at).text
    assert {client.get(f"{at}/connection").status_code, client.post(f"{at}/connection", data={}).status_code} <= {
        403,
        404,
    }
    assert client.get(f"/catalogue/plans/{world.plan().public_id}/settings").status_code in {403, 404}
