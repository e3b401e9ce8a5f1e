"""What goes wrong on a machine, said in one line."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PLAIN = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.EEXIST: "it is not a folder",
}


class EmbeddedError(Exception):
    """The embedded servers cannot run; the message is one line that says why and what to do."""


class AlreadyRunning(EmbeddedError):
    """Another process holds the data folder."""

    def __init__(self, folder: Path, holder: str) -> None:
        super().__init__(f"Incubator already runs on {folder} (process {holder}).")
        self.folder = folder


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about `folder` into one line."""
    try:
        yield
    except OSError as error:
        why = _PLAIN.get(error.errno or 0, error.strerror or str(error))
        raise EmbeddedError(f"The data folder {folder} cannot be used: {why}.") from error
