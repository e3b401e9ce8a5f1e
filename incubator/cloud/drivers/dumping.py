"""The content of a PostgreSQL database as an archive: what pg_dump writes, with a page that says how to read it."""

import os
import shutil
import subprocess
import tempfile
import threading
import zipfile
from pathlib import Path
from typing import IO

from psycopg.conninfo import conninfo_to_dict

from incubator import embedded
from incubator.cloud.drivers.base import Rejected, Unavailable

MEMBER = "database.sql"
OPTIONS = ("--format=plain", "--no-owner", "--no-privileges", "--encoding=UTF8", "--lock-wait-timeout=20s")
LONGEST = 580
"""Seconds that a dump may take: a job has ten minutes."""
WORDS_KEPT = 300
READ_ME = """\
{name}, as it was when this archive was made.

{member} is plain SQL, written by pg_dump: tables, data, indexes, views, functions, sequences. Owners and rights are
left out. To read it into a database of your own (PostgreSQL {major} or newer; extensions that it used must be there):

    createdb restored
    psql --set ON_ERROR_STOP=1 --dbname restored --file {member}
"""


def dump(address: str, name: str, target: IO[bytes]) -> None:
    """Write the archive. address: as its superuser, who is kept out of the program's arguments.

    Raises Rejected with pg_dump's own words when the database cannot be dumped, Unavailable when it cannot be reached.
    """
    program = _program()
    if program is None:
        raise Rejected("there is no program pg_dump on this machine: install PostgreSQL's client programs")
    command = [str(program), *OPTIONS]
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        tempfile.TemporaryFile() as said,  # a pipe that nobody empties would stop it in the middle
    ):
        with subprocess.Popen(command, env=_environment(address), stdout=subprocess.PIPE, stderr=said) as child:
            over = threading.Timer(LONGEST, child.kill)
            over.start()
            try:
                major = _copy(child, said, archive)
            finally:
                over.cancel()
        archive.writestr("README.txt", READ_ME.format(name=name, member=MEMBER, major=major))


def _copy(child: "subprocess.Popen[bytes]", said: IO[bytes], archive: zipfile.ZipFile) -> str:
    """Take the dump over as it comes; answers the release of the program."""
    if child.stdout is None:
        raise Rejected("pg_dump says nothing")
    with archive.open(MEMBER, "w", force_zip64=True) as out:
        head = child.stdout.read(2000)
        out.write(head)
        shutil.copyfileobj(child.stdout, out)
    if child.wait():
        words = _tail(said)
        unreachable = "connection to server" in words
        raise (Unavailable if unreachable else Rejected)(words[-WORDS_KEPT:] or "pg_dump failed")
    return head.partition(b"by pg_dump version ")[2].partition(b".")[0].decode(errors="replace") or "18"


def _tail(said: IO[bytes]) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - 64_000))
    return said.read().decode(errors="replace").strip()


def _program() -> Path | None:
    """The one in the wheel, of our servers' release; without the wheel the one of this machine."""
    found = shutil.which("pg_dump")
    return embedded.pg_dump() or (Path(found) if found else None)


def _environment(address: str) -> dict[str, str]:
    """libpq's variables: a password in the arguments could be read by everybody on the machine."""
    parts = conninfo_to_dict(address)
    named = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
    given = {variable: str(parts[key]) for key, variable in named.items() if parts.get(key)}
    return {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ} | given
