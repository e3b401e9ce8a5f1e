"""One double of three vendors' directories of accounts. It answers in the shapes of the vendors' SDKs, refuses what
their classes do not allow, and checks every signature; what lies in it is the same for all three.
"""

import contextlib
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.cloud.contract import serving, vendor_signing
from tests.cloud.contract.faults import Fault
from tests.cloud.contract.vendor_models import Unfit

NUMBER, SECRET = "operators-key", "operators-secret"
ROOT, POLICY, DROPPED = "1000", "77", 0
WORDS = {Fault.FAILS: "fails", Fault.THROTTLED: "throttled"}


class Refusal(Exception):
    """An error that a vendor answers; word: in the words of this double, for which each has a code."""

    def __init__(self, word: str, detail: str = "") -> None:
        super().__init__(detail or word)
        self.word = word


@dataclass
class Account:
    """One member. going: how many looks until it is gone, None while nobody deleted it."""

    id: str
    name: str
    key: str
    folder: str
    going: int | None = None
    check: int | None = None
    money: Decimal = Decimal(0)


@dataclass
class Group:
    """What a vendor keeps of us. fault: (action, what), used up by it; looks: how often an account is still made."""

    fault: tuple[str, Fault] | None = None
    looks: int = 0
    stuck: list[str] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    folders: dict[str, tuple[str, str]] = field(default_factory=dict)
    guards: dict[str, set[str]] = field(default_factory=dict)
    secrets: dict[str, tuple[str, str]] = field(default_factory=lambda: {NUMBER: (SECRET, "")})
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    going: dict[str, dict[str, Any]] = field(default_factory=dict)
    transfers: dict[str, Decimal] = field(default_factory=dict)
    purse: Decimal = Decimal(1000)
    calls: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(2001))
    full: bool = False

    def next(self) -> str:
        """A new number."""
        return str(next(self.numbers))

    def keys(self) -> list[str]:
        """Whose accounts are there."""
        return [one.key for one in self.accounts.values() if one.key]

    def account(self, number: object) -> Account:
        """Raises Refusal."""
        if str(number) not in self.accounts:
            raise Refusal("absent", f"account {number}")
        return self.accounts[str(number)]

    def make(self, name: str, key: str, folder: str) -> Account:
        """A new member. Raises Refusal."""
        if any(one.name == name for one in self.accounts.values()):
            raise Refusal("taken")
        if self.full:
            raise Refusal("full")
        if folder != ROOT and folder not in self.folders:
            raise Refusal("absent", "folder")
        if len(name) > 25:
            raise Refusal("unfit", "a name of more than 25 characters")
        made = Account(self.next(), name, key, folder)
        self.accounts[made.id] = made
        return made

    def folder(self, name: str, parent: str) -> str:
        """A new folder."""
        if (name, parent) in self.folders.values():
            raise Refusal("taken")
        number = self.next()
        self.folders[number] = (name, parent)
        return number

    def move(self, number: object, folder: str, source: str | None = None) -> None:
        """Raises Refusal from where it is not, and where it is."""
        found = self.account(number)
        if found.folder == folder or (source is not None and source != found.folder):
            raise Refusal("unfit", "it is not there")
        found.folder = folder

    def attach(self, folder: str, policy: str) -> None:
        """Raises Refusal a second time, and for a policy that nobody wrote."""
        if policy != POLICY:
            raise Refusal("absent", "policy")
        if policy in self.guards.setdefault(folder, set()):
            raise Refusal("taken")
        self.guards[folder].add(policy)

    def remove(self, number: object) -> None:
        """It goes in a while. Raises Refusal while something stands against it."""
        found = self.account(number)
        if self.stuck or found.going is not None:
            raise Refusal("unfit", "it cannot be deleted")
        found.going = 1

    def look(self) -> list[Account]:
        """All there are; what goes is gone after a look."""
        found = list(self.accounts.values())
        for one in found:
            if one.going is not None:
                one.going -= 1
                if one.going < 0:
                    del self.accounts[one.id]
        return list(self.accounts.values())

    def lend(self, number: str) -> tuple[str, str]:
        """Keys for a while in an account."""
        self.account(number)
        return self.key_of(number)

    def key_of(self, account: str) -> tuple[str, str]:
        """A new access key there."""
        made = f"key{self.next()}", f"secret{self.next()}"
        self.secrets[made[0]] = (made[1], account)
        return made

    def user(self, account: str, *, is_new: bool = False) -> dict[str, Any]:
        """The team's user in an account. Raises Refusal."""
        if is_new:
            if account in self.users:
                raise Refusal("taken")
            self.users[account] = {"id": self.next(), "grants": set(), "keys": {}}
        if account not in self.users:
            raise Refusal("absent", "user")
        return self.users[account]

    def new_key(self, account: str) -> tuple[str, str]:
        """Of the user; at most two. Raises Refusal."""
        user = self.user(account)
        if len(user["keys"]) >= 2:
            raise Refusal("full")
        made = self.key_of(account)
        user["keys"][made[0]] = "Active"
        return made


Checks = Callable[[str, str, dict[str, str], bytes, str], bool]


class Vendor:
    """How one of them speaks. sign: how a signature is checked; make_, remove_: its actions that make and delete."""

    sign: Checks
    making: str
    removing: str
    codes: dict[str, tuple[str, int]]

    def __init__(self) -> None:
        self.group = Group()
        self.address = ""
        self.caller = ""

    def action(self, method: str, target: str, headers: dict[str, str]) -> str:
        """What is asked for."""
        raise NotImplementedError

    def answer(self, action: str, method: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        """The effect, and what is said. Raises Refusal, Unfit."""
        raise NotImplementedError

    def refusal(self, code: str, status: int, words: str) -> tuple[int, Any]:
        """An error in this vendor's shape."""
        raise NotImplementedError

    def do(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, Any]:
        """One call."""
        action = self.action(method, target, headers)
        self.group.calls.append(action)
        fault = self._fault(action)
        if fault is Fault.DOWN:
            return DROPPED, None
        secret, self.caller = self.group.secrets.get(vendor_signing.number(headers), ("", ""))
        is_signed = type(self).sign(method, target, headers, body, "another" if fault is Fault.REFUSED else secret)
        if not is_signed or fault in WORDS:
            return self.refusal(*self.codes["signature" if fault is None or not is_signed else WORDS[fault]], "no")
        try:
            said = self.answer(action, method, target, headers, body)
        except Refusal as error:
            return self.refusal(*self.codes[error.word], str(error))
        except Unfit as error:
            return self.refusal(*self.codes["unfit"], str(error))
        if fault is Fault.LOST:
            return DROPPED, None
        return (200, b"<nonsense") if fault is Fault.GARBLED else (200, said)

    def _fault(self, action: str) -> Fault | None:
        if self.group.fault is None or self.group.fault[0] not in {action, "*"}:
            return None
        _action, fault = self.group.fault
        self.group.fault = None
        return fault


def snake(action: str) -> str:
    """An action's name as this double's."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", action).lower()


@contextlib.contextmanager
def running(vendor: Vendor) -> Iterator[Vendor]:
    """Listening, until the block ends."""
    with serving.running(vendor.do) as served:
        vendor.address = served.address
        yield vendor
