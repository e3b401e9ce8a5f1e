"""One PostgreSQL cluster as an owned child process."""

import shutil
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from incubator.embedded.addresses import SUPERUSER
from incubator.embedded.errors import EmbeddedError, plain_errors
from incubator.embedded.processes import run_as
from incubator.embedded.server import PLAIN_ENVIRONMENT, Server, last_words

# Loopback and a password for everybody: another user of this machine gets no further than any stranger.
_HBA = "host all all 127.0.0.1/32 scram-sha-256\n"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    # No personal data in logs: neither statements nor the values of a violated key.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "jit": "off",
}
_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(kw_only=True)
class Postgres(Server):
    """A cluster below the data folder; `statements` set up a new one, database name by database name."""

    programs: Path
    password: str
    settings: dict[str, str]
    statements: dict[str, tuple[str, ...]]

    program = "postgres"
    farewell = (signal.SIGINT, signal.SIGQUIT)  # its "fast" and "immediate" shut-down

    def create(self) -> None:
        """Make the cluster if it is new. It appears under its name only when complete, so that a start
        killed half-way leaves nothing that looks like a cluster."""
        if self.folder.exists():
            return
        new = self.home.folder / f"{self.name}.new"
        with plain_errors(self.home.folder):
            shutil.rmtree(new, ignore_errors=True)
        self.home.subfolder(new.name)
        self._run("initdb", *self._initdb_options(), "-D", str(new))
        (new / "pg_hba.conf").write_text(_HBA)
        for database, statements in self.statements.items():
            self._run(
                *("postgres", "--single", "-c", "exit_on_error=on", "-D", str(new), database),
                text="".join(f"{statement};\n" for statement in statements),
            )
        new.rename(self.folder)

    def command(self) -> list[str]:
        """`postgres` with every setting on its command line, so that an upgrade changes them."""
        chosen = _SETTINGS | self.settings | (_FAST if self.fast else {}) | {"port": str(self.port)}
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.folder), *options]

    def is_ready(self) -> bool:
        """Whether the superuser can connect."""
        try:
            psycopg.connect(
                host="127.0.0.1",
                port=self.port,
                user=SUPERUSER,
                password=self.password,
                dbname="postgres",
                connect_timeout=2,
            ).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedError(
                    f"The password in {self.home.folder / 'keys.json'} is not that of the cluster in {self.folder}."
                ) from error
            return False
        return True

    def is_main(self, title: str) -> bool:
        """The postmaster: a polite signal to it alone, to its helpers the same number means something else."""
        return not title.startswith("postgres: ")

    def prepare(self) -> None:
        """Remove the process number of a killed server."""
        # We hold the folder's lock and have stopped whatever ran here: a process number left by a killed
        # server may by now be another program's, for which PostgreSQL would refuse to start.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _initdb_options(self) -> Iterable[str]:
        yield from (f"--username={SUPERUSER}", "--auth-local=reject", "--auth-host=reject", "--encoding=UTF8")
        yield from ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        if self.fast:
            yield "--no-sync"

    def _run(self, program: str, *options: str, text: str = "") -> None:
        done = run_as(
            [str(self.programs / program), *options],
            folder=self.home.folder,
            env=PLAIN_ENVIRONMENT,
            user=self.home.account,
            text=text,
        )
        if done.returncode:
            raise EmbeddedError(
                f"PostgreSQL's {program} could not make the cluster {self.folder}: {last_words(done.stderr)}"
            )
