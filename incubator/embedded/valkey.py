"""Valkey as an owned child process, with its append-only file on."""

import signal
from dataclasses import dataclass
from pathlib import Path

import redis

from incubator.embedded.server import Server


@dataclass(kw_only=True)
class Valkey(Server):
    """The queue's server; its configuration goes through standard input, so that no file holds a password."""

    path: Path
    url: str
    password: str

    program = "valkey-server"
    farewell = (signal.SIGTERM,)

    def create(self) -> None:
        """Make the folder for the append-only file."""
        self.home.subfolder(self.name)

    def command(self) -> list[str]:
        """Valkey, told to read its configuration from standard input."""
        return [str(self.path), "-"]

    def text(self) -> str:
        """The configuration."""
        return "\n".join(
            (
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f"dir {_quoted(self.folder)}",
                f"appendonly {'no' if self.fast else 'yes'}",
                "appendfsync everysec",
                'save ""',
                "maxmemory-policy noeviction",
                "loglevel warning",
                "",
            )
        )

    def is_ready(self) -> bool:
        """Whether it answers a ping: not while it still reads its file."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
