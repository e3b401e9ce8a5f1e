"""The migrated schema is the models' schema: columns, constraints, indexes, triggers and functions."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade

from incubator.app import ROOT, create_app
from incubator.cli import schema as schema_of_cli
from incubator.core import health
from incubator.core.db import db
from tests.conftest import TEST_SETTINGS, close, own_database, settings_for

CATALOGUE = """
SELECT 'column', table_name || '.' || column_name,
       concat_ws(' ', data_type, character_maximum_length, numeric_precision, numeric_scale, is_nullable,
                 coalesce(column_default, identity_generation))
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
UNION ALL
SELECT 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid)
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, prosrc FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace
   AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


def schema(url: str) -> dict[tuple[str, str], str]:
    """Everything the database holds, by kind and name."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(CATALOGUE).fetchall()
    return {(kind, name): text for kind, name, text in rows if not name.startswith("alembic_version")}


@pytest.fixture
def migrated(servers: dict[str, str], worker_id: str) -> Iterator[str]:
    """The address of a database that the migrations made."""
    with own_database(servers, f"migrated_{worker_id}") as name:
        app = create_app(settings_for(servers, name, 0), **TEST_SETTINGS)
        schema_of_cli(app)
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
        yield app.config["SQLALCHEMY_DATABASE_URI"]
        with app.app_context():
            downgrade(directory=str(ROOT / "migrations"), revision="base")
            left = schema(app.config["SQLALCHEMY_DATABASE_URI"])
        close(app)
        assert left == {}


def test_migrations_make_what_the_models_say(migrated, app):
    assert schema(migrated) == schema(str(db.engine.url.render_as_string(hide_password=False)))


def test_no_migration_imports_a_model():
    for path in (ROOT / "migrations" / "versions").glob("*.py"):
        assert "incubator" not in path.read_text(), path.name


def test_migrate_twice_from_the_shell_is_quiet(servers, worker_id, shell_environment):
    with own_database(servers, f"shell_{worker_id}") as name:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-m", "incubator.cli", "migrate"],
                env=shell_environment(name), capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_the_newest_migration_is_the_one_that_alembic_knows():
    assert health.newest(str(ROOT)) == ScriptDirectory(str(ROOT / "migrations")).get_current_head()


FOUNDATION = "2026_11_22_foundation"
ROWS: dict[str, dict[str, object]] = {
    "company": {"name": '{"en": "C", "zh": "C"}', "path": "/1/", "time_zone": "Asia/Shanghai"},
    "person": {"language": "en"},
    "audit_event": {"name": "equity_grant.activate"},
    "issuer": {"company_id": 1, "kind": "joint_stock", "size": "small"},
    "security_class": {"issuer_id": 1, "total_units": 1_000_000, "decimals": 0},
    "equity_plan": {"security_class_id": 1, "kind": "option", "pool_units": 60_000, "granted_units": 48_000,
                    "state": "active"},
    "equity_grant": {"plan_id": 1, "holder_id": 1, "units": 48_000, "price_minor": 120, "state": "live",
                     "content_hash": b"0" * 32},
    "equity_transaction": {"grant_id": 1, "kind": "issuance", "units": 48_000, "cause_id": 1},
}  # fmt: skip
"""A grant in force as the first release wrote it; what is not named is filled in by its type."""
FILLED = {
    "bigint": 1, "date": "2026-06-30", "timestamp with time zone": "2026-06-30T00:00:00Z", "jsonb": "{}",
    "boolean": False, "character varying": "x", "text": "x", "bytea": b"0",
}  # fmt: skip


def fill(connection: psycopg.Connection, table: str, named: dict[str, object]) -> None:
    """Insert one row: every column that must not be null and has no default, and those that are named."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND "
        "table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
        (table,),
    ).fetchall()
    row = {name: FILLED[kind] for name, kind in columns} | named
    marks = ", ".join(f"%({name})s" for name in row)
    connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", row)


def test_rows_of_the_first_release_come_through_every_migration(servers, worker_id):
    """What the register holds now is derived from them: a security, its movement, what is held, what is issued."""
    with own_database(servers, f"rows_{worker_id}") as name:
        app = create_app(settings_for(servers, name, 0), **TEST_SETTINGS)
        schema_of_cli(app)
        directory = str(ROOT / "migrations")
        with app.app_context():
            upgrade(directory=directory, revision=FOUNDATION)
        with psycopg.connect(app.config["SQLALCHEMY_DATABASE_URI"]) as connection:
            connection.execute("ALTER TABLE equity_plan DROP CONSTRAINT fk_equity_plan_venture_id")  # the chain above
            for table, named in ROWS.items():
                fill(connection, table, named)
        with app.app_context():
            upgrade(directory=directory)
        with psycopg.connect(app.config["SQLALCHEMY_DATABASE_URI"]) as connection:
            found = connection.execute(
                "SELECT t.kind, t.quantity, t.instrument, t.price_minor, s.price_minor, s.holder_public_id, h.units, "
                "c.issued_units, p.on_cancellation, g.returned_units FROM equity_transaction t "
                "JOIN equity_security s ON s.public_id = t.security_public_id "
                "JOIN equity_holding h ON h.holder_public_id = t.holder_public_id AND h.instrument = t.instrument "
                "JOIN security_class c ON c.public_id = t.class_public_id JOIN equity_grant g ON g.id = t.grant_id "
                "JOIN equity_plan p ON p.id = g.plan_id"
            ).fetchall()
        close(app)
    assert found == [("issuance", 48_000, "award", 120, 120, "x", 48_000, 0, "return", 0)]
