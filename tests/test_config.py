"""Settings: what is accepted, and the one line for each thing that is not."""

import base64
import secrets
from pathlib import Path

import pytest

from incubator import config
from incubator.config import ConfigError

SECRET = "v7Qm2-xK9pLr4TzW8nYc3Hd6Fj1Gs5Bu"
FERNET = base64.urlsafe_b64encode(bytes(range(32))).decode()
LEAST = {
    "DATABASE_URL": "postgresql://u:p@127.0.0.1:5432/incubator",
    "REDIS_URL": "redis://:p@127.0.0.1:6379/0",
    "INCUBATOR_SECRET_KEY": SECRET,
    "INCUBATOR_ENCRYPTION_KEY": FERNET,
    "INCUBATOR_HOME": "/srv/incubator",
}
SMTP = "must look like smtp://user:password@host:25 (smtps:// for TLS, smtp+starttls:// for STARTTLS)"
MAKE_KEY = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'


def test_what_is_not_set_has_its_default() -> None:
    assert config.load(LEAST) == config.Settings(
        database_url="postgresql://u:p@127.0.0.1:5432/incubator",
        redis_url="redis://:p@127.0.0.1:6379/0",
        secret_key=SECRET,
        encryption_key=FERNET,
        demo=False,
        bind="127.0.0.1:8000",
        public_url="http://127.0.0.1:8000",
        trusted_proxies=0,
        time_zone="Asia/Shanghai",
        session_idle_minutes=30,
        session_hours=12,
        web_workers=2,
        web_threads=4,
        worker_calls=8,
        log_level="INFO",
        home=Path("/srv/incubator"),
        files=Path("/srv/incubator/files"),
        files_url=None,
        files_endpoint=None,
        files_region="us-east-1",
        files_key=None,
        files_secret=None,
        clamav=None,
        smtp_url=None,
        mail_from=None,
        sandbox_database_url=None,
    )


