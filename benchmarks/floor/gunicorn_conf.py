"""The floor's web server: the product's own settings, on another application."""

from incubator import config as _config

_settings = _config.load()

bind = _settings.bind
workers = _settings.web_workers
threads = _settings.web_threads
worker_class = "gthread"
preload_app = False
control_socket_disable = True
loglevel = "warning"
