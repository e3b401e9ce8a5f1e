"""Cursors describe their results to who asks."""

from flask import Flask

from incubator.core.db import db


def test_a_result_is_described_by_its_columns_and_what_gives_no_rows_by_nothing(app: Flask) -> None:
    cursor = db.session.connection().connection.driver_connection.cursor()
    cursor.execute("SELECT 1 AS one, 'x' AS two")
    described = cursor.description
    assert (len(described), [column.name for column in described], described[-1].name) == (2, ["one", "two"], "two")
    cursor.execute("SET LOCAL lock_timeout = 0")
    assert cursor.description is None
