"""The scene of the tests of equity."""

import pytest

from tests.equity.capital import Capital
from tests.equity.scene import Scene
from tests.make import Make


@pytest.fixture
def scene(make: Make) -> Scene:
    """A venture, two persons of HR, a lead and an auditor."""
    return Scene(make)


@pytest.fixture
def capital(scene: Scene) -> Capital:
    """A limited company with three holders."""
    return Capital(scene).founded()
