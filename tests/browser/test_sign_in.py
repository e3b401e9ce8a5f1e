"""The first page that anybody meets."""

import itertools
from pathlib import Path

import pytest

from tests.browser.conftest import save
from tests.browser.story import PARTS, Login, people_of


@pytest.fixture
def person(demonstration: tuple[str, Path]) -> Login:
    return people_of(demonstration[1])[PARTS["employee"]]


def test_signing_in_and_out_in_both_languages_themes_and_widths(visitors, person):
    for language, width, dark in itertools.product(("en", "zh"), (390, 1440), (False, True)):
        reader = visitors(language, width, dark=dark)
        reader.open("/sign-in")
        save(reader.page, f"sign-in-{language}-{width}-{'dark' if dark else 'light'}")
        reader.sign_in(person.hr_number, person.password)
        save(reader.page, f"home-{language}-{width}-{'dark' if dark else 'light'}")
        reader.open("/menu")
        reader.open("/me")
        reader.page.click("main form[action='/sign-out'] button")
        reader.page.wait_for_url("**/sign-in")
        reader.check()


def test_a_wrong_password_is_said_at_the_field(visitors, person):
    reader = visitors()
    page = reader.open("/sign-in")
    page.fill("input[name=login]", person.hr_number)
    page.click("main button[type=submit]")

    page.wait_for_selector(".esum")
    reader.check()
    assert page.title().startswith("Error:")
    assert page.input_value("input[name=login]") == person.hr_number


def test_without_javascript(visitors, person):
    reader = visitors(javascript=False)
    reader.page.goto(reader.address + "/sign-in")
    reader.page.fill("input[name=login]", person.hr_number)
    reader.page.fill("input[name=password]", person.password)
    reader.page.click("main button[type=submit]")

    assert person.name in reader.page.text_content("h1")


def test_nothing_scrolls_sideways(visitors, person):
    reader = visitors("zh", 320)
    reader.sign_in(person.hr_number, person.password)
    for width in (320, 768, 1024, 1280, 1920):
        reader.page.set_viewport_size({"width": width, "height": 900})
        reader.open("/")
        reader.open("/menu")
