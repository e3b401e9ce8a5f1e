"""The command: once, for demonstrations only, whole or not at all."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from incubator.cli import cli
from incubator.core.audit import AuditEvent
from incubator.core.db import db
from incubator.core.errors import WrongState
from incubator.core.transaction import transaction
from incubator.demo import people_file, stage
from incubator.demo.commands import demo_data
from incubator.demo.people_file import Login
from incubator.people import queries as people
from incubator.people import services
from incubator.people.models import Credential, Installation, Person
from incubator.people.predicates import SYSTEM
from tests.conftest import environment, own_database
from tests.demonstration import Demonstration, as_demo


def _events():
    return db.session.scalar(select(func.count(AuditEvent.id)))


def _run():
    return CliRunner().invoke(demo_data)


def test_the_command_stands_in_the_shell():
    assert cli.commands["demo-data"] is demo_data


def test_a_second_run_says_what_is_there_and_changes_nothing(demo, demo_home):
    place = demo_home / people_file.NAME
    before = (_events(), place.read_bytes())
    db.session.rollback()

    outcome = _run()

    assert outcome.exit_code == 0
    assert outcome.output == (f"The demonstration is here already; nothing was changed. Who can sign in: {place}\n")
    assert (_events(), place.read_bytes()) == before


def test_the_list_is_its_owners_alone_and_its_passwords_open_the_door(demo, demo_home):
    place = demo_home / people_file.NAME
    lines = place.read_text().splitlines()
    rows = [(line.split()[-2], line.split()[-1]) for line in lines[1:]]
    numbers = [entry["hr_number"] for entry in stage.words("group")["person"] if "story" in entry]

    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [path.name for path in demo_home.iterdir()] == [people_file.NAME]
    assert sorted(number for number, _password in rows) == sorted(numbers)
    assert all(len(password) >= 12 for _number, password in rows)
    assert [people_of.hr_number for people_of in (services.authenticate(*row) for row in rows)] == [n for n, _p in rows]
    assert db.session.scalar(select(func.count(Credential.id))) == 11


def test_columns_stay_aligned_with_chinese_names():
    logins = [Login("陈思远", "Reviewer", "300022", "AAAA"), Login("Lin Yue", "Employee", "200027", "BBBB")]

    assert people_file.table(logins) == (
        "Name     Part      HR number  Password\n"
        "陈思远   Reviewer  300022     AAAA\n"
        "Lin Yue  Employee  200027     BBBB\n"
    )


def test_it_is_refused_outside_of_demonstrations(app):
    outcome = _run()

    assert outcome.exit_code == 1
    assert "INCUBATOR_DEMO=1" in outcome.output


@pytest.mark.committed
def test_it_is_refused_where_other_people_are(app: Flask, tmp_path: Path):
    as_demo(app, tmp_path)
    with transaction():
        company = services.add_company(SYSTEM, None, name={"en": "Real", "zh": "真实"})
        services.add_person(SYSTEM, company, hr_number="1", name="Real Person", email="r@example.com")

    outcome = _run()

    assert outcome.exit_code == 1
    assert "who are no demonstration" in outcome.output
    assert list(tmp_path.iterdir()) == []
    assert db.session.scalar(select(func.count(Person.id))) == 1
    assert not people.is_demo()


def test_a_run_that_fails_leaves_nothing_behind_and_the_next_one_succeeds(demonstration: Demonstration):
    listed = (demonstration.home / people_file.NAME).read_text()

    assert (demonstration.failed, demonstration.left) == ((1, "FileExistsError"), (True, 0, False))
    assert demonstration.said == f"{listed}This list stands in {demonstration.home / people_file.NAME}\n"


def test_in_the_shell_a_run_where_the_list_is_gone_says_how_to_sign_in(servers, demonstration, tmp_path):
    with own_database(servers, "listless", demonstration.database) as name:
        ours = environment(servers, name, 8) | {"INCUBATOR_DEMO": "1", "INCUBATOR_HOME": str(tmp_path)}
        command = [sys.executable, "-c", "from incubator.cli import main; main()", "demo-data"]
        said = subprocess.run(command, env=ours, check=True, capture_output=True, text=True).stdout

    assert said.startswith("The demonstration is here already; nothing was changed.")
    assert "incubator set-password HR_NUMBER" in said


def test_a_list_that_was_prepared_is_put_into_its_place_by_the_next_run(tmp_path):
    people_file.prepare(tmp_path, [Login("A", "B", "1", "old")])
    people_file.prepare(tmp_path, [Login("A", "B", "1", "new")])

    place = people_file.settle(tmp_path)

    assert place.read_text().endswith("new\n")
    assert people_file.settle(tmp_path) == place


def test_a_database_with_people_never_becomes_a_demonstration(app, make):
    make.person()

    with transaction(), pytest.raises(WrongState, match="There are people in this database already"):
        services.mark_demo()


def test_there_is_one_mark_a_database(app):
    with transaction():
        services.mark_demo()

    assert people.is_demo()
    assert [row.demo for row in db.session.scalars(select(Installation))] == [True]
