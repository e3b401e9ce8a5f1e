"""Coverage follows what is ours. Inside the libraries that take most of a test's time it is paused: Python 3.11 asks a
tracer at every instruction, also of code that is not counted. None of these calls comes back to a line of ours, but for
the listeners, in which it goes on."""

import sys
import threading
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, wraps
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

QUIET = {
    "botocore.client": ("BaseClient._make_api_call",),
    "botocore.session": ("Session.create_client",),
    "jinja2.environment": ("Environment.compile",),
    "rfc8785": ("dumps",),
    "sqlalchemy.engine.base": ("Connection._execute_clauseelement", "Connection._execute_context"),
    "sqlalchemy.orm.attributes": ("QueryableAttribute.operate", "_AttributeImpl._fire_loader_callables"),
    "sqlalchemy.orm.context": ("_AbstractORMCompileState.orm_execute_statement",),
    "sqlalchemy.orm.mapper": ("_configure_registries",),
    "sqlalchemy.orm.session": (
        "Session._execute_internal", "Session._flush", "Session._save_or_update_state",
        "SessionTransaction._remove_snapshot", "SessionTransaction._restore_snapshot",
    ),
    "sqlalchemy.orm.state": ("InstanceState._initialize_instance",),
    "sqlalchemy.sql.coercions": ("expect",),
    "sqlalchemy.sql.elements": ("ColumnElement.operate",),
    "sqlalchemy.sql.schema": ("MetaData.create_all",),
    "werkzeug.routing.map": ("Map.add",),
    "werkzeug.test": ("EnvironBuilder.__init__", "EnvironBuilder.get_environ"),
}  # fmt: skip
"""Where it is paused, by module."""
HEARD = {
    "incubator.core.db": ("EdgeSession.get_bind",),
    "incubator.core.pool": ("_check_alive", "_keep_prepared"),
    "incubator.core.vectors": ("HalfVector.get_col_spec",),
    "incubator.core.transaction": ("_guard", "_guard_bulk", "_set_read_only"),
}
"""What of ours is called from there."""
ROWS = {"sqlalchemy.engine.result": ("ChunkedIteratorResult.__init__",)}
"""Where it is paused while rows become objects."""
_here = threading.local()
_exec_module = SourceFileLoader.exec_module


def untraced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the tracer of this thread laid aside until it returns."""

    @wraps(function)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        tracer = sys.gettrace()
        if tracer is None:
            return function(*args, **kwargs)
        sys.settrace(None)
        _here.paused = tracer
        try:
            return function(*args, **kwargs)
        finally:
            _here.paused = None
            sys.settrace(tracer)

    return quiet


def traced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the tracer that was laid aside in this thread taken up until it returns."""

    @wraps(function)
    def heard(*args: Any, **kwargs: Any) -> Any:
        tracer = getattr(_here, "paused", None)
        if tracer is None or sys.gettrace() is not None:
            return function(*args, **kwargs)
        sys.settrace(tracer)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(None)
            _here.paused = tracer

    return heard


def fetched(begin: Callable[..., None]) -> Callable[..., None]:
    """The start of a result, whose rows become objects untraced: chunk by chunk, between which the caller runs."""

    @wraps(begin)
    def quietly(self: Any, metadata: Any, chunks: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, metadata, lambda size: _each_untraced(chunks(size)), *args, **kwargs)

    return quietly


def _each_untraced(chunks: Iterator[Any]) -> Iterator[Any]:
    fetch = untraced(iter(chunks).__next__)
    while True:
        try:
            chunk = fetch()
        except StopIteration:
            return
        yield chunk


def install() -> None:
    """Lay the tracer aside within the libraries, and while they are loaded, for the rest of this process."""
    if SourceFileLoader.exec_module is _load:
        return
    SourceFileLoader.exec_module = _load
    for module in list(sys.modules.values()):
        _wrap(module)


def _load(loader: SourceFileLoader, module: ModuleType) -> None:
    load = untraced(_exec_module) if "site-packages" in loader.path else _exec_module
    load(loader, module)
    _wrap(module)


def _wrap(module: ModuleType) -> None:
    for names, wrap in ((QUIET, untraced), (HEARD, traced), (ROWS, fetched)):
        for path in names.get(module.__name__, ()):
            *owners, name = path.split(".")
            owner = getattr(module, owners[0]) if owners else module
            found = vars(owner)[name]
            if isinstance(found, classmethod):
                setattr(owner, name, classmethod(wrap(found.__func__)))
            else:
                setattr(owner, name, wrap(found))


def forget() -> None:
    """Let every engine work out anew what it keeps: lines that ran first where nothing was traced are run again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("incubator.") and ".engines" in name:
            for kept in vars(module).values():
                if isinstance(kept, _lru_cache_wrapper):
                    kept.cache_clear()
