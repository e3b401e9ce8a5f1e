"""Administration from the shell: `incubator COMMAND`."""

import sys

import click
from flask import Flask, current_app
from flask_migrate import Migrate, upgrade

from incubator import config
from incubator.app import ROOT, create_app
from incubator.cloud.commands import commands as cloud_commands
from incubator.core import actions, jobs, outbox
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.demo.commands import commands as demo_commands
from incubator.people import queries as people
from incubator.people import services
from incubator.proposals.commands import commands as proposal_commands
from incubator.reviews.commands import commands as review_commands


@click.group()
@click.pass_context
def cli(context: click.Context) -> None:
    """Incubator: the innovation platform of a group of companies."""
    asks_database = context.invoked_subcommand != reference.name
    context.obj = context.with_resource(_application(asks_database=asks_database).app_context())


def _application(*, asks_database: bool) -> Flask:
    try:
        app = create_app()
        if asks_database:
            config.check_database(app.extensions["settings"].database_url)
    except config.ConfigError as error:
        raise SystemExit(_fail(str(error))) from error
    return app


def _fail(message: str) -> int:
    click.echo(message, err=True)
    return 2


@cli.command()
def migrate() -> None:
    """Bring the database's schema to this program's newest migration."""
    schema(current_app)
    upgrade(directory=str(ROOT / "migrations"))


def schema(app: Flask) -> None:
    """Give an application what Alembic needs; the web process has no use for it."""
    Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)


@cli.command()
@click.argument("hr_number")
@click.password_option()
def set_password(hr_number: str, password: str) -> None:
    """Give an employee a local password."""
    person = people.by_hr_number(hr_number)
    if person is None:
        raise click.ClickException(f"nobody has the HR number {hr_number}")
    with transaction():
        services.set_password(person, password)


@cli.command()
def reference() -> None:
    """Print every setting, action, event subscription and job, from the code."""
    for row in config.reference():
        click.echo(f"setting  {row}")
    for name, function in sorted(actions.actions.items()):
        click.echo(f"action   {name:32} {function}")
    for name, handlers in sorted(outbox.handlers.items()):
        click.echo(f"event    {name:32} {', '.join(h.__module__ + '.' + h.__name__ for h in handlers)}")
    for entry in sorted(jobs.registry.values(), key=lambda job: job.name):
        every = f"every {entry.every} s" if entry.every else "on demand"
        click.echo(f"job      {entry.name:32} {entry.queue}, {every}")


for command in (*cloud_commands, *demo_commands, *proposal_commands, *review_commands):
    cli.add_command(command)


def main() -> None:
    """Run a command; a refusal of the business is one line, not a traceback."""
    try:
        cli()
    except DomainError as refusal:
        sys.exit(_fail(str(refusal.message)))


if __name__ == "__main__":
    main()
