"""Builds the Flask application."""

import importlib
import importlib.util
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, has_request_context, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, force_locale, get_translations
from flask_babel import gettext as _
from flask_login import LoginManager, current_user
from psycopg.errors import UniqueViolation
from pydantic_core import from_json
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from incubator import config
from incubator.core import actions, audit, clock, log, queue, states
from incubator.core.db import READING, Model, db, dispose
from incubator.core.errors import DomainError, NotFound, Stale
from incubator.core.pool import Cursor
from incubator.core.transaction import install_guard, reading, transaction
from incubator.home import navigation
from incubator.people import queries as people
from incubator.people import reader, session
from incubator.people.models import Person
from incubator.people.services import directory
from incubator.permissions import PERMISSIONS
from incubator.web import assets, beforehand, browser, formats, refusals, slots, words
from incubator.web.language import language
from incubator.web.limits import limiter
from incubator.web.parameters import CleanRequest, refuse_odd_address
from incubator.web.routes import PUBLIC, SAFE_METHODS, SIGNED_IN, collect_rights, right_of_request
from incubator.web.templates import Compiled, Templates

ROOT = Path(__file__).parent.parent
PACKAGES = (
    "people", "notifications", "ledger", "files", "approvals", "rules", "calls", "proposals", "ventures", "patents",
    "cloud", "equity", "reviews", "transparency", "portfolio", "home",
)  # fmt: skip
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

LOCALES = "en_GB", "zh_Hans_CN"

login = LoginManager()
babel = Babel()


class Incubator(Flask):
    """A Flask whose unsafe requests are one transaction each and whose other requests can only read."""

    request_class = CleanRequest
    jinja_environment = Templates

    def ensure_sync(self, func: Any) -> Any:
        """Every function of ours is a plain one: nothing to look at, on each page a dozen times."""
        return func

    def full_dispatch_request(self) -> Response:
        """Run the request in its transaction; a refusal (status >= 400) rolls back."""
        with reader.nobody_yet():
            return self._write() if request.method not in SAFE_METHODS else self._read()

    def _write(self) -> Response:
        with transaction() as running:
            response = super().full_dispatch_request()
            if response.status_code >= 400:
                running.doom()
        refusals.write_kept()
        return response

    def _read(self) -> Response:
        with reading():
            response = super().full_dispatch_request()
            seen_due, viewed = session.is_seen_due(), _viewed(response)
        if seen_due or viewed:
            with transaction():
                _note(seen_due, viewed)
        refusals.write_kept()
        return response


def _viewed(response: Response) -> tuple[str, Person, Model] | None:
    """Who has just read what, where the route says that such a view is itself an event."""
    right = right_of_request()
    if right is None or right.records is None or response.status_code != 200 or "loaded" not in g:
        return None
    for row in (person := session.me(), g.loaded):
        db.session.expunge(row)  # let go of as they are: their ids are all that the event needs
    return right.records, person, g.loaded


def _note(seen_due: bool, viewed: tuple[str, Person, Model] | None) -> None:
    """What the edge writes after a page, in a small transaction of its own."""
    if seen_due:
        session.note_seen()
    if viewed:
        name, person, row = viewed
        with audit.because(person, name):
            audit.record(name, row)


def create_app(settings: config.Settings | None = None, **overrides: Any) -> Flask:
    """Build the application from settings (by default from the environment)."""
    settings = settings or config.load()
    app = Incubator(
        __name__,
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="static/dist",
        static_url_path="/static",
    )
    app.config.update(_flask_settings(settings) | overrides)
    app.extensions["settings"] = settings
    log.configure(settings.log_level)
    for extension in (login, limiter, assets, browser, queue):
        extension.init_app(app)
    db.init_app(app)
    babel.init_app(
        app, locale_selector=choose_locale, default_translation_directories=str(ROOT / "incubator/translations")
    )
    login.request_loader(session.load_person)
    install_guard()
    actions.install_permissions(PERMISSIONS)
    states.use_words(words.word)
    _register_packages(app)
    _install_hooks(app)
    formats.init_app(app)
    collect_rights(app)
    if settings.demo:
        _refuse_real_data(app)
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    return app


