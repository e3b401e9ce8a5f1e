import sys

import pytest

from incubator.web import beforehand


@pytest.fixture
def two_libraries(tmp_path, monkeypatch):
    (tmp_path / "taken_along.py").write_text("")
    (tmp_path / "wanted.py").write_text(
        "try:\n    import taken_along\nexcept ImportError:\n    taken_along = None\nfound = taken_along is not None\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("wanted", "taken_along"):
        sys.modules.pop(name, None)


def test_a_library_comes_without_what_it_would_take_along(two_libraries):
    beforehand._import("wanted", without="taken_along")

    assert not sys.modules["wanted"].found
    assert "taken_along" not in sys.modules
    __import__("taken_along")  # who needs it gets it


def test_what_is_there_already_is_left_alone(two_libraries):
    there = __import__("taken_along")

    beforehand._import("wanted", without="taken_along")

    assert sys.modules["wanted"].found
    assert sys.modules["taken_along"] is there


def test_what_fails_bars_nothing(two_libraries):
    with pytest.raises(ImportError):
        beforehand._import("not_there_at_all", without="taken_along")

    assert "taken_along" not in sys.modules


def test_what_tables_need_is_loaded():
    beforehand.load()

    assert "openpyxl" in sys.modules
