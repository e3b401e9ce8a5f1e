"""Taking an invention up as its counsel, before its text is read."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.patents import queries, services
from incubator.patents.forms import ReasonForm
from incubator.patents.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


@bp.get("/inventions/<public_id>/care", right="patent.docket")
def care(public_id: str) -> ResponseReturnValue:
    """Asks why; shows the number and not the text."""
    disclosure = load(queries.known_to(me()), public_id)
    return render_template("patents/care.html", disclosure=disclosure, form=ReasonForm())


@bp.post("/inventions/<public_id>/care", right="disclosure.take_up")
def take_up(public_id: str) -> ResponseReturnValue:
    """Look after it from now on."""
    disclosure = load(queries.known_to(me()), public_id)
    form = ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.take_up(me(), disclosure, **form.values)):
        return see_other(url_for("patents.invention", public_id=public_id))
    return render_template("patents/care.html", disclosure=disclosure, form=form, has_errors=True), form.status
