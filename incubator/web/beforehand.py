"""Libraries that some pages need, loaded before a web server forks its workers: one copy serves all of them."""

import importlib
import sys


def load() -> None:
    """openpyxl, for tables to take along. What else is heavy is for jobs, or for pages that hardly anybody asks."""
    _import("openpyxl", without="numpy")  # it only wants to know numpy's numbers, of which no cell of ours is one


def _import(name: str, *, without: str) -> None:
    """Import a library as it comes where another one, which it would take along, is not installed.

    Only while no other thread runs, which might ask for the other one.
    """
    if without in sys.modules:
        importlib.import_module(name)
        return
    sys.modules[without] = None  # type: ignore[assignment]
    try:
        importlib.import_module(name)
    finally:
        del sys.modules[without]
