"""How `gunicorn wsgi:app` serves: address and numbers come from the settings, checked before anything starts."""

import ctypes
import gc
import sys
from typing import Any

from incubator import config as _config  # gunicorn takes every public name here for a setting of its own

try:
    _settings = _config.load()
    _config.check_reachable(_settings)
except _config.ConfigError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)

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
