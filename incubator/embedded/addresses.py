"""Where the servers of a data folder answer, and the environment that tells the product so."""

from dataclasses import dataclass
from pathlib import Path

from incubator.embedded.keys import Keys, Ports, load_keys, load_ports

SUPERUSER = "postgres"
DATABASE = "incubator"  # the product's database and the role that owns it


@dataclass(frozen=True)
class Addresses:
    """URLs for psycopg, SQLAlchemy and redis-py, with their passwords."""

    keys: Keys
    ports: Ports

    @classmethod
    def of(cls, home: Path) -> "Addresses":
        """Those of a data folder; passwords and ports are chosen at the first call."""
        return cls(load_keys(home), load_ports(home))

    @property
    def database_url(self) -> str:
        """The product's database; its role owns it and may make further databases, nothing more."""
        return f"postgresql://{DATABASE}:{self.keys.database}@127.0.0.1:{self.ports.database}/{DATABASE}"

    @property
    def sandbox_database_url(self) -> str:
        """The second cluster as its superuser, who makes a database and a role a sandbox."""
        return f"postgresql://{SUPERUSER}:{self.keys.sandbox}@127.0.0.1:{self.ports.sandbox}/postgres"

    @property
    def redis_url(self) -> str:
        """Valkey, database 0."""
        return f"redis://:{self.keys.valkey}@127.0.0.1:{self.ports.valkey}/0"

    def environment(self) -> dict[str, str]:
        """The settings that name the servers."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "INCUBATOR_SANDBOX_DATABASE_URL": self.sandbox_database_url,
        }
