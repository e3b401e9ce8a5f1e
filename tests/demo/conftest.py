"""The demonstration, made once for all tests that only read it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from incubator.app import create_app
from incubator.demo.commands import demo_data
from tests.conftest import TEST_SETTINGS, close, own_database, settings_for


def as_demo(app: Flask, home: Path) -> None:
    """Set an application to demonstration mode, with a data folder of its own."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(settings, demo=True, home=home)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the demonstration."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def demo_app(servers: dict[str, str], template: str, demo_home: Path) -> Iterator[Flask]:
    """An application on a database of its own, filled by the command."""
    with own_database(servers, "demo", template) as name:
        app = create_app(settings_for(servers, name, 8), **TEST_SETTINGS)
        as_demo(app, demo_home)
        with app.app_context():
            outcome = CliRunner().invoke(demo_data, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
        yield app
        close(app)


@pytest.fixture
def demo(demo_app: Flask) -> Iterator[Flask]:
    """The demonstration with its context pushed; tests leave it as it is."""
    with demo_app.app_context():
        yield demo_app