def test_what_is_set_is_used() -> None:
    chosen = {
        "INCUBATOR_DEMO": "1",
        "INCUBATOR_BIND": "0.0.0.0:9000",
        "INCUBATOR_PUBLIC_URL": "https://incubator.example.com/",
        "INCUBATOR_TRUSTED_PROXIES": "1",
        "INCUBATOR_TIME_ZONE": "Europe/Berlin",
        "INCUBATOR_SESSION_IDLE_MINUTES": "10",
        "INCUBATOR_SESSION_HOURS": "8",
        "INCUBATOR_WEB_WORKERS": "6",
        "INCUBATOR_WEB_THREADS": "2",
        "INCUBATOR_WORKER_CALLS": "3",
        "INCUBATOR_LOG_LEVEL": "DEBUG",
        "INCUBATOR_FILES": "/mnt/files",
        "INCUBATOR_FILES_URL": "s3://bucket/incubator/",
        "INCUBATOR_FILES_ENDPOINT": "https://store.example.com",
        "INCUBATOR_FILES_REGION": "cn-east-1",
        "INCUBATOR_FILES_KEY": "key",
        "INCUBATOR_FILES_SECRET": "hush",
        "INCUBATOR_CLAMAV": "127.0.0.1:3310",
        "INCUBATOR_SMTP_URL": "smtp+starttls://u:p@mail.example.com",
        "INCUBATOR_MAIL_FROM": "incubator@example.com",
        "INCUBATOR_SANDBOX_DATABASE_URL": "postgresql://u:p@127.0.0.1:5433/postgres",
    }
    found = config.load(LEAST | chosen)
    assert found == config.Settings(
        database_url=LEAST["DATABASE_URL"],
        redis_url=LEAST["REDIS_URL"],
        secret_key=SECRET,
        encryption_key=FERNET,
        demo=True,
        bind="0.0.0.0:9000",
        public_url="https://incubator.example.com",
        trusted_proxies=1,
        time_zone="Europe/Berlin",
        session_idle_minutes=10,
        session_hours=8,
        web_workers=6,
        web_threads=2,
        worker_calls=3,
        log_level="DEBUG",
        home=Path("/srv/incubator"),
        files=Path("/mnt/files"),
        files_url="s3://bucket/incubator",
        files_endpoint="https://store.example.com",
        files_region="cn-east-1",
        files_key="key",
        files_secret="hush",
        clamav="127.0.0.1:3310",
        smtp_url="smtp+starttls://u:p@mail.example.com",
        mail_from="incubator@example.com",
        sandbox_database_url="postgresql://u:p@127.0.0.1:5433/postgres",
    )
    assert found.has_https
    assert found.store == config.Store(
        bucket="bucket", prefix="incubator", endpoint="https://store.example.com", region="cn-east-1", key="key",
        secret="hush",
    )  # fmt: skip
    assert "hush" not in repr(found) + repr(found.store)


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ({"KEY": "k", "URL": "s3://b"}, "INCUBATOR_FILES_SECRET is not set: a key and its secret belong together."),
        ({"SECRET": "s", "URL": "s3://b"}, "INCUBATOR_FILES_KEY is not set: a key and its secret belong together."),
        (
            {"ENDPOINT": "https://store.example.com"},
            "INCUBATOR_FILES_URL is not set, but the store of a bucket is: name it, s3://bucket/prefix.",
        ),
        ({"URL": "https://bucket"}, "INCUBATOR_FILES_URL must look like s3://bucket/prefix."),
        ({"URL": "s3://b", "REGION": "a b"}, "INCUBATOR_FILES_REGION must be one word."),
    ],
)
def test_a_bucket_is_named_whole(chosen: dict[str, str], line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(LEAST | {f"INCUBATOR_FILES_{name}": value for name, value in chosen.items()})
    assert str(caught.value) == line


def test_mail_needs_a_sender() -> None:
    with pytest.raises(ConfigError, match="INCUBATOR_MAIL_FROM is not set"):
        config.load(LEAST | {"INCUBATOR_SMTP_URL": "smtp://h"})


def test_redis_may_be_reached_through_a_socket() -> None:
    url = "unix:///run/valkey.sock?db=1"
    assert config.load(LEAST | {"REDIS_URL": url}).redis_url == url


def test_the_environment_is_read_when_nothing_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in LEAST.items():
        monkeypatch.setenv(name, value)
    assert config.load() == config.load(LEAST)


def test_secrets_do_not_show_in_what_is_printed() -> None:
    shown = repr(config.load(LEAST))
    assert [secret for secret in (SECRET, FERNET, "u:p@", ":p@") if secret in shown] == []


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("DATABASE_URL", "", "is not set. PostgreSQL 16 or newer with pgvector."),
        ("DATABASE_URL", "mysql://u@h/d", "must look like postgresql://user:password@host:5432/database."),
        ("DATABASE_URL", "postgresql://u@h", "names no database: postgresql://user:password@host:5432/database."),
        ("REDIS_URL", "http://h", "must look like redis://:password@host:6379/0."),
        ("REDIS_URL", "redis://h/first", "must look like redis://:password@host:6379/0."),
        ("INCUBATOR_SECRET_KEY", "", "is not set. Signs what browsers keep; at least 32 random bytes."),
        ("INCUBATOR_SECRET_KEY", SECRET[:31], f"must have at least 32 bytes: {MAKE_KEY}."),
        ("INCUBATOR_DEMO", "yes", "must be 0 or 1."),
        ("INCUBATOR_SMTP_URL", "http://h", f"{SMTP}."),
        ("INCUBATOR_SMTP_URL", "smtp://", f"{SMTP}."),
        ("INCUBATOR_SMTP_URL", "smtp://h:99999", f"{SMTP}."),
        ("INCUBATOR_MAIL_FROM", "nobody", "must look like incubator@example.com."),
        ("INCUBATOR_MAIL_FROM", "a b@c", "must look like incubator@example.com."),
        ("INCUBATOR_BIND", "8000", "must look like 127.0.0.1:8000."),
        ("INCUBATOR_BIND", "127.0.0.1:70000", "must look like 127.0.0.1:8000."),
        ("INCUBATOR_PUBLIC_URL", "incubator.example.com", "must look like https://incubator.example.com."),
        ("INCUBATOR_PUBLIC_URL", "https://h:port", "must look like https://incubator.example.com."),
        ("INCUBATOR_PUBLIC_URL", "https://h/a", "must have no path: the product has a host name of its own."),
        ("INCUBATOR_PUBLIC_URL", "http://h", "must begin with https:// (a proxy may end TLS before us)."),
        ("INCUBATOR_TIME_ZONE", "Asia/Shangri-La", "is no time zone such as Asia/Shanghai."),
        ("INCUBATOR_TIME_ZONE", "../etc", "is no time zone such as Asia/Shanghai."),
        ("INCUBATOR_LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR."),
        ("INCUBATOR_HOME", "var", "must be an absolute path."),
        ("INCUBATOR_HOME", "~nobody-of-this-name/var", "names somebody whose home folder is not known."),
        ("INCUBATOR_WEB_WORKERS", "0", "must be a whole number from 1 to 64."),
        ("INCUBATOR_WEB_WORKERS", "two", "must be a whole number from 1 to 64."),
        ("INCUBATOR_ENCRYPTION_KEY", "", "is not set. Fernet key for secrets at rest (of sandboxes, of sign-in)."),
        ("INCUBATOR_SECERT_KEY", "x", "is no setting: did you mean INCUBATOR_SECRET_KEY?"),
        ("INCUBATOR_ZZZZZZZZZZZZZZZZ", "x", "is no setting."),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(name: str, value: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(LEAST | {name: value})
    assert str(caught.value) == f"{name} {line}"


def test_an_address_that_libpq_cannot_read_is_one_line() -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(LEAST | {"DATABASE_URL": "postgresql://u@h:5432/d?nonsense=1"})
    assert str(caught.value) == ('DATABASE_URL is no PostgreSQL address: invalid URI query parameter: "nonsense".')


def test_a_key_that_fernet_refuses_is_one_line() -> None:
    with pytest.raises(ConfigError, match=r"^INCUBATOR_ENCRYPTION_KEY must be 32 random bytes in URL-safe base64; .*$"):
        config.load(LEAST | {"INCUBATOR_ENCRYPTION_KEY": SECRET})
    with pytest.raises(ConfigError, match=r"^INCUBATOR_ENCRYPTION_KEY must be 32 random bytes"):
        config.load(LEAST | {"INCUBATOR_ENCRYPTION_KEY": base64.urlsafe_b64encode(bytes(32)).decode()})


@pytest.mark.parametrize(
    "weak",
    [
        "a" * 64,
        "abcd1234" * 8,
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "9876543210zyxwvutsrqponmlkjihgfedcba",
        "please-change-me-7Qm2xK9pLr4TzW8nYc3",
        "my-SECRET-key-7Qm2xK9pLr4TzW8nYc3Hd6",
        "ab1ba2ab1ba1ab2ba1ab1ab2ba1ba1ab2ab1",
    ],
)
def test_a_secret_that_can_be_guessed_is_refused(weak: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(LEAST | {"INCUBATOR_SECRET_KEY": weak})
    assert str(caught.value) == f"INCUBATOR_SECRET_KEY can be guessed: {MAKE_KEY}."


def test_random_secrets_are_accepted() -> None:
    made = [*(secrets.token_urlsafe(32) for _ in range(200)), *(secrets.token_hex(32) for _ in range(200))]
    assert [one for one in made if config.load(LEAST | {"INCUBATOR_SECRET_KEY": one}).secret_key != one] == []


def test_both_keys_may_not_be_the_same() -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(LEAST | {"INCUBATOR_SECRET_KEY": FERNET_TEXT, "INCUBATOR_ENCRYPTION_KEY": FERNET_TEXT})
    assert str(caught.value) == "INCUBATOR_ENCRYPTION_KEY must not be the same as INCUBATOR_SECRET_KEY."


FERNET_TEXT = "v7Qm2-xK9pLr4TzW8nYc3Hd6Fj1Gs5BuEaOiXw0ZqIk="


def test_sandboxes_may_not_be_made_in_the_products_own_cluster() -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(LEAST | {"INCUBATOR_SANDBOX_DATABASE_URL": "postgresql://x:y@127.0.0.1/postgres"})
    assert str(caught.value) == (
        "INCUBATOR_SANDBOX_DATABASE_URL names the product's own cluster: sandboxes need another."
    )


def test_a_demonstration_needs_no_https() -> None:
    chosen = {"INCUBATOR_DEMO": "1", "INCUBATOR_PUBLIC_URL": "http://demo.example.com"}
    assert not config.load(LEAST | chosen).has_https


def test_servers_that_answer_are_reachable(servers: dict[str, str]) -> None:
    config.check_reachable(config.load(LEAST | {"DATABASE_URL": servers["database"], "REDIS_URL": servers["redis"]}))


def test_a_database_that_does_not_answer_is_one_line() -> None:
    found = config.load(LEAST | {"DATABASE_URL": "postgresql://u:hush@127.0.0.1:1/d"})
    with pytest.raises(ConfigError) as caught:
        config.check_reachable(found)
    assert str(caught.value) == (
        'DATABASE_URL: PostgreSQL cannot be reached: connection failed: connection to server at "127.0.0.1", '
        "port 1 failed: Connection refused"
    )


def test_a_redis_that_does_not_answer_is_one_line(servers: dict[str, str]) -> None:
    found = config.load(LEAST | {"DATABASE_URL": servers["database"], "REDIS_URL": "redis://:hush@127.0.0.1:1/0"})
    with pytest.raises(ConfigError) as caught:
        config.check_reachable(found)
    assert str(caught.value) == (
        "REDIS_URL: Redis cannot be reached: Error 111 connecting to 127.0.0.1:1. Connection refused."
    )


def test_every_setting_has_words_for_the_reference() -> None:
    rows = config.reference()
    assert [row for row in rows if not (row.doc.endswith(".") and row.kind)] == []
    assert rows[0] == ("DATABASE_URL", "text", "required", "PostgreSQL 16 or newer with pgvector.")
    assert rows[5] == ("INCUBATOR_BIND", "text", "127.0.0.1:8000", "Host and port the web process listens on.")
    assert [row.default for row in rows[-11:]] == [
        "/var/lib/incubator/… (root) or ./var",
        "$INCUBATOR_HOME/files",
        "off",
        "off",
        "us-east-1",
        *["off"] * 6,
    ]
