"""The versions of a text: who saved what when, what changed, and one back again."""

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from incubator.people.session import me
from incubator.proposals import queries, services
from incubator.proposals.views.routes import bp
from incubator.web.routes import SIGNED_IN
from incubator.web.views import load, see_other


@bp.get("/proposals/<public_id>/versions", right=SIGNED_IN)
def versions(public_id: str) -> ResponseReturnValue:
    """All versions, for its authors."""
    proposal = load(queries.for_writing(me()), public_id)
    return render_template("proposals/versions.html", proposal=proposal, versions=queries.versions(proposal))


@bp.get("/proposals/<public_id>/versions/<version_id>", right=SIGNED_IN)
def version(public_id: str, version_id: str) -> ResponseReturnValue:
    """What a version changed, and whether it can be brought back."""
    proposal = load(queries.for_writing(me()), public_id)
    found = queries.version_of(proposal, version_id)
    newest, former = queries.newest(proposal), queries.before(found)
    values = {"changed": queries.changed(proposal, former, found), "former": former}
    can_restore = proposal.state in services.WRITABLE and found.id != newest.id
    return render_template(
        "proposals/version.html", proposal=proposal, version=found, can_restore=can_restore, **values
    )


@bp.post("/proposals/<public_id>/versions/<version_id>/restore", right="proposal.restore")
def restore(public_id: str, version_id: str) -> ResponseReturnValue:
    """Bring an earlier text back as the newest version."""
    proposal = load(queries.for_writing(me()), public_id)
    former = queries.version_of(proposal, version_id)
    services.restore(me(), proposal, former=former)
    flash(_("Version %(n)s stands again, as the newest one.", n=former.number))
    return see_other(f"/proposals/{public_id}/edit")
