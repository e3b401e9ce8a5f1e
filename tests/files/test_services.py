"""Files are kept by content, sent as downloads, and swept when nothing names them."""

import datetime as dt
import hashlib
import io
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.core.transaction import transaction
from incubator.files import jobs, services, storage
from incubator.files.engines.checking import IMAGES
from incubator.files.engines.faults import Fault
from incubator.files.models import File
from incubator.files.sending import SANDBOX, send
from incubator.files.words import WORDS
from tests.files.samples import PNG, SVG, office, pdf


@pytest.fixture(autouse=True)
def folder(app, tmp_path):
    """Each test has a store of its own."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, files=tmp_path)
    yield tmp_path
    app.extensions["settings"] = before


def keep(make, data, name="a.png", **details) -> File:
    person = make.person()
    with transaction():
        return services.keep(person, data, name, **details)


def test_a_file_is_kept_by_its_content(make, folder):
    person = make.person()
    with transaction():
        file = services.keep(person, io.BytesIO(PNG), "Bild.png")
    with transaction():
        again = services.keep(person, PNG, "andere.png")

    sha256 = hashlib.sha256(PNG).digest()
    assert (file.sha256, file.size, file.media_type, file.name, file.uploader) == (
        sha256, len(PNG), "image/png", "Bild.png", person,
    )  # fmt: skip
    assert (again.sha256, again.public_id != file.public_id) == (sha256, True)
    name = sha256.hex()
    assert [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()] == [
        f"{name[:2]}/{name[2:4]}/{name}"
    ]
    assert storage.path_of(sha256).stat().st_mode & 0o777 == 0o440


@pytest.mark.parametrize(
    ("name", "data", "kept"),
    [
        ("photo.exe", PNG, "photo.exe.png"),
        ("C:\\Users\\lin\\余热.PDF", pdf(b""), "余热.pdf"),
        ("../../etc/passwd", office(), "passwd.docx"),
        ("a\u202egnp.svg", SVG, "agnp.svg"),
        ("", PNG, "file.png"),
        ("...", PNG, "file.png"),
        ('a"<b>\r\nc.png', PNG, "a__b_c.png"),
        ("x" * 300 + ".png", PNG, "x" * 120 + ".png"),
        ("x" * 300, PNG, "x" * 120 + ".png"),
        ("data.csv", b"a,b", "data.csv"),
    ],
)
def test_a_name_is_made_harmless_and_ends_as_its_kind(make, name, data, kept):
    assert keep(make, data, name).name == kept


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "file_empty", "This file is empty."),
        (b"MZ\0", "file_unknown", "This is no file of a kind that is taken here, whatever its name says."),
        (
            office(word__vbaProject_bin=b"x"),
            "file_macros",
            "This document holds macros. Save it without them, as .docx, .xlsx or .pptx.",
        ),
        (
            b"x" * (25 * 1024 * 1024 + 1),
            "file_large",
            "This file is larger than 25 MB. Choose a smaller one.",
        ),
    ],
    ids=["empty", "unknown", "macros", "large"],
)
def test_a_refusal_says_why_at_the_field_and_nothing_is_kept(make, folder, data, code, message):
    with pytest.raises(Invalid) as refused:
        keep(make, data)

    assert (refused.value.field, refused.value.code, str(refused.value.message)) == ("file", code, message)
    assert list(folder.rglob("*")) == []
    assert db.session.query(File).count() == 0


def test_only_what_is_accepted_is_kept(make):
    with pytest.raises(Invalid, match="A file of this kind is not taken here"):
        keep(make, pdf(b""), accept=IMAGES)


def test_every_fault_has_words():
    assert set(WORDS) == set(Fault)


def test_a_file_is_sent_as_a_download_that_nothing_runs(make, app):
    with app.test_request_context():
        answer = send(keep(make, SVG, "余热 1.svg"))

    assert answer.get_data() == SVG
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"___1.svg\"; filename*=UTF-8''%E4%BD%99%E7%83%AD%201.svg"
    )
    assert answer.headers["Content-Security-Policy"] == SANDBOX
    assert "sandbox" in SANDBOX
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_what_changed_on_disk_is_never_sent(make, app):
    file = keep(make, PNG)
    path = storage.path_of(file.sha256)
    path.chmod(0o640)
    path.write_bytes(PNG + b"x")

    with pytest.raises(storage.DamagedError, match=hashlib.sha256(PNG).hexdigest()):
        storage.read(file.sha256)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        send(file)


def test_a_row_is_never_changed(make):
    file = keep(make, PNG)
    with pytest.raises(DBAPIError, match="never changed"):
        db.session.execute(text("UPDATE file SET name = 'b' WHERE id = :id"), {"id": file.id})


def test_own_files_have_no_uploader(make):
    with transaction():
        file = services.keep_own(b"x", "letter.pdf", "application/pdf")

    assert (file.uploader, file.media_type, storage.read(file.sha256)) == (None, "application/pdf", b"x")


def test_what_nobody_names_is_swept_after_a_day(make, folder):
    kept, forgotten, fresh = keep(make, PNG), keep(make, SVG), keep(make, b"text")
    broken = folder / "ab" / "cd" / ".new-x"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"half")
    for path in [broken, *(storage.path_of(file.sha256) for file in (kept, forgotten))]:
        os.utime(path, (0, 0))
    paths = [storage.path_of(file.sha256) for file in (kept, forgotten, fresh)]
    with transaction():
        services.forget(forgotten)
        services.forget(fresh)

    assert jobs.sweep() == 2
    assert [path.exists() for path in [*paths, broken]] == [True, False, True, False]


def test_what_is_kept_again_is_not_swept(make):
    file = keep(make, PNG)
    path = storage.path_of(file.sha256)
    os.utime(path, (0, 0))
    with transaction():
        services.forget(file)
    again = keep(make, PNG)

    assert jobs.sweep() == 0
    assert storage.read(again.sha256) == PNG
    assert path.stat().st_mtime > (dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)).timestamp()


# ---- the scanner


@contextmanager
def clamd(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A scanner on the loopback that reads INSTREAM as clamd does and always says the same."""
    server = socket.create_server(("127.0.0.1", 0))
    got: list[bytes] = []

    def serve() -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as file:
            assert file.read(10) == b"zINSTREAM\0"
            data = b""
            while size := struct.unpack(">I", file.read(4))[0]:
                data += file.read(size)
            got.append(data)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}", got
    finally:
        server.close()
        thread.join()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"stream: Eicar-Test-Signature FOUND\0", "file_infected"),
        (b"INSTREAM size limit exceeded. ERROR\0", "file_no_scanner"),
        (b"", "file_no_scanner"),
    ],
)
def test_what_the_scanner_does_not_clear_is_not_kept(app, make, folder, answer, code):
    with clamd(answer) as (address, got):
        app.extensions["settings"] = replace(app.extensions["settings"], clamav=address)
        with pytest.raises(Invalid) as refused:
            keep(make, PNG)
    assert refused.value.code == code
    assert got == [PNG]
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_what_the_scanner_clears_is_kept(app, make):
    data = "余热".encode() * 50_000
    with clamd(b"stream: OK\0") as (address, got):
        app.extensions["settings"] = replace(app.extensions["settings"], clamav=address)
        assert keep(make, data, "a.txt").size == len(data)
    assert got == [data]


def test_a_scanner_that_is_away_lets_nothing_in(app, make):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    app.extensions["settings"] = replace(app.extensions["settings"], clamav=address)
    with pytest.raises(Invalid, match="virus scanner does not answer"):
        keep(make, PNG)
