"""A small application with the real templates and no database: what the components need and nothing else."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, jsonify, render_template_string, request
from flask_babel import Babel, force_locale
from flask_wtf import FlaskForm
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from incubator.web import assets, formats

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "incubator/translations/zh_Hans_CN/LC_MESSAGES/messages.po"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
IMPORTS = "{% import 'components/ui.html' as ui %}{% import 'components/chart.html' as chart with context %}"


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Chinese catalogue, compiled."""
    folder = tmp_path_factory.mktemp("translations")
    target = folder / "zh_Hans_CN/LC_MESSAGES/messages.mo"
    target.parent.mkdir(parents=True)
    with CATALOGUE.open("rb") as source, target.open("wb") as compiled:
        write_mo(compiled, read_po(source, locale="zh_Hans_CN"))
    return folder


@pytest.fixture(scope="session")
def parts_app(catalogue: Path) -> Flask:
    """Renders components and the layout; the language and the reader come from the address or from g."""
    app = Flask("parts", root_path=str(ROOT), static_folder="static/dist", static_url_path="/static")
    app.config.update(
        SECRET_KEY="only for these tests",
        WTF_CSRF_ENABLED=False,
        BABEL_DEFAULT_LOCALE="en_GB",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    Babel(
        app,
        locale_selector=lambda: LOCALES[request.args.get("lang", "en")],
        default_translation_directories=str(catalogue),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    assets.init_app(app)
    formats.init_app(app)
    app.context_processor(_context)
    app.after_request(_guard)
    return app


def _context() -> dict[str, Any]:
    place = {"key": "home", "label": "Home", "href": "/", "icon": "home", "count": 3, "current": True}
    tabs = [place, *({**place, "href": f"/{n}", "current": False, "count": 0} for n in range(1, 5))]
    return {
        "me": None if "nobody" in g else SimpleNamespace(name="Zhao Min", initials="ZM"),
        "locale": request.args.get("lang", "en") if request else "en",
        "theme": g.get("theme", "light"),
        "demo": "demo" in g,
        "group_name": "Huaxin Group",
        "nav": [{"title": "My work", "items": [place]}],
        "tabs": tabs,
        "nav_key": ("home",),
        "notices": 2,
    }


def _guard(response: Any) -> Any:
    response.headers["Content-Security-Policy"] = CSP
    return response


@pytest.fixture
def render(parts_app: Flask) -> Callable[..., str]:
    """Render a piece of a template in a language: `render("{{ ui.icon('home') }}", lang='zh', form=form)`."""

    def run(source: str, lang: str = "en", path: str = "/things?state=open", **values: Any) -> str:
        with parts_app.test_request_context(path), force_locale(LOCALES[lang]):
            return render_template_string(IMPORTS + source, **values)

    return run


@pytest.fixture
def page(parts_app: Flask) -> Callable[..., str]:
    """Render a page that extends the layout: `page("{% block main %}…{% endblock %}", demo=True)`."""

    def run(blocks: str = "", lang: str = "en", **values: Any) -> str:
        with parts_app.test_request_context(f"/things?lang={lang}"):
            for name in ("nobody", "demo"):
                if values.pop(name, False):
                    setattr(g, name, True)
            g.theme = values.pop("theme", "light")
            return render_template_string("{% extends 'layout.html' %}" + blocks, **values)

    return run


class Sample(FlaskForm):  # type: ignore[misc]
    """A field of every kind."""

    token = HiddenField()
    kind = SelectField("Kind", choices=[SelectChoice("rs", "Restricted shares"), SelectChoice("op", "Options")])
    on = DateField("Date", [Optional()])
    shares = StringField("Shares", [InputRequired("Enter a number of shares")], description="Whole shares.")
    reason = RadioField("Reason", choices=[SelectChoice("f", "Founding team"), SelectChoice("k", "Key hire")])
    growth = RadioField("Growth", choices=[SelectChoice(n, str(n)) for n in range(1, 6)], coerce=int)
    remark = TextAreaField("Remark", [Optional()])
    agree = BooleanField("I have read the rule")
    paper = FileField("Contract", [Optional()])
    holder = StringField("Holder")
    story = TextAreaField("Story")
    tale = TextAreaField("Tale")


@pytest.fixture
def form(parts_app: Flask) -> Iterator[Sample]:
    """A fresh form."""
    with parts_app.test_request_context("/things"):
        yield Sample(data={"kind": "op", "on": dt.date(2026, 11, 30), "growth": 4, "reason": "f"})


@pytest.fixture
def refused_form(parts_app: Flask) -> Iterator[Sample]:
    """A form sent with nothing in it, refused in two fields."""
    with parts_app.test_request_context("/things", method="POST", data={"kind": "rs", "growth": "9", "reason": "f"}):
        sent = Sample()
        sent.validate()
        sent.agree.errors = ["Read the rule first"]
        yield sent


class Site:
    """The components in a real server; `answer` decides what becomes of an autosave."""

    def __init__(self, app: Flask) -> None:
        self.saved: list[dict[str, str]] = []
        self.answer = 200
        self.why, self.token = "", "token"
        app.add_url_rule("/", "home", lambda: "home")
        app.add_url_rule("/sample", "sample", self._sample)
        app.add_url_rule("/save", "save", self._save, methods=["POST"])
        app.add_url_rule("/tell", "tell", self._tell, methods=["POST"])
        app.add_url_rule("/people", "people", self._people)
        app.add_url_rule("/preview", "preview", lambda: "<p><strong>seen</strong></p>", methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _sample(self) -> str:
        source = (Path(__file__).parent / "sample.html").read_text()
        form = Sample(data={"growth": 3, "remark": "one\ntwo"})
        return render_template_string(source, form=form)

    def _tell(self) -> Any:
        """Where a sent form leads: a page of the layout, refused or not, in the same session or in none."""
        return self._sample().replace('value="token"', f'value="{self.token}"'), self.answer

    def _save(self) -> Any:
        if self.answer == 409:
            return "<p>Somebody saved another text.</p>", 409
        if self.answer != 200:
            return {"why": self.why} if self.why else "no", self.answer
        self.saved.append(request.form.to_dict())
        return jsonify(version=len(self.saved) + 1, saved="14:32")

    def _people(self) -> str:
        return f'<li role="option" data-value="abc" data-label="Zhao Min">Zhao Min ({request.args["q"]})</li>'


@pytest.fixture(scope="session")
def site(parts_app: Flask) -> Iterator[Site]:
    """One server for the browser tests."""
    running = Site(parts_app)
    yield running
    running.close()
