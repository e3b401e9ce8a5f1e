"""How a provider is reached and what a size tells it, in the browser of its operators."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from incubator.cloud import vault
from incubator.cloud.models import PooledAccount, Provider
from incubator.cloud.states import PoolState
from incubator.core.audit import AuditEvent
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


def test_what_goes_on_over_lines_comes_back_as_it_was(world: World, sign_in: Callable[..., FlaskClient]) -> None:
    with transaction():
        world.partner.driver = "kubernetes"
    client, at = sign_in(world.operator), f"/catalogue/providers/{world.partner.public_id}/connection"
    form = {"address": "https://k.example.com", "options": "ca = BEGIN\n  line\n  END\nrole = edit"}
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
