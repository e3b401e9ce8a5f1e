"""How a provider is reached, and what a size says to its provider: names and values that its driver knows."""

from collections.abc import Mapping

from flask_babel import gettext as _

from incubator.cloud import drivers, vault
from incubator.cloud.models import Plan, Provider
from incubator.cloud.services.providers import OWN_ADDRESS, WITHOUT_ADDRESS
from incubator.core import audit
from incubator.core.actions import action
from incubator.core.audit import Actor
from incubator.core.db import db
from incubator.core.errors import Invalid

LONGEST_NAME, LONGEST_ADDRESS = 40, 200


@action("provider.connect")
def connect(
    actor: Actor, provider: Provider, *, address: str | None, token: str | None, options: Mapping[str, str]
) -> None:
    """Say where a provider is and how we get in. token: None leaves the one that is there.

    Raises Invalid for an address that is none and for a name that its driver does not know.
    """
    may_be_left_out = provider.driver in WITHOUT_ADDRESS or (provider.driver in OWN_ADDRESS and not address)
    if not may_be_left_out and not str(address).startswith(("http://", "https://")):
        raise Invalid(_("Enter an address, such as https://cloud.example.com/api"), field="address")
    _check(options, known(provider, "options"), "options")
    provider.address, provider.options = address or None, dict(options)
    if token:
        provider.token = vault.encrypt(token)
    db.session.flush()
    audit.record("provider.connect", provider, {"options": sorted(options), "new_token": bool(token)})


@action("plan.configure")
def configure(actor: Actor, plan: Plan, *, settings: Mapping[str, str]) -> None:
    """Say what a size tells its provider; running sandboxes get it with the next step that is taken on them."""
    _check(settings, known(plan.offer.provider, "settings"), "settings")
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
