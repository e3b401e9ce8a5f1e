"""Pages of appraisals."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from incubator.core.actions import require
from incubator.equity import pages, queries, services
from incubator.equity.forms import AppraisalForm, ReasonForm
from incubator.equity.models import Appraisal
from incubator.equity.views.capital import issuer_of
from incubator.equity.views.common import form_page
from incubator.equity.views.routes import bp
from incubator.people.session import me
from incubator.web.views import load, see_other


def appraisal_of(public_id: str) -> Appraisal:
    """An appraisal that the reader may see."""
    return load(queries.appraisals_visible_to(me()), public_id)


@bp.get("/equity/issuers/<public_id>/appraisals/new", right="appraisal.create")
def new_appraisal(public_id: str) -> ResponseReturnValue:
    """The form of an appraisal."""
    issuer = issuer_of(public_id)
    require(me(), "appraisal.create", issuer)
    return form_page("equity/new_appraisal.html", AppraisalForm(formdata=None).for_issuer(issuer), issuer=issuer)


@bp.post("/equity/issuers/<public_id>/appraisals/new", right="appraisal.create")
def create_appraisal(public_id: str) -> ResponseReturnValue:
    """Enter an appraisal and ask for its two signatures."""
    issuer = issuer_of(public_id)
    form, made = AppraisalForm().for_issuer(issuer), []
    if form.validate_on_submit() and form.accepts(
        lambda: made.append(services.create_appraisal(me(), form.classes[form.security.data], **form.values))
    ):
        return see_other(url_for("equity.show_appraisal", public_id=made[0].public_id))
    return form_page("equity/new_appraisal.html", form, issuer=issuer)


@bp.get("/equity/appraisals/<public_id>", right="issuer.list")
def show_appraisal(public_id: str) -> ResponseReturnValue:
    """An appraisal with its signatures."""
    page = pages.appraisal_page(appraisal_of(public_id))
    return render_template("equity/show_appraisal.html", form=ReasonForm(formdata=None), **page)


@bp.post("/equity/appraisals/<public_id>/approve", right="appraisal.approve")
def approve_appraisal(public_id: str) -> ResponseReturnValue:
    """Sign an appraisal."""
    services.approve_appraisal(me(), appraisal_of(public_id))
    return see_other(url_for("equity.show_appraisal", public_id=public_id))


@bp.post("/equity/appraisals/<public_id>/refuse", right="appraisal.refuse")
def refuse_appraisal(public_id: str) -> ResponseReturnValue:
    """Refuse an appraisal with a reason."""
    appraisal, form = appraisal_of(public_id), ReasonForm()
    if form.validate_on_submit() and form.accepts(lambda: services.refuse_appraisal(me(), appraisal, **form.values)):
        return see_other(url_for("equity.show_appraisal", public_id=public_id))
    return form_page("equity/show_appraisal.html", form, **pages.appraisal_page(appraisal))
