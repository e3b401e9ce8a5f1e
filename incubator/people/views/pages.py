"""Signing in and out, and what a person chooses for themselves."""

from functools import partial

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import update

from incubator.core.db import db
from incubator.core.errors import Invalid
from incubator.people import queries, services, session
from incubator.people.forms import SignInForm
from incubator.people.models import Person
from incubator.people.predicates import in_force
from incubator.people.session import me
from incubator.people.views.routes import bp
from incubator.web import refusals, words
from incubator.web.limits import limiter
from incubator.web.routes import PUBLIC, SIGNED_IN
from incubator.web.views import is_local, see_other

YEAR = 31_536_000
SHOWN = 10
"""Colleagues that a picker shows."""


@bp.get("/sign-in", right=PUBLIC)
def sign_in() -> ResponseReturnValue:
    """The page that asks for name and password."""
    return render_template("people/sign_in.html", form=SignInForm(next=request.args.get("next", "")))


@bp.post("/sign-in", right=PUBLIC, endpoint="open_session")
@limiter.limit("20/minute")
@limiter.limit("10/minute", key_func=lambda: "login:" + request.form.get("login", "").strip().lower()[:100])
def open_session() -> ResponseReturnValue:
    """Check name and password and open a session under a new id."""
    form = SignInForm()
    if form.validate() and form.accepts(lambda: _enter(form.login.data, form.password.data)):
        return see_other(form.next.data if is_local(form.next.data) else url_for("home.index"))
    return render_template("people/sign_in.html", form=form), form.status


def _enter(login: str, password: str) -> None:
    try:
        person = services.authenticate(login, password)
    except Invalid as refusal:
        known = refusal.about.id if isinstance(refusal.about, Person) else None
        refusals.keep(partial(services.note_refused_sign_in, known))
        raise
    session.start(person)


@bp.post("/sign-out", right=SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End this session; a copy of its cookie is worth nothing afterwards."""
    session.end()
    return see_other(url_for("people.sign_in"))


@bp.post("/preferences/language", right=PUBLIC)
def set_language() -> ResponseReturnValue:
    """Read in English or Chinese from now on."""
    language = "zh" if request.form.get("language") == "zh" else "en"
    _keep_language(language)
    answer = see_other(_back())
    answer.set_cookie("language", language, max_age=YEAR, samesite="Lax", httponly=True)
    return answer


@bp.post("/preferences/theme", right=PUBLIC)
def set_theme() -> ResponseReturnValue:
    """Light, dark, or as the system has it."""
    theme = request.form.get("theme", "auto")
    answer = see_other(_back())
    answer.set_cookie("theme", theme if theme in {"light", "dark"} else "auto", max_age=YEAR, samesite="Lax")
    return answer


@bp.get("/people/search", right=SIGNED_IN)
def search() -> ResponseReturnValue:
    """Colleagues for a picker: a fragment of options."""
    text = request.args.get("q", "")
    found = db.session.scalars(queries.colleagues(text, SHOWN + 1)).all() if text.strip() else []
    return render_template("people/search.html", people=found[:SHOWN], text=text, has_more=len(found) > SHOWN)


@bp.get("/me", right=SIGNED_IN)
def profile() -> ResponseReturnValue:
    """What the house knows about me, and sign-out."""
    roles = [words.word("role", grant.role) for grant in me().roles if in_force(grant)]
    return render_template("people/profile.html", person=me(), roles=roles)


def _keep_language(language: str) -> None:
    if isinstance(person := current_user._get_current_object(), Person):
        db.session.execute(update(Person).where(Person.id == person.id).values(language=language))


def _back() -> str:
    address = request.form.get("next")
    return str(address) if is_local(address) else url_for("home.index")