def warm_up(app: Flask) -> None:
    """Make what every web process would make for itself at its first pages: mappers, compiled templates, texts, and
    what Babel knows of how each language writes days and figures; and load what some pages need."""
    beforehand.load()
    directory.nobody()
    configure_mappers()
    for name in app.jinja_env.list_templates(["html"]):
        app.jinja_env.get_template(name)
    with app.app_context():
        for shown in LOCALES:
            with force_locale(shown):
                get_translations()
                formats.day(clock.now())
                formats.money_short(1)


def _refuse_real_data(app: Flask) -> None:
    """The demonstration never starts on a database that holds other data. Raises ConfigError."""
    with app.app_context():
        try:
            if not (people.is_demo() or people.is_empty()):
                raise config.ConfigError("INCUBATOR_DEMO=1, but this database holds other data: use another one.")
        except ProgrammingError:
            return  # no tables yet: the migration makes them
        finally:
            db.session.remove()
            dispose()


def _flask_settings(settings: config.Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "max_overflow": 2 * settings.worker_calls + 4,  # a call holds its lock's connection and writes by another
            **_engine("-c idle_in_transaction_session_timeout=60s"),
        },
        "SQLALCHEMY_BINDS": {
            READING: {
                "url": settings.database_url,
                "isolation_level": "AUTOCOMMIT",
                # a row read again costs less than the table Memoize lays out for all that LIMIT never asks for
                **_engine("-c default_transaction_read_only=on -c enable_memoize=off -c random_page_cost=1.1"),
            },
        },
        "REDIS_URL": settings.redis_url,
        "RATELIMIT_STORAGE_URI": settings.redis_url,
        "CSRF_ENABLED": True,
        "DEMO": settings.demo,
        "SESSION_COOKIE_NAME": "notice",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https://"),
        "SESSION_IDLE_MINUTES": settings.session_idle_minutes,
        "SESSION_HOURS": settings.session_hours,
        "MAX_CONTENT_LENGTH": 30 * 1024 * 1024,
        "BABEL_DEFAULT_LOCALE": LOCALES[0],
        "BABEL_DEFAULT_TIMEZONE": settings.time_zone,
        "TEMPLATES_AUTO_RELOAD": False,
    }


def _engine(options: str) -> dict[str, Any]:
    return {
        "pool_recycle": 1800,
        "json_deserializer": from_json,  # a tenth of the time that json.loads takes for a name in two languages
        "hide_parameters": True,  # what people write never lands in a log
        "connect_args": {
            # planned once a connection, not each time; along vectors, where many lie close to each other, with enough
            # places in mind to find the nearest (of 60 paraphrases 53 to 55, not 49), until enough are allowed
            "options": f"{options} -c plan_cache_mode=force_generic_plan"
            " -c hnsw.ef_search=200 -c hnsw.iterative_scan=strict_order",
            "tcp_user_timeout": 5000,
            "prepare_threshold": 1,  # planning a page's statements costs more than running them
            "cursor_factory": Cursor,
        },
    }


def _register_packages(app: Flask) -> None:
    """Import what each package has, and mount its pages."""
    for package in PACKAGES:
        for module in ("models", "handlers", "jobs", "parts", "views"):
            name = f"incubator.{package}.{module}"
            if importlib.util.find_spec(name) is None:
                continue
            loaded = importlib.import_module(name)
            if module == "views":
                app.register_blueprint(loaded.bp)


