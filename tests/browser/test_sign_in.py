"""The first page that anybody meets."""

import itertools

import pytest

from incubator.core.db import db
from incubator.core.transaction import transaction
from incubator.people import services
from tests.browser.conftest import save
from tests.browser.story import Login


@pytest.fixture
def person(make):
    person = make.person(name="Zhao Min")
    with transaction():
        services.set_password(person, "correct horse battery")
    login = Login(person.name, "", person.hr_number, "correct horse battery")
    # no transaction of ours stays open while the browser is at work
    db.session.rollback()
    return login


def test_signing_in_and_out_in_both_languages_themes_and_widths(readers, person):
    for language, width, dark in itertools.product(("en", "zh"), (390, 1440), (False, True)):
        reader = readers(language, width, dark=dark)
        reader.open("/sign-in")
        save(reader.page, f"sign-in-{language}-{width}-{'dark' if dark else 'light'}")
        reader.sign_in(person.hr_number, "correct horse battery")
        save(reader.page, f"home-{language}-{width}-{'dark' if dark else 'light'}")
        reader.open("/menu")
        reader.open("/me")
        reader.page.click("main form[action='/sign-out'] button")
        reader.page.wait_for_url("**/sign-in")
        reader.check()


def test_a_wrong_password_is_said_at_the_field(readers, person):
    reader = readers()
    page = reader.open("/sign-in")
    page.fill("input[name=login]", person.hr_number)
    page.click("main button[type=submit]")

    page.wait_for_selector(".esum")
    reader.check()
    assert page.title().startswith("Error:")
    assert page.input_value("input[name=login]") == person.hr_number


def test_without_javascript(readers, person):
    reader = readers(javascript=False)
    reader.page.goto(reader.address + "/sign-in")
    reader.page.fill("input[name=login]", person.hr_number)
    reader.page.fill("input[name=password]", "correct horse battery")
    reader.page.click("main button[type=submit]")

    assert "Zhao Min" in reader.page.text_content("h1")


def test_nothing_scrolls_sideways(readers, person):
    reader = readers("zh", 320)
    reader.sign_in(person.hr_number, "correct horse battery")
    for width in (320, 768, 1024, 1280, 1920):
        reader.page.set_viewport_size({"width": width, "height": 900})
        reader.open("/")
        reader.open("/menu")
