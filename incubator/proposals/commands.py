"""A command of proposals: drafts from a folder."""

from pathlib import Path

import click
from sqlalchemy import select

from incubator.calls.models import Call
from incubator.core.db import db
from incubator.core.errors import DomainError
from incubator.core.transaction import transaction
from incubator.people import queries as people
from incubator.proposals import services
from incubator.proposals.services.lines import from_folder, plan


@click.command("import-proposals")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--call", "call_id", required=True, help="the key in the address of the call")
@click.option("--by", "hr_number", required=True, help="HR number of whom of the office it is done for")
def import_proposals(folder: Path, call_id: str, hr_number: str) -> None:
    """Make drafts from FOLDER (proposals.csv or proposals.xlsx, and the files it names), all or none."""
    with transaction():
        officer = people.by_hr_number(hr_number)
        call = db.session.scalar(select(Call).where(Call.public_id == call_id))
        if officer is None or call is None:
            raise click.ClickException("there is no such person, or no such call")
        found = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        try:
            planned = plan(call, *from_folder(found))
            for fault in planned.faults:
                click.echo(f"line {fault.line}, {fault.column}: {fault.message}", err=True)
            made = services.import_drafts(officer, call, plan=planned)
        except DomainError as refusal:
            raise click.ClickException(str(refusal.message)) from refusal
        click.echo(f"drafts made: {len(made)}")


commands = (import_proposals,)
