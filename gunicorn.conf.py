"""How `gunicorn wsgi:app` serves: address and numbers come from the settings, checked before anything starts."""

import ctypes
import gc
import logging
import sys
from typing import Any

from gunicorn import glogging as _glogging

from incubator import config as _config  # gunicorn takes every public name here for a setting of its own
from incubator.core.log import JsonFormatter as _JsonFormatter

try:
    _settings = _config.load()
    _config.check_reachable(_settings)
except _config.ConfigError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)


class _Log(_glogging.Logger):
    """gunicorn's own lines in the form of ours, without what a client sent."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does; also when it reads its configuration anew."""
        super().setup(cfg)
        self.error_log.filters[:] = [_without_the_request]
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(_JsonFormatter())


def _without_the_request(record: logging.LogRecord) -> bool:
    """Two of gunicorn's lines quote a request: its address with what was searched for, or what it had of a header, and
    from where it came. The kind of error stays."""
    words = str(record.msg)
    if words.startswith("Invalid request from ip="):
        error = sys.exc_info()[0]
        record.msg, record.args = f"a request that cannot be read was refused: {error and error.__name__}", ()
    elif words.startswith("Error handling request"):
        record.msg, record.args = "a request was not answered", ()
    return True


logger_class = _Log
bind = _settings.bind
workers = _settings.web_workers
threads = _settings.web_threads
worker_class = "gthread"
preload_app = True  # loaded once; the workers share what they never change
control_socket_disable = True
graceful_timeout = 10  # seconds for requests at hand; the supervisor waits as long
timeout = 60
loglevel = "warning"
_libc = ctypes.CDLL(None)
_LONG = 256 * 1024
"""Bytes of an answer after which it is worth a few milliseconds to give free memory back."""


def when_ready(server: Any) -> None:
    """Before the workers are forked: make what every one of them would make, and leave it where it lies.

    What the collector does not look at and nobody changes stays one copy for all workers. All threads take memory from
    one arena (M_ARENA_MAX, glibc): what one page has freed serves the next. The collector looks at what is new while it
    is little: circles that pages leave behind make a worker larger by a tenth, and looking takes a hundredth of a page.
    """
    del server
    from incubator.app import warm_up
    from wsgi import app

    if hasattr(_libc, "mallopt"):
        _libc.mallopt(-8, 1)
    warm_up(app)
    gc.collect()
    _give_back()
    gc.freeze()
    gc.set_threshold(2_000, 10, 10)


def post_request(worker: Any, req: Any, environ: Any, resp: Any) -> None:
    """What a long page or a file took is not kept by the one worker that happened to make it."""
    del worker, req, environ
    if resp is not None and resp.sent > _LONG:
        _give_back()


def _give_back() -> None:
    """Memory that is free goes back to the system (glibc keeps it otherwise)."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)
