"""The lock files hold what pyproject.toml pins, with hashes, and no address of any server."""

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-openstack.lock", "package-lock.json", ".npmrc"]


def pins(text: str) -> set[str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[a-z0-9,-]+\])?==([^\s;\\]+)", text, re.MULTILINE)
    return {f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}" for name, version in found}


def wanted(checkout: Path, *extras: str) -> set[str]:
    """The pins of the product with these extras, by default with all."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    extras = extras or tuple(project["optional-dependencies"])
    lines = {*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])}
    found = pins("\n".join(lines))
    assert len(found) == len(lines), "every dependency is pinned"
    return found


@pytest.mark.parametrize(("lock", "extras"), [("requirements.lock", ("build",)), ("requirements-dev.lock", ())])
def test_a_lock_file_holds_every_pin(checkout: Path, lock: str, extras: tuple[str, ...]) -> None:
    assert wanted(checkout, *extras) - pins((checkout / lock).read_text()) == set()


def test_what_runs_is_what_is_tested(checkout: Path) -> None:
    run, dev = (pins((checkout / name).read_text()) for name in ("requirements.lock", "requirements-dev.lock"))
    assert run - dev == set()


@pytest.mark.parametrize("name", LOCKS)
def test_no_download_address_is_kept(checkout: Path, name: str) -> None:
    text = (checkout / name).read_text()
    assert re.findall(r'"resolved"|--(?:extra-)?index-url|--find-links|@ (?:https?|file):|registry\s*=', text) == []
