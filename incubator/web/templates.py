"""The environment of the templates: Flask's, quick at importing one template into another, each compiled once."""

import contextlib
from collections import ChainMap
from collections.abc import KeysView, MutableMapping
from pathlib import Path
from typing import Any

from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


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


class Compiled(FileSystemBytecodeCache):
    """Compiled templates beside their sources, as Python keeps its own: the next process compiles none that stands.

    Where the folder can't be written, each process compiles for itself. What is kept is known by Jinja's and Python's
    version and the source, not by the environment's options: whoever changes one of those changes the pattern.
    """

    def __init__(self, templates: Path) -> None:
        folder = templates / "__pycache__"
        with contextlib.suppress(OSError):
            folder.mkdir(exist_ok=True)
        super().__init__(str(folder), "trimmed_%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        """What was compiled of this source, if it stands."""
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template; a full or read-only disk fails no page."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)
