"""PostgreSQL and Valkey start, keep their data, and let nobody in without a password."""

import json
import os
import re
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from incubator import embedded
from incubator.embedded import EmbeddedError


def modes(folder: Path) -> dict[Path, str]:
    return {path: stat.filemode(path.stat().st_mode) for path in folder.parents}


def test_the_product_gets_a_database_of_its_own_and_no_more(home: Path) -> None:
    with (
        embedded.start(home, sandbox=False, fast=True) as servers,
        psycopg.connect(servers.database_url, autocommit=True) as connection,
    ):
        row = connection.execute(
            "SELECT current_setting('server_version_num')::int / 10000, current_user::text, current_database()::text,"
            " rolsuper, rolcreaterole, rolcreatedb, '[1,2]'::vector::text, lower('ÄÖ'), current_setting('timezone')"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        connection.execute("CREATE DATABASE another")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(servers.database_url.replace("/incubator", "/postgres"))
        with pytest.raises(LookupError):
            _ = servers.sandbox_database_url
    assert row == (18, "incubator", "incubator", False, False, True, "[1,2]", "äö", "UTC")


def test_sandboxes_have_a_cluster_apart(home: Path) -> None:
    with embedded.start(home, fast=True) as servers:
        with psycopg.connect(servers.sandbox_database_url) as connection:
            row = connection.execute(
                "SELECT rolsuper, (SELECT count(*) FROM pg_database WHERE datname = 'incubator') FROM pg_roles"
                " WHERE rolname = current_user"
            ).fetchone()
        folders = [home / "postgres", home / "sandboxes"]
        assert [(folder / "PG_VERSION").read_text() for folder in folders] == ["18\n", "18\n"]
    assert row == (True, 0)
    assert urlsplit(servers.sandbox_database_url).port != urlsplit(servers.database_url).port


def test_data_and_addresses_are_kept_from_one_start_to_the_next(home: Path) -> None:
    with embedded.start(home, sandbox=False) as first:
        with psycopg.connect(first.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'yes' AS word")
        with redis.Redis.from_url(first.redis_url) as client:
            client.set("kept", "yes")
    with embedded.start(home, sandbox=False) as second:
        with psycopg.connect(second.database_url) as connection:
            row = connection.execute("SELECT word FROM kept").fetchone()
        with redis.Redis.from_url(second.redis_url) as client:
            value = client.get("kept")
    assert (row, value) == (("yes",), b"yes")
    assert (second.database_url, second.redis_url) == (first.database_url, first.redis_url)


def test_nobody_gets_in_without_the_password(used_home: Path) -> None:
    with embedded.start(used_home, sandbox=False, fast=True) as servers:
        port, database = servers.addresses.ports.database, {"host": "127.0.0.1", "dbname": "incubator"}
        for user, password in (("postgres", None), ("postgres", "postgres"), ("incubator", "incubator")):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(**database, port=port, user=user, password=password)
        with (
            redis.Redis(port=servers.addresses.ports.valkey) as client,
            pytest.raises(redis.AuthenticationError, match="authenticat"),
        ):
            client.ping()


def test_the_servers_listen_on_the_loopback_interface_alone(used_home: Path) -> None:
    with embedded.start(used_home, fast=True) as servers:
        ports = {f"{port:04X}" for port in vars(servers.addresses.ports).values()}
        heard = {
            line.split()[1]
            for table in ("/proc/net/tcp", "/proc/net/tcp6")
            for line in Path(table).read_text().splitlines()[1:]
            if line.split()[1].rpartition(":")[2] in ports and line.split()[3] == "0A"
        }
    assert heard == {f"0100007F:{port}" for port in ports}


def test_no_password_stands_in_a_command_line(used_home: Path) -> None:
    with embedded.start(used_home, fast=True) as servers:
        lines = [Path(f"/proc/{one.child.pid}/cmdline").read_bytes() for one in servers.running if one.child]
        found = [word for word in vars(servers.addresses.keys).values() if any(word.encode() in line for line in lines)]
    assert (len(lines), found) == (3, [])


def test_what_holds_secrets_or_data_is_closed_to_others(home: Path) -> None:
    with embedded.start(home, fast=True) as servers:
        names = ("keys.json", "ports.json", "incubator.lock", "log", "postgres", "sandboxes", "valkey")
        open_to_others = [name for name in names if (home / name).stat().st_mode & 0o077]
        assert servers.home == home
    assert (open_to_others, home.stat().st_mode & 0o007) == ([], 0)


def test_no_folder_above_the_data_folder_is_opened(home: Path) -> None:
    data = home / "a" / "data"
    home.chmod(0o711)
    data.parent.mkdir(mode=0o711)
    before = modes(data)
    with embedded.start(data, fast=True):
        during = modes(data)
    assert (during, modes(data)) == (before, before)


def test_a_second_start_on_the_same_folder_is_refused(used_home: Path) -> None:
    with embedded.start(used_home, sandbox=False, fast=True):
        with pytest.raises(EmbeddedError) as caught:
            embedded.start(used_home)
        assert str(caught.value) == f"Incubator already runs on {used_home} (process {os.getpid()})."


def test_a_folder_with_something_else_in_it_is_not_touched(home: Path) -> None:
    (home / "letter.txt").write_text("mine")
    before = home.stat().st_mode
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(home)
    assert str(caught.value) == (
        f"The folder {home} holds something else: let INCUBATOR_HOME name an empty or a new one."
    )
    assert (home.stat().st_mode, [path.name for path in home.iterdir()]) == (before, ["letter.txt"])


def test_a_taken_port_is_one_line(used_home: Path) -> None:
    with embedded.start(used_home, sandbox=False, fast=True) as servers:
        port = servers.addresses.ports.valkey
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(EmbeddedError) as caught:
            embedded.start(used_home, sandbox=False, fast=True)
    assert str(caught.value) == (
        f"Port {port} of valkey is taken by another program: free it, "
        f"or delete {used_home / 'ports.json'} to have new ports chosen."
    )


def test_after_a_failed_start_nothing_runs_and_the_folder_is_free(used_home: Path) -> None:
    with embedded.start(used_home, sandbox=False, fast=True) as servers:
        addresses = servers.addresses
    with socket.socket() as other:
        other.bind(("127.0.0.1", addresses.ports.valkey))
        other.listen()
        with pytest.raises(EmbeddedError):
            embedded.start(used_home, sandbox=False, fast=True)
    with pytest.raises(psycopg.OperationalError, match="Connection refused"):
        psycopg.connect(addresses.database_url)
    embedded.start(used_home, sandbox=False, fast=True).close()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("keys.json", "put it back from a backup of the data folder."),
        ("ports.json", "delete it, and new ports are chosen."),
    ],
)
@pytest.mark.parametrize("text", ["{", "{}", "[1]"])
def test_a_damaged_file_of_keys_or_ports_is_one_line(home: Path, name: str, advice: str, text: str) -> None:
    (home / "incubator.lock").touch()
    (home / name).write_text(text)
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(home)
    assert str(caught.value) == f"{home / name} is damaged: {advice}"


