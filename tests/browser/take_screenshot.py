"""The picture of the README: `make screenshot` starts the demonstration and photographs a ranking."""

from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser

from tests.browser.conftest import readers_of
from tests.browser.story import PARTS, Player, people_of, speaker

MOST = 200_000
"""Bytes that the picture may have."""


def test_the_picture_is_taken(
    demonstration: tuple[str, Path], chromium: Browser, shared_app: Flask, checkout: Path
) -> None:
    address, people = demonstration
    picture = checkout / "static/screenshot.png"
    with shared_app.app_context(), readers_of(chromium, address) as readers:
        chair = Player(readers(), speaker("en"), people_of(people)[PARTS["chair"]])
        chair.menu("Ranking")
        chair.follow("First venture call")
        chair.page.mouse.move(0, 0)
        chair.page.screenshot(path=picture, full_page=True)
    assert picture.stat().st_size < MOST
