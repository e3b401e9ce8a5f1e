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


def when_ready(server: Any) -> None:
    """Before the workers are forked: make what every one of them would make, and leave it where it lies.

    What the collector does not look at and nobody changes stays one copy for all workers. All threads take memory from
    one arena (M_ARENA_MAX, glibc): what one page has freed serves the next. The collector looks at what is new while it
    is little: circles that pages leave behind make a worker larger by a tenth, and looking takes a hundredth of a page.
    """
    del server
    from incubator.app import warm_up
    from wsgi import app

    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-8, 1)
    warm_up(app)
    gc.collect()
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    gc.freeze()
    gc.set_threshold(2_000, 10, 10)
