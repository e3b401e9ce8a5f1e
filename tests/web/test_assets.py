"""Built files are found by name, sent compressed, and kept for a year."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from incubator.web import assets

FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Flask]:
    """An app whose build wrote one style sheet."""
    (tmp_path / "manifest.json").write_text(json.dumps({"app.css": "app-AB12.css"}))
    (tmp_path / "app-AB12.css").write_text("plain")
    (tmp_path / "app-AB12.css.gz").write_bytes(b"zipped")
    (tmp_path / "app-AB12.css.br").write_bytes(b"brotli")
    (tmp_path / "font.woff2").write_bytes(b"font")
    app = Flask("assets", static_folder=str(tmp_path), static_url_path="/static")
    assets.init_app(app)
    with app.app_context():
        yield app


@pytest.fixture
def browser_of(built: Flask) -> FlaskClient:
    """Asks the app."""
    return built.test_client()


@pytest.mark.parametrize(
    ("accepts", "body", "encoding"),
    [
        ("gzip, deflate, br", b"brotli", "br"),
        ("gzip", b"zipped", "gzip"),
        ("br;q=0, gzip", b"zipped", "gzip"),
        ("identity", b"plain", None),
        ("", b"plain", None),
    ],
)
def test_the_best_encoding_is_sent(browser_of: FlaskClient, accepts: str, body: bytes, encoding: str | None) -> None:
    answer = browser_of.get("/static/app-AB12.css", headers={"Accept-Encoding": accepts})
    assert (answer.status_code, answer.data, answer.headers.get("Content-Encoding")) == (200, body, encoding)
    assert (answer.mimetype, answer.headers["Cache-Control"], answer.headers["Vary"]) == (
        "text/css",
        FOREVER,
        "Accept-Encoding",
    )


def test_a_font_is_sent_as_it_is(browser_of: FlaskClient) -> None:
    answer = browser_of.get("/static/font.woff2", headers={"Accept-Encoding": "br"})
    assert (answer.data, answer.mimetype) == (b"font", "font/woff2")


@pytest.mark.parametrize(
    "path", ["app-AB12.css.br", "app-AB12.css.gz", "nothing.css", "no-kind", "../conftest.py", "%2e%2e/conftest.py"]
)
def test_nothing_else_is_sent(browser_of: FlaskClient, path: str) -> None:
    assert browser_of.get(f"/static/{path}").status_code == 404


def test_a_name_leads_to_its_file(built: Flask) -> None:
    assert assets.asset("app.css") == "/static/app-AB12.css"
    with pytest.raises(KeyError):
        assets.asset("nothing.css")


def test_while_developing_a_new_build_is_seen_at_once(built: Flask, tmp_path: Path) -> None:
    built.debug = True
    assert assets.asset("app.css") == "/static/app-AB12.css"
    (tmp_path / "manifest.json").write_text(json.dumps({"app.css": "app-CD34.css"}))
    assert assets.asset("app.css") == "/static/app-CD34.css"


def test_before_the_build_the_error_says_what_to_run(tmp_path: Path) -> None:
    app = Flask("unbuilt", static_folder=str(tmp_path / "none"), static_url_path="/static")
    assets.init_app(app)
    with app.app_context(), pytest.raises(assets.NotBuilt, match="npm run build"):
        assets.asset("app.css")
