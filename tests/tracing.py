"""Coverage follows what is ours. Inside the libraries that take most of a test's time it is paused: Python 3.11 asks a
tracer at every instruction, also of code that is not counted, and none of these calls comes back to a line of ours."""

import sys
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, wraps
from typing import Any

from jinja2 import Environment
from sqlalchemy import Connection
from sqlalchemy.engine.result import ChunkedIteratorResult
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.orm.attributes import _AttributeImpl
from sqlalchemy.orm.context import _AbstractORMCompileState
from sqlalchemy.orm.unitofwork import UOWTransaction

QUIET = (
    (Connection, "_execute_clauseelement"),
    (Connection, "_execute_context"),
    (UOWTransaction, "execute"),
    (SessionTransaction, "_remove_snapshot"),
    (SessionTransaction, "_restore_snapshot"),
    (Session, "_save_or_update_state"),
    (_AbstractORMCompileState, "orm_execute_statement"),
    (_AttributeImpl, "_fire_loader_callables"),
    (Environment, "compile"),
)


def untraced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the tracer of this thread laid aside until it returns."""

    @wraps(function)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        if tracer is None:
            return function(*args, **kwargs)
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(tracer)

    return quiet


def install() -> None:
    """Lay the tracer aside within the libraries, for the rest of this process."""
    for owner, name in QUIET:
        found = vars(owner)[name]
        if isinstance(found, classmethod):
            setattr(owner, name, classmethod(untraced(found.__func__)))
        else:
            setattr(owner, name, untraced(found))
    begin = ChunkedIteratorResult.__init__

    @wraps(begin)
    def quietly(self: Any, metadata: Any, chunks: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, metadata, _each_untraced(chunks), *args, **kwargs)

    ChunkedIteratorResult.__init__ = quietly


def forget() -> None:
    """Let every engine work out anew what it keeps: lines that ran first where nothing was traced are run again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("incubator.") and ".engines" in name:
            for kept in vars(module).values():
                if isinstance(kept, _lru_cache_wrapper):
                    kept.cache_clear()


def _each_untraced(chunks: Callable[[Any], Iterator[Any]]) -> Callable[[Any], Iterator[Any]]:
    """Rows become objects when they are fetched: chunk by chunk, between which the caller runs."""

    def make(size: Any) -> Iterator[Any]:
        fetch = untraced(iter(chunks(size)).__next__)
        while True:
            try:
                chunk = fetch()
            except StopIteration:
                return
            yield chunk

    return make
