"""Any view is a link: addresses keep the filter and drop the place in the list."""

import pytest
from flask import Flask

from incubator.web.addresses import here, return_to, sorted_by


@pytest.fixture
def app_of_lists() -> Flask:
    """One list and one thing."""
    app = Flask("lists")
    app.add_url_rule("/things", "things", lambda: "", methods=["GET", "POST"])
    app.add_url_rule("/things/<key>", "thing", lambda key: key)
    return app


@pytest.mark.parametrize(
    ("path", "changes", "expected"),
    [
        ("/things?state=open&before=9&after=3", {}, "/things?state=open"),
        ("/things?state=open", {"state": "done"}, "/things?state=done"),
        ("/things?state=open&state=done&q=a", {"q": None}, "/things?state=open&state=done"),
        ("/things/abc?x=1", {"y": 2}, "/things/abc?x=1&y=2"),
        ("/nowhere", {"y": 2}, "/nowhere?y=2"),
        ("/th%C3%AFngs%22", {"y": "&"}, "/th%C3%AFngs%22?y=%26"),
    ],
)
def test_an_address_changes_what_it_is_told_to(
    app_of_lists: Flask, path: str, changes: dict[str, object], expected: str
) -> None:
    with app_of_lists.test_request_context(path):
        assert here(**changes) == expected


@pytest.mark.parametrize(
    ("current", "expected"), [(None, "mean"), ("rank", "mean"), ("mean", "-mean"), ("-mean", "mean")]
)
def test_a_second_press_turns_the_order_round(app_of_lists: Flask, current: str | None, expected: str) -> None:
    with app_of_lists.test_request_context("/things?sort=x&before=4"):
        assert sorted_by("mean", current) == f"/things?sort={expected}"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [("GET", "/things", "/things"), ("GET", "/things?a=1", "/things?a=1"), ("POST", "/things", "/")],
)
def test_a_preference_leads_back_to_a_page_that_can_be_read(
    app_of_lists: Flask, method: str, path: str, expected: str
) -> None:
    with app_of_lists.test_request_context(path, method=method):
        assert return_to() == expected
