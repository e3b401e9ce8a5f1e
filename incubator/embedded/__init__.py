"""PostgreSQL and Valkey from wheels, for one machine without servers of its own.

    with embedded.start(home) as servers:
        servers.database_url, servers.redis_url, servers.sandbox_database_url

Everything lies in one data folder (`home`). Two PostgreSQL clusters run: the product's, and one apart
for the sandboxes that teams order. All listen on the loopback interface only and ask for generated
passwords. The servers are children of the caller and die with it.
"""

from incubator.embedded.errors import EmbeddedError
from incubator.embedded.places import scratch_home
from incubator.embedded.programs import pg_dump
from incubator.embedded.servers import Servers, start

__all__ = ["EmbeddedError", "Servers", "pg_dump", "scratch_home", "start"]
