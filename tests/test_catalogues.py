"""Every message has its Chinese, with the same placeholders, and a page really shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

CATALOGUE = Path("incubator/translations/zh_Hans_CN/LC_MESSAGES/messages.po")
KEYWORDS = ("_l", "lazy_gettext", "_n:1,2", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")


@pytest.fixture(scope="session")
def chinese() -> Catalog:
    """The catalogue as it stands in the repository."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN")


@pytest.fixture(scope="session")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the code and the templates say."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    keywords = [part for keyword in KEYWORDS for part in ("-k", keyword)]
    command = ["-q", "extract", "-F", "pyproject.toml", *keywords, "-o", str(target), "incubator", "templates"]
    subprocess.run([sys.executable, "-m", "babel.messages.frontend", *command], check=True)
    with target.open("rb") as file:
        return read_po(file)


def ids(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {message.id for message in catalogue if message.id}


def forms(message: Message) -> tuple[list[str], list[str]]:
    """The English and Chinese forms of a message."""
    english = list(message.id) if isinstance(message.id, tuple) else [message.id]
    translated = list(message.string) if isinstance(message.string, tuple) else [message.string]
    return english, translated


def test_the_catalogue_holds_what_is_said_and_nothing_else(messages, chinese):
    assert ids(messages) - ids(chinese) == set()
    assert ids(chinese) - ids(messages) == set()
    assert len(ids(messages)) > 500


def test_every_message_is_translated_and_none_is_fuzzy(chinese):
    assert not chinese.fuzzy  # Babel would not compile it, and nobody would read Chinese
    assert [message.id for message in chinese if message.id and (message.fuzzy or not all(forms(message)[1]))] == []


def test_placeholders_are_kept(chinese):
    wrong = []
    for message in chinese:
        english, translated = forms(message)
        named = [set(re.findall(r"%\((\w+)\)s", text)) for text in (english[-1], translated[-1])]
        if message.id and (named[1] - named[0] or named[0] - named[1] - {"num"}):
            wrong.append(message.id)
    assert wrong == []


def test_a_page_shows_it(client):
    client.set_cookie("language", "zh")
    page = client.get("/sign-in").text

    assert '<html lang="zh-Hans"' in page
    assert "登录" in page
    assert "Sign in" not in page
