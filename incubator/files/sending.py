"""Sending a file. There is no route by a file's id: the package that owns it loads its thing first."""

import re
from pathlib import PurePosixPath
from urllib.parse import quote

from flask import Response

from incubator.files import storage
from incubator.files.models import File

SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


def send(file: File, stem: str | None = None) -> Response:
    """The file as a download that a browser never runs. Raises DamagedError when the bytes are no longer the same.

    stem: a name that tells nothing, for readers who must not learn the file's own; its end stays.
    """
    name = f"{stem}{PurePosixPath(file.name).suffix}" if stem else file.name
    return _download(file, name, Response(storage.read(file.sha256), content_type=file.media_type))


def send_large(file: File) -> Response:
    """The file as a download that is read piece by piece."""
    answer = Response(storage.stream(file.sha256), content_type=file.media_type)
    answer.content_length = file.size
    return _download(file, file.name, answer)


def _download(file: File, name: str, answer: Response) -> Response:
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    answer.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.set_etag(file.sha256.hex())
    return answer
