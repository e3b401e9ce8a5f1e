"""A data folder a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incubator import embedded


@pytest.fixture
def home() -> Iterator[Path]:
    """A new data folder that the servers' user can reach, also when root runs the tests."""
    with embedded.scratch_home() as folder:
        yield folder
