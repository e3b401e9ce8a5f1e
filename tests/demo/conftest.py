"""A copy of the demonstration for all tests that only read it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from incubator.app import create_app
from tests.conftest import TEST_SETTINGS, close, own_database, settings_for
from tests.demonstration import Demonstration, as_demo, made


@pytest.fixture(scope="session")
def demonstration(servers: dict[str, str], template: str) -> Demonstration:
    """What the command has made, to be copied."""
    return made(servers, template)


@pytest.fixture(scope="session")
def demo_home(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of the demonstration."""
    home = tmp_path_factory.mktemp("demo")
    return Path(shutil.copytree(demonstration.home, home, dirs_exist_ok=True))


@pytest.fixture(scope="session")
def demo_app(servers: dict[str, str], demonstration: Demonstration, demo_home: Path) -> Iterator[Flask]:
    """An application on a database of its own, filled by the command."""
    with own_database(servers, "demo", demonstration.database) as name:
        app = create_app(settings_for(servers, name, 8), **TEST_SETTINGS)
        as_demo(app, demo_home)
        yield app
        close(app)


@pytest.fixture
def demo(demo_app: Flask) -> Iterator[Flask]:
    """The demonstration with its context pushed; tests leave it as it is."""
    with demo_app.app_context():
        yield demo_app
