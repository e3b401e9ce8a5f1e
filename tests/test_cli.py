"""Administration from the shell."""

import subprocess
import sys

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from incubator import cli
from incubator.core.db import db
from incubator.people.models import Credential


@pytest.fixture
def shell(app, monkeypatch):
    """Run a command on the database of the test."""
    monkeypatch.setattr(cli, "create_app", lambda: app)
    return CliRunner()


@pytest.mark.committed
def test_a_password_is_set_and_a_short_one_refused(shell, make):
    person = make.person()

    assert shell.invoke(cli.cli, ["set-password", "nobody", "--password", "x" * 12]).exit_code == 1
    short = shell.invoke(cli.cli, ["set-password", person.hr_number, "--password", "short"])
    assert "12 characters" in str(short.exception)
    done = shell.invoke(cli.cli, ["set-password", person.hr_number, "--password", "correct horse battery"])
    assert (done.exit_code, len(db.session.scalars(select(Credential)).all())) == (0, 1)


@pytest.mark.committed
def test_the_reference_names_settings_actions_events_and_jobs(shell):
    text = shell.invoke(cli.cli, ["reference"]).output

    for word in ("DATABASE_URL", "proposal.submit", "outbox.drain", "INCUBATOR_SECRET_KEY"):
        assert word in text


def test_a_missing_setting_is_one_line_and_status_2():
    done = subprocess.run(
        [sys.executable, "-m", "incubator.cli", "reference"], env={}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "DATABASE_URL is not set" in done.stderr


@pytest.mark.committed
def test_a_refusal_is_one_line(shell, make, monkeypatch, capsys):
    person = make.person()
    monkeypatch.setattr(sys, "argv", ["incubator", "set-password", person.hr_number, "--password", "short"])

    with pytest.raises(SystemExit) as ending:
        cli.main()
    assert ending.value.code == 2
    assert capsys.readouterr().err == "A password has at least 12 characters.\n"
