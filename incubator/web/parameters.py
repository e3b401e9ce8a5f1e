"""What a browser sends, cleaned once at the edge: forms and addresses alike."""

import re
from collections.abc import Iterable
from typing import Any

from flask import Request
from flask_babel import gettext as _
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from incubator.core.errors import NotFound

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no keyboard writes: PostgreSQL's text cannot hold NUL, and texts that are kept mark their values so."""


class Parameters(ImmutableMultiDict[str, Any]):
    """Values without control characters; names that are not ASCII are no names of ours."""

    def __init__(self, given: Iterable[tuple[str, Any]] | MultiDict[str, Any] | None = None) -> None:
        pairs = given.items(multi=True) if isinstance(given, MultiDict) else given or ()
        super().__init__([(name, _clean(value)) for name, value in pairs if name.isascii()])


def _clean(value: Any) -> Any:
    return CONTROL.sub("", value) if isinstance(value, str) else value


class CleanRequest(Request):
    """A request whose `args` and `form` are cleaned."""

    parameter_storage_class = Parameters


def refuse_odd_address(path: str) -> None:
    """Nothing stands at an address with NUL in it. Raises NotFound."""
    if "\x00" in path:
        raise NotFound(_("There is no such page, or it is not for you to see."))
