"""`incubator driver check`."""

import pytest
from click.testing import CliRunner
from flask import Flask

from incubator.cloud.commands import driver
from incubator.core.transaction import transaction
from tests.cloud.conftest import World


def said(app: Flask, *words: str) -> tuple[int, str]:
    found = CliRunner().invoke(driver, ["check", *words])
    return found.exit_code, found.output


def test_a_provider_that_has_all_that_is_needed(world: World, app: Flask) -> None:
    code, words = said(app, "local")
    assert (code, words.splitlines()[-1]) == (0, "Ready for orders.")
    assert "ok  We may create databases and roles." in words
    assert said(app, "partner")[0] == 0


def test_what_is_missing_is_said_in_words_and_nothing_is_made(world: World, app: Flask) -> None:
    world.loopback.faults = [("GET", "/health", 401)]
    code, words = said(app, "partner")
    assert code == 1
    assert "NOT Not so: It answers and accepts our token. (AuthFailed: HTTP 401)" in words
    assert "1 of 1 must be seen to" in words
    assert world.loopback.created == []


@pytest.mark.parametrize(
    ("name", "words"), [("nobody", "there are: local, partner"), ("partner", "address is not set")]
)
def test_what_cannot_be_checked(world: World, app: Flask, name: str, words: str) -> None:
    with transaction():
        world.partner.address = None
    code, output = said(app, name)
    assert (code, words in output) == (1, True)
