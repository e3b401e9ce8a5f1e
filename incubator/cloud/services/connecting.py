"""How a provider is reached, and what a size says to its provider: names and values that its driver knows."""

from collections.abc import Mapping

from flask_babel import gettext as _
from sqlalchemy import func, select

from incubator.cloud import drivers, vault
from incubator.cloud.models import Lease, Plan, PooledAccount, Provider, Sandbox
from incubator.cloud.services.providers import OWN_ADDRESS, WITHOUT_ADDRESS
from incubator.cloud.states import PoolState, SandboxState
from incubator.core import audit
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid

LONGEST_NAME, LONGEST_ADDRESS = 40, 200
DIRECTORY = ("parent", "region")
WHERE: dict[str, tuple[str, ...]] = {
    drivers.ALIYUN: DIRECTORY,
    drivers.AWS: (*DIRECTORY, "role"),
    drivers.HUAWEI: (*DIRECTORY, "domain"),
    drivers.OPENSTACK: ("domain", "region"),
    drivers.OSB: ("service_id", "plan_id"),
    drivers.TENCENT: DIRECTORY,
}
"""Options that say where accounts are, or how one gets into them: changed, every account would seem gone."""
FIXED: dict[str, tuple[str, ...]] = {drivers.OSB: ("service_id", "plan_id")}
"""Settings of a size that say what a sandbox is there: changed, what runs would be asked for as another thing."""
WIPED = {drivers.AWS: "regions"}
"""An option that lists where a wipe looks: it may grow."""


@action("provider.connect")
def connect(
    actor: Actor, provider: Provider, *, address: str | None, token: str | None, options: Mapping[str, str]
) -> None:
    """Say where a provider is and how we get in. token: None leaves the one that is there.

    Raises Invalid for an address that is none, for a name that its driver does not know, for another place while
    accounts are at the old one, and for another server that the kept token would be sent to.
    """
    may_be_left_out = provider.driver in WITHOUT_ADDRESS or (provider.driver in OWN_ADDRESS and not address)
    if not may_be_left_out and not str(address).startswith(("http://", "https://")):
        raise Invalid(_("Enter an address, such as https://cloud.example.com/api"), field="address")
    _check(options, known(provider, "options"), "options")
    db.session.refresh(provider, with_for_update=True)  # no order begins meanwhile
    _check_same_place(provider, address, options)
    was = provider.address
    if provider.token and not token and _server(address) != _server(was):
        raise Invalid(_("Enter it anew: the one that is kept is not sent to another server."), field="token")
    provider.address, provider.options = address or None, dict(options)
    if token:
        provider.token = vault.encrypt(token)
        if not _was_anything_made(provider):
            provider.organization = ""  # it may be another one: nothing of ours is in the one that was seen
    db.session.flush()
    said = {"options": sorted(options), "new_token": bool(token), "address": _shown(address), "was": _shown(was)}
    audit.record("provider.connect", provider, said)


def _check_same_place(provider: Provider, address: str | None, options: Mapping[str, str]) -> None:
    """Raises Invalid where accounts would be looked for at another place than they are."""
    old, names = provider.options, WHERE.get(provider.driver, ())
    moved = [name for name in names if (options.get(name) or None) != (old.get(name) or None)]
    if (listed := WIPED.get(provider.driver)) and not _places(options, listed) >= _places(old, listed):
        moved.append(listed)
    has_moved = provider.driver not in WITHOUT_ADDRESS and _place(address) != _place(provider.address)
    if not moved and not has_moved:
        return
    sandboxes, pooled = _there(provider)
    if not sandboxes and not pooled:
        return
    there = {"sandboxes": sandboxes, "pooled": pooled}
    if has_moved:
        raise Invalid(
            _("Accounts are at the old address: %(sandboxes)s sandboxes are not closed, the pool holds %(pooled)s. "
              "It can be changed when none is left.", **there), field="address",
        )  # fmt: skip
    raise Invalid(
        _("%(name)s says where accounts are: %(sandboxes)s sandboxes are not closed, the pool holds %(pooled)s. "
          "It can be changed when none is left.", name=moved[0], **there), field="options",
    )  # fmt: skip


