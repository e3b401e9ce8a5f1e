"""Commands of the reviews: a real round in, and its proof."""

from pathlib import Path

import click

from incubator.core.errors import DomainError
from incubator.core.transaction import reading, transaction
from incubator.people.predicates import SYSTEM
from incubator.reviews import services
from incubator.reviews.engines.rounds import RoundErrors
from incubator.reviews.services.importing import ImportReplay, imported_rounds


@click.command("import-round")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def import_round(directory: Path) -> None:
    """Load a funding round from DIRECTORY (themes.csv, proposals.csv, assessments.csv), whole or not at all."""
    try:
        with transaction():
            round_ = services.import_round(SYSTEM, directory)
            address = f"/rounds/{round_.public_id}"
    except RoundErrors as errors:
        for problem in errors.problems:
            click.echo(str(problem), err=True)
        raise click.ClickException(f"{len(errors.problems)} things are wrong; nothing was loaded") from errors
    except DomainError as error:
        raise click.ClickException(str(error.message)) from error
    click.echo(f"loaded: {address}")


@click.command("replay-round")
def replay_round() -> None:
    """Recompute every published score and decision of the imported rounds from the database, and print what differs."""
    with reading():
        replays = [services.replay_import(round_) for round_ in imported_rounds()]
    if not replays:
        raise click.ClickException("no round was imported yet: incubator import-round DIRECTORY")
    for replay in replays:
        _show(replay)
    if not all(replay.equal for replay in replays):
        raise click.ClickException("the figures differ from the published ones")


def _show(replay: ImportReplay) -> None:
    for line in replay.differing:
        click.echo(line)
    click.echo(
        f"{replay.scores_equal} of {replay.scores} scores, {replay.decisions_equal} of {replay.decisions} decisions; "
        f"not put to the vote: {replay.not_put_to_vote}"
    )


commands = [import_round, replay_round]
