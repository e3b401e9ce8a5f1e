"""The command that fills a demonstration's database."""

import click

from incubator.core import settings
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.demo import build, people_file
from incubator.demo.people_file import Login


@click.command("demo-data")
def demo_data() -> None:
    """Make the fictional group, once, and print who can sign in with which password."""
    current = settings.current()
    if not current.demo:
        raise click.ClickException("demo-data is for demonstrations only: INCUBATOR_DEMO=1 (make run sets it)")
    try:
        with transaction():
            logins = _fill()
    except DomainError as refusal:
        raise click.ClickException(str(refusal.message)) from refusal
    place = people_file.settle(current.home)
    if not logins:
        known = f"Who can sign in: {place}" if place.exists() else "Give a password: incubator set-password HR_NUMBER"
        click.echo(f"The demonstration is here already; nothing was changed. {known}")
        return
    click.echo(people_file.table(logins), nl=False)
    click.echo(f"This list stands in {place}")


def _fill() -> list[Login]:
    """The people who can sign in; none when they are there already."""
    if build.is_there():
        return []
    logins = build.build()
    people_file.prepare(settings.current().home, logins)
    return logins


commands = [demo_data]