def _there(provider: Provider) -> tuple[int, int]:
    """How many sandboxes are not closed, and how many accounts the pool holds."""
    sandboxes = select(func.count()).where(
        Sandbox.provider_id == provider.id, Sandbox.state != SandboxState.CLOSED
    )  # fmt: skip
    pooled = select(func.count()).where(
        PooledAccount.provider_id == provider.id, PooledAccount.state.not_in((PoolState.CLOSED, PoolState.LOST))
    )
    return db.session.scalar(sandboxes) or 0, db.session.scalar(pooled) or 0


def _was_anything_made(provider: Provider) -> bool:
    """Whether something of ours really is there: what was ordered and could not be made, with a wrong key, is not."""
    sandbox = select(Sandbox.id).where(
        Sandbox.provider_id == provider.id, Sandbox.state != SandboxState.CLOSED, Sandbox.remote_name.is_not(None)
    )
    account = select(PooledAccount.id).where(
        PooledAccount.provider_id == provider.id, PooledAccount.reference.is_not(None),
        PooledAccount.state.not_in((PoolState.CLOSED, PoolState.LOST)),
    )  # fmt: skip
    return bool(db.session.scalar(select(sandbox.exists() | account.exists())))


def _running(plan: Plan) -> int:
    """How many sandboxes of a size are not closed."""
    of = select(func.count()).select_from(Sandbox).join(Lease, Lease.id == Sandbox.lease_id)
    return db.session.scalar(of.where(Lease.plan_id == plan.id, Sandbox.state != SandboxState.CLOSED)) or 0


def _places(options: Mapping[str, str], name: str) -> set[str]:
    """Those that a wipe looks at: the listed ones, otherwise the one region."""
    return set(options.get(name, "").replace(",", " ").split()) or {options.get("region", "")}


def _server(address: str | None) -> tuple[str, str]:
    """Whom a token is sent to, letter by letter: libraries do not read an odd address alike."""
    scheme, name, _path = _split(address)
    return scheme, name


def _place(address: str | None) -> tuple[str, str]:
    """Where accounts are; whether it is encrypted may change."""
    _scheme, name, path = _split(address)
    return name.rpartition("@")[2].lower(), path.rstrip("/")


def _shown(address: str | None) -> str | None:
    """Without a user and a password."""
    scheme, name, path = _split(address)
    return f"{scheme}://{name.rpartition('@')[2]}{path}" if address else None


def _split(address: str | None) -> tuple[str, str, str]:
    """Scheme, server and path."""
    scheme, _sign, rest = (address or "").partition("://")
    name, slash, path = rest.partition("/")
    return scheme, name, slash + path


@action("plan.configure")
def configure(actor: Actor, plan: Plan, *, settings: Mapping[str, str]) -> None:
    """Say what a size tells its provider; running sandboxes get it with the next step that is taken on them.

    Raises Invalid for a name that its driver does not know, and for another thing while sandboxes of this size are not
    closed.
    """
    provider = plan.offer.provider
    _check(settings, known(provider, "settings"), "settings")
    db.session.execute(select(Provider.id).where(Provider.id == provider.id).with_for_update())  # no order meanwhile
    fixed = FIXED.get(provider.driver, ())
    changed = [name for name in fixed if (settings.get(name) or None) != (plan.settings.get(name) or None)]
    if changed and (running := _running(plan)):
        raise Invalid(
            _("%(name)s says what a sandbox is at the broker: %(running)s sandboxes of this size are not closed. "
              "Change it when none is left, or add another size.", name=changed[0], running=running), field="settings",
        )  # fmt: skip
    plan.settings = dict(settings)
    db.session.flush()
    audit.record("plan.configure", plan, {"settings": dict(settings)})


def known(provider: Provider, what: str) -> tuple[str, ...]:
    """The names that its driver knows, 'options' or 'settings'; empty: it does not say."""
    found: tuple[str, ...] = getattr(drivers.KINDS[provider.driver].cls(), f"known_{what}", ())
    return found


def _check(values: Mapping[str, str], names: tuple[str, ...], field: str) -> None:
    wrong = sorted(name for name in values if len(name) > LONGEST_NAME or (names and name not in names))
    if wrong:
        raise Invalid(
            _("It does not know %(wrong)s. It knows: %(known)s", wrong=wrong[0][:LONGEST_NAME],
              known=", ".join(names) or "–"),
            field=field,
        )  # fmt: skip
