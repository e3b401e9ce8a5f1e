"""Administration of providers from the shell."""

from typing import cast

import click
from sqlalchemy import select

from incubator.cloud.drivers import AWS, KINDS, DriverError
from incubator.cloud.drivers.aws.driver import Aws
from incubator.cloud.models import Provider
from incubator.cloud.services.providers import opener_of
from incubator.core.db import db
from incubator.core.transaction import transaction


@click.group()
def driver() -> None:
    """Drivers of providers."""


@driver.command()
@click.argument("name")
def check(name: str) -> None:
    """Say whether a provider's credentials, rights and limits suffice, making nothing that costs. NAME: its code."""
    with transaction():
        provider = db.session.scalar(select(Provider).where(Provider.code == name))
        if provider is None:
            known = ", ".join(db.session.scalars(select(Provider.code).order_by(Provider.code))) or "none yet"
            raise click.ClickException(f"there is no provider {name}; there are: {known}")
        kind, opener = provider.driver, opener_of(provider)
    click.echo(f"{name}: driver {kind}, tried against {KINDS[kind].tried}")
    try:
        found = opener().examine()
    except DriverError as error:
        raise click.ClickException(str(error)) from error
    for one in found:
        click.echo(f"  {'ok ' if one.is_good else 'NOT'} {one.words}")
    bad = sum(not one.is_good for one in found)
    click.echo(
        "Ready for orders." if not bad else f"{bad} of {len(found)} must be seen to before anybody orders there."
    )
    raise SystemExit(1 if bad else 0)


@driver.command("close-account")
@click.argument("name")
@click.argument("account")
def close_account(name: str, account: str) -> None:
    """Close for good an account of a pool that nobody has. NAME: the provider's code, ACCOUNT: its number there."""
    with transaction():
        provider = db.session.scalar(select(Provider).where(Provider.code == name))
        if provider is None or provider.driver != AWS:
            raise click.ClickException(f"there is no provider {name} with a pool of accounts")
        opener = opener_of(provider)
    try:
        cast(Aws, opener()).close(account)
    except DriverError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"AWS closes {account}; it counts for 90 days more.")


commands = (driver,)
