"""Who else gets into a sandbox, and copies of what is in it."""

from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.cloud import queries, services
from incubator.cloud.forms.lifecycle import MemberForm
from incubator.cloud.models import Sandbox
from incubator.cloud.queries import lifecycle
from incubator.cloud.views.routes import bp
from incubator.files.sending import send_large
from incubator.people.session import me
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/sandboxes/<public_id>/members", right=SIGNED_IN)
def members(public_id: str) -> ResponseReturnValue:
    """The form that lets somebody in."""
    return _members_page(load(queries.shown(me()), public_id))


@bp.post("/sandboxes/<public_id>/members", right="sandbox.add_member")
def add_member(public_id: str) -> ResponseReturnValue:
    """Let somebody of the team in."""
    sandbox = load(queries.shown(me()), public_id)
    form, people = _form(sandbox)
    if form.validate_on_submit() and form.accepts(
        lambda: services.add_member(me(), sandbox, person=people[form.person.data])
    ):
        return see_other(url_for("cloud.show", public_id=public_id))
    return _members_page(sandbox, form)


def _form(sandbox: Sandbox) -> tuple[MemberForm, dict[str, Any]]:
    form = MemberForm()
    people = {person.public_id: person for person in lifecycle.may_be_let_in(sandbox)}
    form.person.choices = [(key, person.name) for key, person in people.items()]
    return form, people


def _members_page(sandbox: Sandbox, form: MemberForm | None = None) -> ResponseReturnValue:
    form = form or _form(sandbox)[0]
    return render_template("cloud/members.html", sandbox=sandbox, form=form, has_errors=bool(form.errors)), form.status


@bp.post("/sandboxes/members/<public_id>/remove", right="sandbox.remove_member")
def remove_member(public_id: str) -> ResponseReturnValue:
    """End somebody's access."""
    member = load(lifecycle.members_of_led(me()), public_id)
    services.remove_member(me(), member.sandbox, member=member)
    return see_other(url_for("cloud.show", public_id=member.sandbox.public_id))


@bp.post("/sandboxes/members/<public_id>/secret", right="sandbox_member.reveal")
def reveal_own(public_id: str) -> ResponseReturnValue:
    """Show a member their own access data, once."""
    member = load(lifecycle.memberships(me()), public_id)
    secret = services.reveal_member_secret(me(), member)
    return render_template("cloud/secret.html", sandbox=member.sandbox, secret=secret)


@bp.post("/sandboxes/<public_id>/export", right="sandbox.ask_export")
def ask_export(public_id: str) -> ResponseReturnValue:
    """Ask for a copy of what is in it."""
    services.ask_export(me(), load(queries.visible_to(me()), public_id))
    return see_other(url_for("cloud.show", public_id=public_id))


@bp.get("/sandboxes/exports/<public_id>", right=SIGNED_IN, records="sandbox_export.download")
def download(public_id: str) -> ResponseReturnValue:
    """Download a copy."""
    file = load(lifecycle.downloadable(me()), public_id).file
    assert file is not None  # noqa: S101 - downloadable has none without
    return send_large(file)
