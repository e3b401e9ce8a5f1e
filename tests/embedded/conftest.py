"""A data folder a test."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from incubator import embedded


@pytest.fixture
def home() -> Iterator[Path]:
    """A new data folder that the servers' user can reach, also when root runs the tests."""
    with embedded.scratch_home() as folder:
        yield folder


@pytest.fixture(scope="session")
def once_used() -> Iterator[Path]:
    """A data folder in which all servers have run once; to be copied."""
    with embedded.scratch_home() as folder:
        embedded.start(folder, fast=True).close()
        (folder / "ports.json").unlink()
        yield folder


@pytest.fixture
def used_home(home: Path, once_used: Path) -> Path:
    """A data folder with its clusters, for what is not about their making; the next start chooses new ports."""
    subprocess.run(["cp", "-a", f"{once_used}/.", str(home)], check=True)
    return home
