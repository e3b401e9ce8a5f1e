"""Parts of a page that packages above contribute: `@part('venture.show', order=20)`.

A part is a function (reader, subject) -> template name and its variables, or None when it has nothing to show; it
runs a fixed number of queries. The page renders its parts in order with `parts('venture.show', venture)`.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from flask import render_template
from markupsafe import Markup

Part = Callable[[Any, Any], tuple[str, dict[str, Any]] | None]
_parts: dict[str, list[tuple[int, str, Part]]] = defaultdict(list)


def part(page: str, order: int) -> Callable[[Part], Part]:
    """Register a function as a part of a page."""

    def decorate(function: Part) -> Part:
        _parts[page].append((order, f"{function.__module__}.{function.__name__}", function))
        _parts[page].sort(key=lambda entry: entry[:2])
        return function

    return decorate


def render_parts(page: str, reader: Any, subject: Any) -> Markup:
    """The parts of a page as HTML; each template gets its variables and `subject`."""
    shown = (function(reader, subject) for _, _, function in _parts[page])
    html = [render_template(name, subject=subject, **values) for name, values in filter(None, shown)]
    return Markup("".join(html))  # noqa: S704 - each piece is a rendered, escaped template
