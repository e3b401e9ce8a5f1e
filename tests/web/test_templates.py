"""Templates are compiled once a machine, not once a process."""

from pathlib import Path

import pytest
from jinja2 import FileSystemLoader

from incubator.app import Incubator
from incubator.web.templates import Compiled, Templates


def environment(folder: Path) -> Templates:
    app = Incubator("elsewhere", template_folder=str(folder))
    return Templates(app, loader=FileSystemLoader(folder), bytecode_cache=Compiled(folder))


def test_the_next_process_compiles_nothing_that_stands_and_what_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.html"
    page.write_text("{{ 1 + 1 }} seen")
    assert environment(tmp_path).get_template("page.html").render() == "2 seen"
    compiled: list[str] = []
    original = Templates.compile
    monkeypatch.setattr(Templates, "compile", lambda self, *given: compiled.append(given[1]) or original(self, *given))

    assert environment(tmp_path).get_template("page.html").render() == "2 seen"
    assert compiled == []
    page.write_text("{{ 1 + 2 }} seen")
    assert environment(tmp_path).get_template("page.html").render() == "3 seen"
    assert compiled == ["page.html"]


def test_a_folder_that_cannot_be_written_fails_no_page(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("seen")
    (tmp_path / "__pycache__").write_text("a file where the folder should be")
    assert environment(tmp_path).get_template("page.html").render() == "seen"