def _install_hooks(app: Flask) -> None:
    app.before_request(_begin)
    app.before_request(_check_right)
    app.after_request(_finish)
    app.context_processor(_context)
    app.jinja_env.globals.update(can=lambda name, thing=None: actions.can(session.whoever(), name, thing))
    app.jinja_env.globals.update(
        parts=lambda page, subject: slots.render_parts(page, session.me(), subject), local=words.local_words
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.bytecode_cache = Compiled(ROOT / "templates")
    app.register_error_handler(DomainError, show_refusal)
    app.register_error_handler(StaleDataError, lambda _error: show_refusal(_stale()))
    app.register_error_handler(IntegrityError, show_clash)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(500, show_failure)


def _begin() -> None:
    audit.request_id.set(secrets.token_hex(8))
    refuse_odd_address(request.path)


def _check_right() -> ResponseReturnValue | None:
    """Who is not signed in is sent to sign in; a page that is nobody's business here is not there."""
    right = right_of_request()
    if right is None or right.name == PUBLIC:
        return None
    person = session.me()
    if right.name != SIGNED_IN and request.method in SAFE_METHODS and not actions.can(person, right.name):
        hidden = _("There is no such page, or it is not for you to see.")
        raise NotFound(hidden, code=right.name, about=person)
    return None


def _finish(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    response.headers["X-Request-Id"] = audit.request_id.get() or ""
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def choose_locale() -> str:
    """The cookie's language, else the person's own, else what the browser prefers. Jobs speak English."""
    if not has_request_context():
        return LOCALES[0]
    chosen = request.cookies.get("language")
    if chosen not in {"en", "zh"} and isinstance(current_user, Person):
        chosen = current_user.language
    if chosen not in {"en", "zh"}:
        chosen = (request.accept_languages.best_match(["en", "zh"]) or "en")[:2]
    return LOCALES[1] if chosen == "zh" else LOCALES[0]


def _context() -> dict[str, Any]:
    person = session.whoever() if request else None
    person = person if isinstance(person, Person) else None
    shown = language()
    theme = request.cookies.get("theme", "auto") if request else "auto"
    return {
        "me": person,
        "locale": shown,
        "lang": shown,
        "theme": theme if theme in {"light", "dark"} else "auto",
        "demo": current_app.config["DEMO"],
        "group_name": words.local_words(person.company.name) if person else "",
        **_menu(person),
        "notices": g.get("counts", {}).get("notices", 0),
    }


def _menu(person: Person | None) -> dict[str, Any]:
    if person is None:
        return {"nav": [], "tabs": [], "nav_key": ()}
    if g.get("menu_language") != language():  # a page of several parts asks once for each
        g.menu, g.menu_language = navigation.menu(person, g.get("counts", {})), language()
    return {"nav": g.menu.groups, "tabs": g.menu.tabs, "nav_key": g.menu.key}


def _stale() -> Stale:
    return Stale(_("Somebody else changed this while you had it open. Reload the page and look again."))


def show_refusal(error: Exception) -> ResponseReturnValue:
    """A rule said no: say what and why. Who is not signed in is sent to sign in."""
    if not isinstance(error, DomainError):
        raise error
    refusals.keep_denial(error, session.whoever)
    db.session.rollback()
    if error.status == 401 and "HX-Request" not in request.headers:
        target = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return redirect(url_for("people.sign_in", next=target), 303)
    return render_template("errors/refusal.html", error=error), error.status


def show_clash(error: IntegrityError) -> ResponseReturnValue:
    """Two people made the same thing at once: the slower one reloads. Any other broken constraint is our mistake."""
    if not isinstance(error.orig, UniqueViolation):
        raise error
    return show_refusal(_stale())


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """Not found, too large, too often and their like."""
    if error.code is None or error.code < 400:
        return error.get_response()
    return render_template("errors/http.html", error=error), error.code


def show_failure(_error: Exception) -> ResponseReturnValue:
    """Something broke: what is safe, what to do, and a reference to quote."""
    db.session.rollback()
    return render_template("errors/failure.html", reference=audit.request_id.get()), 500
