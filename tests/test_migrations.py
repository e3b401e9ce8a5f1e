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
