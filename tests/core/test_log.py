import json
import logging
import re
import sys

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError, StatementError

from incubator.core import audit, log
from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import attempt, transaction
from incubator.people import services as people
from incubator.people.models import Role
from incubator.people.predicates import SYSTEM


def test_a_line_is_json_with_extra_fields_and_the_request_id():
    token = audit.request_id.set("abc")
    try:
        record = logging.LogRecord("incubator.x", logging.INFO, __file__, 1, "saved %s", ("it",), None)
        record.action = "proposal.save"
        entry = json.loads(log.JsonFormatter().format(record))
    finally:
        audit.request_id.reset(token)

    assert entry.pop("at")
    assert entry == {
        "level": "INFO", "logger": "incubator.x", "message": "saved it", "request_id": "abc", "action": "proposal.save",
    }  # fmt: skip


def test_an_exception_stands_in_the_line():
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", (), sys.exc_info())

    assert "ZeroDivisionError" in json.loads(log.JsonFormatter().format(record))["error"]


def line_of(error):
    """What the log says of an error."""
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "broke", (), (type(error), error, error.__traceback__))
    return json.loads(log.JsonFormatter().format(record))["error"]


@pytest.mark.parametrize(
    ("statement", "facts"),
    [
        ("SELECT CAST(:typed AS integer)", "psycopg.errors.InvalidTextRepresentation) SQLSTATE 22P02"),
        (
            "INSERT INTO company (public_id, name, path, time_zone, created_at)"
            " VALUES ('a', CAST(:words AS jsonb), :typed, 'UTC', now()), ('b', '{}', :typed, 'UTC', now())",
            "psycopg.errors.UniqueViolation) SQLSTATE 23505, table company, constraint uq_company_path",
        ),
        (
            "INSERT INTO company (public_id, name, path, created_at) VALUES ('a', '{}', :typed, now())",
            "psycopg.errors.NotNullViolation) SQLSTATE 23502, table company, column time_zone",
        ),
    ],
)
def test_what_the_database_refuses_is_told_without_a_value(app, statement, facts):
    values = {"typed": "Zhao Min", "words": '{"en": "Zhao Min"}'}
    with transaction(), pytest.raises(SQLAlchemyError) as refused, attempt():
        db.session.execute(text(statement), {name: values[name] for name in re.findall(":([a-z]+)", statement)})

    said = line_of(refused.value)
    assert "Zhao Min" in str(refused.value.orig)
    assert "Zhao Min" not in said.replace(statement, "")
    assert facts in said
    assert "The above exception was the direct cause" in said


def test_a_trigger_that_refuses_is_named(make):
    event = make.event(make.company())
    with transaction(), pytest.raises(SQLAlchemyError) as refused, attempt():
        db.session.execute(text(f"DELETE FROM audit_event WHERE id = {event.id}"))

    assert "SQLSTATE 23001, function refuse_change\n[SQL: DELETE FROM audit_event" in line_of(refused.value)


def test_a_value_that_cannot_be_sent_is_not_quoted():
    error = StatementError("(builtins.ValueError) no day: Zhao Min", "SELECT :day", {}, ValueError("no day: Zhao Min"))

    assert line_of(error).endswith("sqlalchemy.exc.StatementError: (builtins.ValueError)\n[SQL: SELECT :day]\n")


def test_a_server_that_is_away_is_named():
    with pytest.raises(psycopg.OperationalError) as away:
        psycopg.connect("postgresql://127.0.0.1:1/none")

    assert "127.0.0.1" in line_of(away.value)


def test_a_refusal_of_ours_is_told_by_code_and_field():
    assert log.named(Invalid("Zhao Min has no such number", field="number")) == (
        "incubator.core.errors.Invalid: invalid, number"
    )


def test_what_led_to_an_error_stands_before_it():
    try:
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            raise KeyError("second")  # noqa: B904
    except KeyError as error:
        said = line_of(error)
    first, second = said.split("During handling of the above exception, another exception occurred")
    assert ("ZeroDivisionError: division by zero" in first, second.rstrip().endswith("KeyError: 'second'")) == (
        True, True,
    )  # fmt: skip


def test_an_action_on_what_is_no_row_is_logged_by_its_class(make, caplog):
    person = make.person()
    with transaction(), caplog.at_level(logging.INFO, "incubator.core.actions"):
        people.save_view(person, "proposals of Zhao Min", name="mine", query="state:draft")
        company = people.give_role(SYSTEM, person.company, person=person, role=Role.OFFICE).company
    assert [(record.action, record.subject) for record in caplog.records] == [
        ("saved_view.save", "str"), ("role.give", f"<Company {company.id}>"),
    ]  # fmt: skip
