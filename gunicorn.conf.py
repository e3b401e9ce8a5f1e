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
preload_app = False
control_socket_disable = True
graceful_timeout = 10  # seconds for requests at hand; the supervisor waits as long
timeout = 60
loglevel = "warning"


def post_worker_init(worker: Any) -> None:
    """What was loaded at the start stays for good: the collector need not look at it after every few pages.

    All threads take memory from one arena (M_ARENA_MAX, glibc): what one page has freed serves the next.
    """
    del worker
    if hasattr(ctypes.CDLL(None), "mallopt"):
        ctypes.CDLL(None).mallopt(-8, 1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