def test_a_password_that_is_not_the_clusters_is_one_line(used_home: Path) -> None:
    keys = json.loads((used_home / "keys.json").read_text())
    (used_home / "keys.json").write_text(json.dumps(keys | {"superuser": "another"}))
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(used_home, sandbox=False, fast=True)
    assert str(caught.value) == (
        f"The password in {used_home / 'keys.json'} is not that of the cluster in {used_home / 'postgres'}."
    )


def test_a_cluster_that_cannot_start_says_its_last_words(used_home: Path) -> None:
    (used_home / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(used_home, sandbox=False, fast=True)
    said = re.sub(r"\S+ \S+ UTC \[\d+\]", "…", str(caught.value))
    assert said == (
        "postgres did not start: … FATAL:  database files are incompatible with server "
        f"(all of it: {used_home / 'log' / 'postgres.log'})"
    )


def test_a_cluster_left_half_made_is_made_anew(home: Path) -> None:
    embedded.start(home, sandbox=False, fast=True).close()
    (home / "sandboxes.new").mkdir()
    (home / "sandboxes.new" / "half").touch()
    embedded.start(home, fast=True).close()
    assert sorted(path.name for path in home.iterdir() if path.name.startswith("sandboxes")) == ["sandboxes"]


@pytest.mark.skipif(os.geteuid() != 0, reason="without a copy of the programs this would spoil those installed")
def test_a_cluster_that_cannot_be_made_says_why(home: Path) -> None:
    embedded.start(home, sandbox=False, fast=True).close()
    next(home.glob("programs/*/*/*/share/**/system_views.sql")).unlink()
    with pytest.raises(EmbeddedError) as caught:
        embedded.start(home, fast=True)
    said = re.sub(r'"/\S+"', "…", str(caught.value))
    assert said == (
        f"PostgreSQL's initdb could not make the cluster {home / 'sandboxes'}: initdb: error: file … does not exist"
    )
    assert not (home / "sandboxes").exists()


def test_a_long_log_is_turned(used_home: Path) -> None:
    log = used_home / "log" / "valkey.log"
    with log.open("wb") as handle:
        handle.truncate(11 * 1024 * 1024)
    embedded.start(used_home, sandbox=False, fast=True).close()
    assert (log.stat().st_size < 1024 * 1024, log.with_suffix(".log.1").stat().st_size) == (True, 11 * 1024 * 1024)
