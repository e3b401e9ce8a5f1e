"""Files beside a proposal's text."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.calls.templates import FieldSpec
from incubator.core.actions import can
from incubator.core.errors import NotFound
from incubator.files.engines.checking import DOCUMENTS
from incubator.files.engines.kinds import EXTENSIONS
from incubator.files.sending import send
from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.forms import AttachForm, attach_form
from incubator.proposals.models import Proposal
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other

ACCEPT = ",".join(sorted(end for kind in DOCUMENTS for end in EXTENSIONS[kind]))


@bp.get("/proposals/<public_id>/attachments", right=SIGNED_IN)
def attachments(public_id: str) -> ResponseReturnValue:
    """The files beside the text that is being written."""
    proposal = load(queries.for_writing(me()), public_id)
    if proposal.state not in services.WRITABLE:
        return see_other(f"/proposals/{public_id}")
    return _page(proposal, attach_form(_open(proposal), formdata=None))


@bp.post("/proposals/<public_id>/attachments", right="proposal.attach")
def attach(public_id: str) -> ResponseReturnValue:
    """Attach a file."""
    proposal = load(queries.for_writing(me()), public_id)
    form = attach_form(_open(proposal))
    if form.validate() and form.accepts(lambda: _attach(proposal, form)):
        flash(_("The file is attached."))
        return see_other(f"/proposals/{public_id}/attachments")
    return _page(proposal, form)


def _attach(proposal: Proposal, form: AttachForm) -> None:
    file, field = form.file.data, form.field.data if "field" in form else ""
    services.attach(me(), proposal, file=file.stream, name=file.filename or "", field=field or "")


def _open(proposal: Proposal) -> list[FieldSpec]:
    """The questions that a file answers and that have none yet."""
    there = {one.field for one in queries.attachments(proposal, queries.newest(proposal))}
    return [spec for spec in queries.files_of(proposal) if spec.key not in there]


@bp.post("/proposals/<public_id>/attachments/<attachment_id>/remove", right="proposal.detach")
def detach(public_id: str, attachment_id: str) -> ResponseReturnValue:
    """Remove a file from the text that is being written."""
    proposal = load(queries.for_writing(me()), public_id)
    attachment = queries.attachment_of(proposal, queries.newest(proposal), attachment_id)
    services.detach(me(), proposal, attachment=attachment)
    return see_other(f"/proposals/{public_id}/attachments")


@bp.get("/proposals/<public_id>/attachments/<attachment_id>", right=SIGNED_IN)
def download(public_id: str, attachment_id: str) -> ResponseReturnValue:
    """A file of the text that this reader reads; its own name for those who know who proposes."""
    proposal = load(queries.for_page(me()), public_id)
    version = queries.text_for(me(), proposal)
    attachment = queries.attachment_of(proposal, version, attachment_id)
    whole = queries.share_of(me(), proposal) is not None or can(me(), "call.manage", proposal)
    if not whole and not queries.is_for_all(proposal, attachment):
        raise NotFound(_("There is no such page, or it is not for you to see."))
    named = queries.shows_authors(me(), proposal)
    return send(attachment.file, None if named else f"{proposal.number}-{attachment.public_id}")


def _page(proposal: Proposal, form: AttachForm) -> ResponseReturnValue:
    files = queries.attachments(proposal, queries.newest(proposal))
    asked = {spec.key: spec for spec in queries.files_of(proposal)}
    values = {"files": files, "asked": asked, "form": form, "most": services.MOST_ATTACHMENTS, "accept": ACCEPT}
    html = render_template("proposals/attachments.html", proposal=proposal, has_errors=bool(form.errors), **values)
    return html, form.status
