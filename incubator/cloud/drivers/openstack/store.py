"""The accounts of an object store (Swift, or what speaks its interface), with a token that may do so: ResellerAdmin.

An account has the project's number in its address. What it holds is counted by Swift itself, a while later: until
then a quota does not bite.
"""

import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from incubator.cloud.drivers.base import AuthFailed, Conflict, NotFound, Pending, Rejected, Unavailable
from incubator.cloud.drivers.openstack.calling import Cloud, looking

KIND = "object-store"
QUOTA = "X-Account-Meta-Quota-Bytes"
USED = "X-Account-Bytes-Used"
PAGE = 1000
WIPING = 45.0
"""Seconds of deleting in one go; then somebody else has their turn."""
LONGEST = 580
"""Seconds that a copy may take: a job has ten minutes."""
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|%]')
READ_ME = """\
What {name} held when this archive was made: a folder for each container, a file for each object.
Characters that a file's name may not have stand as %XX.
"""


class Store:
    """All accounts of one object store."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @classmethod
    def of(cls, cloud: Cloud) -> "Store | None":
        """None where the catalogue has none."""
        return cls(cloud) if cloud.endpoint(KIND) else None

    def used(self, project: str) -> int:
        """Bytes, as far as they are counted."""
        try:
            answer = self._cloud.ask("HEAD", self._account(project))
        except NotFound:
            return 0
        with looking():
            return int(answer.headers[USED])

    def limit(self, project: str, size: int) -> None:
        """What it may hold, in bytes."""
        self._cloud.ask("POST", self._account(project), headers={QUOTA: str(size)})

    def may_limit(self) -> None:
        """Raises AuthFailed when other projects' accounts are closed to us."""
        try:
            self._cloud.ask("HEAD", self._account("0" * 32))
        except NotFound:
            return

    def wipe(self, project: str) -> list[str]:
        """Delete every object and container; answers those that cannot be. Raises Pending when there are many."""
        account, until = self._account(project), time.monotonic() + WIPING
        left: list[str] = []
        for container in self._names(account):
            stuck = [f"{container}/{name}" for name in self._objects(f"{account}/{_in(container)}", until)]
            if not stuck and not self._gone(f"{account}/{_in(container)}"):
                stuck = [container]
            left += stuck
        return sorted(left)

    def export(self, project: str, name: str, target: IO[bytes]) -> None:
        """Every object. Raises Rejected when that takes too long."""
        account, until = self._account(project), time.monotonic() + LONGEST
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.txt", READ_ME.format(name=name))
            for container in self._names(account):
                for one in self._names(f"{account}/{_in(container)}"):
                    if time.monotonic() > until:
                        raise Rejected(f"{name}: more than can be copied in {LONGEST} seconds")
                    self._copy(f"{account}/{_in(container)}/{_in(one)}", f"{_file(container)}/{_file(one)}", archive)

    def _copy(self, address: str, name: str, archive: zipfile.ZipFile) -> None:
        from urllib3.exceptions import HTTPError

        try:
            answer = self._cloud.ask("GET", address, stream=True)
        except NotFound:
            return
        try:
            with answer, archive.open(name, "w", force_zip64=True) as out:
                shutil.copyfileobj(answer.raw, out)
        except HTTPError as error:
            raise Unavailable("GET: it broke off") from error

    def _objects(self, container: str, until: float) -> list[str]:
        """Delete them; the names of those that are kept."""
        kept = []
        for name in self._names(container):
            if not self._gone(f"{container}/{_in(name)}"):
                kept.append(name)
            if time.monotonic() > until:
                raise Pending("objects are being deleted", 1)
        return kept

    def _gone(self, address: str) -> bool:
        try:
            self._cloud.ask("DELETE", address)
        except NotFound:
            return True
        except (Conflict, AuthFailed, Rejected):
            return False
        return True

    def _names(self, address: str) -> Iterator[str]:
        """What an account or a container lists, page after page."""
        marker = ""
        while True:
            page = self._page(f"{address}?format=json&limit={PAGE}&marker={quote(marker, safe='')}")
            yield from page
            if len(page) < PAGE:
                return
            marker = page[-1]

    def _page(self, address: str) -> list[str]:
        try:
            answer = self._cloud.ask("GET", address)
        except NotFound:
            return []
        with looking():
            return [str(one["name"]) for one in (answer.json() if answer.status_code == 200 else [])]

    def _account(self, project: str) -> str:
        own, found = self._cloud.project(), self._cloud.endpoint(KIND) or ""
        if own not in found:
            raise Rejected("the object store's address in the catalogue does not name the project")
        return found.replace(own, project)


def _in(name: str) -> str:
    return quote(name, safe="")


def _file(name: str) -> str:
    """A name that stays inside the folder it is unpacked to, on any machine."""
    parts = (FORBIDDEN.sub(lambda found: f"%{ord(found[0]):02X}", part) for part in name.split("/"))
    return "/".join(part if part.strip(".") else part.replace(".", "%2E") or "%2F" for part in parts)
