"""The scene of tests about patents."""

import pytest

from tests.make import Make
from tests.patents.scene import Scene


@pytest.fixture
def scene(make: Make) -> Scene:
    return Scene(make)
