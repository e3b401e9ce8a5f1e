"""The environment of the templates: Flask's, quick at importing one template into another."""

from collections import ChainMap
from collections.abc import KeysView, MutableMapping
from typing import Any

from flask.templating import Environment


class Globals(ChainMap[str, Any]):
    """What every template knows: its own names (seldom any) over those of the environment.

    Each import of a macro file compares these names with the importing page's; ChainMap would merge them each time.
    """

    def keys(self) -> KeysView[str]:
        """All names."""
        own, common = self.maps
        return super().keys() if own else common.keys()


class Templates(Environment):
    """The templates of the product."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The names a template knows."""
        return Globals({} if d is None else d, self.globals)
