"""The scene of the tests of the walk."""

import pytest

from tests.equity.scene import Scene
from tests.make import Make


@pytest.fixture
def scene(make: Make) -> Scene:
    """A venture, two persons of HR, a lead and an auditor."""
    return Scene(make)
