"""The browser's token: one random cookie, before and after sign-in, and the CSRF token made from it."""

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from incubator.core.errors import DomainError
from incubator.web.routes import SAFE_METHODS


class Forged(DomainError):
    """The form did not come from our page (400)."""

    status = 400
    code = "csrf"


def init_app(app: Flask) -> None:
    """Check unsafe requests, and give each browser its token."""
    app.before_request(check)
    app.after_request(_give_token)
    app.jinja_env.globals |= {"csrf_token": csrf_token, "way_back": way_back}


def token() -> str:
    """This browser's token; a new one when it has none yet or a malformed one."""
    if "browser_token" not in g:
        cookie = request.cookies.get(_cookie_name(), "")
        g.browser_token = cookie if len(cookie) == 43 else _fresh()
    return str(g.browser_token)


def renew() -> str:
    """Give the browser a new token (at sign-in and sign-out) and return it."""
    g.browser_token = _fresh()
    return str(g.browser_token)


def csrf_token() -> str:
    """The token that each form carries: HMAC-SHA256 of the browser's token, so reading a form writes nothing."""
    mine = token()
    if g.get("csrf_of") != mine:
        key = str(current_app.config["SECRET_KEY"]).encode()
        g.csrf_of, g.csrf_token = mine, hmac.digest(key, b"csrf" + mine.encode(), "sha256").hex()
    return str(g.csrf_token)


def check() -> None:
    """Refuse an unsafe request without the right token."""
    if request.method in SAFE_METHODS or not current_app.config["CSRF_ENABLED"]:
        return
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        raise Forged(_("This page is older than your session. Go back, reload it and send it again."))


def way_back() -> str:
    """The page the form was sent from. A refused form stands at its own address, which only takes forms: then above."""
    sent_from = urlsplit(request.referrer or "").path
    for path in (sent_from, sent_from.rpartition("/")[0]):
        if _opens(path):
            return path
    return "/"


def _opens(path: str) -> bool:
    try:
        current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except (HTTPException, RequestRedirect):
        return False
    return True


def _fresh() -> str:
    g.set_browser_token = True
    return secrets.token_urlsafe(32)


def _cookie_name() -> str:
    return "__Host-session" if current_app.config["SESSION_COOKIE_SECURE"] else "session"


def _give_token(response: Response) -> Response:
    if g.get("set_browser_token"):
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(_cookie_name(), token(), httponly=True, secure=secure, samesite="Lax", path="/")
    return response
